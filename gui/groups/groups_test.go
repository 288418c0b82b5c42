package groups

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/gui/overview"
	"gantry/gui/stage"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

func TestTheLargestLagComesFirst(t *testing.T) {
	f := of(map[string]int64{"small": 3, "none": 0, "large": 1200, "lost": 7})
	f.sums["lost"] = insight.GroupSummary{Lag: 7, LagKnown: true, Put: 7}
	f.sums["cast"] = insight.GroupSummary{Members: 2, Model: "BROADCASTING"}
	f.sums["bad"] = insight.GroupSummary{Err: fault.Timeout}
	f.list.Groups = append(f.list.Groups, cluster.GroupConfig{Name: "cast"}, cluster.GroupConfig{Name: "bad"})
	r := newRig(t, profile.Profile{}, f)
	if got := r.names(); !slices.Equal(got, []string{"large", "lost", "small", "none", "bad", "cast"}) {
		t.Fatal(got)
	}
	row := func(name string) []widgets.Item { return r.screen.cells(r.screen.At(r.screen.Row(name))) }
	if c := row("large"); c[columnLag].Text != "1,200" || c[columnBar].Part != 1 || c[columnDot].Dot != widgets.DotOn || !slices.Equal(c[columnSpark].Bars, []float64{1200}) {
		t.Errorf("%+v", c)
	}
	if c := row("lost"); c[columnMembers].Tint != theme.Err || c[columnBar].Tint != theme.Err || c[columnClears].Text != "never" || c[columnDot].Dot != widgets.DotError {
		t.Errorf("%+v", c)
	}
	if c := row("none"); c[columnBar].Part != 0 || c[columnLag].Text != "0" || c[columnClears].Text != "" {
		t.Errorf("%+v", c)
	}
	if c := row("cast"); c[columnLag].Text != "—" || c[columnMembers].Text != "2" || len(c[columnSpark].Bars) > 0 {
		t.Errorf("%+v", c)
	}
	if c := row("bad"); c[columnLag].Text != "not known" || c[columnClears].Text != "" || len(c[columnSpark].Bars) > 0 {
		t.Errorf("%+v", c)
	}
	// The first is shown at once; another keeps being shown when rows move.
	if r.screen.Selected != "large" {
		t.Error("shown is", r.screen.Selected)
	}
	r.screen.Table.Select(2)
	r.fake.mu.Lock()
	r.fake.sums["small"] = insight.GroupSummary{Members: 1, Lag: 9000, LagKnown: true, Put: 9000}
	r.fake.mu.Unlock()
	r.screen.Refresh()
	r.settle()
	if r.screen.Selected != "small" || r.screen.Table.Selected() != 0 || r.names()[0] != "small" {
		t.Error(r.screen.Selected, r.screen.Table.Selected(), r.names())
	}
}

func TestFilterAndSegments(t *testing.T) {
	f := of(map[string]int64{"order-settle": 3, "order-archive": 0, "mail": 5})
	f.sums["order-archive"] = insight.GroupSummary{LagKnown: true}
	r := newRig(t, profile.Profile{}, f)
	r.screen.Filter.SetText("ORDER ")
	if got := r.names(); !slices.Equal(got, []string{"order-settle", "order-archive"}) {
		t.Error(got)
	}
	r.screen.Segments.Select(2)
	if got := r.names(); !slices.Equal(got, []string{"order-archive"}) {
		t.Error(got)
	}
	r.screen.Segments.Select(1)
	r.screen.Filter.SetText("x")
	if w := r.screen.words(); w.Title != "No group matches" || !strings.Contains(w.Line, "3 are hidden") {
		t.Error(w.Title, w.Line)
	}
	r.screen.Filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if got := r.names(); !slices.Equal(got, []string{"mail", "order-settle"}) {
		t.Error(got)
	}
}

