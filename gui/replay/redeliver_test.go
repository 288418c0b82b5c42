package replay

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/gui/stage"
)

// dead is a dead letter.
func dead(n int64) *message.Message {
	m := sample("%DLQ%settlement", fmt.Sprintf(`{"n":%d}`, n))
	m.Broker, m.QueueOffset, m.ReconsumeTimes = "broker-a", n, 17
	m.Properties = append(m.Properties, message.Property{Name: message.PropertyRetryTopic, Value: "orders"}, message.Property{Name: message.PropertyUniqueID, Value: fmt.Sprint("ID", n)})
	return m
}

// TestRedeliver: dead letters go to their topic at a rate, marked; who gets them is named, and
// those that were redelivered before are left out, unless they are asked for.
func TestRedeliver(t *testing.T) {
	r := newRig(t)
	r.test.groups = []string{"audit", "settlement"}
	r.test.before = &client.Redelivered{
		Sent: map[string]bool{dead(1).Place(): true}, Found: map[string]bool{dead(2).Place(): true, "another": true}, Runs: 2,
		Looked: []client.Looked{{Topic: "orders", Read: 1234, Total: 1234}},
	}
	var s *sheet
	r.opened(of(&r.targets[0].Profile, dead(1), dead(2), dead(3), dead(4)), &s)
	for _, want := range []string{
		"Redeliver dead letters of settlement", "2 groups read the target and get them: audit, settlement.",
		"Only settlement has failed with them: the others get them once more.", "2 were redelivered before and are left out.",
		"Looked for earlier redeliveries in 2 runs of this Gantry.", "In orders all 1,234 messages since the first were looked through.",
		"2 messages leave", "They leave 100 a second, 1 under way at most.",
	} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	if p := s.ready.plan; p.Topic != "orders" || p.Replay.Redelivers != "%DLQ%settlement" || p.Count != 2 || len(p.Replay.Skip) != 2 || p.PerSecond != 100 {
		t.Errorf("%+v, %+v", p, p.Replay)
	}
	if d := s.ready.tried.After[0]; plan.MarkOf(d) != dead(3).Place() || string(d.Body) != `{"n":3}` {
		t.Errorf("%+v", d)
	}
	if r.Has(message.PropertyRedelivered) {
		t.Error("the mark can be left out")
	}
	s.dead.again.SetChecked(true)
	r.Until(t, "the look", func() bool { return s.ready != nil && s.ready.plan.Count == 4 })
	if !r.Has("2 were redelivered before and go once more.") || len(r.test.lookedFor) != 1 {
		t.Errorf("looked %d times:\n%s", len(r.test.lookedFor), stage.Texts(r.Window))
	}
	s.dead.again.SetChecked(false)
	r.Until(t, "the look", func() bool { return s.ready != nil && s.ready.plan.Count == 2 })
	r.Tap("Redeliver…")
	if !r.Has("Redeliver 2 messages to orders?") || !r.Has("orders-test\n%DLQ%settlement\nTo") || !r.Has("Get them\naudit, settlement") || !r.Has("Done before\n2, left out") {
		t.Fatal(stage.Texts(r.Window))
	}
	r.Tap("Redeliver 2")
	r.Until(t, "the run", func() bool { return len(r.test.confirmed()) == 1 && len(r.Tasks.Jobs()) == 0 })
	if got := r.test.confirmed()[0]; got != (client.Confirmed{Topic: "orders", Count: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestRedeliverRetries: of a message that was tried again and again each retry lies in the
// retry topic; it is sent once, and that is said.
func TestRedeliverRetries(t *testing.T) {
	r := newRig(t)
	var all []*message.Message
	for n := range int64(6) {
		m := sample("%RETRY%settlement", fmt.Sprint("order ", n%2))
		m.Broker, m.QueueOffset, m.ReconsumeTimes = "broker-a", n, int(n/2)
		m.Properties = append(m.Properties, message.Property{Name: message.PropertyRetryTopic, Value: "orders"}, message.Property{Name: message.PropertyOriginID, Value: fmt.Sprint("ID", n%2)})
		all = append(all, m)
	}
	var s *sheet
	r.opened(of(&r.targets[0].Profile, all...), &s)
	if s.ready.plan.Count != 2 || !r.Has("4 are further retries of these messages, of which each is sent once.") {
		t.Error(stage.Texts(r.Window))
	}
	if got := s.ready.tried.After; len(got) != 2 || string(got[0].Body) != "order 0" || string(got[1].Body) != "order 1" || plan.MarkOf(got[0]) != all[0].Place() {
		t.Errorf("%+v", got)
	}
}

// TestRedeliverOnce: where all were redelivered nothing can be sent, and another target is
// looked through anew.
func TestRedeliverOnce(t *testing.T) {
	r := newRig(t)
	r.test.before = &client.Redelivered{Sent: map[string]bool{dead(1).Place(): true}, Uncertain: map[string]bool{"x": true}, Looked: []client.Looked{{Topic: "orders", Read: 5, Limited: true, Through: time.UnixMilli(0)}}}
	var s *sheet
	r.Do(func() {})
	from := of(&r.targets[0].Profile, dead(1))
	r.open(from)
	r.Until(t, "the look", func() bool { return r.Has("All of these messages were redelivered before.") })
	b := stage.Button(r.Window, "Redeliver…")
	if !b.Disabled() || !r.Has("No group reads the target: nobody gets them now.") || !r.Has("what came later was not.") || !r.Has("Of 1 that was sent before no answer came.") {
		t.Error(stage.Texts(r.Window))
	}
	r.Tap("Cancel")
	r.idle()
	r.test.before = nil
	r.opened(of(&r.targets[0].Profile, dead(1)), &s)
	s.topic.SetText("stock")
	r.Until(t, "the look", func() bool { return s.ready != nil && s.ready.plan.Topic == "stock" })
	if got := r.test.lookedFor; !slices.Equal(got[len(got)-1], []string{"stock", "%RETRY%settlement"}) {
		t.Errorf("%v", got)
	}
	r.test.change(func(c *endpoint) { c.failed = fault.NotOffered })
	if v := (&preview{target: s.target(), plan: s.ready.plan, readers: []reader{{err: fault.NotOffered}}, before: &client.Redelivered{}}); v.whoGets() != "Which groups read the target is not told here: all that do get these messages." {
		t.Error(v.whoGets())
	}
}

// TestRedeliverToGroup: dead letters go to the group that gave them up and to no other, if
// it reads its retry topic; it is said whether it is there.
func TestRedeliverToGroup(t *testing.T) {
	r := newRig(t)
	r.test.retries = insight.Retries{Members: 2}
	nowhere := sample("%DLQ%settlement", "from nowhere")
	var s *sheet
	r.shown(of(&r.targets[0].Profile, dead(1), nowhere, dead(2)), &s)
	if s.ready != nil {
		t.Fatal("a topic is known")
	}
	s.which.Select(toGroup)
	r.Until(t, "the look", func() bool { return s.ready != nil && s.ready.plan.Replay.OnlyGroup })
	for _, want := range []string{
		"Only settlement gets them, as retries through its retry topic: no other group does.", "2 members are connected.",
		"2 messages leave", "Nothing tells which topic it was sent to first.",
	} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	if p, d := s.ready.plan, s.ready.tried.After[0]; p.Topic != "%RETRY%settlement" || p.Count != 2 || d.Topic != p.Topic ||
		len(d.System) != 2 || d.System[0] != (message.Property{Name: message.PropertyRetryTopic, Value: "orders"}) || d.System[1].Value != "ID1" {
		t.Errorf("%+v, %+v", p, d)
	}
	if r.test.looksFor("%RETRY%settlement") || !slices.Equal(r.test.lookedFor[0], []string{"%RETRY%settlement"}) {
		t.Errorf("looked for %v", r.test.lookedFor)
	}
	r.Tap("Redeliver…")
	if !r.Has("Redeliver 2 messages to settlement only?") || !r.Has("Get them\nonly settlement") {
		t.Fatal(stage.Texts(r.Window))
	}
	r.Tap("Redeliver 2")
	r.Until(t, "the run", func() bool { return len(r.test.confirmed()) == 1 && len(r.Tasks.Jobs()) == 0 })
	if got := r.test.confirmed()[0]; got != (client.Confirmed{Topic: "%RETRY%settlement", Count: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestNobodyGetsThem: a group that does not read its retry topic is sent nothing there, and what
// is not known of it is said.
func TestNobodyGetsThem(t *testing.T) {
	r := newRig(t)
	var s *sheet
	r.opened(of(&r.targets[0].Profile, dead(1)), &s)
	s.which.Select(toGroup)
	r.Until(t, "the look", func() bool { return r.Has("No member is connected: they wait until one is.") })
	for name, c := range map[string]struct {
		retries insight.Retries
		failed  error
		says    string
		sends   bool
	}{
		"broadcasts": {insight.Retries{Members: 1, Each: true}, nil, "settlement broadcasts: its members read no retry topic", false},
		"pops":       {insight.Retries{Members: 1, Popped: true}, nil, "take messages by pop", false},
		"not told":   {insight.Retries{}, fault.NotOffered, "Whether members of it are connected is not told here.", true},
		"refused":    {insight.Retries{}, fault.NotPermitted, "Whether members of it are connected is not known.", true},
		"a part":     {insight.Retries{Members: 1, Missing: cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}}}, nil, "broker-b", true},
	} {
		r.test.change(func(e *endpoint) { e.retries, e.failed = c.retries, c.failed })
		r.Do(s.look)
		r.Until(t, name, func() bool { return r.Has(c.says) })
		if (s.ready != nil) != c.sends || stage.Button(r.Window, "Redeliver…").Disabled() == c.sends {
			t.Errorf("%s: %+v\n%s", name, s.ready, stage.Texts(r.Window))
		}
	}
	r.test.change(func(e *endpoint) { e.unprepared, e.failed = fault.NoRetryTopic, nil })
	r.Do(s.look)
	r.Until(t, "no topic", func() bool { return r.Has("The group has no retry topic here") })
	if s.ready != nil {
		t.Error("it can be agreed to")
	}
}

// TestMixed: what does not all lie in one such topic is sent again as ever.
func TestMixed(t *testing.T) {
	var l lies
	l.take(dead(1))
	if topic, _ := l.one(); topic != "%DLQ%settlement" {
		t.Errorf("%+v", l)
	}
	if m := sample("orders", "x"); l.take(m) != m {
		t.Error("a message of an ordinary topic is marked")
	}
	if topic, _ := l.one(); topic != "" {
		t.Errorf("%+v", l)
	}
}

// TestSendHalvesAsNormal: half messages that were given up go to their topic as normal ones,
// marked; that nobody is asked is said.
func TestSendHalvesAsNormal(t *testing.T) {
	r := newRig(t)
	r.test.groups, r.test.before = []string{"audit"}, &client.Redelivered{}
	half := sample(message.GivenUpTopic, "half")
	half.Broker = "broker-a"
	half.Properties = append(half.Properties, message.Property{Name: message.PropertyRealTopic, Value: "orders"}, message.Property{Name: message.PropertyHalf, Value: "true"}, message.Property{Name: message.PropertyUniqueID, Value: "ID1"})
	once := *half // put back to checking, and given up again
	once.QueueOffset = 9
	var s *sheet
	r.opened(of(&r.targets[0].Profile, half, &once), &s)
	for _, want := range []string{"Send half messages as normal messages", "Nobody asks the producers: also what they would have rolled back is consumed.", "1 was given up once more after another check, and is sent once."} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	d := s.ready.tried.After[0]
	if p := s.ready.plan; p.Topic != "orders" || p.Replay.Redelivers != message.GivenUpTopic || plan.MarkOf(d) != half.Place() || d.Transaction != message.NoTransaction {
		t.Errorf("%+v, %+v", p, d)
	}
	r.Tap("Send as normal…")
	if !r.Has("Send 1 half message to orders as a normal one?") {
		t.Error(stage.Texts(r.Window))
	}
}
