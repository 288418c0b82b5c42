package send

import (
	"sync"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/search"
	"gantry/gui/stage"
)

// live is a topic that is followed, as a test says.
type live struct {
	mu     sync.Mutex
	st     search.Status
	closed bool
	told   func()
}

func (l *live) OnChange(f func()) { l.mu.Lock(); defer l.mu.Unlock(); l.told = f }

func (l *live) Range() (uint64, uint64) { l.mu.Lock(); defer l.mu.Unlock(); return 0, l.st.Kept }

func (l *live) Record(n uint64) (*message.Record, error) {
	m := &message.Message{Topic: "orders", Broker: "broker-a", QueueOffset: int64(n), Body: []byte("x")}
	return &message.Record{Kind: message.KindMessage, Broker: m.Broker, Payload: message.AppendStored(nil, m)}, nil
}

func (l *live) Status() search.Status { l.mu.Lock(); defer l.mu.Unlock(); return l.st }

func (l *live) set(st search.Status) {
	l.mu.Lock()
	l.st = st
	told := l.told
	l.mu.Unlock()
	if told != nil {
		told()
	}
}

func (l *live) Close() { l.mu.Lock(); defer l.mu.Unlock(); l.closed = true }

func (l *live) ended() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.closed }

// TestArrivals: the form's topic is followed on demand; what comes, and what goes
// wrong, is said; another topic, Stop and a disconnect end it.
func TestArrivals(t *testing.T) {
	var followed []*live
	var topics, opened []string
	s := newRig(t, func(s *rig) {
		s.more = func(p *Params) {
			p.Follow = func(topic string) func() (Live, error) {
				topics = append(topics, topic)
				l := &live{st: search.Status{Running: true}}
				followed = append(followed, l)
				return func() (Live, error) { return l, nil }
			}
			p.OpenTopic = func(topic string) { opened = append(opened, topic) }
		}
	})
	follow := func() {
		t.Helper()
		s.Until(t, "the button", func() bool { b := stage.Button(s.Window, "Follow the topic"); return b != nil && !b.Disabled() })
		s.Tap("Follow the topic")
		s.UntilText("Following orders")
	}
	follow()
	s.UntilText("Waiting for messages on orders")
	followed[0].set(search.Status{Progress: cluster.Progress{Found: 1204}, Running: true, Kept: 3})
	s.UntilText("1,204 received")
	s.Tap("Open in Subscribe")
	followed[0].set(search.Status{Progress: cluster.Progress{Missed: []cluster.Missed{{Subject: "orders", Why: fault.From(fault.Unreachable)}}}, Running: true})
	s.UntilText("The server cannot be reached.")
	s.Tap("Stop")
	s.UntilText("Arrivals")
	if !followed[0].ended() || len(topics) != 1 || topics[0] != "orders" || len(opened) != 1 {
		t.Errorf("closed %v, followed %v, opened %v", followed[0].ended(), topics, opened)
	}
	follow()
	s.offline = true
	s.screen.ConnectionChanged()
	s.UntilText("Arrivals")
	if !followed[1].ended() {
		t.Error("it is followed without a connection")
	}
}

// TestArrivalsByThemselves: in the sandbox the topic is followed from the start, and
// another one when it is sent to.
func TestArrivalsByThemselves(t *testing.T) {
	var followed []*live
	s := newRig(t, func(s *rig) {
		s.more = func(p *Params) {
			p.AutoFollow = true
			p.Follow = func(string) func() (Live, error) {
				l := &live{st: search.Status{Running: true}}
				followed = append(followed, l)
				return func() (Live, error) { return l, nil }
			}
		}
	})
	s.UntilText("Following orders")
	s.screen.Primary()
	s.done(1)
	if len(followed) != 1 {
		t.Fatalf("a send to the same topic follows anew: %d", len(followed))
	}
	s.screen.form.topic.SetText("stock")
	s.screen.Primary()
	s.UntilText("Following stock")
	s.Until(t, "the end of the topic before", followed[0].ended)
}
