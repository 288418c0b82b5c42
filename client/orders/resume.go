package orders

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// MostResumed bounds how many half messages are put back with one order: each stands in the
// diary.
const MostResumed = 500

// keptHalf is for how long brokers ask after a half message from its birth on, unless told
// otherwise (fileReservedTime, 72 h): older ones are passed over for good
// (TransactionalMessageServiceImpl.java, needSkip).
const keptHalf = 72 * time.Hour

// Resume is the order that brokers ask again what becomes of half messages that they have
// given up. It puts nothing into a topic: that does whoever answers with a commit.
type Resume struct {
	Halves []GivenUp `json:"halves"`
}

// GivenUp is a half message that a broker gave up.
type GivenUp struct {
	ID       string `json:"id"`
	OffsetID string `json:"offsetId"` // by which its broker finds it
	Place    string `json:"place"`    // see message.Place: by it is known whether it was sent
	Broker   string `json:"broker"`
	Topic    string `json:"topic"` // to which it was sent, full name
	// Group are the producers who are asked.
	Group  string    `json:"group"`
	Checks int       `json:"checks,omitempty"` // how often they were asked
	Born   time.Time `json:"born,omitzero"`
	At     time.Time `json:"at,omitzero"` // when it was given up
}

// key names this time that it was given up: put back, it may be given up once more.
func (g GivenUp) key() string { return g.Broker + " " + g.OffsetID }

// HalfGivenUp is a message of message.GivenUpTopic as an order names it; false where it is
// none, or where it lies is not known.
func HalfGivenUp(m *message.Message) (GivenUp, bool) {
	g := GivenUp{
		ID: m.ID(), OffsetID: m.OffsetID(), Place: m.Place(), Broker: m.Broker, Topic: m.FirstTopic(),
		Group: m.Property(message.PropertyProducerGroup), Checks: m.Checks(), Born: m.BornAt, At: m.StoredAt,
	}
	return g, m.Topic == message.GivenUpTopic && g.Topic != m.Topic && g.OffsetID != "" && g.Broker != ""
}

// Before is what was done with a half message that was given up, as far as this Gantry knows.
type Before string

// What was done before.
const (
	// NothingBefore: nothing.
	NothingBefore Before = ""
	// PutBack: it was put back to checking. MayBePutBack: no answer came.
	PutBack      Before = "put back"
	MayBePutBack Before = "may be put back"
	// SentAgain: it was sent again as a normal message, or may have been.
	SentAgain Before = "sent again"
)

// ResumePreview is what a Resume will do.
type ResumePreview struct {
	At    time.Time
	Lines []ResumeLine
	// Missing are the brokers of which nothing is known.
	Missing cluster.Missing
	// Why says why it cannot be run: fault.NotOffered, or fault.Invalid for more than
	// MostResumed.
	Why error
}

// ResumeLine is one half message.
type ResumeLine struct {
	GivenUp
	// Producers is how many of its group are connected to its broker, below 0 where that is
	// not known; nobody else is asked.
	Producers int
	Before    Before
	// Old: it is so old that its broker passes over it, unless it was told otherwise.
	Old bool
}

// Moves tells whether it is put back: what was put back or sent again would come twice.
func (l ResumeLine) Moves() bool { return l.Before == NothingBefore || l.Before == MayBePutBack }

// Moves is how many are put back.
func (p *ResumePreview) Moves() (n int) {
	for _, l := range p.Lines {
		if l.Moves() {
			n++
		}
	}
	return n
}

// Able tells whether there is something to do, and nothing against it.
func (p *ResumePreview) Able() bool { return p.Why == nil && p.Moves() > 0 }

// Subject names what it is about, for who agrees to it.
func (p *ResumePreview) Subject() string { return message.GivenUpTopic }

// Planned is the record of it before anything is done.
func (p *ResumePreview) Planned() Record {
	r := Record{At: p.At, Resume: &Resume{}}
	for _, l := range p.Lines {
		if l.Moves() {
			r.Resume.Halves = append(r.Resume.Halves, l.GivenUp)
			r.Queues = append(r.Queues, Done{Name: l.ID, Broker: l.Broker})
		}
	}
	return r
}

// differs compares a preview that was agreed to with what holds now.
func (p *ResumePreview) differs(now *ResumePreview) Change {
	switch {
	case now.Why != nil:
		return OtherWay
	case !slices.EqualFunc(p.Lines, now.Lines, func(a, b ResumeLine) bool { return a.Before == b.Before }):
		return DoneMeanwhile
	}
	return ""
}

