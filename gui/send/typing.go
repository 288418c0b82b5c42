package send

import (
	"bytes"
	"context"
	"errors"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/message"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
)

// queryRetype is the query that turns a body into another way to type it.
const queryRetype = "retype"

// Why a body cannot be typed in another way.
var (
	errNoText  = errors.New("no text gives these bytes")
	errTooLong = errors.New("too long to edit")
)

// charsets are those that a text can be typed in, in the order of the menu.
func charsets() []message.Charset {
	return []message.Charset{message.UTF8, message.GBK, message.GB18030, message.UTF16LE, message.UTF16BE}
}

// charset is that of a text, which has no name in a Typed where it is UTF-8.
func charset(t message.Typed) message.Charset {
	if t.Charset == "" {
		return message.UTF8
	}
	return t.Charset
}

// howWords names a way to type a body.
func howWords(t message.Typed) string {
	switch t.As {
	case message.AsHex:
		return lang.L("Hex")
	case message.AsBase64:
		return "Base64"
	case message.AsIs:
		return lang.L("As it is")
	case message.AsMessagePack, message.AsCBOR, message.AsProtobuf:
		return string(t.As)
	}
	return string(charset(t))
}

// madeWords says how a body was typed and packed, "" where it was as most are.
func madeWords(t message.Typed) string {
	switch {
	case t == message.Typed{}:
		return ""
	case t.Gzip:
		return howWords(t) + " · gzip"
	}
	return howWords(t)
}

// howMenu are the ways to type a body.
func (b *body) howMenu() *fyne.Menu {
	menu := fyne.NewMenu("")
	add := func(label string, t message.Typed, do func()) {
		item := fyne.NewMenuItem(label, do)
		item.Checked = t == b.how || t == message.Typed{} && b.how == message.Typed{Charset: message.UTF8}
		menu.Items = append(menu.Items, item)
	}
	for _, c := range charsets() {
		t := message.Typed{Charset: c}
		if c == message.UTF8 {
			t.Charset = ""
		}
		add(lang.L("Text, {{.Charset}}", map[string]any{"Charset": string(c)}), t, func() { b.retype(t) })
	}
	for _, as := range []message.Typing{message.AsMessagePack, message.AsCBOR, message.AsProtobuf} {
		t := message.Typed{As: as}
		add(codedWords(as), t, func() { b.retype(t) })
	}
	for _, as := range []message.Typing{message.AsHex, message.AsBase64} {
		t := message.Typed{As: as}
		add(howWords(t), t, func() { b.retype(t) })
	}
	add(lang.L("A file as it is…"), message.Typed{As: message.AsIs}, func() { b.fromFile(true) })
	return menu
}

// chooseHow offers the ways to type a body.
func (b *body) chooseHow() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.choose)
	widget.ShowPopUpMenuAtPosition(b.howMenu(), b.s.p.Window.Canvas(), at.AddXY(0, b.choose.Size().Height))
}

// retype has the body typed in another way: it is the same bytes, or it stays as it is. Of
// a text that gets another charset the signs stay, and their bytes are others.
func (b *body) retype(to message.Typed) {
	b.chosen = true
	if f := b.s.p.Profile; to == (message.Typed{}) {
		to = b.s.asText(to, f.FullName(b.s.form.topic.Text))
	}
	from, typed, change := b.how, b.bytes(), b.change
	switch {
	case to == from:
		return
	case len(typed) == 0 || from.As.IsText() && to.As.IsText():
		b.become(to, string(typed))
		return
	}
	complete := b.s.completing(b.says())
	task.Ask(b.s.p.Tasks, b.s.scope, queryRetype, func(ctx context.Context) (string, error) {
		whole, err := complete(ctx, from)
		if err == nil {
			to, err = complete(ctx, to)
		}
		if err != nil {
			return "", err
		}
		return retyped(whole, to, typed)
	}, func(text string, err error) {
		wrong := &message.TypedError{}
		switch {
		case change != b.change: // typed on meanwhile
		case errors.As(err, &wrong):
			b.fail(wrong)
			b.s.p.Say(lang.L("It stays as it is until that is mended."))
		case errors.Is(err, errTooLong):
			b.s.p.Say(lang.L("It is too long to be edited like that."))
		case b.notMade(err):
		case err != nil:
			b.s.p.Say(lang.L("These bytes are no {{.Charset}} text that can be edited. They stay as they are.", map[string]any{"Charset": howWords(to)}))
		default:
			to.Schema = nil
			b.become(to, text)
			if !to.As.IsText() && b.s.form.dynamic() && bytes.Contains(typed, []byte("{{")) {
				b.s.p.Say(lang.L("Dynamic values are replaced in a text only."))
			}
		}
	})
}

