package changes

import (
	"slices"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/stage"
)

// halves are half messages that were given up.
func halves() []orders.GivenUp {
	at := time.Date(2026, 11, 30, 14, 0, 0, 0, time.Local)
	return []orders.GivenUp{
		{ID: "ID1", Place: "1", Broker: "broker-a", Topic: "payments", Group: "tx-billing", Checks: 15, At: at},
		{ID: "ID2", Place: "2", Broker: "broker-a", Topic: "payments", Group: "tx-billing", Checks: 15, At: at},
		{ID: "ID3", Place: "3", Broker: "broker-b", Topic: "orders", Group: "tx-orders", Checks: 15, At: at},
		{ID: "ID4", Place: "4", Broker: "broker-b", Topic: "orders", Group: "tx-orders", Checks: 15, At: at},
		{ID: "ID5", Place: "5", Broker: "broker-b", Topic: "orders", Group: "tx-orders", Checks: 15, At: at},
	}
}

func resumePreview(o orders.Resume) *orders.ResumePreview {
	p := &orders.ResumePreview{At: time.Now()}
	for i, h := range o.Halves {
		l := orders.ResumeLine{GivenUp: h, Producers: 1}
		switch i {
		case 1:
			l.Before = orders.PutBack
		case 2:
			l.Producers = 0
		case 3:
			l.Old = true
		case 4:
			l.Before = orders.MayBePutBack
		}
		p.Lines = append(p.Lines, l)
	}
	return p
}

// TestResume: what is left out, and what may be in vain or come twice, is said before anything
// is agreed to; one that fails is tried again alone.
func TestResume(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test", Environment: profile.Test})
	r.end.resumes = resumePreview
	r.end.resume = func(p *orders.ResumePreview, _ func(orders.Record)) (orders.Record, error) {
		rec := p.Planned()
		rec.ID, rec.Ended = "id", time.Now()
		for i := range rec.Queues {
			rec.Queues[i].State = orders.Set
		}
		rec.Queues[1].State, rec.Queues[1].Err = orders.Failed, fault.From(fault.NoMaster)
		return rec, nil
	}
	s := showResume(r.p, halves(), "")
	r.Until(t, "the preview", func() bool { return s.ready != nil })
	r.wants("4 half messages are put back: their producers are asked again what becomes of them.",
		"1 was put back or sent before, as far as this Gantry knows, and is left out.",
		"Of 1 no producer is connected to the broker: nobody can be asked.", "1 is older than 3 days: brokers usually pass over it.",
		"Of 1 no answer came before: if it was put back then, consumers may get it twice.",
		"payments", "tx-billing", "put back before", "too old", "no answer before", "2026-11-30 14:00:00")
	r.Tap("Put back to checking…")
	r.wants("Put 4 half messages back to checking?", "orders, payments")
	r.Tap("Put back to checking")
	r.Until(t, "the result", func() bool { return r.Has("1 of 4 failed") })
	if want := (client.Confirmed{Topic: message.GivenUpTopic, Count: 4}); !slices.Equal(r.end.agreed, []client.Confirmed{want}) {
		t.Errorf("%+v", r.end.agreed)
	}
	var again orders.Resume
	r.end.resumes = func(o orders.Resume) *orders.ResumePreview { again = o; return resumePreview(o) }
	r.Tap("Try the failed ones again…")
	r.Until(t, "the second preview", func() bool { return len(again.Halves) > 0 })
	if len(again.Halves) != 1 || again.Halves[0].ID != "ID3" {
		t.Errorf("%+v", again)
	}
	r.Tap("Cancel")
}

// TestResumeNot: what is not offered, read-only, done before, or done meanwhile cannot be
// agreed to, and it is said why.
func TestResumeNot(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	why := error(fault.NotOffered)
	r.end.resumes = func(o orders.Resume) *orders.ResumePreview {
		p := resumePreview(o)
		p.Why, p.Missing = why, cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}}
		return p
	}
	look := func(of []orders.GivenUp) *resumeSheet {
		s := showResume(r.p, of, "")
		r.Until(t, "the preview", func() bool { return s.ready != nil })
		if !s.action.Disabled() || s.warning.Visible() == (why == nil && !r.p.Profile.ReadOnly) {
			t.Error(stage.Texts(r.Window))
		}
		return s
	}
	look(halves()).close()
	why = nil
	r.end.resumes = func(o orders.Resume) *orders.ResumePreview {
		p := resumePreview(o)
		for i := range p.Lines {
			p.Lines[i].Before = orders.SentAgain
		}
		return p
	}
	s := look(halves())
	r.wants("None of them is left to be put back.", "sent before")
	s.close()
	r.p.Profile.ReadOnly = true
	look(halves()).close()
	r.p.Profile.ReadOnly = false
	r.end.resumes = resumePreview
	r.end.resume = func(*orders.ResumePreview, func(orders.Record)) (orders.Record, error) {
		return orders.Record{}, &orders.ChangedError{What: orders.DoneMeanwhile}
	}
	s = showResume(r.p, halves(), "")
	r.Until(t, "the preview", func() bool { return s.ready != nil })
	r.Tap("Put back to checking…")
	r.Tap("Put back to checking")
	r.Until(t, "what changed", func() bool { return r.Has("Some were put back or sent meanwhile.") })
}

// TestResumeRecord: the diary says what was put back, and nothing of it can be put back.
func TestResumeRecord(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	rec := resumePreview(orders.Resume{Halves: halves()[:1]}).Planned()
	rec.ID, rec.Who, rec.At, rec.Ended = "1", orders.Who{Profile: "t"}, time.Now(), time.Now()
	rec.Queues[0].State = orders.Set
	r.end.records = []orders.Record{rec}
	List(r.p, r.end)
	r.Until(t, "the list", func() bool { return r.Has("back to checking") })
	r.wants("tx-billing", "✓ 1 done", "ID1")
	if has(rec.Back, rec.BackSetup) {
		t.Error("it can be put back")
	}
}
