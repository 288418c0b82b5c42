package inspect

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

func TestGroupEntries(t *testing.T) {
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	short := func(s string) string { return strings.TrimPrefix(s, "ns%") }
	for _, c := range []struct {
		fate insight.GroupFate
		dot  widgets.DotState
		want string
	}{
		{insight.GroupFate{Fate: insight.FateConsumed}, widgets.DotOn, "The group is past it: consumed, or skipped by its start or a reset."},
		{insight.GroupFate{Fate: insight.FateConsumed, Retries: make([]insight.Retry, 2)}, widgets.DotOn, "Consumed, after it was sent back 2 times."},
		{insight.GroupFate{Fate: insight.FateWaiting, Ahead: 1204, Members: 3}, widgets.DotWarn, "Not yet: 1,204 messages of the queue come first. 3 members are connected."},
		{insight.GroupFate{Fate: insight.FateWaiting, Members: 1}, widgets.DotWarn, "Not yet: it is the next of its queue. 1 member is connected."},
		{insight.GroupFate{Fate: insight.FateWaiting, Ahead: -1, Members: 2}, widgets.DotWarn, "Not yet: the group has no position in this queue. 2 members are connected."},
		{insight.GroupFate{Fate: insight.FateOffline}, widgets.DotError, "It waits: no member of the group is connected."},
		{insight.GroupFate{Fate: insight.FateFiltered, Expression: "a || b"}, widgets.DotOff, "Left out by the group's expression: a || b"},
		{insight.GroupFate{Fate: insight.FateFiltered, Expression: "a", Differ: true}, widgets.DotWarn, "Left out by the group's expression, a. Its members subscribe differently, and brokers keep one subscription for all of them: those who want it never get it."},
		{insight.GroupFate{Fate: insight.FateRetrying, Retries: make([]insight.Retry, 1)}, widgets.DotWarn, "Sent back, and comes again. So far it came again once."},
		{insight.GroupFate{Fate: insight.FateDead, Dead: time.Date(2026, 11, 23, 14, 0, 0, 0, time.Local), Retries: make([]insight.Retry, 16)}, widgets.DotError, "Given up after 16 retries, at 2026-11-23 14:00:00.000. It lies in the dead-letter topic."},
		{insight.GroupFate{Fate: insight.FateEach}, widgets.DotOff, "Broadcasting: each member keeps its own position, and brokers do not know it."},
		{insight.GroupFate{Err: fault.Refused}, widgets.DotOff, "Not known. A part is not known: The broker refused the role or the token."},
	} {
		c.fate.Group = "ns%g"
		if e := groupEntry(&c.fate, short, nil); e.words != c.want || e.dot != c.dot || e.name != "g" {
			t.Errorf("%d: %+v", c.fate.Fate, e)
		}
	}
}

// TestGroupsAreToldByTraces: a position says less than what a member traced.
func TestGroupsAreToldByTraces(t *testing.T) {
	short := func(s string) string { return strings.TrimPrefix(s, "ns%") }
	took := cluster.Trace{Kind: cluster.TraceConsumed, Group: "ns%g", Ended: true, OK: true}
	open, failed, other, sent := took, took, took, took
	open.Ended, open.OK, open.Group = false, false, "g"
	failed.OK, other.Group, sent.Kind = false, "h", cluster.TraceSent
	for _, c := range []struct {
		fate   insight.Fate
		traces []cluster.Trace
		want   string
	}{
		{insight.FateConsumed, []cluster.Trace{sent, other, took}, "Consumed, as a member traced."},
		{insight.FateConsumed, []cluster.Trace{sent, other, failed, open}, "The group is past it: consumed, or skipped by its start or a reset."},
		{insight.FateWaiting, []cluster.Trace{open}, "Not yet: a member took it, and has not answered."},
		{insight.FateWaiting, []cluster.Trace{failed}, "Not yet: it is the next of its queue. 1 member is connected."},
	} {
		g := insight.GroupFate{Group: "ns%g", Fate: c.fate, Members: 1}
		if e := groupEntry(&g, short, c.traces); e.words != c.want {
			t.Errorf("%+v: %q", c.traces, e.words)
		}
	}
}

// TestTimelineIsInOrder: what brokers and clients tell stands on one axis; what is
// not known, and why, is said.
func TestTimelineIsInOrder(t *testing.T) {
	begin := time.Date(2026, 11, 23, 14, 0, 0, 0, time.Local)
	m := &message.Message{Topic: "t", Broker: "broker-a", QueueID: 2, QueueOffset: 7, BornAt: begin, StoredAt: begin.Add(3 * time.Millisecond)}
	st := &insight.MessageState{
		Kept:   true,
		Groups: []insight.GroupFate{{Group: "g", Fate: insight.FateRetrying, Retries: []insight.Retry{{At: begin.Add(12 * time.Second), Times: 1}}}},
		Traces: []cluster.Trace{
			{Kind: cluster.TraceSent, At: begin.Add(time.Millisecond), Group: "pg", Took: 4 * time.Millisecond, Ended: true, OK: true},
			{Kind: cluster.TraceConsumed, At: begin.Add(2 * time.Second), Group: "g", Took: 140 * time.Millisecond, Ended: true, Result: "FAILED", Client: "192.0.2.3"},
		},
	}
	var got []string
	for _, e := range entries(m, st, func(s string) string { return s }) {
		if !e.at.IsZero() {
			got = append(got, e.words)
		}
	}
	want := []string{
		"The producer made it.", "pg sent it in 4 ms.", "The broker stored it.",
		"A member of g failed after 140 ms: FAILED (client 192.0.2.3)", "Retry 1 came to g.",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q", got)
	}
	for _, c := range []struct {
		st   insight.MessageState
		want string
	}{
		{insight.MessageState{Gone: true}, "The broker no longer keeps it."},
		{insight.MessageState{KeptErr: fault.Unreachable}, "Whether it is still there is not known: The server cannot be reached."},
		{insight.MessageState{GroupsErr: fault.NotOffered}, "does not tell who reads a topic"},
		{insight.MessageState{}, "No group reads it."},
		{insight.MessageState{Missing: cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}}}, "broker-b did not answer; groups may be missing."},
		{insight.MessageState{TracesErr: fmt.Errorf("x: %w", fault.TopicNotFound)}, "traceTopicEnable=false"},
		{insight.MessageState{TracesErr: fault.NotOffered}, "Traces are not offered here."},
		{insight.MessageState{TracesErr: errors.New("odd")}, "Traces could not be read"},
		{insight.MessageState{}, "the clients have tracing off, or it has expired"},
	} {
		all := ""
		for _, e := range entries(m, &c.st, func(s string) string { return s }) {
			all += e.words + "\n"
		}
		if !strings.Contains(all, c.want) {
			t.Errorf("%q is not said:\n%s", c.want, all)
		}
	}
}

// TestTimelineAsks: the tab asks when it is opened and when another message is
// shown; without a connection it says so.
func TestTimelineAsks(t *testing.T) {
	r := newRig(t)
	r.view.Show(&message.Message{Topic: "t", Body: []byte("x")})
	r.view.ShowTimeline()
	r.settle()
	if lines := r.view.timeline.lines.Objects; len(lines) != 1 || r.view.timeline.again.Disabled() {
		t.Errorf("%d lines", len(lines))
	}
}
