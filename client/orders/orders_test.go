package orders

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
)

func TestLineCounts(t *testing.T) {
	for _, x := range []struct {
		l              Line
		skipped, again int64
		known, moves   bool
	}{
		{Line{From: 2, To: 5, Min: 0, Max: 8}, 3, 0, true, true},
		{Line{From: 5, To: 2, Min: 0, Max: 8}, 0, 3, true, true},
		{Line{From: 5, To: 5, Min: 0, Max: 8}, 0, 0, true, false},
		{Line{From: 5, To: -1, Min: 0, Max: 8}, 0, 0, true, false},
		{Line{From: 2, To: 7, Min: 5, Max: 8}, 2, 0, true, true}, // what is not kept is not skipped
		{Line{From: 8, To: 5, Min: 5, Max: 8}, 0, 3, true, true},
		{Line{From: -1, To: 5, Min: 0, Max: 8}, 5, 0, false, true},
		{Line{From: 20, To: 5, Min: 0, Max: 8}, 0, 3, false, true},
	} {
		if x.l.Skipped() != x.skipped || x.l.Again() != x.again || x.l.Known() != x.known || x.l.Moves() != x.moves {
			t.Errorf("%+v: %d %d %v %v", x.l, x.l.Skipped(), x.l.Again(), x.l.Known(), x.l.Moves())
		}
	}
}

func TestRange(t *testing.T) {
	for l, want := range map[Line][2]int64{
		{From: 2, To: 5, Min: 0, Max: 8}: {2, 5}, {From: 5, To: 2, Min: 0, Max: 8}: {2, 5}, {From: 2, To: 7, Min: 5, Max: 8}: {5, 7},
		{From: 8, To: 5, Min: 5, Max: 8}: {5, 8}, {From: -1, To: 5, Min: 1, Max: 8}: {1, 5}, {From: 5, To: 5, Max: 8}: {5, 5}, {From: 5, To: -1, Max: 8}: {0, 0},
	} {
		if first, end := l.Range(); first != want[0] || end != want[1] {
			t.Errorf("%+v: %d to %d", l, first, end)
		}
	}
}

func TestPutWithinTheQueue(t *testing.T) {
	for to, want := range map[int64][2]int64{0: {3, 0}, 3: {3, -1}, 8: {8, -1}, 9: {8, 9}} {
		l := Line{Min: 3, Max: 8, Wanted: -1}
		if l.put(to); l.To != want[0] || l.Wanted != want[1] {
			t.Errorf("%d: %+v", to, l)
		}
	}
}

