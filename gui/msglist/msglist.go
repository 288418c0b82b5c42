// Package msglist is the bound list of messages: a binding.DataList over the
// view of a journal, as live, held and paused lists show it.
//
// Everything here runs on Fyne's main goroutine and takes no lock. Records are
// read, decoded and filtered in queries of package task, on goroutines of their own,
// which get a Source and numbers and return rows; the Source of a filtered list, which
// they read, has a lock for it. One ticker looks at the Source and publishes at most
// once a tick. It runs only while the list is shown and something may have changed: a
// Source that is a Changer starts it, and so does whatever moves the list; a tick in
// which nothing was to do ends it. Another Source is looked at while the list is shown.
// Close ends the ticker and the queries; an export is a job and goes on.
package msglist

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/data/binding"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// Span is the most rows that a list shows at once: beyond, float32 cannot place
// rows. Home, End, paging and the edges move the span over everything kept.
const Span = 250_000

// A tick is quick while the eye can follow, and slow while more than a screenful
// comes at once.
const (
	quickTick = 100 * time.Millisecond
	slowTick  = 250 * time.Millisecond
)

// Source is a journal's view. Range takes a short lock at most; Record may block and is
// called beside the main goroutine. Both may be called from any.
type Source interface {
	// Range returns the number of the oldest record kept and the one after the
	// newest.
	Range() (first, next uint64)
	Record(n uint64) (*message.Record, error)
	// Sift returns the numbers of the records from from up to to, to not included, that
	// fit, ascending, until ctx ends; at is where it stopped. What cannot be read does not
	// fit. It blocks.
	Sift(ctx context.Context, from, to uint64, keep filter.Filter) (fit []uint64, at uint64, err error)
	// Times copies when messages were stored into dst, in milliseconds of Unix time, 0 where
	// that is not known: those of records that stand together, from from or the next one kept
	// on, n of them; none says that there are no more. It takes a short lock at most.
	Times(from uint64, dst []int64) (first uint64, n int)
	// Each calls do with the messages among the records from from up to to, to not included,
	// from several goroutines at once and in no order, until ctx ends, which is an error
	// then. do keeps nothing of m, which may lack the broker's name. It blocks.
	Each(ctx context.Context, from, to uint64, do func(n uint64, m *message.Message)) error
}

// Changer is a Source that tells when its Range, or what else is told of it, has
// changed: it calls the function that OnChange was given last, from any goroutine; nil
// ends that.
type Changer interface{ OnChange(func()) }

// Params are what New needs. Every function may be nil.
type Params struct {
	Tasks *task.Runner
	// Source may be nil until SetSource.
	Source Source
	// Filter puts a bar above the list, with a field that says which messages it shows
	// and a button to export those. Clears adds one that hides what is there, unless the list
	// stands: to it nothing comes.
	Filter, Clears bool
	// Memory is what all lists remember.
	Memory Memory
	Window fyne.Window // for the file dialog of an export
	// Topic returns the topic that the messages are expected to be of, as the user knows
	// it: it names an export, and topics are shown once there is another one.
	Topic func() string
	// Origin says in an export where the messages come from; nil is not told.
	Origin func() message.Export
	// Decode is how the filter and the rows read bodies of the topic, nil for as they are.
	Decode func() filter.Decode
	// Jq runs the expressions of jq of a filter until a time, for as long as it takes where
	// that is zero, and no longer than ctx; nil: nobody does. It may be called from any
	// goroutine, and what it returns blocks.
	Jq func(ctx context.Context, until time.Time) filter.Judge
	// OnCleared runs when Clear has hidden the records before a number, and with 0 when
	// they are shown again.
	OnCleared func(before uint64)
	// Say shows a short sentence.
	Say func(string)
	// Short returns the topic or group as the user knows it, without the
	// profile's prefix.
	Short func(string) string
	// OnSelected runs with the message of the row that was selected, once it
	// is read. The message stays the caller's when its record is evicted.
	OnSelected func(m *message.Message)
	// OnHeld runs when the number of messages below a held list changed; it is
	// 0 while the list is live.
	OnHeld func(n uint64)
	// OnChange runs soon after a Changer told of a change, once for many, also while the
	// list is hidden.
	OnChange func()
	// OnTick runs once a tick, when what came is shown: what else changes at that
	// moment is painted with it.
	OnTick func()
	// OnEnter, OnEscape and OnSpace are the keys that the list leaves to the
	// screen.
	OnEnter, OnEscape, OnSpace func()
	// OnCopied runs after something was put on the clipboard.
	OnCopied func()
	// OnSave is asked to save the body of a message.
	OnSave func(*message.Message)
	// Compare is given two messages that were chosen; nil: nobody can compare them.
	Compare func(first, second *message.Message)
	// SendAll is asked to send again what the list shows; nil: nobody can. Again tells what
	// that is called; nil: SendsAgain.
	SendAll func(Listed)
	Again   func() Again
	// Keep is asked to keep what the list shows under a name; nil: nobody can.
	Keep func(Listed)
	// Shape is given what is a side of a comparison by shape; nil: nobody can compare so.
	Shape func(Listed)
	// OnUnhidden runs when what Hide hid is shown again by the list itself.
	OnUnhidden func()
	// OnError runs when a record that was asked for cannot be read.
	OnError func(error)
}

