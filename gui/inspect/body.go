package inspect

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/gui/bodyview"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// charsets are those of the select.
func charsets() []string {
	var all []string
	for _, c := range []message.Charset{message.UTF8, message.GBK, message.UTF16LE, message.UTF16BE} {
		all = append(all, string(c))
	}
	return all
}

// The keys of the queries.
const (
	queryBody = "body"
	queryCopy = "copy"
)

// heavy is from how many bytes a body is worked on beside the main goroutine.
const heavy = 64 << 10

// unpackLimit bounds what an unpacked body may take.
const unpackLimit = 16 << 20

// prepared is a body made ready to be shown. It shares memory with the message.
type prepared struct {
	packed string // how the sender packed it, "" for not
	plain  []byte // the body, unpacked if it was packed
	text   string // plain in the charset
	// charset is the one that text was read in.
	charset message.Charset
	valid   bool           // text is exact
	json    *bodyview.JSON // nil if text is no JSON
	// place is where text stops being JSON, found what stands there, "" for its end.
	place *bodyview.FormatError
	found string
}

// prepareBody unpacks, decodes and formats a body. A charset that was not chosen, "", or,
// with fit, that was chosen for another body and does not fit this one, is found out. It
// may be called from any goroutine.
func prepareBody(body []byte, charset message.Charset, fit bool) *prepared {
	p := &prepared{plain: body, charset: charset}
	if packed, plain, whole := message.Open(body, unpackLimit); whole {
		p.packed, p.plain = packed, plain
	}
	found := message.DetectCharset(p.plain)
	if found == "" {
		found = message.UTF8 // as which it is told not to be text
	}
	if charset == "" || fit && found == message.UTF8 && !ascii(p.plain) {
		p.charset = found
	}
	if p.text, p.valid = p.charset.Text(p.plain); fit && !p.valid {
		p.charset = found
		p.text, p.valid = p.charset.Text(p.plain)
	}
	if p.valid && strings.TrimSpace(p.text) != "" {
		var err error
		if p.json, err = bodyview.ReadJSON([]byte(p.text)); err != nil {
			p.stops(err)
		}
	}
	return p
}

