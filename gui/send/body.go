package send

import (
	"bytes"
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/bodyview"
	"gantry/gui/editor"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	// keepLimit is the largest body that is kept over a restart, in bytes.
	keepLimit = 1 << 20
	// editLimit is the largest body that is edited, in bytes: brokers allow no more
	// unless set otherwise.
	editLimit = message.MaxBody
	// fileLimit is the largest file that is taken, in bytes: with its head it goes through
	// a worker's pipe. No broker takes more than a fraction of it.
	fileLimit = 63 << 20
	// checkAfter is how long the JSON check waits for more typing.
	checkAfter = 250 * time.Millisecond
)

// body is the message's body: text in an editor, or, where that would be too
// long or be no text, bytes with a notice in its place.
type body struct {
	s       *Screen
	head    fyne.CanvasObject // caption, actions, count
	content *fyne.Container

	editor *editor.Editor
	how    message.Typed // how it is typed; as it is where held is not nil. Its schema is not in it
	chosen bool          // somebody said how, else it follows the topic
	held   []byte        // not nil: stands for the editor
	source string        // where held comes from, in words
	sum    string        // of held where it is a file
	long   bool          // the editor has more than is kept
	change uint64        // counts changes, so that an old answer is not taken
	later  func()        // cancels the check that waits

	value  *widgets.Button // offers dynamic values
	format *widgets.Button
	choose *widgets.Button // how it is typed
	count  *widgets.Word
	valid  *fyne.Container
}

func newBody(s *Screen) *body {
	b := &body{s: s, valid: container.NewStack()}
	b.editor = editor.New(s.p.Tasks, s.scope)
	b.editor.OnChanged, b.editor.OnPaste = b.typed, b.pasted
	b.editor.Spans, b.editor.Complete = b.spans, b.complete
	b.content = container.NewStack(b.editor)
	b.count = widgets.NewCaption("")
	b.format = widgets.NewButton(lang.L("Format"), fynetheme.DocumentIcon(), widgets.Quiet, b.formatted)
	file := widgets.NewIconButton(fynetheme.FolderOpenIcon(), lang.L("From file…"), func() { b.fromFile(false) })
	b.choose = widgets.NewButton(howWords(b.how), fynetheme.MenuDropDownIcon(), widgets.Quiet, b.chooseHow)
	b.value = widgets.NewButton(lang.L("Value"), fynetheme.ContentAddIcon(), widgets.Quiet, s.InsertValue)
	caption := widgets.NewCaption(lang.L("Body"))
	count := container.New(layout.NewCustomPaddedHBoxLayout(6), layout.NewSpacer(), container.NewCenter(b.valid), container.NewCenter(b.count))
	b.head = container.New(&arrange.Columns{Gap: 4, Shares: []float32{0, 0, 0, 0, 0, 1}},
		container.New(&arrange.Middle{}, caption), b.choose, b.format, file, b.value, count)
	b.setStatus(0, theme.Muted, "")
	return b
}

func (b *body) focusable() fyne.Focusable {
	if b.held != nil {
		return b.s.form.topic
	}
	return b.editor.Focus()
}

// bytes returns what is in the form: what was typed, or what stands for it.
func (b *body) bytes() []byte {
	if b.held != nil {
		return b.held
	}
	return []byte(b.editor.Text())
}

// toKeep returns what a restart brings back: text of a moderate size.
func (b *body) toKeep() string {
	switch {
	case !b.keeps():
		return ""
	case b.held == nil:
		return b.editor.Text()
	}
	return string(b.held)
}

func (b *body) keeps() bool {
	if b.held == nil {
		return b.editor.Len() <= keepLimit
	}
	return len(b.held) <= keepLimit && utf8.Valid(b.held)
}

// set takes bytes as the body: text into the editor if it is not too long, else held.
// source says where they come from.
func (b *body) set(data []byte, source string) { b.take(data, source, "", false) }

// take is set; sum is that of a file, and as it is stays even a text.
func (b *body) take(data []byte, source, sum string, asItIs bool) {
	if asItIs && len(data) > 0 || len(data) > editLimit || !textual(data) {
		b.hold(data, source, sum)
		b.changed()
		return
	}
	b.chosen = false
	b.become(message.Typed{}, string(data))
	b.follow()
}

// edit shows the editor.
func (b *body) edit() {
	if b.held != nil {
		b.held, b.source, b.sum = nil, "", ""
		b.content.Objects = []fyne.CanvasObject{b.editor}
		b.content.Refresh()
	}
}

// hold shows a notice in the place of bytes.
func (b *body) hold(data []byte, source, sum string) {
	b.held, b.source, b.sum, b.how = data, source, sum, message.Typed{As: message.AsIs}
	b.editor.SetText("") // and forgets what could be undone
	b.content.Objects = []fyne.CanvasObject{framed(b.notice())}
	b.content.Refresh()
	b.showHow()
}

// textual tells whether an editor can show all of it: control characters, a carriage
// return among them, would be there unseen.
func textual(data []byte) bool {
	return utf8.Valid(data) && !bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F })
}

// typed runs when the editor's text changed.
func (b *body) typed() {
	if long := b.editor.Len() > keepLimit; long != b.long {
		if b.long = long; long {
			b.s.p.Say(lang.L("It is not kept when Gantry is closed."))
		}
	}
	if b.editor.Len() > editLimit && b.how.As.Coded() == "" {
		// What stands for no bytes stays where it can be mended.
		if data, err := b.how.Encode([]byte(b.editor.Text())); err == nil {
			b.hold(data, lang.L("of typed text"), "")
		}
	}
	b.changed()
}