// List shows the messages of a Source, oldest first.
type List struct {
	p       Params
	given   Source          // what SetSource was given
	from    uint64          // the first record of it that is shown, 0 for all; see Clear
	all     Source          // given, without what was cleared
	src     Source          // what is listed: all, or the sieve
	keep    filter.Filter   // which messages are shown
	without map[string]bool // places of those that are hidden, see Hide
	sieve   *sieve          // nil while all are
	bar     *bar            // nil without Params.Filter
	scope   *task.Scope
	shown   bool
	watch   *task.Watch
	slow    bool
	stirred bool    // something may have changed since the last tick
	changed func()  // wakes the list, from any goroutine
	heard   Changer // the source, nil where it tells nothing
	feed    feed
	cache   cache
	marks   marks
	chart   *chart // nil without Params.Filter
	timing  timing
	look    profile.ListLook
	order   order
	sorted  *sorted // nil while the rows are as they came
	sortTo  uint64  // up to which record it is sorted
	view    *widgets.List
	cols    columns
	topics  bool // a row is of another topic than expected
	head    *header
	part    *partLine
	pill    *widgets.Button
	content *fyne.Container

	live     bool
	standing bool // see Stand
	wantLast bool // select the newest row once it is there
	// base is the number of the first row, end the one after the last.
	base, end uint64
	// selected is the number of the selected record, if there is one.
	selected   uint64
	isSelected bool
	// picked are the rows that are chosen, by their numbers in src; selected is one of them.
	picked widgets.Selection
	// found is the record to come back to when the filter goes.
	found    uint64
	hasFound bool
	// refind is the record to select again once the filter, asked again, has found it, if
	// refinds; and to hold the list at, if holds.
	refind         uint64
	refinds, holds bool
	news           uint64 // what OnHeld was told last
	height         float32
}

// New returns a list. It looks at its Source while SetShown(true) holds.
func New(p Params) *List {
	if p.Short == nil {
		p.Short = func(s string) string { return s }
	}
	l := &List{p: p, given: p.Source, all: p.Source, src: p.Source, scope: p.Tasks.Scope(), live: true, cache: newCache()}
	l.feed.list = l
	l.watch = p.Tasks.Watch(l.scope, quickTick, l.tick)
	l.changed = p.Tasks.Signal(l.scope, l.wake)
	l.head, l.part = newHeader(l), newPartLine()
	l.view = widgets.NewList(widgets.RowHeight, nil, func() fyne.CanvasObject { return newRowView(l) }, nil)
	l.view.Bind(&l.feed, func(i binding.DataItem, o fyne.CanvasObject) { l.draw(i.(*item).n, o.(*rowView)) })
	l.view.OnPicked, l.view.OnAll = l.pickRow, l.pickAll
	l.view.OnHome, l.view.OnEnd, l.view.OnPage = l.Home, l.End, l.page
	l.view.OnEnter, l.view.OnEscape, l.view.OnSpace = p.OnEnter, l.escape, p.OnSpace
	l.view.OnScrolled, l.view.OnMoved, l.view.OnCopy = l.scrolled, l.stir, l.copyPicked
	l.pill = widgets.NewButton("", fynetheme.MoveDownIcon(), widgets.Normal, l.GoLive)
	l.pill.Hide()
	objects := []fyne.CanvasObject{l.head, l.part, l.view.View(), l.pill}
	if p.Filter {
		l.bar = newBar(l)
		l.chart = newChart(l)
		objects = append(objects, l.bar.content, l.bar.cover, l.chart)
	}
	l.content = container.New(&pageLayout{list: l}, objects...)
	l.readLook()
	l.listen()
	return l
}

// Content is what to put into a layout.
func (l *List) Content() fyne.CanvasObject { return l.content }

// Focus is what to give the keyboard focus to.
func (l *List) Focus() fyne.Focusable { return l.view }

func (l *List) reset() {
	l.scope.Cancel(queryTail)
	l.scope.Cancel(queryRows)
	l.cache = newCache()
	l.showTopics(false)
	l.base, l.end, l.live, l.isSelected = 0, 0, !l.standing, false
	if l.src != nil {
		l.base, _ = l.src.Range()
		l.end = l.base
	}
	l.picked.Clear()
	l.view.SetSelected(-1)
	l.showPicked()
}

// SetShown tells whether the list is seen: a hidden one publishes nothing.
func (l *List) SetShown(shown bool) {
	if l.shown == shown {
		return
	}
	if l.shown = shown; shown {
		l.readLook()
		l.stir()
		l.tick()
	} else {
		l.rest()
	}
}

// Close ends what the list does; it shows no more.
func (l *List) Close() {
	l.SetShown(false)
	if l.heard != nil {
		l.heard.OnChange(nil)
	}
	l.scope.Close()
}

// Len returns how many rows there are.
func (l *List) Len() int { return int(l.end - l.base) }

// Live reports whether the newest row is in sight and new ones are shown as they
// come.
func (l *List) Live() bool { return l.live }

// Selected returns the number of the selected record.
func (l *List) Selected() (n uint64, ok bool) {
	if v, ok := l.src.(numbered); ok && l.isSelected {
		return v.number(l.selected)
	}
	return l.selected, l.isSelected
}