// TestInSightFirst: of two thousand groups those in sight are asked about first,
// and all in the end, some at a time.
func TestInSightFirst(t *testing.T) {
	lags := map[string]int64{}
	for i := range 2000 {
		lags[fmt.Sprintf("g%04d", i)] = int64(i)
	}
	f := of(lags)
	r := newRig(t, profile.Profile{}, f)
	r.settle()
	if len(r.fake.calls) < 2000/overview.MostAtOnce || r.screen.noteText() != "every 5 s" {
		t.Fatalf("%d questions, %s", len(r.fake.calls), r.screen.noteText())
	}
	asked := map[string]bool{}
	for i, c := range r.fake.calls {
		if i == 0 && len(c) > overview.Chunk || len(c) > overview.MostAtOnce {
			t.Errorf("%d at once", len(c))
		}
		for _, n := range c {
			asked[n] = true
		}
	}
	if len(asked) != 2000 || r.fake.calls[0][0] != "g0000" || r.names()[0] != "g1999" {
		t.Error(len(asked), r.fake.calls[0][0], r.names()[0])
	}
	// Later only those in sight are asked again.
	r.fake.calls = nil
	r.screen.SetShown(true)
	r.settle()
	if len(r.fake.calls) != 1 || !slices.Contains(r.fake.calls[0], "g1999") || slices.Contains(r.fake.calls[0], "g0000") {
		t.Errorf("%d questions: %v", len(r.fake.calls), r.fake.calls)
	}
}

func TestMissingBrokerIsNamed(t *testing.T) {
	missing := cluster.Missing{{Broker: "broker-b", Addr: "h:1", Err: fault.Unreachable}}
	f := of(map[string]int64{"g": 5})
	f.sums["g"] = insight.GroupSummary{Members: 1, Lag: 5, LagKnown: true, Missing: missing}
	f.details["g"].Missing = missing
	r := newRig(t, profile.Profile{}, f)
	if r.screen.Above() == "" || !strings.Contains(r.screen.Above(), "broker-b") {
		t.Error("no word of the broker:", r.screen.Above())
	}
	if c := r.screen.cells(r.screen.At(0)); c[4].Text != "≥ 5" || c[4].Tint != theme.Warn {
		t.Errorf("%+v", c)
	}
	if !r.screen.detail.cause.Visible() {
		t.Error("the details say nothing")
	}
	f.mu.Lock()
	f.sums["g"], f.details["g"].Missing = insight.GroupSummary{Members: 1, Lag: 5, LagKnown: true}, nil
	f.mu.Unlock()
	r.screen.Refresh()
	r.settle()
	if r.screen.Above() != "" {
		t.Error("the broker is back:", r.screen.Above())
	}
}