// TestChanges: what makes a preview stale, and what does not.
func TestChanges(t *testing.T) {
	preview := func(kind Kind, change func(*Preview)) *Preview {
		p := &Preview{Order: Offsets{To: Target{Kind: kind}}, Way: ByCommit}
		for id := range 2 {
			p.Lines = append(p.Lines, Line{Queue: cluster.Queue{Broker: "a", ID: id}, From: 4, To: 6, Min: 0, Max: 9, Wanted: -1})
		}
		if change != nil {
			change(p)
		}
		return p
	}
	member := []cluster.Member{{ID: "m"}}
	for name, x := range map[string]struct {
		kind     Kind
		was, now func(*Preview)
		want     Change
	}{
		"nothing":                 {kind: ToOffset},
		"it went on":              {kind: ToOffset, now: func(p *Preview) { p.Lines[1].From = 5 }},
		"more came":               {kind: ToNewest, now: func(p *Preview) { p.Lines[1].Max, p.Lines[1].To = 20, 20 }},
		"the oldest went":         {kind: ToEarliest, now: func(p *Preview) { p.Lines[0].Min, p.Lines[0].To = 5, 5 }},
		"it came there":           {kind: ToOffset, now: func(p *Preview) { p.Lines[0].From = 6 }},
		"it passed":               {kind: ToOffset, now: func(p *Preview) { p.Lines[0].From = 7 }, want: Moved},
		"it was put back":         {kind: ToOffset, now: func(p *Preview) { p.Lines[0].From = 3 }, want: Moved},
		"it has a position now":   {kind: ToOffset, was: func(p *Preview) { p.Lines[0].From = -1 }, want: Moved},
		"the place is gone":       {kind: ToOffset, now: func(p *Preview) { p.Lines[0].Min, p.Lines[0].To = 7, 7 }, want: Gone},
		"members came":            {kind: ToOffset, now: func(p *Preview) { p.Members, p.Way = member, ByBroker }, want: CameOnline},
		"members left":            {kind: ToOffset, was: func(p *Preview) { p.Members, p.Way = member, ByBroker }, want: WentOffline},
		"a queue was added":       {kind: ToOffset, now: func(p *Preview) { p.Lines = append(p.Lines, Line{}) }, want: OtherQueues},
		"a broker went":           {kind: ToOffset, now: func(p *Preview) { p.Missing = cluster.Missing{{Broker: "b"}} }, want: OtherQueues},
		"it is done otherwise":    {kind: ToOffset, now: func(p *Preview) { p.Way = ByTime }, want: OtherWay},
		"it cannot be done now":   {kind: ToOffset, now: func(p *Preview) { p.Why = fault.Broadcasts }, want: OtherWay},
		"a queue is not meant":    {kind: LikeGroup, now: func(p *Preview) { p.Lines[0].To = -1 }, want: Moved},
		"none of them was before": {kind: LikeGroup, was: func(p *Preview) { p.Lines[0].To = -1 }, now: func(p *Preview) { p.Lines[0].To = -1 }},
	} {
		if got := preview(x.kind, x.was).differs(preview(x.kind, x.now)); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

// TestAgain: what was agreed to is asked for anew to the very place, but for what moves by
// itself.
func TestAgain(t *testing.T) {
	p := &Preview{Order: Offsets{Group: "g", To: Target{Kind: ByCount, Count: -3}}, Way: ByBroker, Lines: []Line{
		{Queue: cluster.Queue{Broker: "a", ID: 1}, From: 9, To: 6}, {Queue: cluster.Queue{Broker: "a", ID: 2}, From: -1, To: -1},
	}}
	if o := p.again(); o.To.Kind != ToPlaces || len(o.To.Places) != 1 || o.To.Places[0] != (Place{"a", 1, 6}) || o.Group != "g" {
		t.Errorf("%+v", o)
	}
	for _, k := range []Kind{ToNewest, ToEarliest} {
		p.Order.To.Kind = k
		if o := p.again(); o.To.Kind != k {
			t.Errorf("%+v", o)
		}
	}
}

func TestFollowed(t *testing.T) {
	for _, x := range []struct {
		name        string
		q           Done
		way         Way
		pos         int64
		left        bool
		commit      int64
		known, want bool
	}{
		{"the broker has put it, nobody pulled", Done{From: 9, To: 3}, ByBroker, 3, false, 9, true, false},
		{"the member is there", Done{From: 9, To: 3}, ByBroker, 3, false, 3, true, true},
		{"it went on from there", Done{From: 9, To: 3}, ByBroker, 5, false, 0, false, true},
		{"a commit of where it was", Done{From: 9, To: 3}, ByBroker, 9, false, 0, false, false},
		{"it was there, and says the new place", Done{From: 9, To: 3}, ByBroker, 3, true, 0, false, true},
		{"it was there, and still is", Done{From: 9, To: 3}, ByBroker, 9, true, 0, false, false},
		{"a commit of where it was before skipping", Done{From: 3, To: 9}, ByBroker, 3, false, 0, false, false},
		{"skipped, and went on", Done{From: 3, To: 9}, ByBroker, 10, true, 0, false, true},
		{"skipped, nobody pulled", Done{From: 3, To: 9}, ByBroker, 9, false, 3, true, false},
		{"skipped, the member is there", Done{From: 3, To: 9}, ByBroker, 9, false, 9, true, true},
		{"the member tells nothing", Done{From: 3, To: 9}, ByBroker, 9, false, 0, false, false},
		{"told, not there yet", Done{From: 9, To: 3}, ByTime, 9, false, 9, true, false},
		{"told, and there", Done{From: 9, To: 3}, ByTime, 4, false, 0, false, true},
		{"told to skip, and there", Done{From: 3, To: 9}, ByTime, 9, false, 0, false, true},
	} {
		if got := followed(x.q, x.way, x.pos, x.left, x.commit, x.known); got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}

// TestMayStay: only members of client-go that a broker tells of several queues.
func TestMayStay(t *testing.T) {
	lines := []Line{{From: 5, To: 0, Max: 5}, {From: 5, To: 0, Max: 5}}
	member := func(language string) []cluster.Member { return []cluster.Member{{ID: "m", Language: language}} }
	for name, x := range map[string]struct {
		p    Preview
		want bool
	}{
		"several":         {Preview{Way: ByBroker, Lines: lines, Members: member("GO")}, true},
		"one":             {Preview{Way: ByBroker, Lines: lines[:1], Members: member("GO")}, false},
		"of Java":         {Preview{Way: ByBroker, Lines: lines, Members: member("JAVA")}, false},
		"all in one word": {Preview{Way: ByTime, Lines: lines, Members: member("GO")}, false},
		"nobody":          {Preview{Way: ByBroker, Lines: lines}, false},
	} {
		if got := x.p.MayStay(); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestConsumedAgain: a member that was done before anybody looked has followed all the same.
func TestConsumedAgain(t *testing.T) {
	told := time.UnixMilli(1796000000000)
	l := Line{From: 5, To: 0, Max: 5}
	before, after := held{"m", 5, told.Add(-time.Minute)}, held{"m", 5, told.Add(time.Second)}
	for name, x := range map[string]struct {
		l           Line
		before, now held
		want        bool
	}{
		"it consumed":                  {l, before, after, true},
		"it did not":                   {l, before, before, false},
		"it had messages waiting":      {Line{From: 4, To: 0, Max: 5}, before, after, false},
		"skipping delivers none again": {Line{From: 3, To: 5, Max: 5}, before, after, false},
		"another member has it":        {l, before, held{"other", 5, after.last}, false},
		"nobody had it":                {l, held{}, after, false},
	} {
		if got := consumedAgain(x.l, x.before, x.now); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func record(group string) *Record {
	return &Record{Who: Who{User: "me", Profile: "p", ProfileName: "orders"}, Order: Offsets{Group: group, Topic: "t", To: Target{Kind: ToNewest}}, Queues: []Done{
		{Broker: "a", Queue: 0, From: 2, To: 9, State: Set},
		{Broker: "a", Queue: 1, From: -1, To: 9, State: Set},
		{Broker: "b", Queue: 0, From: 4, To: 9, State: Failed, Err: fault.From(fault.NoMaster)},
	}}
}

func TestDiary(t *testing.T) {
	d := NewDiary(t.TempDir())
	if all, err := d.List(); len(all) > 0 || err != nil {
		t.Fatal(all, err)
	}
	first, second := record("one"), record("two")
	for _, err := range []error{d.begin(first), d.begin(second), d.end(first)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	// What a crash cut, and what is no record, hides nothing.
	f, err := os.OpenFile(d.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("no record\n{\"id\":\"x"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), d.begin(record("three"))); err != nil {
		t.Fatal(err)
	}
	all, err := d.List()
	if err != nil || len(all) != 3 || all[0].Order.Group != "three" || all[1].Order.Group != "two" || all[2].Order.Group != "one" {
		t.Fatalf("%+v, %v", all, err)
	}
	if all[2].Ended.IsZero() || !all[1].Ended.IsZero() || !errors.Is(all[2].Queues[2].Err, fault.NoMaster) {
		t.Errorf("%+v", all)
	}
	if !all[2].Fits("ME ord one") || all[2].Fits("one two") || !all[2].Fits("") {
		t.Error("the words")
	}
	var out bytes.Buffer
	if err := d.Export(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var r Record
	if err := json.Unmarshal([]byte(lines[0]), &r); err != nil || len(lines) != 3 || r.Order.Group != "one" {
		t.Errorf("%d lines, %+v, %v", len(lines), r, err)
	}
}

// TestBackAndFailed: what was changed can be put back where there was a position, and what
// failed can be tried alone.
func TestBackAndFailed(t *testing.T) {
	r := record("g")
	r.Ended = r.At.AddDate(1, 0, 0)
	r.ID = "id"
	back, ok := r.Back()
	if !ok || len(back.To.Places) != 1 || back.To.Places[0] != (Place{"a", 0, 2}) || back.To.Back != "id" || len(back.Queues) != 1 {
		t.Errorf("%+v", back)
	}
	failed, ok := r.Failed()
	if !ok || len(failed.To.Places) != 1 || failed.To.Places[0] != (Place{"b", 0, 9}) || failed.To.Back != "" {
		t.Errorf("%+v", failed)
	}
	r.Queues[2].Err = fault.From(fault.Timeout) // nobody knows
	if back, ok := r.Back(); !ok || len(back.To.Places) != 2 || back.To.Places[1] != (Place{"b", 0, 4}) {
		t.Errorf("%+v", back)
	}
	r.Queues = r.Queues[:1]
	if _, ok := r.Failed(); ok {
		t.Error("nothing failed")
	}
	r.Queues[0].State = Told // and it was not seen that they follow
	if failed, ok := r.Failed(); !ok || len(failed.Queues) != 1 {
		t.Errorf("%+v", failed)
	}
	r.Ended = time.Time{} // it is still looked for
	if _, ok := r.Failed(); ok {
		t.Error("it has not ended")
	}
	// One that ended in the middle may have changed anything.
	r = record("g")
	for i := range r.Queues {
		r.Queues[i].State, r.Queues[i].Err = Waiting, nil
	}
	if back, ok := r.Back(); !ok || len(back.To.Places) != 2 {
		t.Errorf("%+v", back)
	}
}

// TestDiaryIsCapped: the oldest go, the newest stay.
func TestDiaryIsCapped(t *testing.T) {
	d := NewDiary(t.TempDir())
	for i := range 12 {
		r := record(strings.Repeat("g", 1<<20) + string(rune('a'+i)))
		if err := d.begin(r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := d.List()
	info, statErr := os.Stat(d.path)
	if err != nil || statErr != nil || len(all) == 12 || len(all) < 3 || !strings.HasSuffix(all[0].Order.Group, "l") || info.Size() > mostDiary+2<<20 {
		t.Errorf("%d records, %v, %v", len(all), err, statErr)
	}
}
