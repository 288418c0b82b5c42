package msglist

import (
	"slices"

	"fyne.io/fyne/v2/lang"

	"gantry/gui/widgets"
)

// edge is how near the user may come to an end of the span, in rows, before the
// span moves.
const edge = 3

// stir lets the ticker run: something may have changed.
func (l *List) stir() {
	l.stirred = true
	if l.shown && l.src != nil && !l.watch.On() {
		l.slow = false
		l.watch.Set(true)
	}
}

// wake is what a Source that tells of changes does: a list that rests shows them at
// once, another one at its next tick.
func (l *List) wake() {
	rested := !l.watch.On()
	if l.stir(); rested && l.shown {
		l.tick()
	}
	if l.p.OnChange != nil {
		l.p.OnChange()
	}
}

// rest ends the ticker where nothing is to come.
func (l *List) rest() {
	busy := l.stirred || l.heard == nil || slices.ContainsFunc([]string{queryTail, queryRows, queryFilter, queryTimes, querySort}, l.scope.Running)
	l.stirred = false
	if !l.shown || l.src == nil || !busy {
		l.watch.Set(false)
	}
}

// listen asks the source to tell of changes.
func (l *List) listen() {
	if l.heard != nil {
		l.heard.OnChange(nil)
	}
	if l.heard, _ = l.given.(Changer); l.heard != nil {
		l.heard.OnChange(l.changed)
	}
}

// tick looks at the source and publishes what changed, once.
func (l *List) tick() {
	defer l.rest()
	if l.src == nil {
		return
	}
	l.readMarks()
	l.dropPicked()
	l.sift()
	l.sort()
	l.count()
	first, next := l.src.Range()
	if next < l.end { // another journal under the same name
		l.reset()
	}
	l.noteScroll()
	if l.evict(first) {
		l.publish()
	}
	switch end := min(next, l.base+Span); {
	case l.live:
		l.follow(first, next)
	case l.standing && l.end < end: // it is being read
		l.setSpan(l.base, end)
	default:
		l.moveSpan(first, next)
	}
	l.readVisible()
	l.showNews(next)
	if !l.scope.Running(queryTail) {
		l.ticked()
	}
}

// ticked ends a tick.
func (l *List) ticked() {
	if l.p.OnTick != nil {
		l.p.OnTick()
	}
}

// placed reports whether the list has a size: before, nothing can be said about
// what is in sight.
func (l *List) placed() bool { return l.view.VisibleRows() > 0 }

// noteScroll notices that the user scrolled away from the newest row by the wheel or
// the bar, which Fyne does not tell.
func (l *List) noteScroll() {
	if l.live && l.placed() && !l.view.AtBottom() {
		l.live, l.wantLast = false, false
	}
}

// scrolled runs after a key, a call or a new size. A live list stays so when it
// gets lower.
func (l *List) scrolled() {
	l.stir()
	h := l.view.Size().Height
	if h != l.height {
		l.height = h
		if l.live {
			l.view.ScrollToBottom()
		}
		return
	}
	l.noteScroll()
}

// evict takes the rows off the top whose records are gone. Those on the screen
// do not move.
func (l *List) evict(first uint64) bool {
	if first <= l.base {
		return false
	}
	l.cache.drop(first)
	gone := min(first, l.end) - l.base
	l.base, l.end = first, max(l.end, first)
	l.shift(int64(gone))
	if l.base == l.end {
		l.live = true
	}
	return true
}

// shift keeps the rows on the screen, and the selection on its row, after base
// moved by k rows.
func (l *List) shift(k int64) {
	if k == 0 {
		return
	}
	l.view.Shift(int(k))
	l.reselect()
}

// reselect puts the mark where the selected record now is, if it is there.
func (l *List) reselect() {
	at := -1
	if l.isSelected && l.selected >= l.base && l.selected < l.end {
		at = int(l.selected - l.base)
	}
	if l.isSelected && l.selected < l.base && l.src != nil {
		first, _ := l.src.Range()
		l.isSelected = l.selected >= first
	}
	l.view.SetSelected(at)
}

// follow shows what came, once its rows are decoded, so that they are never
// seen empty.
func (l *List) follow(first, next uint64) {
	if next == l.end || l.scope.Running(queryTail) {
		return
	}
	missing := l.cache.missing(max(first, next-min(next, l.screenful())), next)
	if len(missing) == 0 {
		l.advance(next)
		return
	}
	l.read(queryTail, missing, func() {
		if l.noteScroll(); l.live {
			l.advance(next)
		} else {
			l.publish() // held meanwhile: what was decoded may be in sight
		}
		l.ticked()
	})
}

// screenful is how many rows may be seen, in part or in whole.
func (l *List) screenful() uint64 {
	if !l.placed() {
		return 40
	}
	return uint64(l.view.VisibleRows()) + 2
}

// advance publishes the rows up to next and shows the last.
func (l *List) advance(next uint64) {
	if next < l.end {
		return
	}
	l.pace(next - l.end)
	base := max(l.base, next-min(next, Span))
	moved := base - l.base
	l.base, l.end = base, next
	l.shift(int64(moved))
	l.publish()
	l.view.ScrollToBottom()
	l.selectLast()
}