func TestAnEndpointThatListsNothing(t *testing.T) {
	f := of(nil)
	f.listErr = fmt.Errorf("group list: %w", fault.NotOffered)
	f.sums["ns%typed"] = insight.GroupSummary{Members: 1, Lag: 2, LagKnown: true}
	f.details["ns%typed"] = &insight.GroupDetail{Name: "ns%typed", Retry: -1}
	r := newRig(t, profile.Profile{Namespace: "ns"}, f)
	if w := r.screen.words(); w.Title != "Not offered here" || r.screen.Above() == "" {
		t.Error(w.Title)
	}
	r.screen.Filter.SetText("typed")
	r.screen.Filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if got := r.names(); !slices.Equal(got, []string{"ns%typed"}) || r.screen.detail.title.Text() != "typed" || r.screen.detail.got == nil {
		t.Error(got, r.screen.detail.title.Text())
	}
	if facts := r.screen.detail.factsOf(); !strings.HasPrefix(facts[2].Value, "? waiting") {
		t.Error(facts[2].Value)
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	f := of(nil)
	f.listErr = fault.Unreachable
	r := newRig(t, profile.Profile{}, f)
	if w := r.screen.words(); !strings.Contains(w.Title, "cannot be reached") || w.Act == nil {
		t.Error(w.Title, w.Act)
	}
	f.mu.Lock()
	f.listErr, f.list.Groups = nil, []cluster.GroupConfig{{Name: "g"}}
	f.mu.Unlock()
	r.screen.SetShown(true) // it asks again by itself
	r.settle()
	if got := r.names(); !slices.Equal(got, []string{"g"}) {
		t.Error(got)
	}
	// The group has vanished: its details say so, the list stays.
	if !r.screen.detail.cause.Visible() || r.screen.detail.got != nil {
		t.Error("nothing is said of the group that vanished")
	}
}

func TestLeavingCancelsEverything(t *testing.T) {
	f := of(map[string]int64{"g": 1})
	r := newRig(t, profile.Profile{}, f)
	f.mu.Lock()
	f.block = true
	f.mu.Unlock()
	r.screen.Refresh()
	f.until(t, "have begun", &f.begun, 3)
	r.screen.SetShown(false)
	r.settle()
	f.until(t, "were cancelled", &f.ended, 3)
	if r.screen.Busy() {
		t.Error("something is still asked")
	}
}

func TestWithoutAConnection(t *testing.T) {
	r := newRig(t, profile.Profile{}, of(map[string]int64{"g": 1}))
	r.conn = nil
	r.screen.ConnectionChanged()
	if w := r.screen.words(); w.Title != "Not connected" || len(r.names()) != 0 {
		t.Error(w.Title, r.names())
	} else {
		test.Tap(w.Act)
	}
	r.screen.Refresh()
	if r.asked != 2 {
		t.Error("asked to connect", r.asked, "times")
	}
	r.conn = r.fake
	r.screen.ConnectionChanged()
	r.settle()
	if got := r.names(); !slices.Equal(got, []string{"g"}) {
		t.Error(got)
	}
}

// stuck is a group of two members, of which one takes nothing.
func stuck() *insight.GroupDetail {
	now := time.Now()
	d := &insight.GroupDetail{
		Name: "g", Type: "CONSUME_PASSIVELY", Model: "CLUSTERING", Retry: 2, Dead: 14,
		Subscriptions: []cluster.Wanted{{Topic: "T", Expression: "paid || refunded"}},
	}
	for id := range 4 {
		lag := int64(100)
		if id == 3 {
			lag = 1
		}
		d.Queues = append(d.Queues, cluster.QueueProgress{Topic: "T", Queue: cluster.Queue{Broker: "broker-a", ID: id}, End: 1000 + lag, Next: 1000, Last: now})
	}
	one := insight.MemberState{Member: cluster.Member{ID: "10.0.0.7@1", Addr: "10.0.0.7:5", Language: "JAVA", Version: 513, Brokers: []string{"broker-a"}}}
	two := insight.MemberState{Member: cluster.Member{ID: "10.0.0.8@2", Language: "GO", Version: 317}}
	for id, m := range []*insight.MemberState{&one, &one, &one, &two} {
		var h cluster.Running
		h.Queues = m.Running.Queues
		h.Queues = append(h.Queues, heldQueue(id, now, map[bool]time.Duration{true: 411 * time.Second, false: 0}[m == &one]))
		m.Running = h
	}
	retry := heldQueue(0, now, 0)
	retry.Topic = "%RETRY%g"
	one.Running.Queues = append(one.Running.Queues, retry) // no queue of anybody's
	one.Running.Rates = map[string]cluster.Rates{"T": {ConsumeRT: 3.14, OK: 2, Failed: 1}}
	one.Running.Subscriptions = []cluster.Wanted{{Topic: "T", Expression: "paid || refunded", Tags: []string{"paid", "refunded"}}}
	two.Running.Subscriptions = one.Running.Subscriptions
	d.Members = []insight.MemberState{one, two}
	return d
}

func heldQueue(id int, now time.Time, idle time.Duration) cluster.Held {
	return cluster.Held{Topic: "T", Queue: cluster.Queue{Broker: "broker-a", ID: id}, Cached: 5, LastConsume: now.Add(-idle)}
}

// TestDeadLettersAreSaid: a group that takes everything may give much of it up.
func TestDeadLettersAreSaid(t *testing.T) {
	f := of(map[string]int64{"g": 0})
	calm := *stuck()
	calm.Queues, calm.Dead = calm.Queues[:0], 1
	calm.Members[0].Running.Rates = nil // nothing fails
	f.details["g"] = &calm
	r := newRig(t, profile.Profile{}, f)
	if text := stage.Texts(r.Window); !strings.Contains(text, "given up") {
		t.Errorf("%q", text)
	}
}

func TestDetails(t *testing.T) {
	f := of(map[string]int64{"g": 301})
	f.details["g"] = stuck()
	r := newRig(t, profile.Profile{}, f)
	d := r.screen.detail
	text, bad := causeText(d.got.Cause(time.Now(), &d.entry.Value.trend), d.got)
	if want := "99 % of the lag sits on 3 queues of one member, 10.0.0.7@1. It answers, but has taken nothing for 6 min 51 s."; text != want || bad {
		t.Errorf("%q", text)
	}
	if facts := d.factsOf(); facts[0].Value != "clustering · push · concurrent" || facts[1].Value != "T : paid || refunded" || facts[2].Value != "2 waiting in %RETRY% · 14 in %DLQ%" {
		t.Errorf("%+v", facts)
	}
	all := strings.Join(r.texts(), "|")
	for _, want := range []string{"T · 4 queues · total 301", "broker-a · 2", "10.0.0.7@1|Java 5.5.0|3 queues|stuck 6 min 51 s", "10.0.0.8@2|Go 4.5.2|1 queue|working"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing from %s", want, all)
		}
	}
	if d.warning.Visible() || d.stack.Visible() {
		t.Error("members agree, and none is chosen")
	}
	// A member unfolds, and tells its stack.
	at := slices.IndexFunc(d.sheet.Rows(), func(row widgets.SheetRow) bool { return row.Data == memberRow("10.0.0.7@1") })
	d.sheet.Select(at)
	all = strings.Join(r.texts(), "|")
	for _, want := range []string{"Member|10.0.0.7@1", "10.0.0.7:5", "2 /s taken · 1 /s fail · 3.1 ms each", "T · 5 cached · last taken 6 min 51 s ago"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing from %s", want, all)
		}
	}
	d.unfold("")
	if test.Tap(d.dead); !d.dead.Visible() || r.browsed != "%DLQ%g" {
		t.Errorf("its dead letters are in %q", r.browsed)
	}
	d.unfold("10.0.0.7@1")
	if d.dead.Visible() {
		t.Error("dead letters are beside a member's stack")
	}
	// A member that got a queue of which nothing was taken says when it got it.
	for i := range d.got.Queues {
		d.got.Queues[i].Last = time.Time{}
	}
	d.redraw()
	if all = strings.Join(r.texts(), "|"); !strings.Contains(all, "T · 5 cached · nothing taken yet") || strings.Contains(all, "last taken") {
		t.Errorf("of what was never taken: %s", all)
	}
	if test.Tap(d.follow); r.followed != "T" {
		t.Errorf("its topic is %q", r.followed)
	}
	f.stack = "goroutine 1 [select]:"
	test.Tap(d.stack)
	r.settle()
	if !slices.Equal(f.stacks, []string{"10.0.0.7@1"}) || !d.stacks || d.dump != f.stack {
		t.Error(f.stacks, d.stacks, d.dump)
	}
	test.Tap(d.back)
	if d.stacks || d.body.Objects[0] == fyne.CanvasObject(d.text) {
		t.Error("the stack stays")
	}
	f.stackErr = fault.Timeout
	test.Tap(d.stack)
	r.settle()
	if !errors.Is(r.failed, fault.Timeout) || d.stacks {
		t.Error(r.failed)
	}
	d.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if d.member != "" {
		t.Error("Enter does not fold it")
	}
}

