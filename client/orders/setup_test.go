package orders

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
)

func topic(read, perm int, kind string) *Setting {
	return &Setting{Topic: &cluster.TopicSettings{Read: read, Write: read, Perm: perm, Type: kind}}
}

func ptr[T any](v T) *T { return &v }

// TestCheckSetup: names, numbers, and what is RocketMQ's own.
func TestCheckSetup(t *testing.T) {
	for _, x := range []struct {
		name string
		o    Setup
		want error
	}{
		{"one", Setup{Of: Topics, Act: Create, Names: []string{"t"}}, nil},
		{"120 bytes, % and |", Setup{Of: Topics, Act: Create, Names: []string{"rocketmq-x|ns%" + strings.Repeat("t", 106)}}, nil},
		{"a group of 120 bytes", Setup{Of: Groups, Act: Create, Names: []string{strings.Repeat("g", 120)}}, nil},
		{"the dead letters of such a group", Setup{Of: Topics, Act: Alter, Names: []string{"%DLQ%" + strings.Repeat("g", 120)}}, nil},
		{"no name", Setup{Of: Topics, Act: Create}, fault.Invalid},
		{"too many", Setup{Of: Topics, Act: Create, Names: make([]string, mostNames+1)}, fault.Invalid},
		{"twice", Setup{Of: Topics, Act: Create, Names: []string{"t", "t"}}, fault.Reserved},
		{"the schedule", Setup{Of: Topics, Act: Delete, Names: []string{"SCHEDULE_TOPIC_XXXX"}}, fault.Reserved},
		{"the trace", Setup{Of: Topics, Act: Alter, Names: []string{"RMQ_SYS_TRACE_TOPIC"}}, fault.Reserved},
		{"a retry topic made", Setup{Of: Topics, Act: Create, Names: []string{"%RETRY%g"}}, fault.Reserved},
		{"the tools", Setup{Of: Groups, Act: Delete, Names: []string{cluster.ToolsGroup}}, fault.Reserved},
		{"no queue", Setup{Of: Topics, Act: Create, Names: []string{"t"}, Wish: Wish{Read: ptr(0)}}, fault.Invalid},
		{"retries", Setup{Of: Groups, Act: Create, Names: []string{"g"}, Wish: Wish{Retries: ptr(-1)}}, fault.Invalid},
		{"nothing to do", Setup{Of: Topics, Act: "burn", Names: []string{"t"}}, fault.Invalid},
	} {
		if err := x.o.check(); !errors.Is(err, x.want) || (err != nil) != (x.want != nil) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
	for _, bad := range []string{"", "a b", "a/b", strings.Repeat("t", 128)} {
		if (Setup{Of: Topics, Act: Create, Names: []string{bad}}).check() == nil {
			t.Errorf("%q is a name", bad)
		}
	}
}

// TestWish: what is not wished stays, and what 4.x does not keep is said.
func TestWish(t *testing.T) {
	is := &Setting{Topic: &cluster.TopicSettings{Read: 4, Write: 4, Perm: 6, Type: cluster.TypeFIFO, Others: map[string]string{"a": "b"}, Order: true}}
	got, dropped := Wish{Write: ptr(8)}.on(is, false, false)
	if want := (cluster.TopicSettings{Read: 4, Write: 8, Perm: 6, Type: cluster.TypeFIFO, Others: map[string]string{"a": "b"}, Order: true}); dropped || !got.Topic.Same(want) || is.Topic.Write != 4 {
		t.Errorf("%+v", got.Topic)
	}
	if got, dropped := (Wish{Type: ptr(cluster.TypeDelay)}).on(topic(4, 6, ""), true, true); !dropped || got.Topic.Type != "" {
		t.Errorf("4.x: %+v", got.Topic)
	}
	if got, _ := (Wish{Type: ptr(cluster.TypeNormal)}).on(topic(4, 6, ""), false, false); got.Topic.Type != "" {
		t.Errorf("a usual one is changed: %+v", got.Topic)
	}
	if got, _ := (Wish{Type: ptr(cluster.TypeNormal)}).on(topic(4, 6, ""), false, true); got.Topic.Type != cluster.TypeNormal {
		t.Errorf("a usual one is made: %+v", got.Topic)
	}
	group := &Setting{Group: &cluster.GroupSettings{Retries: 16, RetryQueues: 1, Consume: true, Rest: json.RawMessage(`{"brokerId":0}`)}}
	got, _ = Wish{Retries: ptr(3), Consume: ptr(false)}.on(group, false, false)
	if g := got.Group; g.Retries != 3 || g.Consume || g.RetryQueues != 1 || string(g.Rest) != `{"brokerId":0}` || group.Group.Retries != 16 {
		t.Errorf("%+v", g)
	}
}

// TestSetupChanges: what makes such a preview stale.
func TestSetupChanges(t *testing.T) {
	preview := func(change func(*SetupPreview)) *SetupPreview {
		p := &SetupPreview{Order: Setup{Of: Topics, Act: Alter, Names: []string{"t"}}, Lines: []SetupLine{
			{Name: "t", Broker: "a", Was: topic(4, 6, ""), To: topic(8, 6, "")}, {Name: "t", Broker: "b", Was: topic(4, 6, ""), To: topic(8, 6, "")},
		}}
		if change != nil {
			change(p)
		}
		return p
	}
	for name, x := range map[string]struct {
		was, now func(*SetupPreview)
		want     Change
	}{
		"nothing":              {},
		"somebody changed it":  {now: func(p *SetupPreview) { p.Lines[1].Was = topic(5, 6, "") }, want: Altered},
		"it is gone":           {now: func(p *SetupPreview) { p.Lines[1].Was = nil }, want: Altered},
		"a broker went":        {now: func(p *SetupPreview) { p.Lines = p.Lines[:1] }, want: OtherBrokers},
		"a broker is silent":   {now: func(p *SetupPreview) { p.Missing = cluster.Missing{{Broker: "b"}} }, want: OtherBrokers},
		"it cannot be now":     {now: func(p *SetupPreview) { p.Why = fault.NotOffered }, want: OtherWay},
		"members came":         {now: func(p *SetupPreview) { p.Losses = []Loss{{Members: 1}} }, want: CameOnline},
		"messages came":        {now: func(p *SetupPreview) { p.Losses = []Loss{{Messages: 3}} }, want: Filled},
		"more came, as before": {was: func(p *SetupPreview) { p.Losses = []Loss{{Messages: 3}} }, now: func(p *SetupPreview) { p.Losses = []Loss{{Messages: 9}} }},
	} {
		if got := preview(x.was).differs(preview(x.now)); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

func setupRecord(act Act) *Record {
	return &Record{ID: "id", Ended: time.Now(), Setup: &Setup{Of: Topics, Act: act, Names: []string{"t", "u"}, Offsets: true}, Queues: []Done{
		{Name: "t", Broker: "a", Was: topic(4, 6, ""), Put: topic(8, 6, ""), State: Set},
		{Name: "t", Broker: "b", Was: topic(5, 6, ""), Put: topic(8, 6, ""), State: Failed, Err: fault.From(fault.NotPermitted)},
		{Name: "u", Broker: "a", Was: topic(6, 6, ""), Put: topic(8, 6, ""), State: Failed, Err: fault.From(fault.Timeout)},
		{Name: "u", Broker: "b", Was: topic(7, 6, ""), Put: topic(8, 6, "")},
	}}
}

// TestBackAndFailedSetups: what was changed, or may have been, is put back exactly; what was
// not done is tried alone; what was created or deleted is not put back.
func TestBackAndFailedSetups(t *testing.T) {
	back, ok := setupRecord(Alter).BackSetup()
	if !ok || back.Back != "id" || len(back.Exact) != 2 || !slices.Equal(back.Names, []string{"t", "u"}) || back.Exact[0].To.Topic.Read != 4 || back.Exact[1].To.Topic.Read != 6 {
		t.Errorf("%+v", back)
	}
	failed, ok := setupRecord(Alter).FailedSetup()
	if !ok || failed.Back != "" || len(failed.Exact) != 3 || failed.Exact[0].Broker != "b" || failed.Exact[0].To.Topic.Read != 8 {
		t.Errorf("%+v", failed)
	}
	for _, act := range []Act{Create, Delete} {
		if _, ok := setupRecord(act).BackSetup(); ok {
			t.Errorf("%s is put back", act)
		}
	}
	r := setupRecord(Alter)
	if _, ok := r.Back(); ok {
		t.Error("it has offsets")
	}
	if _, ok := r.Failed(); ok {
		t.Error("it has offsets")
	}
	r = &Record{ID: "id", Ended: time.Now(), Setup: &Setup{Of: Groups, Act: Delete, Names: []string{"g"}, Letters: true}, Queues: []Done{
		{Name: "%DLQ%g", Broker: "a", Was: topic(1, 6, ""), State: Failed}, {Name: "%DLQ%g"},
	}}
	if o, ok := r.FailedSetup(); !ok || !slices.Equal(o.Names, []string{"g"}) || len(o.Exact) != 2 || !o.Letters || o.check() != nil {
		t.Errorf("%+v", o)
	}
}

// TestFitting: a type that a record did not have is put back to the usual one.
func TestFitting(t *testing.T) {
	a := &asked{}
	if got := a.fitting(topic(4, 6, ""), topic(8, 6, cluster.TypeFIFO)); got.Topic.Type != cluster.TypeNormal || got.Topic.Read != 4 {
		t.Errorf("%+v", got.Topic)
	}
	if got := a.fitting(topic(4, 6, ""), topic(8, 6, "")); got.Topic.Type != "" {
		t.Errorf("%+v", got.Topic)
	}
}

// TestTaken: what a broker has is what it was told, but for what it adds itself.
func TestTaken(t *testing.T) {
	more := topic(4, 6, "")
	more.Topic.Others = map[string]string{"queue.type": "SimpleCQ"}
	for _, x := range []struct {
		put, has *Setting
		want     bool
	}{
		{topic(4, 6, ""), topic(4, 6, ""), true},
		{topic(4, 6, cluster.TypeNormal), topic(4, 6, ""), true},
		{topic(4, 6, ""), more, true},
		{topic(4, 6, ""), topic(8, 6, ""), false},
		{topic(4, 6, cluster.TypeFIFO), topic(4, 6, ""), false},
		{topic(4, 6, ""), nil, false},
		{nil, nil, true},
		{nil, topic(4, 6, ""), false},
	} {
		if got := taken(x.put, x.has); got != x.want {
			t.Errorf("%+v, %+v: %v", x.put, x.has, got)
		}
	}
}

// TestDiaryOfAnOlderGantry: what was kept before there were other orders is read as it was.
func TestDiaryOfAnOlderGantry(t *testing.T) {
	d := NewDiary(t.TempDir())
	line := `{"id":"old","at":"2026-11-30T14:00:00Z","user":"me","profile":"p","profileName":"orders","order":{"group":"g","topic":"t","to":{"kind":"newest"}},"way":"commit","queues":[{"broker":"a","queue":1,"from":0,"to":7,"state":"set"}],"ended":"2026-11-30T14:00:01Z"}`
	if err := os.WriteFile(d.path, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := setupRecord(Alter)
	if err := d.begin(fresh); err != nil {
		t.Fatal(err)
	}
	all, err := d.List()
	if err != nil || len(all) != 2 || all[1].Setup != nil || all[1].Order.Group != "g" || all[1].Queues[0] != (Done{Broker: "a", Queue: 1, To: 7, State: Set}) {
		t.Fatalf("%+v, %v", all, err)
	}
	if back, ok := all[1].Back(); !ok || back.To.Places[0] != (Place{"a", 1, 0}) {
		t.Errorf("%+v", back)
	}
	if s := all[0].Setup; s == nil || !slices.Equal(s.Names, []string{"t", "u"}) || !all[0].Queues[0].Was.Same(topic(4, 6, "")) || !errors.Is(all[0].Queues[1].Err, fault.NotPermitted) {
		t.Errorf("%+v", all[0])
	}
	if !all[0].Fits("change topics u") || all[0].Fits("groups") {
		t.Error("the words")
	}
}