// pace slows the ticker down while more than a screenful comes a tick.
func (l *List) pace(came uint64) {
	slow := came > l.screenful()
	if slow == l.slow || !l.watch.On() {
		return
	}
	l.slow = slow
	if slow {
		l.watch.Reset(slowTick)
	} else {
		l.watch.Reset(quickTick)
	}
}

// moveSpan moves the span of a held list when the user comes to one of its
// ends, and goes live at the newest row.
func (l *List) moveSpan(first, next uint64) {
	switch {
	case !l.placed():
	case l.view.AtBottom() && l.standing && next == l.end: // nothing is to come
	case l.view.AtBottom() && next-l.end <= Span/2 && !l.standing:
		l.live = true
		l.follow(first, next)
	case l.view.AtBottom():
		end := min(l.end+Span/2, next)
		l.setSpan(max(l.base, end-min(end, Span)), end)
	case l.base > first && l.view.FirstVisible() < edge:
		base := max(first, l.base-min(l.base, Span/2))
		l.setSpan(base, min(l.end, base+Span))
	}
}

// setSpan changes which records the rows are; what stays in the list does not
// move on the screen.
func (l *List) setSpan(base, end uint64) {
	moved := int64(base) - int64(l.base)
	l.base, l.end = base, end
	l.publish()
	l.shift(moved)
	l.reselect()
}

// publish shows the rows as they are now, and says which part they are.
func (l *List) publish() {
	l.feed.publish()
	first, next := l.base, l.end
	if l.src != nil {
		first, next = l.src.Range()
	}
	words := ""
	if l.base > first || l.end-l.base >= Span {
		words = lang.L("Shown: {{.From}} to {{.To}} of {{.All}} kept", map[string]any{
			"From": widgets.Count(l.base - min(first, l.base) + 1), "To": widgets.Count(l.end - min(first, l.end)), "All": widgets.Count(next - first),
		})
	}
	if l.part.set(words) {
		l.content.Refresh()
	}
}

// showNews says how many messages came below a held list.
func (l *List) showNews(next uint64) {
	news := uint64(0)
	if !l.live && !l.standing && l.sorted == nil && next > l.end {
		news = next - l.end
	}
	if news == l.news {
		return
	}
	l.news = news
	if news > 0 {
		l.pill.SetText(lang.N("{{.Count}} new", int(news), map[string]any{"Count": widgets.Count(news)}))
		l.pill.Show()
		l.content.Layout.Layout(l.content.Objects, l.content.Size())
	} else {
		l.pill.Hide()
	}
	if l.p.OnHeld != nil {
		l.p.OnHeld(news)
	}
}

// GoLive shows the newest row and goes on with those that come.
func (l *List) GoLive() {
	if l.src == nil {
		return
	}
	first, next := l.src.Range()
	l.live = true
	if next-min(next, l.end) > Span {
		// Nothing of the old span stays: do not run through what lies between.
		l.base = next - Span
		l.end = l.base
		l.reselect()
	}
	l.view.ScrollToBottom()
	l.follow(first, next)
	l.showNews(next)
	focus(l.view)
}

// End goes live and selects the newest message, once it is there.
func (l *List) End() {
	if l.src == nil {
		return
	}
	l.wantLast = true
	l.GoLive()
	if _, next := l.src.Range(); next == l.end {
		l.selectLast()
	}
}

// selectLast selects the newest row if End asked for it.
func (l *List) selectLast() {
	if !l.wantLast {
		return
	}
	l.wantLast = false
	if l.Len() > 0 {
		l.view.Select(l.Len() - 1)
		l.view.Highlight(l.Len() - 1)
	}
}

// Stand says that what SetSource is given next receives nothing: the list begins at its
// oldest row and stays there while the rest of it is read.
func (l *List) Stand() { l.standing = true }

// Home shows and selects the oldest message kept.
func (l *List) Home() {
	if l.src == nil {
		return
	}
	first, next := l.src.Range()
	if first == next {
		return
	}
	l.live = false
	l.choose(first, first, next)
	l.view.ScrollToTop()
}

// page moves the selection by a screenful.
func (l *List) page(dir int) {
	if l.src == nil {
		return
	}
	first, next := l.src.Range()
	if first == next {
		return
	}
	step := max(uint64(l.view.VisibleRows()), 2) - 1
	at := l.base + uint64(max(l.view.FirstVisible(), 0))
	if l.isSelected {
		at = l.selected
	}
	if dir < 0 {
		at -= min(at, step)
	} else {
		at += step
	}
	l.choose(min(max(at, first), next-1), first, next)
}

// choose selects a record and moves the span there if it must.
func (l *List) choose(n, first, next uint64) {
	if n < l.base || n >= l.end {
		base := l.base
		if n < base || n-base >= Span {
			base = max(first, n-min(n, Span/2))
		}
		l.setSpan(base, min(next, base+Span))
	}
	l.view.Select(int(n - l.base))
	l.view.Highlight(int(n - l.base))
	l.scrolled()
}