func TestMembersThatDisagree(t *testing.T) {
	d := stuck()
	d.Members[1].Running.Subscriptions = []cluster.Wanted{{Topic: "T", Expression: "*"}}
	text := disagreementText(d, func(s string) string { return s })
	if !strings.Contains(text, "10.0.0.7@1 wants paid || refunded") || !strings.Contains(text, "10.0.0.8@2 wants *") {
		t.Error(text)
	}
	d.Members[0].Err = fault.NotOffered
	d.Members[0].Running = cluster.Running{}
	if text := disagreementText(d, func(s string) string { return s }); text != "" {
		t.Error("one alone disagrees:", text)
	}
}

func TestCauses(t *testing.T) {
	for _, c := range []struct {
		cause insight.Cause
		want  string
		bad   bool
	}{
		{insight.Cause{}, "", false},
		{insight.Cause{Kind: insight.CauseNobody, Lag: 84906}, "Nobody reads: no member is connected, and 84,906 messages wait.", true},
		{insight.Cause{Kind: insight.CauseMember, Percent: 90, Queues: 1, Member: "h@abcdefghijk", Silent: true}, "90 % of the lag sits on 1 queue of one member, h@abcdefghijk. It does not answer.", true},
		{insight.Cause{Kind: insight.CauseStuck, Idle: 90 * time.Second}, "Members are connected and answer, but nothing has been taken for 1 min 30 s.", false},
		{insight.Cause{Kind: insight.CauseUnowned, Percent: 80, Queues: 2}, "80 % of the lag sits on 2 queues that no member reads.", true},
		{insight.Cause{Kind: insight.CauseFailing, Failed: 2, Topic: "T"}, "Consuming fails: 2 /s of T come back as retries.", false},
		{insight.Cause{Kind: insight.CauseGrowing, In: 20, Out: 10.5}, "The lag grows: 20 /s come in and 10 /s are taken.", false},
		{insight.Cause{Kind: insight.CauseGrowing, Lag: 3}, "3 messages wait, and none is being taken.", false},
		{insight.Cause{Kind: insight.CauseClearing}, "", false},
		{insight.Cause{Kind: insight.CauseForbidden}, "The group is switched off on the broker: it may not consume.", true},
	} {
		if text, bad := causeText(c.cause, &insight.GroupDetail{}); text != c.want || bad != c.bad {
			t.Errorf("%+v: %q, %v", c.cause, text, bad)
		}
	}
}

