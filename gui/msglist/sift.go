package msglist

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gantry/client/filter"
	"gantry/gui/task"
	"gantry/gui/words"
)

// since is the Source of a list that was cleared: what came from a record on.
type since struct {
	Source
	from uint64
}

// Range leaves out what came before, unless that is of another journal.
func (s since) Range() (first, next uint64) {
	first, next = s.Source.Range()
	if next >= s.from {
		first = max(first, s.from)
	}
	return first, next
}

// SetSource changes what is listed and starts live. The filter stays.
func (l *List) SetSource(s Source) {
	if len(l.without) > 0 {
		l.keep, l.without = l.keep.Without(nil), nil
		l.unhidden()
	}
	l.given, l.from, l.hasFound, l.order, l.keep = s, 0, false, order{}, l.decoding(l.keep)
	l.timing = timing{}
	l.listen()
	l.relist()
}

// decoding is a filter that reads bodies as those of the topic are read now.
func (l *List) decoding(keep filter.Filter) filter.Filter {
	if l.p.Decode == nil {
		return keep
	}
	return keep.Decoding(l.p.Decode())
}

// relist shows what is to be shown of the source, from its start.
func (l *List) relist() {
	l.scope.Cancel(queryFilter)
	l.all, l.sieve, l.refinds = l.given, nil, false
	if l.given != nil && l.from > 0 {
		l.all = since{l.given, l.from}
	}
	if l.all != nil && !l.keep.Empty() {
		l.sieve = newSieve(l.all, l.keep, l.p.Jq)
	}
	l.unsorted()
	l.head.Refresh()
	l.reset()
	l.stir()
	l.tick()
	if l.bar != nil {
		l.bar.draw()
	}
}

// Clear hides what is there; what comes is shown. Nothing is deleted: ShowAll brings
// it back. A list that stands is left alone.
func (l *List) Clear() {
	if l.given == nil || l.standing {
		return
	}
	if first, next := l.all.Range(); first < next {
		l.hide(next)
	}
}

// HideBefore hides the records before a number of the source, as a Clear before did;
// a number that the source has not come to hides nothing.
func (l *List) HideBefore(n uint64) {
	if l.given == nil || n == 0 {
		return
	}
	if _, next := l.given.Range(); n <= next {
		l.from, l.order = n, order{}
		l.relist()
	}
}

func (l *List) hide(before uint64) {
	l.from, l.order = before, order{} // what comes is seen as it comes
	l.relist()
	if l.p.OnCleared != nil {
		l.p.OnCleared(before)
	}
}

// cleared is how many messages are there and hidden by Clear.
func (l *List) cleared() uint64 {
	if l.given == nil || l.from == 0 {
		return 0
	}
	kept, _ := l.given.Range()
	first, _ := l.all.Range()
	return first - min(first, kept)
}

// ShowAll shows again what Clear hid. A filter stays.
func (l *List) ShowAll() {
	n, selected := l.Selected()
	l.hide(0)
	if selected {
		l.reveal(n)
	}
}

// Hide hides the messages in these places, see message.Message.Place, whatever the filter
// says; none shows all. Another source shows all too.
func (l *List) Hide(places map[string]bool) {
	if l.bar == nil || len(places) == 0 && len(l.without) == 0 {
		return
	}
	l.without = places
	l.filter()
}

// FocusFilter puts the focus into the filter, if there is one and something to
// filter: screens show an empty list not at all.
func (l *List) FocusFilter() {
	if l.bar == nil || l.given == nil {
		return
	}
	if first, next := l.given.Range(); next > first {
		focus(l.bar.field)
	}
}

// mostTags is how many tags are offered.
const mostTags = 50

// tags are those of the rows that were shown lately.
func (l *List) tags() []string {
	seen := map[string]bool{}
	for _, r := range l.cache.rows {
		if r.Tag != "" && len(seen) < mostTags {
			seen[r.Tag] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// AddFilter adds a term to the filter, or, with without, what must not fit.
func (l *List) AddFilter(term string, without bool) {
	if l.bar != nil {
		l.bar.field.SetText(filter.Also(l.bar.field.Text, term, without))
	}
}

// ClearFilter shows all messages.
func (l *List) ClearFilter() {
	if l.bar == nil {
		return
	}
	if len(l.without) > 0 {
		l.Hide(nil)
		l.unhidden()
	}
	l.bar.field.SetText("")
}

func (l *List) unhidden() {
	if l.p.OnUnhidden != nil {
		l.p.OnUnhidden()
	}
}

// escape leaves one of several rows, then takes the filter away, before the screen gets
// the key.
func (l *List) escape() {
	switch {
	case l.pickOne():
	case l.bar != nil && l.bar.field.Text != "":
		l.ClearFilter()
	case l.p.OnEscape != nil:
		l.p.OnEscape()
	}
}

// filter shows what fits what is typed. Without a filter the message that was chosen
// last is seen again among those round it.
func (l *List) filter() {
	keep, err := filter.Parse(l.bar.field.Text, time.Now())
	l.bar.wrong = ""
	l.bar.field.MarkWrong(err)
	l.chart.forget(l.bar.field.Text)
	if err != nil { // what was shown stays until the filter can be read
		if !errors.Is(err, filter.ErrUnfinished) {
			l.bar.wrong = words.Filter(err)
		}
		l.bar.draw()
		return
	}
	if l.sieve == nil && !l.live {
		l.found, l.hasFound = l.Selected()
	}
	l.keep = l.decoding(keep).Without(l.without)
	if l.relist(); l.sieve == nil && l.hasFound {
		l.reveal(l.found)
		l.hasFound = false
	}
}

// reveal selects a record again and brings it into sight. A filter has yet to find it.
func (l *List) reveal(n uint64) {
	first, next := l.src.Range()
	if _, ok := l.src.(numbered); ok || n < first || n >= next {
		return
	}
	l.live = false
	l.choose(n, first, next)
	l.view.ScrollTo(int(n - l.base))
	l.tick()
}

// refound selects the message again that was selected when the filter was asked again, once
// that has looked at it, unless another one was chosen since. The screen shows it still.
func (l *List) refound() {
	if !l.refinds || l.sieve.at <= l.refind {
		return
	}
	l.refinds = false
	row, ok := l.sieve.row(l.refind)
	if !ok || l.isSelected || l.order.on {
		return
	}
	l.selected, l.isSelected = row, true
	l.picked.Only(row)
	if l.holds {
		l.live = false
		first, next := l.src.Range()
		base := max(first, row-min(row, Span/2))
		l.setSpan(base, min(next, base+Span))
		l.view.ScrollTo(int(row - l.base))
	}
	l.reselect()
	l.showPicked()
}

// sift lets the filter look at what came.
func (l *List) sift() {
	s := l.sieve
	if l.bar == nil || l.scope.Running(queryFilter) {
		return
	}
	if l.bar.draw(); s == nil || s.behind() == 0 {
		return
	}
	at := s.at
	task.Ask(l.p.Tasks, l.scope, queryFilter, func(ctx context.Context) (sifted, error) {
		return s.look(ctx, at)
	}, func(got sifted, err error) {
		switch {
		case l.sieve != s:
		case err != nil: // it panicked: it would again
			l.ClearFilter()
			l.fail(err)
		default:
			s.take(got)
			l.refound()
			l.sift()
		}
	})
}