// PreviewResume says what a Resume would do. sent tells whether a message that lay at a place
// was sent again. It changes nothing.
func (c *Clerk) PreviewResume(ctx context.Context, o Resume, sent func(place string) bool) (*ResumePreview, error) {
	p := &ResumePreview{At: time.Now()}
	brokers, listed, err := c.admin.Brokers(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case !listed:
		p.Why = fault.NotOffered
	case len(o.Halves) > MostResumed:
		p.Why = fmt.Errorf("%d of %d: %w", len(o.Halves), MostResumed, fault.Invalid)
	}
	before, err := c.resumed()
	if err != nil {
		return nil, err
	}
	last := map[string]time.Time{} // a half message that was put back may have been given up again
	for _, h := range o.Halves {
		if h.At.After(last[h.Place]) {
			last[h.Place] = h.At
		}
	}
	asked := map[[2]string]int{}
	groups := map[string]bool{}
	for _, h := range o.Halves {
		if groups[h.Group] || p.Why != nil {
			continue
		}
		groups[h.Group] = true
		missing, err := c.producers(ctx, brokers, h.Group, asked)
		if err != nil {
			return nil, err
		}
		p.Missing = p.Missing.Join(missing)
	}
	for _, h := range o.Halves {
		l := ResumeLine{GivenUp: h, Before: before[h.key()], Producers: -1, Old: !h.Born.IsZero() && time.Since(h.Born) > keptHalf}
		if n, ok := asked[[2]string{h.Group, h.Broker}]; ok {
			l.Producers = n
		}
		switch {
		case sent != nil && sent(h.Place):
			l.Before = SentAgain
		case h.At.Before(last[h.Place]): // by whomever
			l.Before = PutBack
		}
		p.Lines = append(p.Lines, l)
	}
	return p, nil
}

// producers counts who of a producer group is connected to each broker.
func (c *Clerk) producers(ctx context.Context, brokers []cluster.Broker, group string, counts map[[2]string]int) (cluster.Missing, error) {
	all, missing, err := c.admin.ProducersOf(ctx, brokers, group)
	if err != nil {
		return nil, err
	}
	lacks := missing.Names()
	for _, b := range brokers {
		if !slices.Contains(lacks, b.Name) {
			counts[[2]string{group, b.Name}] = 0
		}
	}
	for _, x := range all {
		for _, b := range x.Brokers {
			counts[[2]string{group, b}]++
		}
	}
	return missing, nil
}

// resumed is what the diary has of half messages that were put back, by their keys.
func (c *Clerk) resumed() (map[string]Before, error) {
	all, err := c.diary.List()
	if err != nil {
		return nil, err
	}
	out := map[string]Before{}
	for _, r := range all {
		if r.Resume == nil {
			continue
		}
		for i, h := range r.Resume.Halves {
			if i >= len(r.Queues) {
				break
			}
			switch q := &r.Queues[i]; {
			case q.State == Set:
				out[h.key()] = PutBack
			case out[h.key()] == PutBack:
			case r.Ended.IsZero() || q.mayHaveMoved():
				out[h.key()] = MayBePutBack
			}
		}
	}
	return out, nil
}

// RunResume does what was agreed to: see Run. Each half message that failed is in the record
// and no error.
func (c *Clerk) RunResume(ctx context.Context, agreed *ResumePreview, sent func(place string) bool, tell func(Record)) (Record, error) {
	var o Resume
	for _, l := range agreed.Lines {
		o.Halves = append(o.Halves, l.GivenUp)
	}
	now, err := c.PreviewResume(ctx, o, sent)
	if err != nil {
		return Record{}, err
	}
	if what := agreed.differs(now); what != "" {
		return Record{}, &ChangedError{What: what}
	}
	brokers, _, err := c.admin.Brokers(ctx)
	if err != nil {
		return Record{}, err
	}
	r := resuming{now, map[string]string{}}
	for _, b := range brokers {
		r.masters[b.Name], _ = b.Master()
	}
	return c.carry(ctx, r, func(*Record) {}, tell)
}

// resuming is a Resume that runs.
type resuming struct {
	p       *ResumePreview
	masters map[string]string // addresses, by broker
}

func (r resuming) planned() Record { return r.p.Planned() }

func (r resuming) carryOut(ctx context.Context, w *work) {
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i, h := range w.rec.Resume.Halves {
		all.Go(func() error {
			if ctx.Err() != nil { // those stay as they are
				return nil
			}
			addr := r.masters[h.Broker]
			if addr == "" {
				w.note(i, Failed, fmt.Errorf("%s: %w", h.Broker, fault.NoMaster))
				return nil
			}
			w.note(i, Set, w.c.admin.ResumeHalf(ctx, addr, message.GivenUpTopic, h.OffsetID))
			return nil
		})
	}
	_ = all.Wait()
}

// FailedResume is the order for the half messages of which it failed; ok is false where there
// is none.
func (r *Record) FailedResume() (o Resume, ok bool) {
	if r.Resume == nil {
		return o, false
	}
	for i, h := range r.Resume.Halves {
		if i < len(r.Queues) && (r.Queues[i].State == Failed || r.Queues[i].State == Waiting) {
			o.Halves = append(o.Halves, h)
		}
	}
	return o, len(o.Halves) > 0
}
