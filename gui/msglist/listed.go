package msglist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
)

// Listed are the messages that a list showed at one moment: also those that the filter had
// not come to yet, and none that came later.
type Listed struct {
	src    Source
	keep   filter.Filter
	jq     func(context.Context, time.Time) filter.Judge
	parts  []part
	picked bool
	origin message.Export
}

// part are records: those with these numbers, or from first to before next.
type part struct {
	numbers     []uint64
	first, next uint64
}

func (p *part) len() uint64 {
	if p.numbers != nil {
		return uint64(len(p.numbers))
	}
	return p.next - p.first
}

func (p *part) at(i uint64) uint64 {
	if p.numbers != nil {
		return p.numbers[i]
	}
	return p.first + i
}

// Skipped counts records that were no messages to hand over: evicted meanwhile, damaged, or
// with a secret value that is kept nowhere; GaveUp those of which jq did not find out whether
// they fit.
type Skipped struct {
	Gone, Damaged, Hidden uint64
	GaveUp                fault.GaveUp
}

// listed are the messages that the list shows now.
func (l *List) listed() Listed {
	first, next := l.all.Range()
	return Listed{src: l.all, keep: l.keep, jq: l.p.Jq, parts: []part{{first: first, next: next}}, origin: l.origin()}
}

// origin says where the messages come from, as far as that is told.
func (l *List) origin() (of message.Export) {
	if l.p.Origin != nil {
		of = l.p.Origin()
	}
	return of
}

// Most is how many there are at most.
func (l Listed) Most() (n uint64) {
	for i := range l.parts {
		n += l.parts[i].len()
	}
	return n
}

// Picked tells whether the user chose them among others.
func (l Listed) Picked() bool { return l.picked }

// Origin says where they come from, as far as that is told.
func (l Listed) Origin() message.Export { return l.origin }

// Each hands over the messages, the oldest first, until do fails. progress is told how many
// were looked at, now and then. It blocks; the error is the context's, do's, or that of a
// list that was closed.
func (l Listed) Each(ctx context.Context, progress func(looked uint64), do func(*message.Message) error) (skipped Skipped, err error) {
	return l.Records(ctx, progress, func(_ *message.Record, m *message.Message) error { return do(m) })
}

// Records is Each, with each message's record beside it.
func (l Listed) Records(ctx context.Context, progress func(looked uint64), do func(*message.Record, *message.Message) error) (skipped Skipped, err error) {
	looked := uint64(0)
	for i := range l.parts {
		p := &l.parts[i]
		if err := l.each(ctx, p, &skipped, func() {
			if looked%1000 == 0 {
				progress(looked)
			}
			looked++
		}, do); err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// each hands over the messages of a part; look is called for each record.
func (l Listed) each(ctx context.Context, p *part, skipped *Skipped, look func(), do func(*message.Record, *message.Message) error) error {
	ahead := ahead{src: l.src, keep: asking(ctx, time.Time{}, l.keep, l.jq, &skipped.GaveUp), end: p.next}
	for i := range p.len() {
		if ctx.Err() != nil {
			return context.Canceled
		}
		look()
		n := p.at(i)
		var m *message.Message
		rec, err := l.src.Record(n)
		if err == nil {
			m, err = rec.Message()
		}
		switch {
		case errors.Is(err, fault.Evicted):
			skipped.Gone++
			continue
		case errors.Is(err, message.ErrDamaged), errors.Is(err, fault.Damaged):
			skipped.Damaged++
			continue
		case err != nil:
			return fmt.Errorf("record %d: %w", n, err) // the list was closed
		case !ahead.fits(ctx, n, m):
			continue
		case ctx.Err() != nil:
			return context.Canceled
		}
		if err := do(rec, m); err != nil {
			return err
		}
	}
	return nil
}

// ahead tells which records fit: jq is asked about many together.
type ahead struct {
	src     Source
	keep    filter.Filter
	end     uint64
	to      uint64 // what lies before was asked about
	numbers []uint64
}

// aheadBy is how many records are looked at together.
const aheadBy = 2000

func (a *ahead) fits(ctx context.Context, n uint64, m *message.Message) bool {
	if !a.keep.Jq() {
		return a.keep.Match(m)
	}
	for n >= a.to && ctx.Err() == nil {
		var err error
		if a.numbers, a.to, err = a.src.Sift(ctx, n, min(n+aheadBy, a.end), a.keep); err != nil {
			break
		}
	}
	_, found := slices.BinarySearch(a.numbers, n)
	return found
}

// Keep hands over what is chosen where several rows are, else all that the list shows, to be
// kept under a name.
func (l *List) Keep() {
	if l.given != nil && l.p.Keep != nil {
		l.p.Keep(l.Meant())
	}
}

// Shape hands over what is chosen where several rows are, else all that the list shows, as a
// side of a comparison by shape.
func (l *List) Shape() {
	if l.given != nil && l.p.Shape != nil {
		l.p.Shape(l.Meant())
	}
}

// Filtered is the filter that chose them among others, "" for none.
func (l Listed) Filtered() string { return l.keep.String() }

// Shown are the messages that the list shows now.
func (l *List) Shown() Listed {
	if l.given == nil {
		return Listed{}
	}
	return l.listed()
}

// Meant are the messages that are chosen where several are, else all that the list shows.
func (l *List) Meant() Listed {
	switch {
	case l.given == nil:
		return Listed{}
	case l.picked.Several():
		return l.chosen()
	}
	return l.listed()
}

// Again says what it is to send what a list shows once more.
type Again int

const (
	// SendsAgain is to send it again.
	SendsAgain Again = iota
	// Redelivers is to redeliver dead letters, or retries.
	Redelivers
	// SendsNormal is to send half messages that were given up as normal ones.
	SendsNormal
)

// label is what the button says.
func (a Again) label(several bool) string {
	switch {
	case a == Redelivers && several:
		return lang.L("Redeliver selected…")
	case a == Redelivers:
		return lang.L("Redeliver all…")
	case a == SendsNormal && several:
		return lang.L("Send selected as normal…")
	case a == SendsNormal:
		return lang.L("Send all as normal…")
	case several:
		return lang.L("Send selected again…")
	}
	return lang.L("Send all again…")
}

// item is what the menu of several rows says.
func (a Again) item(n int, data map[string]any) string {
	switch a {
	case Redelivers:
		return lang.N("Redeliver {{.Count}}…", n, data)
	case SendsNormal:
		return lang.N("Send {{.Count}} as normal messages…", n, data)
	}
	return lang.N("Send {{.Count}} again…", n, data)
}

// again is what to send what the list shows is called.
func (l *List) again() Again {
	if l.p.Again == nil {
		return SendsAgain
	}
	return l.p.Again()
}

// SendAll hands over what the list shows, to be sent again.
func (l *List) SendAll() {
	if l.given != nil && l.p.SendAll != nil {
		l.p.SendAll(l.listed())
	}
}
