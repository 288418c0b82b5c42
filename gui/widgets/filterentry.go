package widgets

import (
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"gantry/client/filter"
)

var (
	_ fyne.Widget = (*FilterEntry)(nil)
	_ Suggester   = (*FilterEntry)(nil)
)

// FilterEntry is a field for a filter of messages: it offers the fields of its language
// while one types, and all of it on Ctrl+Space. What NewFilter says of its keys holds.
type FilterEntry struct {
	Entry

	// OnChanged runs when the text changed; it takes the place of Fyne's field of this
	// name.
	OnChanged func(string)
	// Tags are those seen so far, offered behind tag:; nil is allowed.
	Tags func() []string
	// Memory are the filters that were used before; nil is allowed.
	Memory FilterMemory

	drop    *Suggestions
	from    int // in runes, where what is suggested goes
	taking  bool
	offered []Suggestion
}

// FilterMemory remembers the filters that were used.
type FilterMemory interface {
	// Recent are they, newest first; Used adds one.
	Recent() []string
	Used(filter string)
}

// NewFilterEntry returns an empty field, see NewFilter.
func NewFilterEntry(toList func(*fyne.KeyEvent) bool) *FilterEntry {
	e := &FilterEntry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.drop = NewSuggestions(e)
	e.drop.TabTakes = true
	e.Entry.Entry.OnChanged = func(s string) {
		if e.drop.IsOpen() && !e.taking {
			e.offer(false)
		}
		if e.OnChanged != nil {
			e.OnChanged(s)
		}
	}
	e.ExtendBaseWidget(e)
	filters(&e.Entry, lang.L("Filter: word  key:…  .path:…"), toList)
	return e
}

// forms are what a filter is made of, and what each finds.
func forms() []Suggestion {
	return []Suggestion{
		{"key:", lang.L("in the keys")},
		{"tag:", lang.L("in the tag; tag:a,b for either")},
		{"id:", lang.L("in the message id or offset id")},
		{"body:", lang.L("in the body alone")},
		{"prop.", lang.L("a property: prop.name:text")},
		{"topic:", lang.L("in the topic")},
		{"queue:", lang.L("a queue: queue:3")},
		{"offset>", lang.L("queue offset, also < and :")},
		{"size>", lang.L("size of the body: size>10k")},
		{"retry>", lang.L("delivered before: retry>0")},
		{"after:", lang.L("stored since: 14:05, 15m, 2026-11-30")},
		{"before:", lang.L("stored before then")},
		{".path:text", lang.L("JSON: .items[0].sku:x, .items[*].qty>3")},
		{"/regex/", lang.L("a regular expression, /…/i in any case")},
		{"-word", lang.L("without the word")},
		{"a OR b", lang.L("either; ( ) group")},
		{`"Exact"c`, lang.L("upper and lower case as written")},
	}
}

// word is what was typed of a term up to the cursor, and where it begins, in runes.
func (e *FilterEntry) word() (string, int) {
	all := []rune(e.Text)
	end := min(max(e.CursorColumn, 0), len(all))
	from := end
	for from > 0 && !unicode.IsSpace(all[from-1]) && !strings.ContainsRune("(（", all[from-1]) {
		from--
	}
	for from < end && strings.ContainsRune("-!－！", all[from]) {
		from++
	}
	return string(all[from:end]), from
}

// offer opens the suggestions for what is typed, or closes them where there are none.
func (e *FilterEntry) offer(all bool) {
	word, from := e.word()
	e.offered, e.from = nil, from
	lower := strings.ToLower(word)
	switch tag, isTag := strings.CutPrefix(lower, "tag:"); {
	case all && word == "":
		e.offered = append(e.recent(), forms()...)
	case isTag && e.Tags != nil:
		e.from += len([]rune("tag:"))
		for _, t := range e.Tags() {
			if strings.Contains(strings.ToLower(t), tag) && !strings.EqualFold(t, tag) {
				e.offered = append(e.offered, Suggestion{Text: t})
			}
		}
	case word != "" && unicode.IsLetter([]rune(word)[0]):
		for _, f := range forms() {
			if strings.HasPrefix(f.Text, lower) && f.Text != lower && strings.ContainsAny(f.Text, ":>.") {
				e.offered = append(e.offered, f)
			}
		}
	}
	if len(e.offered) == 0 {
		e.drop.Close()
		return
	}
	e.drop.Set(e.offered, -1)
	e.drop.Open(fyne.Position{}, e.Size().Height, 0)
}

// Suggested puts a suggestion in place of what was typed of the term.
func (e *FilterEntry) Suggested(i int) {
	all := []rune(e.Text)
	end := min(max(e.CursorColumn, e.from), len(all))
	text := e.offered[i].Text
	e.taking = true
	e.SetText(string(all[:e.from]) + text + string(all[end:]))
	e.taking = false
	e.CursorColumn = e.from + len([]rune(text))
	e.Refresh()
}

// recentOffered is how many of the filters used before are offered at once.
const recentOffered = 5

// recent are the filters used before, but for what stands there.
func (e *FilterEntry) recent() (all []Suggestion) {
	if e.Memory == nil {
		return nil
	}
	for _, f := range e.Memory.Recent() {
		if f != strings.TrimSpace(e.Text) && len(all) < recentOffered {
			all = append(all, Suggestion{f, lang.L("used before")})
		}
	}
	return all
}

// FocusLost leaves the caret while the suggestions have the keys, and remembers the filter
// that was typed.
func (e *FilterEntry) FocusLost() {
	if e.drop.IsOpen() {
		return
	}
	e.Entry.FocusLost()
	e.remember()
}

// remember notes what is typed, if it is a filter.
func (e *FilterEntry) remember() {
	text := strings.TrimSpace(e.Text)
	if _, err := filter.Parse(text, time.Now()); err == nil && text != "" && e.Memory != nil {
		e.Memory.Used(text)
	}
}

// TypedShortcut shows what can be typed on Ctrl+Space, and hands on what is no editing.
func (e *FilterEntry) TypedShortcut(s fyne.Shortcut) {
	if k, ok := s.(*desktop.CustomShortcut); ok && k.KeyName == fyne.KeySpace && k.Modifier == fyne.KeyModifierControl {
		e.offer(true)
		return
	}
	if Edits(s) || !HandOn(e, s) {
		e.Entry.TypedShortcut(s)
	}
}

// TypedRune types, and opens the suggestions.
func (e *FilterEntry) TypedRune(r rune) {
	e.Entry.TypedRune(r)
	if !e.drop.IsOpen() {
		e.offer(false)
	}
}
