package browse

import (
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/decode"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/search"
	"gantry/gui/inspect"
)

// TestF6EachQuestionKeepsItsNumber: a place that is looked up asks for one message, and
// the newest stay as many as before.
func TestF6EachQuestionKeepsItsNumber(t *testing.T) {
	r := newRig(t, profile.Profile{})
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: "orders", Count: 1000})
	r.settle()
	r.screen.Find(cluster.Query{Kind: cluster.ByOffset, Topic: "orders", Queue: cluster.Queue{Broker: "b", ID: 1}, Offset: 5, Count: 1})
	r.settle()
	f := r.screen.form
	f.mode.Set(4)
	f.mode.OnChanged(4)
	if q, ok := f.read(time.Now()); !ok || q.Kind != cluster.Newest || q.Count != 1000 {
		t.Errorf("newest asks for %d", q.Count)
	}
	f.mode.Set(3)
	f.mode.OnChanged(3)
	if q, ok := f.read(time.Now()); !ok || q.Kind != cluster.ByOffset || q.Count != 1 {
		t.Errorf("the place asks for %d", q.Count)
	}
}

// TestF11RelativeTimes are taken as the send form takes them, anew at each search.
func TestF11RelativeTimes(t *testing.T) {
	r := newRig(t, profile.Profile{})
	f := r.screen.form
	f.topic.SetText("orders")
	now := time.Date(2026, 11, 23, 14, 32, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"15 min": now.Add(-15 * time.Minute), "1h": now.Add(-time.Hour), "1 h 30 min ago": now.Add(-90 * time.Minute),
		"today": now.Truncate(time.Hour).Add(-14 * time.Hour), "14:00": now.Add(-32 * time.Minute), "2026-11-23 14:00:00": now.Add(-32 * time.Minute),
	} {
		f.from.SetText(text)
		if q, ok := f.read(now); !ok || !q.From.Equal(want) || !q.To.IsZero() {
			t.Errorf("%q is from %v to %v (%v)", text, q.From, q.To, f.errs)
		}
	}
	f.from.SetText("soon")
	if _, ok := f.read(now); ok || f.errs[f.from] == "" {
		t.Error("a word that is no time is taken")
	}
	for _, from := range usual() {
		f.to.SetText("14:00")
		f.pickRange(from)
		if q, ok := f.read(now); !ok || !q.From.Before(now) || !q.To.IsZero() {
			t.Errorf("the range from %q is %v to %v", from, q.From, q.To)
		}
	}
}

// TestA8TopicThatMayNotBeRead says so at the topic, and asks for no other group: none
// may read it.
func TestA8TopicThatMayNotBeRead(t *testing.T) {
	r := newRig(t, profile.Profile{})
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: "orders", Count: 100})
	r.settle()
	r.last().set(search.Status{Err: fault.NotReadable})
	r.settle()
	f := r.screen.form
	if got := f.fields[f.topic].Error(); !strings.Contains(got, "may not be read") || f.fields[f.group].Visible() {
		t.Errorf("at the topic: %q, a group is asked for: %v", got, f.fields[f.group].Visible())
	}
	f.topic.SetText("payments")
	if got := f.fields[f.topic].Error(); got != "" {
		t.Errorf("at another topic: %q", got)
	}
}

// TestWrongFilterIsMarked: what is asked for is not, and its term is underlined where it stands.
func TestWrongFilterIsMarked(t *testing.T) {
	r := newRig(t, profile.Profile{})
	f := r.screen.form
	f.topic.SetText("orders")
	f.fits.SetText("  tag:paid queue:many")
	if _, ok := f.read(time.Now()); ok || f.errs[f.fits] == "" || f.fits.Wrong() != "queue:many" {
		t.Errorf("%q, underlined: %q", f.errs[f.fits], f.fits.Wrong())
	}
	f.fits.SetText("tag:paid queue:1")
	if _, ok := f.read(time.Now()); !ok || f.fits.Wrong() != "" {
		t.Errorf("%q, underlined: %q", f.errs[f.fits], f.fits.Wrong())
	}
}

// TestFormatOfASearch: what was filtered with another format than bodies have now says so, until
// it is asked again.
func TestFormatOfASearch(t *testing.T) {
	r := newRig(t, profile.Profile{})
	var says *profile.Schema
	r.screen.p.Formats = inspect.Formats{Of: func(string) *profile.Schema { return says }}
	changed := func(to *profile.Schema) {
		says = to
		r.screen.FormatsChanged(func(string) bool { return true })
		r.settle()
	}
	const told = "the filter has read them as before"
	for filter, reads := range map[string]bool{".state:paid": true, "tag:paid": false} {
		changed(nil)
		r.screen.Find(cluster.Query{Kind: cluster.ByTime, Topic: "orders", Filter: filter})
		r.settle()
		if r.Has(told) {
			t.Errorf("%s: it begins with that", filter)
		}
		if changed(&profile.Schema{Topic: "orders", Format: decode.CBOR}); r.Has(told) != reads {
			t.Errorf("%s: said is %v", filter, !reads)
		}
		r.last().set(search.Status{Progress: cluster.Progress{Found: 1}, Kept: 1})
		if r.settle(); r.Has(told) != reads {
			t.Errorf("%s: at the end said is %v", filter, !reads)
		}
		r.screen.Find(cluster.Query{Kind: cluster.ByTime, Topic: "orders", Filter: filter})
		if r.settle(); r.Has(told) {
			t.Errorf("%s: asked again", filter)
		}
	}
}
