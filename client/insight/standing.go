package insight

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
)

// TopicStanding is what a topic keeps at a moment, for a list of many.
type TopicStanding struct {
	Name string
	At   time.Time
	// Kept is how many messages all queues keep, Ends the sum of their ends: how it grows
	// tells the rate. What lies on Missing is in neither. Queues is how many there are.
	Kept, Ends int64
	Queues     int
	// Last is when a message was stored last; zero where none is kept, or it is not told.
	Last time.Time
	// Missing are the brokers whose part is not in the numbers.
	Missing cluster.Missing
	// Err says that nothing is known.
	Err error
}

// topicsAtOnce is how many topics are asked about together: each broker then has as many
// questions to answer at a time, and reads a stored time for each queue.
const topicsAtOnce = 8

// TopicStandings asks what these topics keep, topicsAtOnce together, and returns an answer
// for each in their order. It is a question to the name server and one to each broker of a
// topic, so that it is for those in sight only. The error is the context's, or that no
// broker is known; what fails for one topic is in its standing.
func (a *Asker) TopicStandings(ctx context.Context, topics []string) ([]TopicStanding, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]TopicStanding, len(topics))
	var work errgroup.Group
	work.SetLimit(topicsAtOnce)
	for i, name := range topics {
		if ctx.Err() != nil {
			break
		}
		work.Go(func() error {
			all[i] = a.topicStanding(ctx, l, name)
			return nil
		})
	}
	_ = work.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return all, nil
}

func (a *Asker) topicStanding(ctx context.Context, l listing, name string) TopicStanding {
	s := TopicStanding{Name: name}
	r, err := a.admin.Route(ctx, name)
	if err != nil {
		s.Err = err
		return s
	}
	queues, missing, err := a.topicQueues(ctx, l, r, name)
	s.At, s.Queues, s.Missing, s.Err = time.Now(), len(queues), missing, err
	for _, q := range queues {
		s.Kept, s.Ends = s.Kept+q.Kept(), s.Ends+q.Max
		if q.Last.After(s.Last) {
			s.Last = q.Last
		}
	}
	return s
}

// Known tells whether the numbers say anything at all.
func (s *TopicStanding) Known() bool { return s.Err == nil && s.Queues > 0 }

// TopicTrend follows one topic over time. The zero value is ready; it holds samples of the
// last trendWindow, and trendBars rates. Not for concurrent use.
type TopicTrend struct {
	samples []TopicStanding
	rates   []float64
}

// Add takes notice of what the topic keeps. What cannot be compared with what was there
// before (another broker is missing, there are more queues, the topic was made anew, nobody
// looked for longer than trendWindow) begins anew.
func (t *TopicTrend) Add(s TopicStanding) {
	if !s.Known() {
		return
	}
	if n := len(t.samples); n > 0 {
		last := t.samples[n-1]
		span := s.At.Sub(last.At)
		if span < trendSpan {
			return
		}
		if span > trendWindow || s.Queues != last.Queues || s.Ends < last.Ends || !slices.Equal(s.Missing.Names(), last.Missing.Names()) {
			t.samples, t.rates = nil, nil
		} else {
			t.rates = bounded(append(t.rates, float64(s.Ends-last.Ends)/span.Seconds()))
		}
	}
	t.samples = append(t.samples, s)
	for len(t.samples) > 2 && s.At.Sub(t.samples[1].At) >= trendWindow {
		t.samples = slices.Delete(t.samples, 0, 1)
	}
}

// Rate is how many messages a second were stored over the last trendWindow; known is false
// until there are two samples.
func (t *TopicTrend) Rate() (rate float64, known bool) {
	if len(t.samples) < 2 {
		return 0, false
	}
	first, last := t.samples[0], t.samples[len(t.samples)-1]
	return float64(last.Ends-first.Ends) / last.At.Sub(first.At).Seconds(), true
}

// Rates are those between two samples each, oldest first. Only until the next Add.
func (t *TopicTrend) Rates() []float64 { return t.rates }
