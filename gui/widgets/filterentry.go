package widgets

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/filter"
	"gantry/client/profile"
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
	// OnEdit shows the filters that are kept, with another one to be saved unless it is
	// empty; nil: nobody can.
	OnEdit func(save string)

	drop    *Suggestions
	from    int // in runes, where what is suggested goes
	taking  bool
	offered []offer
}

// offer is a suggestion, and what taking it does: nil puts its text where it belongs.
type offer struct {
	Suggestion
	take func()
}

// FilterMemory remembers filters.
type FilterMemory interface {
	// Recent are those that were used, newest first; Used adds one.
	Recent() []string
	Used(filter string)
	// Saved are those that are kept.
	Saved() []profile.SavedFilter
}

// NewFilterEntry returns an empty field, see NewFilter.
func NewFilterEntry(toList func(*fyne.KeyEvent) bool) *FilterEntry {
	e := &FilterEntry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.drop = NewSuggestions(e)
	e.drop.TabTakes = true
	e.ActionItem = NewIconButton(fynetheme.MenuDropDownIcon(), lang.L("Filters saved and used before"), e.ShowMenu)
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
func forms() []offer {
	all := []Suggestion{
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
		{"jq:", lang.L("JSON: an expression of jq, to the end of the line")},
		{"/regex/", lang.L("a regular expression, /…/i in any case")},
		{"-word", lang.L("without the word")},
		{"a OR b", lang.L("either; ( ) group")},
		{`"Exact"c`, lang.L("upper and lower case as written")},
	}
	out := make([]offer, len(all))
	for i, one := range all {
		out[i].Suggestion = one
	}
	return out
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
	if filter.InJq(string([]rune(e.Text)[:from])) { // its words are not ours
		e.show()
		return
	}
	lower := strings.ToLower(word)
	tag, isTag := strings.CutPrefix(lower, "tag:")
	switch {
	case all && word == "":
		e.offered = append(append(e.saved(""), e.recent()...), forms()...)
	case isTag && e.Tags != nil:
		e.from += len([]rune("tag:"))
		for _, t := range e.Tags() {
			if strings.Contains(strings.ToLower(t), tag) && !strings.EqualFold(t, tag) {
				e.offered = append(e.offered, offer{Suggestion: Suggestion{Text: t}})
			}
		}
	case word != "" && unicode.IsLetter([]rune(word)[0]):
		for _, f := range forms() {
			if strings.HasPrefix(f.Text, lower) && f.Text != lower && strings.ContainsAny(f.Text, ":>.") {
				e.offered = append(e.offered, f)
			}
		}
	}
	if word != "" && !isTag {
		e.offered = append(e.offered, e.saved(lower)...)
	}
	e.show()
}

// show opens the list of what is offered, or closes it where that is nothing.
func (e *FilterEntry) show() {
	if len(e.offered) == 0 {
		e.drop.Close()
		return
	}
	items := make([]Suggestion, len(e.offered))
	for i, o := range e.offered {
		items[i] = o.Suggestion
	}
	e.drop.Set(items, -1)
	e.drop.Open(fyne.Position{}, e.Size().Height, 0)
}

// ShowMenu offers the filters that are kept and those that were used before, each in
// place of what is typed, to keep what is typed, and what a filter is made of.
func (e *FilterEntry) ShowMenu() {
	e.offered = nil
	for _, o := range append(e.saved(""), e.recent()...) {
		if o.take == nil {
			o.take = func() { e.put(0, len([]rune(e.Text)), o.Text) }
		}
		e.offered = append(e.offered, o)
	}
	text := strings.TrimSpace(e.Text)
	action := func(label, save string) {
		e.offered = append(e.offered, offer{Suggestion{Text: label}, func() { e.OnEdit(save) }})
	}
	if e.OnEdit != nil && e.readable(text) {
		action(lang.L("Save this filter…"), text)
	}
	if e.OnEdit != nil {
		action(lang.L("Saved filters and colours…"), "")
	}
	e.from = max(e.CursorColumn, 0)
	e.offered = append(e.offered, forms()...)
	e.show()
}

// named tells whether a text is the beginning of a name or of a word in it; of what is not
// written in Latin, any part.
func named(name, part string) bool {
	name = strings.ToLower(name)
	latin := !strings.ContainsFunc(part, func(r rune) bool { return r > unicode.MaxLatin1 })
	return strings.HasPrefix(name, part) || strings.Contains(name, " "+part) || !latin && strings.Contains(name, part)
}

// saved are the filters that are kept under a name of which a text, in lower case, is a
// part. One takes the place of what was typed of its name.
func (e *FilterEntry) saved(part string) (all []offer) {
	if e.Memory == nil {
		return nil
	}
	for _, f := range e.Memory.Saved() {
		if f.Name != "" && named(f.Name, part) {
			all = append(all, offer{Suggestion{f.Name, short(f.Filter)}, func() {
				if part == "" {
					e.put(0, len([]rune(e.Text)), f.Filter)
					return
				}
				e.put(e.from, max(e.CursorColumn, e.from), inside(e.Text, part, f.Filter))
			}})
		}
	}
	return all
}

// short is a filter as a quiet word about its name.
func short(text string) string {
	const most = 32
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// inside is a filter as a term beside what else is typed.
func inside(typed, part, text string) string {
	if strings.EqualFold(strings.TrimSpace(typed), part) || !strings.ContainsFunc(text, unicode.IsSpace) {
		return text
	}
	return "(" + text + ")"
}

// Suggested takes a suggestion: it stands then in place of what was typed of it.
func (e *FilterEntry) Suggested(i int) {
	o := e.offered[i]
	if o.take != nil {
		o.take()
		return
	}
	e.put(e.from, max(e.CursorColumn, e.from), o.Text)
}

// put writes a text in place of the runes from from to before end.
func (e *FilterEntry) put(from, end int, text string) {
	all := []rune(e.Text)
	e.taking = true
	e.SetText(string(all[:from]) + text + string(all[min(end, len(all)):]))
	e.taking = false
	e.CursorColumn = from + len([]rune(text))
	e.Refresh()
}

// recentOffered is how many of the filters used before are offered at once.
const recentOffered = 5

// recent are the filters used before, but for what stands there, and those with a name.
func (e *FilterEntry) recent() (all []offer) {
	if e.Memory == nil {
		return nil
	}
	saved := e.Memory.Saved()
	for _, f := range e.Memory.Recent() {
		hasName := slices.ContainsFunc(saved, func(s profile.SavedFilter) bool { return s.Name != "" && s.Filter == f })
		if f != strings.TrimSpace(e.Text) && !hasName && len(all) < recentOffered {
			all = append(all, offer{Suggestion: Suggestion{f, lang.L("used before")}})
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
	if text := strings.TrimSpace(e.Text); e.Memory != nil && e.readable(text) {
		e.Memory.Used(text)
	}
}

// readable tells whether a text is a filter.
func (e *FilterEntry) readable(text string) bool {
	_, err := filter.Parse(text, time.Now())
	return err == nil && text != ""
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