// TestOrders: what can be done to groups is asked for the chosen one.
func TestOrders(t *testing.T) {
	r := newRig(t, profile.Profile{}, of(map[string]int64{"g": 3, "h": 0}))
	for _, b := range []string{"New group…", "Change…", "Delete…"} {
		r.Tap(b)
	}
	if want := []string{"groups create [] false [g h]", "groups change [g] true [g h]", "groups delete [g] true [g h]"}; !slices.Equal(r.ordered, want) {
		t.Errorf("%q", r.ordered)
	}
}

// TestPoison: where messages wait, what the group is at can be read, and skipped.
func TestPoison(t *testing.T) {
	f := of(map[string]int64{"settlement": 3})
	q := cluster.QueueProgress{Topic: "orders", Queue: cluster.Queue{Broker: "broker-a", ID: 2}, End: 20, Next: 17}
	done := cluster.QueueProgress{Topic: "orders", Queue: cluster.Queue{Broker: "broker-a", ID: 3}, End: 20, Next: 20}
	f.details["settlement"].Queues = []cluster.QueueProgress{q, done}
	r := newRig(t, profile.Profile{}, f)
	d := r.screen.detail
	var did []string
	r.screen.read = func(topic string, q cluster.Queue, at int64) {
		did = append(did, fmt.Sprint("read ", topic, " ", q, " ", at))
	}
	r.screen.skip = func(group, topic string, q cluster.Queue, at int64) {
		did = append(did, fmt.Sprint("skip ", group, " ", topic, " ", q, " ", at))
	}
	if d.at.Visible() || d.skip.Visible() {
		t.Error("nothing is chosen")
	}
	choose := func(q cluster.QueueProgress) {
		i := slices.IndexFunc(d.sheet.Rows(), func(x widgets.SheetRow) bool { return x.Data == queueRow{q.Topic, q.Queue} })
		d.sheet.Select(i)
	}
	choose(done)
	if d.at.Visible() || d.skip.Visible() {
		t.Error("nothing waits there")
	}
	choose(q)
	if !d.at.Visible() || !d.skip.Visible() {
		t.Fatal("it is not offered")
	}
	d.at.Tapped(nil)
	d.skip.Tapped(nil)
	d.toggle() // Enter
	want := []string{"read orders broker-a/2 17", "skip settlement orders broker-a/2 17", "read orders broker-a/2 17"}
	if !slices.Equal(did, want) {
		t.Errorf("%q", did)
	}
}

