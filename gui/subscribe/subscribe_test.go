package subscribe

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

func spec(topic, group string, own bool) profile.Subscription {
	return profile.Subscription{ID: "s-" + topic, Profile: "p", Topic: topic, Group: group, OwnGroup: own, Expression: "*"}
}

func TestErrorsStandAtTheirFields(t *testing.T) {
	for _, c := range []struct {
		name  string
		spec  profile.Subscription
		start error
		at    func(*form) *widgets.Field
		says  string
	}{
		{"no topic", spec("", "g", true), nil, func(f *form) *widgets.Field { return f.topicField }, "Enter a topic"},
		{"bad topic", spec("a b", "g", true), nil, func(f *form) *widgets.Field { return f.topicField }, "Only letters"},
		{"no group", spec("orders", "", false), nil, func(f *form) *widgets.Field { return f.groupField }, "Enter a group"},
		{"no route", spec("orders", "g", true), fault.TopicNotFound, func(f *form) *widgets.Field { return f.topicField }, "does not exist"},
		{"no such group", spec("orders", "g", false), fault.GroupNotFound, func(f *form) *widgets.Field { return f.groupField }, "does not know"},
		{"group twice", spec("orders", "g", false), fault.GroupInUse, func(f *form) *widgets.Field { return f.groupField }, "already"},
		{"no filter", spec("orders", "g", true), fault.FilterNotSupported, func(f *form) *widgets.Field { return f.filterField }, "SQL92"},
		{"tag not ASCII", spec("orders", "shared", false), fmt.Errorf("%w: 测试", fault.TagNotASCII), func(f *form) *widgets.Field { return f.filterField }, "Use SQL92 instead"},
		{"bad time", func() profile.Subscription { s := spec("orders", "g", true); s.From = profile.FromTime; return s }(), nil, func(f *form) *widgets.Field { return f.atField }, "Write the time as"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, profile.Profile{}, &fakeBack{startErr: c.start}, c.spec)
			test.Tap(r.screen.form.run)
			r.settle()
			if got := c.at(r.screen.form).Error(); !strings.Contains(got, c.says) {
				t.Errorf("the field says %q, want %q", got, c.says)
			}
			if r.failed != nil || r.screen.Running() != 0 || r.screen.page.banner.Visible() {
				t.Errorf("failed %v, running %d", r.failed, r.screen.Running())
			}
		})
	}
}

func TestStartFailureThatNoFieldMends(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{startErr: fault.Unreachable}, spec("orders", "g", true))
	r.screen.Primary()
	r.settle()
	if !errors.Is(r.failed, fault.Unreachable) || !r.screen.page.banner.Visible() {
		t.Errorf("failed %v, banner %v", r.failed, r.screen.page.drawnBanner)
	}
	r.screen.Primary() // a new try takes the old words away
	if r.screen.current.failed != nil {
		t.Error("the old failure stays")
	}
}

func TestWhatIsChosenIsJoinedWith(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, spec("orders", "g", true))
	f := r.screen.form
	f.model.Select(1)
	test.Tap(f.ordered)
	f.from.SetSelectedIndex(1)
	r.screen.Primary()
	r.settle()
	got := r.back.subs["s-orders"].Spec()
	if !got.Broadcast || !got.Ordered || got.From != profile.FromEarliest {
		t.Errorf("joined with %+v", got)
	}
	if !f.ordered.Disabled() || !f.model.Disabled() {
		t.Error("what was joined with can be changed while it runs")
	}
}

