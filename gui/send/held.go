package send

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/files"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// notice stands for a body that is not shown.
func (b *body) notice() fyne.CanvasObject {
	what := lang.L("{{.Size}} {{.Source}}", map[string]any{"Size": widgets.Bytes(int64(len(b.held))), "Source": b.source})
	lines := []fyne.CanvasObject{widgets.NewParagraph(what, theme.Text).Bold().Object()}
	note := func(words string, t theme.Token) {
		lines = append(lines, widgets.NewParagraph(words, t).Object())
	}
	if b.sum != "" {
		lines = append(lines, widgets.NewParagraph("CRC-32 "+b.sum, theme.Muted).Data().Object())
	}
	note(lang.L("It is sent byte for byte, and not shown here."), theme.Muted)
	if bytes.Contains(b.held, []byte("{{")) {
		note(lang.L("Dynamic values in it are not replaced."), theme.Muted)
	}
	if len(b.held) > message.MaxBody {
		note(lang.L("Brokers allow 4 MB unless set otherwise."), theme.Warn)
	}
	if !b.keeps() {
		note(lang.L("It is not kept when Gantry is closed."), theme.Muted)
	}
	clear := widgets.NewButton(lang.L("Clear"), fynetheme.ContentClearIcon(), widgets.Normal, func() {
		b.set(nil, "")
		b.s.FocusFirst()
	})
	lines = append(lines, container.NewHBox(clear))
	return container.NewVScroll(container.New(layout.NewCustomPaddedLayout(12, 12, 12, 12), container.New(&arrange.Rows{Gap: 8}, lines...)))
}

// fromFile asks for a file, to be edited if it is a text, or to be sent as it is.
func (b *body) fromFile(asItIs bool) {
	title := lang.L("Body from file")
	if asItIs {
		title = lang.L("A file as it is")
	}
	files.AskOpen(b.s.p.Window, files.Question{Tasks: b.s.p.Tasks, Title: title, Fail: b.s.p.Fail},
		func(r fyne.URIReadCloser) { b.read(r, r.URI().Name(), asItIs) })
}

// load reads a file beside the window and takes it as the body.
func (b *body) load(r io.ReadCloser, name string) { b.read(r, name, false) }

func (b *body) read(r io.ReadCloser, name string, asItIs bool) {
	type file struct {
		data []byte
		sum  string
	}
	task.Ask(b.s.p.Tasks, b.s.scope, "load", func(context.Context) (file, error) {
		data, err := io.ReadAll(io.LimitReader(r, fileLimit+1))
		if err = errors.Join(err, r.Close()); err == nil && len(data) > fileLimit {
			err = fmt.Errorf("%w: %s is over %s", fault.TooLarge, name, widgets.Bytes(int64(fileLimit)))
		}
		return file{data, fmt.Sprintf("%08X", crc32.ChecksumIEEE(data))}, err
	}, func(f file, err error) {
		if err != nil {
			b.s.p.Fail(err)
			return
		}
		b.take(f.data, lang.L("from file {{.Name}}", map[string]any{"Name": name}), f.sum, asItIs)
	})
}
