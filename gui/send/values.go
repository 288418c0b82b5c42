package send

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/outbox/placeholder"
	"gantry/gui/bodyview"
	"gantry/gui/editor"
	"gantry/gui/theme"
)

// hintWords says in a few words what a dynamic value is.
func hintWords(h placeholder.Hint) string {
	switch h {
	case placeholder.HintUUID:
		return lang.L("a random UUID")
	case placeholder.HintSeq:
		return lang.L("the number of the message")
	case placeholder.HintNow:
		return lang.L("the time it is sent")
	case placeholder.HintRand:
		return lang.L("a random number")
	case placeholder.HintPick:
		return lang.L("one of the words")
	case placeholder.HintLine:
		return lang.L("the row of the file")
	case placeholder.HintCol:
		return lang.L("a column of the file")
	case placeholder.HintEnv:
		return lang.L("a value of the connection")
	case placeholder.HintBraces:
		return lang.L("two braces as they are")
	case placeholder.HintMillis:
		return lang.L("milliseconds since 1970")
	case placeholder.HintSeconds:
		return lang.L("seconds since 1970")
	case placeholder.HintOffset:
		return lang.L("a time before or after")
	}
	return ""
}

// spans marks the dynamic values of a line for the editor.
func (b *body) spans(line string) []editor.Span {
	if !b.how.As.IsText() || !b.s.form.dynamic() || !strings.Contains(line, "{{") {
		return nil
	}
	var out []editor.Span
	for _, s := range placeholder.Spans(line) {
		x := editor.Span{Start: s.At, End: s.At + s.Len, Colour: theme.Accent}
		if s.Err != nil {
			x.Colour, x.Underline = theme.Err, true
		}
		out = append(out, x)
	}
	return out
}

// complete says what may stand behind two braces.
func (b *body) complete(line string, column int) []editor.Item {
	if !b.how.As.IsText() || !b.s.form.dynamic() {
		return nil
	}
	c := placeholder.Complete(line, column, placeholder.Known{Env: b.s.valueNames()})
	var out []editor.Item
	for _, x := range c.Candidates {
		out = append(out, editor.Item{
			Label: x.Label, Detail: hintWords(x.Hint), Insert: x.Text, From: c.From, To: c.To, Cursor: x.Cursor,
		})
	}
	return out
}

// valueMenu are the dynamic values that can be put where the cursor is.
func (b *body) valueMenu() *fyne.Menu {
	menu := fyne.NewMenu("")
	for _, text := range []string{
		"{{uuid}}", "{{seq}}", "{{now}}", "{{now ms}}", `{{now "yyyy-MM-dd HH:mm:ss"}}`, "{{now +30m}}", "{{rand 1 100}}", "{{pick a b c}}", "{{line}}", `{{col "name"}}`,
	} {
		hint := placeholder.Hint(strings.Trim(strings.Fields(text)[0], "{}"))
		menu.Items = append(menu.Items, fyne.NewMenuItem(text+"   "+hintWords(hint), func() { b.insert(text) }))
	}
	for _, name := range b.s.valueNames() {
		text := `{{env "` + name + `"}}`
		menu.Items = append(menu.Items, fyne.NewMenuItem(text, func() { b.insert(text) }))
	}
	return menu
}

// valueNames are the values of the connection, the secret ones too.
func (s *Screen) valueNames() []string {
	return slices.Sorted(slices.Values(slices.AppendSeq(slices.Clone(s.p.Profile.SecretEnv), maps.Keys(s.p.Profile.Env))))
}

// insert puts a dynamic value where the cursor is.
func (b *body) insert(text string) {
	if !b.how.As.IsText() {
		return
	}
	b.s.form.values.SetChecked(true)
	b.editor.Insert(text)
	b.s.p.Window.Canvas().Focus(b.editor.Focus())
}

// InsertValue offers the dynamic values (Ctrl+I).
func (s *Screen) InsertValue() {
	if s.closed || s.covered() {
		return
	}
	if !s.body.how.As.IsText() {
		s.p.Say(lang.L("Dynamic values are replaced in a text only."))
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.body.value)
	widget.ShowPopUpMenuAtPosition(s.body.valueMenu(), s.p.Window.Canvas(), at.AddXY(0, s.body.value.Size().Height))
}

// filled puts numbers of the same length in the place of dynamic values, each another and
// none that the text has itself, so that it can be read as JSON; back puts the values where
// their numbers are. ok is false where there are no such numbers.
func filled(data []byte) (out []byte, back func([]byte) []byte, ok bool) {
	spans := placeholder.Spans(string(data))
	for lead := '9'; lead > '0'; lead-- {
		out = bytes.Clone(data)
		numbers := make([][]byte, len(spans))
		for i, s := range spans {
			n := fmt.Appendf(nil, "%c%0*d", lead, max(s.Len-1, 1), i)
			if ok = len(n) == s.Len && !bytes.Contains(data, n); !ok {
				break
			}
			numbers[i] = n
			copy(out[s.At:], n)
		}
		if ok || len(spans) == 0 {
			return out, func(b []byte) []byte { return unfilled(b, data, spans, numbers) }, true
		}
	}
	return nil, nil, false
}

// unfilled puts the values back; the numbers are there in their order, each once.
func unfilled(b, data []byte, spans []placeholder.Span, numbers [][]byte) []byte {
	var whole []byte
	for i, n := range numbers {
		at := bytes.Index(b, n)
		whole = append(append(whole, b[:at]...), data[spans[i].At:spans[i].At+spans[i].Len]...)
		b = b[at+len(n):]
	}
	return append(whole, b...)
}

// formatJSON indents a body in which dynamic values may stand.
func formatJSON(data []byte, dynamic bool) ([]byte, error) {
	plain, back, ok := filled(data)
	if !dynamic || !ok {
		return bodyview.FormatJSON(data)
	}
	out, err := bodyview.FormatJSON(plain)
	if err != nil {
		return nil, err
	}
	return back(out), nil
}