// TestFollowKeepsWhatFits: a follow is filtered by any field, in the language of lists; a
// member of a group is not, and what is wrong is said at the field.
func TestFollowKeepsWhatFits(t *testing.T) {
	sub := spec("orders", "g", true)
	sub.Expression = "*"
	r := newRig(t, profile.Profile{}, nil, sub)
	f := r.screen.form
	if n := len(f.filterBy.Options); n != 2 {
		t.Errorf("a member is offered %v", f.filterBy.Options)
	}
	f.reading.SetSelectedIndex(0)
	f.filterBy.SetSelectedIndex(2)
	if f.filter.Text != "" {
		t.Errorf("begins with %q", f.filter.Text)
	}
	f.filter.SetText("size>ten")
	r.screen.Primary()
	r.settle()
	if e := r.screen.current.errs.filter; !strings.Contains(e, "size>ten") || r.screen.Running() > 0 {
		t.Errorf("%q, running %d", e, r.screen.Running())
	}
	if f.filter.Wrong() != "size>ten" {
		t.Errorf("underlined: %q", f.filter.Wrong())
	}
	f.filter.SetText(".state:paid")
	r.screen.Primary()
	r.settle()
	if got := r.back.subs["s-orders"].Spec(); !got.Follow || !got.Any || got.Expression != ".state:paid" {
		t.Errorf("follows with %+v", got)
	}
	r.screen.StopRunning()
	r.settle()
	f.reading.SetSelectedIndex(1)
	if b := r.screen.current.spec; b.Any || b.Expression != "*" || len(f.filterBy.Options) != 2 || f.filterBy.SelectedIndex() != 0 {
		t.Errorf("joins with %+v", b)
	}
}

func TestRunPauseStop(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, spec("orders", "g", true))
	s := r.screen
	s.Primary()
	r.settle()
	if s.Running() != 1 || !s.form.topic.Disabled() || s.form.answer.Disabled() || s.form.run.Text() != "Pause" {
		t.Fatalf("running %d, %q", s.Running(), s.form.run.Text())
	}
	s.form.answer.Select(1)
	r.settle()
	if !r.back.subs["s-orders"].Status().Later {
		t.Error("the answer was not switched while running")
	}
	s.TogglePause()
	s.TogglePause() // before the first change is through
	r.settle()
	if st := s.current.st; st.Paused || s.form.run.Text() != "Pause" {
		t.Errorf("pressed twice: paused %v, button %q", st.Paused, s.form.run.Text())
	}
	// What the last tick saw does not matter.
	s.current.st = session.Status{}
	s.TogglePause()
	r.settle()
	if st := s.current.st; !st.Paused || s.form.run.Text() != "Resume" {
		t.Errorf("paused %v, button %q", st.Paused, s.form.run.Text())
	}
	s.Primary()
	r.settle()
	if s.current.st.Paused {
		t.Error("Primary did not resume")
	}
	s.StopRunning()
	r.settle()
	if s.Running() != 0 || r.back.subs["s-orders"].stops != 1 || s.form.topic.Disabled() {
		t.Error("not stopped")
	}
	if len(r.saved) != 1 || !r.saved[0].Later {
		t.Errorf("saved %+v", r.saved)
	}
}

func TestConnectsBeforeStart(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, spec("orders", "g", true))
	conn := r.conn
	r.conn = nil
	r.screen.Primary()
	if r.connects != 1 || r.screen.Running() != 0 {
		t.Fatalf("%d connects", r.connects)
	}
	r.conn = conn
	r.screen.ConnectionChanged()
	r.settle()
	if r.screen.Running() != 1 {
		t.Error("it did not start once connected")
	}
}

func TestStateWords(t *testing.T) {
	for _, c := range []struct {
		st   session.Status
		want string
		dot  widgets.DotState
	}{
		{session.Status{}, "Stopped", widgets.DotOff},
		{session.Status{State: session.Checking}, "Asking the broker", widgets.DotBusy},
		{session.Status{State: session.Joining}, "Joining the group", widgets.DotBusy},
		{session.Status{State: session.Receiving}, "Receiving", widgets.DotOn},
		{session.Status{State: session.Skipping, ToGo: 1204}, "Skipping to the start, 1,204 to go", widgets.DotBusy},
		{session.Status{State: session.Paused, Waiting: 128}, "Paused · messages wait at the broker · other members do not get these queues", widgets.DotWarn},
		{session.Status{State: session.Blocked, Waiting: 3}, "Disk full · messages wait at the broker", widgets.DotError},
		{session.Status{State: session.Blocked, Waiting: 3, Err: fault.JournalFull}, "List full · messages wait at the broker", widgets.DotError},
		{session.Status{State: session.Troubled}, "Trying again…", widgets.DotError},
		{session.Status{State: session.Restarting}, "Starting again…", widgets.DotError},
		{session.Status{State: session.Stopping}, "Stopping…", widgets.DotBusy},
	} {
		if got, dot := stateWords(c.st, profile.Subscription{}); got != c.want || dot != c.dot {
			t.Errorf("%v: %q %v", c.st.State, got, dot)
		}
	}
}

