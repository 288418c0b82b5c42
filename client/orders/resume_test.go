package orders

import (
	"net/netip"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// TestHalfGivenUp: only what lies in the topic of those given up, and tells where it was sent
// and where it lies, can be named.
func TestHalfGivenUp(t *testing.T) {
	m := &message.Message{
		Topic: message.GivenUpTopic, Broker: "a", StoreHost: netip.MustParseAddrPort("127.0.0.1:10911"), QueueOffset: 3, Properties: []message.Property{
			{Name: message.PropertyRealTopic, Value: "orders"},
			{Name: message.PropertyProducerGroup, Value: "g"},
			{Name: "TRANSACTION_CHECK_TIMES", Value: "15"},
			{Name: message.PropertyUniqueID, Value: "ID"},
		},
	}
	if h, ok := HalfGivenUp(m); !ok || h.Topic != "orders" || h.Group != "g" || h.Checks != 15 || h.Place != m.Place() || h.OffsetID == "" {
		t.Errorf("%+v", h)
	}
	for name, change := range map[string]func(*message.Message){
		"another topic":   func(m *message.Message) { m.Topic = "orders" },
		"no topic before": func(m *message.Message) { m.Properties = m.Properties[1:] },
		"no host":         func(m *message.Message) { m.StoreHost = netip.AddrPort{} },
		"no broker":       func(m *message.Message) { m.Broker = "" },
	} {
		bad := *m
		change(&bad)
		if h, ok := HalfGivenUp(&bad); ok {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

// TestResumed: what the diary says was put back is; where no answer came, or Gantry ended, it
// may be; what a broker refused is not.
func TestResumed(t *testing.T) {
	d := NewDiary(t.TempDir())
	done := func(ended bool, states ...Done) {
		r := Record{Resume: &Resume{}, Queues: states}
		for _, q := range states {
			r.Resume.Halves = append(r.Resume.Halves, GivenUp{ID: q.Name, OffsetID: q.Name})
		}
		if err := d.begin(&r); err != nil {
			t.Fatal(err)
		}
		if ended {
			if err := d.end(&r); err != nil {
				t.Fatal(err)
			}
		}
	}
	done(true, Done{Name: "set", State: Set}, Done{Name: "refused", State: Failed, Err: fault.From(fault.NoMaster)},
		Done{Name: "silent", State: Failed, Err: fault.From(fault.Timeout)}, Done{Name: "stopped"}, Done{Name: "in the end", State: Failed, Err: fault.From(fault.Timeout)})
	done(true, Done{Name: "in the end", State: Set}, Done{Name: "set", State: Failed, Err: fault.From(fault.Timeout)})
	done(false, Done{Name: "killed"})
	got, err := (&Clerk{diary: d}).resumed()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Before{
		"set": PutBack, "refused": NothingBefore, "silent": MayBePutBack, "stopped": NothingBefore, "in the end": PutBack, "killed": MayBePutBack,
	} {
		if got[" "+name] != want {
			t.Errorf("%s: %q, want %q", name, got[" "+name], want)
		}
	}
	all, _ := d.List()
	if o, ok := all[2].FailedResume(); !ok || len(o.Halves) != 4 || all[2].Topic() != message.GivenUpTopic {
		t.Errorf("%+v", o)
	}
	if _, ok := all[2].Failed(); ok {
		t.Error("it has offsets")
	}
}

// TestResumeMoves: what was put back or sent is left out, and that is no longer so makes a
// preview stale.
func TestResumeMoves(t *testing.T) {
	p := &ResumePreview{At: time.Now()}
	for _, b := range []Before{NothingBefore, PutBack, MayBePutBack, SentAgain} {
		p.Lines = append(p.Lines, ResumeLine{GivenUp: GivenUp{ID: string(b)}, Before: b})
	}
	if r := p.Planned(); p.Moves() != 2 || len(r.Queues) != 2 || len(r.Resume.Halves) != 2 || r.Queues[1].Name != string(MayBePutBack) {
		t.Errorf("%+v", r)
	}
	now := &ResumePreview{Lines: append([]ResumeLine(nil), p.Lines...)}
	if what := p.differs(now); what != "" {
		t.Error(what)
	}
	now.Lines[0].Before = PutBack
	if what := p.differs(now); what != DoneMeanwhile {
		t.Error(what)
	}
	if what := p.differs(&ResumePreview{Why: fault.NotOffered}); what != OtherWay {
		t.Error(what)
	}
}
