package msglist

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gantry/client/message"
)

// record is a message as a journal has it.
func record(m *message.Message) *message.Record {
	return &message.Record{Kind: message.KindMessage, Payload: message.AppendStored(nil, m)}
}

func TestFilter(t *testing.T) {
	paid := &message.Message{
		Topic: "order-events", Body: append([]byte(`{"id":"A-17","name":"李婷"}`), bytes.Repeat([]byte(" "), 10<<10)...),
		Properties: []message.Property{
			{Name: message.PropertyTags, Value: "paid"},
			{Name: message.PropertyKeys, Value: "ORD-1 ORD-2"},
			{Name: message.PropertyUniqueID, Value: "7F0000013C2A"},
			{Name: "tenant", Value: "north"},
			{Name: "WAIT", Value: "true"},
		},
	}
	for text, want := range map[string]bool{
		"":                              true,
		"a-17":                          true,
		"李婷":                            true,
		"PAID":                          true, // the tag
		"ord-2":                         true,
		"7f0000013c2a":                  true,
		"tenant":                        true,
		"north":                         true,
		"wait":                          false, // of the system, and not shown
		"order-events":                  false,
		"a-17 north":                    true,
		"a-17 south":                    false,
		`"id":"A-17"`:                   false, // quotes keep together and are not looked for
		`{"id":"A-17","name"`:           false,
		`"A-17,"`:                       false,
		"key:ord-2":                     true,
		"key：ord-2":                     true,
		"key:A-17":                      false,
		`key:"ORD-1 ORD-2"`:             true,
		"key:":                          true, // to be typed yet
		"tag:PAI":                       true,
		"tag:shipped":                   false,
		"tag:":                          true,
		"http://x":                      false,
		"size>10k":                      true,
		"size＞10K":                      true,
		"size>10k size<11kb":            true,
		"size>0.011m":                   false,
		"size<10k":                      false,
		"size>":                         true,
		"tag:paid a-17 size>1k key:ORD": true,
		`"two  words"`:                  false,
	} {
		f, wrong := parseFilter(text)
		if wrong != "" {
			t.Errorf("%q: wrong %q", text, wrong)
		}
		if got := f.fits(record(paid)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	for text, want := range map[string]string{
		"a size>ten": "size>ten", "size<-1": "size<-1", "size>1:2": "size>1:2", "size>1kk0": "size>1kk0", "size>nan": "size>nan",
	} {
		if _, wrong := parseFilter(text); wrong != want {
			t.Errorf("%q: wrong %q", text, wrong)
		}
	}
	if f, _ := parseFilter("x"); f.fits(&message.Record{Kind: message.KindMessage, Payload: []byte("xxxx")}) {
		t.Error("what is no message fits")
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{`word "two words" key:1 tag:b size>10k size<1M`, `“中 文” key：1`, `size>`, `"`} {
		f.Add(s)
	}
	r := record(sample(1))
	f.Fuzz(func(t *testing.T, s string) {
		keep, wrong := parseFilter(s)
		keep.fits(r)
		if wrong == "" && keep.empty() && !keep.fits(r) {
			t.Error("no filter hides something")
		}
	})
}

// TestFilteredList shows what fits, as it comes, and without the filter the message
// that was chosen among its neighbours.
func TestFilteredList(t *testing.T) {
	r := newFilterRig(t, 100_000)
	r.filter("key:k99")
	if n := r.list.Len(); n != 1_111 || r.last() != "k99999" {
		t.Fatalf("%d rows, last %q", n, r.last())
	}
	if s := r.list.bar.says.Text(); s != "1,111 of 100,000 match" {
		t.Errorf("it says %q", s)
	}
	r.src.next.Store(100_100)
	r.turn()
	if n := r.list.Len(); n != 1_111 || !r.list.Live() {
		t.Errorf("%d rows after others came", n)
	}
	r.src.next.Store(990_001)
	r.filter("key:k9900")
	if n := r.list.Len(); n != 12 || r.last() != "k990000" {
		t.Errorf("%d rows, last %q", n, r.last())
	}
	r.list.view.Select(1)
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != 99_000 || r.got.QueueOffset != int64(n) {
		t.Fatalf("selected %d, got %v", n, r.got)
	}
	want := r.got.QueueOffset
	r.list.escape()
	r.turn()
	if n, ok := r.list.Selected(); !ok || int64(n) != want || r.list.Live() || r.list.bar.field.Text != "" {
		t.Errorf("without the filter: %d selected", n)
	}
	if !slices.Contains(r.lines(), fmt.Sprintf("k%d", want)) || r.list.bar.says.Text() != "" {
		t.Errorf("it is not in sight: %v", r.lines())
	}
}

func TestFilterHidesAll(t *testing.T) {
	r := newFilterRig(t, 312)
	r.filter("tag:nobody")
	if r.list.Len() != 0 || !r.list.bar.none.Visible() {
		t.Errorf("%d rows", r.list.Len())
	}
	if r.list.bar.hidden != 312 {
		t.Errorf("%d hidden", r.list.bar.hidden)
	}
	r.filter("tag:nobody size>x") // the filter before stays
	if s := r.list.bar.says.Text(); !strings.Contains(s, "size>x") || r.list.Len() != 0 {
		t.Errorf("it says %q", s)
	}
	r.filter("tag:paid")
	if r.list.Len() != 312 || r.list.bar.none.Visible() {
		t.Errorf("%d rows", r.list.Len())
	}
	// Another journal under the filter.
	other := &source{}
	other.next.Store(7)
	r.list.SetSource(other)
	r.settle()
	r.turn()
	if r.list.Len() != 7 {
		t.Errorf("%d rows of the other", r.list.Len())
	}
	r.list.SetSource(nil)
	r.turn()
	if r.list.Len() != 0 || r.list.bar.none.Visible() {
		t.Error("rows of no source")
	}
}

// TestSieveAndEviction: what the journal evicts goes here too, and numbers stay.
func TestSieveAndEviction(t *testing.T) {
	src := &source{}
	src.next.Store(100)
	keep, _ := parseFilter("key:5")
	s := newSieve(src, keep)
	s.take(s.look(context.Background(), s.at))
	if first, next := s.Range(); first != 0 || next != 19 {
		t.Fatalf("%d to %d", first, next)
	}
	src.first.Store(56) // 5, 15, 25, 35, 45, 50 to 55 go
	if first, next := s.Range(); first != 11 || next != 19 {
		t.Errorf("%d to %d", first, next)
	}
	if of, ok := s.number(11); !ok || of != 56 {
		t.Errorf("the first is %d", of)
	}
	for _, n := range []uint64{10, 19} {
		if r, err := s.Record(n); err == nil {
			t.Errorf("%d has %+v", n, r)
		}
	}
	src.first.Store(0)
	src.next.Store(10) // another journal
	s.Range()
	s.take(s.look(context.Background(), s.at))
	if first, next := s.Range(); first != 0 || next != 1 {
		t.Errorf("of the other: %d to %d", first, next)
	}
}
