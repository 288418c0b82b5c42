package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/gui/files"
	"gantry/gui/widgets"
)

// save asks where to put the body of the message shown.
func (i *Inspector) save() {
	if i.m != nil {
		i.SaveBody(i.m)
	}
}

// SaveBody asks for a file and writes the body of a message into it: the exact
// bytes, packed if the sender packed them.
func (i *Inspector) SaveBody(m *message.Message) {
	files.AskSave(i.p.Window, files.Question{Tasks: i.p.Tasks, Title: lang.L("Save body"), Name: fileName(m, i.p.Short), Fail: i.p.Fail},
		func(w fyne.URIWriteCloser) { i.write(m, w) })
}

func (i *Inspector) write(m *message.Message, w fyne.URIWriteCloser) {
	name := w.URI().Name()
	i.p.Tasks.Job(lang.L("Save {{.Name}}", map[string]any{"Name": name}), func(context.Context, func(string)) error {
		_, err := w.Write(m.Body)
		return errors.Join(err, w.Close())
	}, func(err error) {
		if err != nil {
			i.p.Fail(err)
			return
		}
		i.p.Say(lang.L("Saved {{.Size}} as {{.Name}}.", map[string]any{"Size": widgets.Bytes(int64(len(m.Body))), "Name": name}))
	})
}

// fileName suggests topic-offset with an ending that fits the body.
func fileName(m *message.Message, short func(string) string) string {
	return files.Name(short(m.Topic)) + "-" + strconv.FormatInt(m.QueueOffset, 10) + ending(m.Body)
}

// ending is what the body looks like; a long one is not read for it.
func ending(b []byte) string {
	head := bytes.TrimSpace(b[:min(len(b), heavy)])
	switch {
	case len(b) <= heavy && !utf8.Valid(b), bytes.IndexByte(head, 0) >= 0:
		return ".bin"
	case len(b) <= heavy && json.Valid(b), len(b) > heavy && (bytes.HasPrefix(head, []byte("{")) || bytes.HasPrefix(head, []byte("["))):
		return ".json"
	}
	return ".txt"
}