func TestTroubleIsSaid(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, spec("orders", "g", true))
	r.screen.Primary()
	r.settle()
	if got := r.screen.page.drawnEmpty.title; got != "Connected, no message yet" {
		t.Errorf("empty list says %q", got)
	}
	r.screen.current.spec.Expression = "paid || refunded"
	if e := emptyOf(r.screen.current); e.title != "Connected, no message fits the filter yet" || !strings.Contains(e.line, "fit “paid || refunded” come") {
		t.Errorf("with a filter an empty list says %+v", e)
	}
	f := r.back.subs["s-orders"]
	f.locked(func() {
		f.status.State, f.status.Err = session.Troubled, fmt.Errorf("%w: code 24", fault.SubscriptionNotKnown)
	})
	r.settle()
	if b := r.screen.page.drawnBanner; !b.failed || !strings.Contains(b.words, "does not take the subscription") || b.details == "" {
		t.Errorf("banner %+v", b)
	}
	f.locked(func() { f.status = session.Status{Err: fault.TopicNotFound} })
	r.settle()
	if b := r.screen.page.drawnBanner; !b.failed || r.screen.Running() != 0 {
		t.Errorf("an end by itself is not said: %+v", b)
	}
}

func TestGroupWithPosition(t *testing.T) {
	back := &fakeBack{state: insight.GroupState{HasPosition: true, Members: []string{"a", "b", "c"}}}
	r := newRig(t, profile.Profile{}, back, spec("orders", "settle", false))
	f := r.screen.form
	if !f.from.Disabled() || f.drawn.groupHint != "This group goes on from its own position." {
		t.Errorf("start choice enabled, hint %q", f.drawn.groupHint)
	}
	if b := r.screen.page.drawnBanner; !strings.HasPrefix(b.words, "3 other members read in this group; you would") {
		t.Errorf("banner %q", b.words)
	}
	r.back.state = insight.GroupState{}
	test.Tap(f.newGroup)
	r.settle()
	if f.from.Disabled() || !r.screen.current.spec.OwnGroup || !strings.HasPrefix(f.group.Text, "gantry-") || r.screen.page.banner.Visible() {
		t.Errorf("after New group: %q", f.group.Text)
	}
	f.group.SetText("other")
	if r.screen.current.spec.OwnGroup {
		t.Error("a group that was typed passes for our own")
	}
}

func TestClusterWithID(t *testing.T) {
	r := newRig(t, profile.Profile{ClusterID: "rocketmq-x", Namespace: "ns"}, nil)
	f := r.screen.form
	f.reading.SetSelectedIndex(1)
	if f.group.Text != "" || f.newGroup.Visible() {
		t.Errorf("group %q", f.group.Text)
	}
	f.topic.SetText("orders")
	r.screen.Primary()
	if got := f.groupField.Error(); !strings.Contains(got, "creates no groups") {
		t.Errorf("group field says %q", got)
	}
	if f.drawn.topicHint != "rocketmq-x|ns%orders" {
		t.Errorf("full name %q", f.drawn.topicHint)
	}
}