// stops notes where the text stops being JSON.
func (p *prepared) stops(err error) {
	if !errors.As(err, &p.place) {
		return
	}
	rest := p.text
	for range p.place.Line - 1 {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	for range p.place.Column - 1 {
		_, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
	}
	if r, n := utf8.DecodeRuneInString(rest); n > 0 && r > ' ' {
		p.found = string(r)
	}
}

// ascii tells whether a text is the same in UTF-8 and GBK.
func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// best is how a body is shown at first.
func (p *prepared) best() mode {
	switch {
	case !p.valid:
		return asHex
	case p.json != nil:
		return asJSON
	}
	return asText
}

// fitting is how the user wants bodies shown, where this one can be.
func (p *prepared) fitting(wanted mode) mode {
	if wanted == asHex || wanted == asText && p.valid || wanted == asJSON && p.json != nil {
		return wanted
	}
	return p.best()
}

// prepare makes the body of the message ready, at once if it is small; with fit in
// another charset than the chosen one where that does not fit.
func (i *Inspector) prepare(fit bool) {
	if i.m == nil {
		return
	}
	i.scope.Cancel(queryBody)
	body, charset := i.m.Body, i.wantedCharset
	if len(body) <= heavy && !mayUnpack(body) {
		i.prepared(prepareBody(body, charset, fit))
		return
	}
	i.body = nil
	i.view.SetText("")
	i.info.set(lang.L("Decoding…"))
	i.giveReason("")
	task.Ask(i.p.Tasks, i.scope, queryBody, func(context.Context) (*prepared, error) {
		return prepareBody(body, charset, fit), nil
	}, func(p *prepared, err error) {
		if err != nil {
			i.p.Fail(err)
			return
		}
		i.prepared(p)
	})
}

// pickCharset reads this body in the chosen charset, and others where it fits.
func (i *Inspector) pickCharset(charset string) {
	if i.filling || charset == "" {
		return
	}
	i.wantedCharset = message.Charset(charset)
	i.reads = i.mode == asHex // who chooses a charset wants to read
	i.prepare(false)
}

// mayUnpack tells whether a small body could become a large one.
func mayUnpack(b []byte) bool {
	return len(b) > 3 && (b[0] == 0x1F || b[0] == 0x78 || b[0] == 0x28 || b[0] == 0x04)
}

func (i *Inspector) prepared(p *prepared) {
	i.body, i.mode = p, p.fitting(i.wanted)
	if i.reads && i.mode == asHex {
		i.mode = asText // whatever comes of it
	}
	i.reads = false
	i.filling = true
	i.charset.SetSelected(string(p.charset))
	i.filling = false
	i.modes.Set(int(i.mode))
	i.showBody()
}

// showBody shows the prepared body in the chosen way.
func (i *Inspector) showBody() {
	p := i.body
	if p == nil {
		return
	}
	size := widgets.Bytes(int64(len(i.m.Body)))
	if p.packed != "" {
		size = p.packed + " " + size + " · " + widgets.Bytes(int64(len(p.plain)))
	}
	kind, reason := lang.L("Text"), ""
	switch {
	case i.mode == asHex:
		i.view.SetHex(p.plain)
		kind = lang.L("Hex")
	case i.mode == asJSON && p.json != nil:
		i.view.SetJSON(p.json)
		kind = "JSON"
	default:
		i.view.SetText(p.text)
		switch {
		case !p.valid:
			kind = lang.L("Not {{.Charset}}", map[string]any{"Charset": p.charset})
		case i.mode == asJSON && p.place != nil:
			kind, reason = lang.L("Not JSON"), p.notJSON()
		case i.mode == asJSON:
			kind = lang.L("Not JSON")
		}
	}
	i.about = kind + " · " + size
	i.drawInfo("")
	i.giveReason(reason)
}

// drawInfo says what the body is, and the path of the line of JSON that was chosen.
func (i *Inspector) drawInfo(path string) {
	words := i.about
	if path != "" {
		words = path + "  ·  " + words
	}
	i.info.set(words)
}

// notJSON says why the text is no JSON: the character that does not fit, or its end.
func (p *prepared) notJSON() string {
	data := map[string]any{"Line": p.place.Line, "Column": p.place.Column, "Sign": p.found}
	if p.found != "" {
		return lang.L("“{{.Sign}}” at line {{.Line}}, column {{.Column}} does not fit.", data)
	}
	return lang.L("It ends too early, at line {{.Line}}, column {{.Column}}.", data)
}

// giveReason puts a line above the body; "" takes it away.
func (i *Inspector) giveReason(words string) {
	i.reason.set(words)
	draw.Show(i.reason, words != "")
	i.bodyBox.Layout.Layout(i.bodyBox.Objects, i.bodyBox.Size())
}

// CycleView goes on from JSON to text to the dump.
func (i *Inspector) CycleView() {
	if i.body != nil {
		i.modes.Select((int(i.mode) + 1) % 3)
	}
}

// CopyBody puts the body on the clipboard: the text to the byte (not as it is
// formatted), or the dump where the body is shown as one or is no text.
func (i *Inspector) CopyBody() {
	if i.body == nil {
		return
	}
	if p := i.body; p.valid && i.mode != asHex {
		i.copied(p.text)
		return
	}
	plain := i.body.plain
	task.Ask(i.p.Tasks, i.scope, queryCopy, func(context.Context) (string, error) { return bodyview.HexDump(plain), nil }, func(s string, err error) {
		if err == nil {
			i.copied(s)
		}
	})
}

// CopyReference puts a reference to the message on the clipboard, see cluster.Reference.
func (i *Inspector) CopyReference() {
	if i.m == nil || i.p.Profile == nil {
		return
	}
	p := i.p.Profile()
	i.copied(cluster.Reference{
		Connection: p.Name, Environment: string(p.Environment), Topic: i.m.Topic, Queue: cluster.Queue{Broker: i.m.Broker, ID: i.m.QueueID}, Offset: i.m.QueueOffset, ID: i.m.ID(),
	}.String())
}

// CopyRow puts the message as one line on the clipboard, see msglist.Text.
func (i *Inspector) CopyRow() {
	if i.m != nil {
		i.copied(msglist.Text(i.m))
	}
}

func (i *Inspector) copied(s string) {
	fyne.CurrentApp().Clipboard().SetContent(s)
	i.p.Say(lang.L("Copied."))
}
