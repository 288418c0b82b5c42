package changes

import (
	"context"
	"errors"
	"net/netip"
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

func (e *endpoint) GroupsOfTopic(context.Context, string) ([]string, cluster.Missing, error) {
	return []string{"audit", "settlement"}, nil, nil
}

func (e *endpoint) GroupMembers(_ context.Context, group string) ([]cluster.Member, error) {
	if group != "settlement" {
		return nil, fault.GroupOffline
	}
	return []cluster.Member{{ID: "10.0.0.7@1", Language: "JAVA", Version: 513}, {ID: "10.0.0.8@2", Language: "GO", Version: 317}}, nil
}

func (e *endpoint) OffersOnce(context.Context) error { return e.why }

func (e *endpoint) ConsumeOnce(_ context.Context, o orders.Once, yes client.Confirmed) (orders.Record, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.agreed, e.onces = append(e.agreed, yes), append(e.onces, o)
	rec := orders.Record{ID: "id", At: time.Now(), Ended: time.Now(), Once: &orders.OnceDone{Once: o}}
	if e.verdict == nil {
		rec.Once.Err = fault.From(fault.Timeout)
		return rec, fault.Timeout
	}
	rec.Once.Verdict = e.verdict
	return rec, nil
}

func (e *endpoint) PreviewResume(_ context.Context, o orders.Resume) (*orders.ResumePreview, error) {
	return e.resumes(o), nil
}

func (e *endpoint) ResumeHalves(_ context.Context, p *orders.ResumePreview, yes client.Confirmed, tell func(orders.Record)) (orders.Record, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.agreed = append(e.agreed, yes)
	return e.resume(p, tell)
}

// letter is a dead letter where a broker keeps it.
func letter() *message.Message {
	return &message.Message{
		Topic: "%DLQ%settlement", Broker: "broker-a", QueueOffset: 4, StoreHost: netip.MustParseAddrPort("127.0.0.1:10911"),
		Properties: []message.Property{{Name: message.PropertyUniqueID, Value: "ID1"}, {Name: message.PropertyRetryTopic, Value: "orders"}},
	}
}

// TestConsumeOnce: the member is chosen, what it says is shown, and a silence is no verdict.
func TestConsumeOnce(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test", Environment: profile.Test})
	s := showOnce(r.p, letter())
	r.Until(t, "the members", func() bool { return s.chosen() != nil })
	r.wants("2 members are connected.", "It gets the dead letter, whose topic is %DLQ%settlement: code that decides by the topic may not know it.")
	if s.group.Text != "settlement" {
		t.Errorf("the group is %q", s.group.Text)
	}
	s.member.SetSelectedIndex(1)
	r.Tap("Consume once…")
	r.wants("It does for real what it does with a message: payments, mails, writes.", "10.0.0.8@2")
	r.end.verdict = &cluster.Verdict{Is: cluster.ConsumeThrows, Remark: "java.lang.Error: boom", Took: 1204 * time.Millisecond}
	r.Tap("Consume once")
	r.Until(t, "the verdict", func() bool { return r.Has("threw an exception (CR_THROW_EXCEPTION)") })
	r.wants("java.lang.Error: boom", "1.204 s")
	want := orders.Once{Group: "settlement", Member: "10.0.0.8@2", Topic: "%DLQ%settlement", Broker: "broker-a", ID: "ID1", OffsetID: letter().OffsetID()}
	if !slices.Equal(r.end.onces, []orders.Once{want}) || r.end.agreed[0] != (client.Confirmed{Topic: want.Subject(), Count: 1}) {
		t.Errorf("%+v, %+v", r.end.onces, r.end.agreed)
	}
	r.end.verdict = nil
	r.Tap("Consume once…")
	r.Tap("Consume once")
	r.Until(t, "the silence", func() bool { return r.Has("Its code may still be running.") })
	s.group.SetText("audit")
	r.Until(t, "the members", func() bool { return r.Has("No member of this group is connected.") })
	if !s.action.Disabled() {
		t.Error("nobody can consume it")
	}
	r.Tap("Close")
}

// TestConsumeOnceNotHere: what the endpoint does not offer, and what is read-only, is said before
// anything is filled in.
func TestConsumeOnceNotHere(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	r.end.why = fault.NotOffered
	s := showOnce(r.p, letter())
	r.Until(t, "the answer", func() bool { return s.asked })
	if !errors.Is(s.why, fault.NotOffered) || !s.action.Disabled() {
		t.Error(stage.Texts(r.Window))
	}
	s.close()
	r.p.Profile.ReadOnly = true
	if s = showOnce(r.p, letter()); !s.action.Disabled() || s.says.Text() == "" {
		t.Error(stage.Texts(r.Window))
	}
	s.close()
	r.p.Profile.ReadOnly = false
	m := letter()
	m.StoreHost = netip.AddrPort{}
	s = showOnce(r.p, m)
	r.wants("Where the message lies is not known: a member cannot be given it.")
	s.close()
}

// TestOtherRecords: a redelivery opens its run, and a verdict is read in full.
func TestOtherRecords(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	who := orders.Who{Profile: "t"}
	r.end.records = []orders.Record{
		{ID: "1", Who: who, At: time.Now(), Ended: time.Now(), Redelivery: &orders.Redelivery{From: "%DLQ%settlement", To: "orders", Messages: 1204, Run: "run-1"}},
		{ID: "2", Who: who, At: time.Now(), Ended: time.Now(), Once: &orders.OnceDone{Once: orders.Once{Group: "settlement", Topic: "orders", ID: "ID1", Member: "m"}, Verdict: &cluster.Verdict{Is: cluster.ConsumeSuccess}}},
	}
	opened := ""
	r.p.OpenRun = func(id string) { opened = id }
	List(r.p, r.end)
	r.Until(t, "the list", func() bool { return r.Has("redelivered") })
	r.wants("→ orders · 1,204", "a run, see History", "consumed once", "✓ consumed (CR_SUCCESS)")
	otherDetails(r.p, &r.end.records[0])
	if opened != "run-1" {
		t.Errorf("it opens %q", opened)
	}
	otherDetails(r.p, &r.end.records[1])
	r.wants("ID1", "Verdict")
	for i := range r.end.records {
		if has(r.end.records[i].Back, r.end.records[i].BackSetup) {
			t.Error("it can be put back")
		}
	}
}

// TestSkip: what is skipped, what may come again and that it is kept is said, and what was kept
// can be sent again.
func TestSkip(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test", Environment: profile.Test})
	r.end.preview = func(o orders.Offsets) (*orders.Preview, error) {
		return &orders.Preview{
			Order: o, Way: orders.ByBroker, Members: []cluster.Member{{ID: "m"}}, Behind: 3,
			Lines: []orders.Line{{Queue: o.Queues[0], From: 17, To: o.To.Places[0].Offset, Max: 21, Wanted: -1}},
		}, nil
	}
	do := r.end.change
	r.end.change = func(p *orders.Preview, tell func(orders.Record)) (orders.Record, error) {
		rec, err := do(p, tell)
		rec.Kept = "id.jsonl"
		return rec, err
	}
	sent := ""
	r.p.KeptFile, r.p.SendKept = func(rec *orders.Record) string { return "skipped/" + rec.Kept }, func(file string) { sent = file }
	Skip(r.p, "settlement", "orders", cluster.Queue{Broker: "broker-a", ID: 2}, 17)
	r.ready()
	r.wants("Skip what settlement is at", "1 message is skipped, and kept here first.", "up to 3 of it may come again.",
		"A member that hangs and pulls no more learns of it only when it is started anew.", "From the diary it can be sent again.")
	if o := r.end.last(); !o.Keep || o.To.Places[0] != (orders.Place{Broker: "broker-a", Queue: 2, Offset: 18}) {
		t.Errorf("%+v", o)
	}
	r.Tap("Change…")
	r.Tap("Change 1 queue")
	r.Until(t, "the result", func() bool { return r.Has("✓ 1 queue") })
	r.Tap("Send the skipped again…")
	if sent != "skipped/id.jsonl" {
		t.Errorf("%q", sent)
	}
}