func TestClosingAsks(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{kept: 1204}, spec("orders", "g", true), spec("pay", "h", true))
	r.screen.CloseSubscription()
	r.Tap("Keep…")
	r.Tap("Keep")
	r.settle()
	want := "s-orders=orders " + time.Now().Format("2006-01-02")
	if len(r.back.closed) != 1 || r.back.closed[0] != want || len(r.screen.subs) != 1 {
		t.Fatalf("closed %v", r.back.closed)
	}
	r.screen.CloseSubscription()
	r.Tap("Cancel")
	r.screen.CloseSubscription()
	r.Tap("Delete")
	r.settle()
	if len(r.back.closed) != 2 || r.back.closed[1] != "s-pay=" || r.screen.current.spec.Topic != "" {
		t.Errorf("closed %v", r.back.closed)
	}
	if len(r.saved) != 0 {
		t.Errorf("saved %v", r.saved)
	}
}

func TestLeftovers(t *testing.T) {
	l := session.Leftover{ID: "old", Topic: "orders", Group: "g", KeptName: "before release", Messages: 3, Last: time.Now()}
	r := newRig(t, profile.Profile{}, &fakeBack{left: []session.Leftover{l, l}, gone: []session.Leftover{l}, kept: 3})
	if got := r.screen.page.left.Text(); got != "2 recordings" || !strings.Contains(r.said, "for 7 days") {
		t.Errorf("button %q, said %q", got, r.said)
	}
	test.Tap(r.screen.page.left)
	r.Tap("Open")
	r.settle()
	b := r.screen.current
	if !b.archive || r.screen.form.content.Visible() || b.st.Kept != 3 || b.list.Len() != 3 {
		t.Errorf("archive %v, %d rows", b.archive, b.list.Len())
	}
	if r.Window.Canvas().Focused() != b.list.Focus() {
		t.Errorf("the keys are with %T and not the list", r.Window.Canvas().Focused())
	}
	r.screen.Primary()
	r.settle()
	if r.screen.Running() != 0 {
		t.Error("a kept list was started")
	}
	r.screen.ClearList()
	r.settle()
	if b.list.Len() != 3 || !strings.Contains(r.said, "is not cleared") {
		t.Errorf("a kept list was cleared: %d rows, said %q", b.list.Len(), r.said)
	}
	r.screen.CloseSubscription()
	r.settle()
	if len(r.back.closed) != 1 || r.back.closed[0] != "old left" {
		t.Errorf("closed %v", r.back.closed)
	}
}

func TestInspectorSides(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{kept: 50}, spec("orders", "g", true))
	s := r.screen
	s.current.list.End()
	r.settle()
	r.settle()
	if s.inspect.Message() == nil || s.inspect.Message().QueueOffset != 49 {
		t.Fatal("no message in the inspector")
	}
	var sides []string
	for range 3 {
		s.CycleInspector()
		sides = append(sides, string(s.beside.Side()))
	}
	s.SetNarrow(true)
	sides = append(sides, string(s.beside.Side()))
	if got := strings.Join(sides, " "); got != "below hidden right below" {
		t.Errorf("sides %s", got)
	}
	s.CopyBody()
	if got := fyne.CurrentApp().Clipboard().Content(); got != `{"a":1}` {
		t.Errorf("copied %q", got)
	}
	s.NewSubscription()
	s.NextSubscription(1)
	if s.current.spec.Topic != "orders" || s.inspect.Message() == nil {
		t.Error("the message of a subscription does not come back with it")
	}
}

func TestNarrowFits(t *testing.T) {
	for _, language := range []string{words.English, words.Chinese} {
		t.Run(language, func(t *testing.T) {
			test.NewTempApp(t)
			if err := words.Load(language); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = words.Load(words.English) })
			one := spec("orders", "g", true)
			one.From = profile.FromTime
			r := newRig(t, profile.Profile{}, &fakeBack{kept: 50, left: make([]session.Leftover, 2)}, one)
			r.screen.SetNarrow(true)
			r.Window.Resize(fyne.NewSize(968, 596))
			for _, state := range []session.State{session.Stopped, session.Receiving, session.Paused} {
				f := r.back.subs["s-orders"]
				f.locked(func() { f.status.State, f.status.Paused = state, state == session.Paused })
				r.settle()
				if m := r.screen.Content().MinSize(); m.Width > 968 || m.Height > 596 {
					t.Errorf("state %v needs %v", state, m)
				}
			}
		})
	}
}