// retyped is what is typed in another way for the same bytes.
func retyped(from, to message.Typed, typed []byte) (string, error) {
	data, err := from.Encode(typed)
	if err != nil {
		return "", err
	}
	text, ok := to.Text(data)
	switch {
	case !ok || !textual([]byte(text)):
		return "", errNoText
	case len(text) > editLimit:
		return "", errTooLong
	}
	return text, nil
}

// typedAs is how a body that came from elsewhere is typed, and what is typed then.
func typedAs(data []byte) (message.Typed, []byte) {
	if textual(data) {
		return message.Typed{}, data
	}
	if how, ok := message.HowTyped(data); ok && how.Charset != message.UTF8 {
		if text, ok := how.Text(data); ok && textual([]byte(text)) {
			return how, []byte(text)
		}
	}
	return message.Typed{As: message.AsIs}, data
}

// typedIn is typedAs for a body that may be one that is made of JSON: how is complete then.
func typedIn(how message.Typed, data []byte) (message.Typed, []byte) {
	if how.As.Coded() != "" {
		if text, ok := how.Text(data); ok && textual([]byte(text)) && len(text) <= editLimit {
			how.Schema = nil
			return how, []byte(text)
		}
	}
	return typedAs(data)
}

// retypedAgain is how a body that was made from what somebody typed is typed again.
func retypedAgain(how message.Typed, data []byte) (message.Typed, []byte) {
	if typed, ok := how.Retype(data, fileLimit); ok && (how.As == message.AsIs || textual(typed)) {
		how.Schema = nil
		return how, typed
	}
	return typedAs(data)
}

// put takes what was typed in some way; source says where it comes from.
func (b *body) put(how message.Typed, typed []byte, source string) {
	how.Gzip = false
	b.chosen = how != (message.Typed{})
	defer b.follow()
	switch {
	case len(typed) == 0 && how.As == message.AsIs || how == (message.Typed{}):
		b.set(typed, source)
	case how.As == message.AsIs:
		b.hold(typed, source, "")
		b.changed()
	case textual(typed) && len(typed) <= editLimit:
		b.become(how, string(typed))
	default: // it is not shown
		if data, err := how.Encode(typed); err == nil {
			b.hold(data, source, "")
			b.changed()
			return
		}
		b.become(how, string(typed))
	}
}

// become shows what is typed in some way in the editor.
func (b *body) become(how message.Typed, text string) {
	b.edit()
	b.how = how
	b.choose.SetText(howWords(how))
	b.showHow()
	if b.editor.Text() != text {
		b.editor.SetText(text) // tells changed
		return
	}
	b.changed()
}

// showHow follows the way in which the body is typed.
func (b *body) showHow() {
	b.choose.SetText(howWords(b.how))
	for _, x := range []interface {
		Enable()
		Disable()
	}{b.value, b.format} {
		if b.how.As.IsText() {
			x.Enable()
		} else {
			x.Disable()
		}
	}
	if c, ok := b.head.(*fyne.Container); ok {
		c.Refresh()
	}
	b.editor.Refresh() // other colours
}

// made is the body of a draft: a text as it is typed, the bytes of what is typed in another
// way. The error is a *message.TypedError, which fail shows.
func (b *body) made() ([]byte, error) {
	if b.how.As.IsText() {
		return b.bytes(), nil
	}
	return b.how.Encode(b.bytes())
}

// fail shows at its place a sign that stands for no bytes.
func (b *body) fail(wrong *message.TypedError) {
	if b.held != nil {
		return
	}
	text := []byte(b.editor.Text())
	line, column := placeIn(text, wrong.At)
	b.failAt(wrong, line, column, theme.Err)
	b.editor.GoTo(line, column)
	b.s.p.Window.Canvas().Focus(b.editor.Focus())
}

// failAt marks a sign that stands for no bytes.
func (b *body) failAt(wrong *message.TypedError, line, column int, t theme.Token) {
	b.editor.SetError(line, column)
	b.setWords(lang.L("{{.What}} Line {{.Line}}, column {{.Column}}", map[string]any{
		"What": problem.Explain(wrong).What, "Line": line, "Column": column,
	}), t)
}

// placeIn is line and column, from 1, of a byte of a text, the column in characters.
func placeIn(text []byte, at int) (line, column int) {
	before := text[:min(at, len(text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}