// pasted takes what the editor is not to show.
func (b *body) pasted(text string) bool {
	if b.how.As != message.AsText {
		return false
	}
	from, to := b.editor.Selection()
	if b.editor.Len()-(to-from)+len(text) <= editLimit && textual([]byte(text)) {
		return false
	}
	have := b.editor.Text()
	data, err := b.how.Encode([]byte(have[:from] + text + have[to:]))
	if err != nil {
		return false
	}
	b.set(data, lang.L("pasted"))
	return true
}

// changed counts the bytes at once and checks the JSON soon.
func (b *body) changed() {
	b.change++
	b.s.scope.Cancel("check")
	n := b.editor.Len()
	if b.held != nil {
		n = len(b.held)
	}
	if n == 0 || b.held != nil || b.how == (message.Typed{}) { // else it is not known yet
		b.setStatus(n, theme.Muted, "")
	}
	if b.later != nil {
		b.later()
		b.later = nil
	}
	if n == 0 {
		b.editor.SetError(0, 0)
	} else {
		b.later = b.s.p.Tasks.After(b.s.scope, checkAfter, b.check)
	}
	if b.s.form != nil {
		b.s.form.changed()
	}
}

// checked is what looking at a body came to.
type checked struct {
	size         int // of its bytes
	json         bool
	wrong        *message.TypedError
	line, column int // of wrong
}

// look counts the bytes of what is typed and tells whether it is JSON; the error is where
// it is not.
func look(how message.Typed, typed []byte, dynamic bool) (c checked, err error) {
	data, err := how.Encode(typed)
	if errors.As(err, &c.wrong) {
		c.line, c.column = placeIn(typed, c.wrong.At)
		return c, nil
	}
	c.size = len(data)
	if how.As != message.AsText && how.As != message.AsIs || !looksLikeJSON(typed) {
		return c, nil
	}
	c.json = true
	_, err = formatJSON(typed, dynamic)
	return c, err
}

// check says quietly how long the body is, whether it is JSON, and marks where it is not,
// or where it stands for no bytes.
func (b *body) check() {
	how := b.how
	task.Ask(b.s.p.Tasks, b.s.scope, "check", b.looking(), func(c checked, err error) {
		at := &bodyview.FormatError{} // nowhere
		switch {
		case c.wrong != nil:
			if b.held == nil {
				b.failAt(c.wrong, c.line, c.column, theme.Err)
			}
			return
		case b.notMade(err):
			return
		case errors.As(err, &at):
			b.setStatus(c.size, theme.Muted, place(at))
		case c.json && err == nil:
			b.setStatus(c.size, theme.OK, lang.L("Valid JSON"))
		case how.As != message.AsIs && how != (message.Typed{}):
			b.setStatus(c.size, theme.Muted, "")
		}
		if b.held == nil {
			b.editor.SetError(at.Line, at.Column)
		}
	})
}

// looksLikeJSON spares a plain text from being called wrong.
func looksLikeJSON(data []byte) bool {
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) > 0 && (data[0] == '{' || data[0] == '[')
}

func place(at *bodyview.FormatError) string {
	return lang.L("Not JSON: line {{.Line}}, column {{.Column}}", map[string]any{"Line": at.Line, "Column": at.Column})
}

// formatted indents the body, or goes to where it is no JSON.
func (b *body) formatted() {
	if !b.how.As.IsText() {
		return // what is as it is stays so
	}
	data, change, dynamic := b.bytes(), b.change, b.s.form.dynamic()
	if len(data) == 0 {
		return
	}
	task.Ask(b.s.p.Tasks, b.s.scope, "format", func(context.Context) ([]byte, error) {
		return formatJSON(data, dynamic)
	}, func(out []byte, err error) {
		if change != b.change { // typed on meanwhile
			return
		}
		var at *bodyview.FormatError
		switch {
		case errors.As(err, &at):
			b.setStatus(len(data), theme.Err, place(at))
			b.goTo(at)
		case err != nil:
			b.s.p.Fail(err)
		default:
			b.replace(out)
			b.setStatus(len(out), theme.OK, lang.L("Valid JSON"))
		}
	})
}

// replace takes the body in another form, which can be undone where it is edited.
func (b *body) replace(out []byte) {
	if b.held == nil && len(out) <= editLimit {
		b.editor.Replace(string(out))
		return
	}
	b.set(out, b.source)
}

// goTo puts the cursor where the JSON ends.
func (b *body) goTo(at *bodyview.FormatError) {
	if b.held == nil {
		b.editor.SetError(at.Line, at.Column)
		b.editor.GoTo(at.Line, at.Column)
		b.s.p.Window.Canvas().Focus(b.editor.Focus())
	}
}

// FocusFilter finds something in the body: there is no list to filter.
func (s *Screen) FocusFilter() {
	if s.body.held == nil {
		s.body.editor.Find()
	}
}

// setStatus shows the count of bytes behind what is known of the text.
func (b *body) setStatus(n int, t theme.Token, words string) {
	text := widgets.Bytes(int64(n))
	if words != "" {
		text = words + " · " + text
	}
	b.setWords(text, t)
}

// setWords shows what is known of the text.
func (b *body) setWords(text string, t theme.Token) {
	b.valid.Objects = nil
	if t == theme.OK {
		b.valid.Objects = []fyne.CanvasObject{widgets.NewIcon(fynetheme.ConfirmIcon(), theme.OK)}
		t = theme.Muted
	}
	b.count.Set(text, t)
	b.valid.Refresh()
	if c, ok := b.head.(*fyne.Container); ok {
		c.Refresh()
	}
}