// TestSeveralGroups: groups are chosen one with another and from one to another; they stay chosen
// when they change places, and an order takes all of them.
func TestSeveralGroups(t *testing.T) {
	f := of(map[string]int64{"a": 50, "b": 40, "c": 30, "d": 20, "e": 10})
	r := newRig(t, profile.Profile{}, f)
	table := r.screen.Table
	held := fyne.KeyModifier(0)
	table.Held = func() fyne.KeyModifier { return held }
	pick := func(i int, with fyne.KeyModifier) {
		held = with
		table.Tap(i)
		held = 0
		r.settle()
	}
	picked := func(shown string, want ...string) {
		t.Helper()
		if got := r.screen.Picked(); !slices.Equal(got, want) || r.screen.Selected != shown || table.Selected() != r.screen.Row(shown) {
			t.Errorf("chosen are %q, not %q; %q is shown, not %q, and row %d", got, want, r.screen.Selected, shown, table.Selected())
		}
		for i, e := range r.screen.Shown {
			if several := len(want) > 1 && slices.Contains(want, e.Name); table.Picked(i) != several {
				t.Errorf("%s is drawn as chosen: %v", e.Name, !several)
			}
		}
		if text := fmt.Sprintf("%d rows selected", len(want)); r.Has(text) != (len(want) > 1) {
			t.Errorf("%q is said: %v", text, r.Has(text))
		}
	}
	picked("a", "a")
	pick(2, fyne.KeyModifierShortcutDefault)
	pick(4, fyne.KeyModifierShortcutDefault)
	picked("e", "a", "c", "e")
	r.Tap("Change 3…")
	r.Tap("Delete 3…")
	if want := []string{"groups change [a c e] true [a b c d e]", "groups delete [a c e] true [a b c d e]"}; !slices.Equal(r.ordered, want) {
		t.Errorf("%q", r.ordered)
	}
	table.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "a\nc\ne" {
		t.Errorf("copied %q", got)
	}
	// "e" comes first, and stays what Shift reaches from.
	f.mu.Lock()
	f.sums["e"] = insight.GroupSummary{Members: 1, Lag: 90, LagKnown: true, Put: 90}
	f.mu.Unlock()
	r.screen.Refresh()
	r.settle()
	picked("e", "e", "a", "c")
	pick(2, fyne.KeyModifierShift)
	picked("b", "e", "a", "b")
	pick(2, fyne.KeyModifierShortcutDefault) // out again: the nearest is shown
	picked("a", "e", "a")
	held = fyne.KeyModifierShift
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	held = 0
	r.settle()
	picked("b", "b") // from the one that was turned off last, as in lists of messages
	// What the filter hides is not ordered.
	r.screen.Filter.SetText("b")
	picked("b", "b")
	r.screen.Filter.SetText("")
	table.TypedShortcut(&fyne.ShortcutSelectAll{})
	picked("b", "e", "a", "b", "c", "d")
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	picked("b", "b")
	table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	picked("")
	pick(3, fyne.KeyModifierShift)
	picked("c", "c")
	// One that is gone is chosen no more.
	pick(1, fyne.KeyModifierShortcutDefault)
	picked("a", "a", "c")
	f.mu.Lock()
	f.list.Groups = slices.DeleteFunc(f.list.Groups, func(g cluster.GroupConfig) bool { return g.Name == "c" })
	f.mu.Unlock()
	r.screen.Refresh()
	r.settle()
	picked("a", "a")
}

// TestNoGroupToChoose: where no group is, the list says so alone, also while it is asked
// again; the first one brings the details.
func TestNoGroupToChoose(t *testing.T) {
	f := of(nil)
	r := newRig(t, profile.Profile{}, f)
	if !r.Has("No group reads here yet") || r.Has("Choose a group") {
		t.Error(stage.Texts(r.Window))
	}
	r.screen.Refresh()
	if !r.screen.Listing || r.screen.words().Title != "No group reads here yet" {
		t.Errorf("asked again, it says %q", r.screen.words().Title)
	}
	f.mu.Lock()
	f.list.Groups = append(f.list.Groups, cluster.GroupConfig{Name: "mail"})
	f.details["mail"] = &insight.GroupDetail{Name: "mail"}
	f.mu.Unlock()
	r.screen.Refresh()
	r.settle()
	if r.Has("No group reads here yet") || r.screen.detail.content.Size().Width < detailNarrow {
		t.Error(stage.Texts(r.Window), r.screen.detail.content.Size())
	}
}
