package filter

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
)

func TestFilter(t *testing.T) {
	paid := &message.Message{
		CommitLogOffset: 42, StoreHost: netip.MustParseAddrPort("10.0.0.1:10911"),
		Topic: "order-events", Body: append([]byte(`{"id":"A-17","name":"李婷"}`), bytes.Repeat([]byte(" "), 10<<10)...),
		Properties: []message.Property{
			{Name: message.PropertyTags, Value: "paid"},
			{Name: message.PropertyKeys, Value: "ORD-1 ORD-2"},
			{Name: message.PropertyUniqueID, Value: "7F0000013C2A"},
			{Name: "tenant", Value: "north"},
			{Name: "WAIT", Value: "true"},
		},
	}
	stored := message.AppendStored(nil, paid)
	for text, want := range map[string]bool{
		"":                                 true,
		"a-17":                             true,
		"李婷":                               true,
		"PAID":                             true, // the tag
		"ord-2":                            true,
		"7f0000013c2a":                     true,
		"tenant":                           true,
		"north":                            true,
		"wait":                             false, // of the system, and not shown
		"order-events":                     false,
		"a-17 north":                       true,
		"a-17 south":                       false,
		`"id":"A-17"`:                      true, // quotes within stand for themselves
		`{"id":"A-17","name"`:              true,
		`"id":"A-18"`:                      false,
		`"A-17,"`:                          false,
		`"a-17" "李婷"`:                      true,
		`"nam`:                             true, // to be closed yet
		`“north”`:                          true,
		"key":                              false, // a word
		"tag size":                         false,
		"0A00000100002A9F000000000000002A": true, // of the offset
		"key:ord-2":                        true,
		"key：ord-2":                        true,
		"key:A-17":                         false,
		`key:"ORD-1 ORD-2"`:                true,
		"key:":                             true, // to be typed yet
		"tag:PAI":                          true,
		"tag:shipped":                      false,
		"tag:":                             true,
		"http://x":                         false,
		"size>10k":                         true,
		"size＞10K":                         true,
		"size>10k size<11kb":               true,
		"size>0.011m":                      false,
		"size<10k":                         false,
		"size>":                            true,
		"tag:paid a-17 size>1k key:ORD":    true,
		`"two  words"`:                     false,
	} {
		f, err := Parse(text, time.Now())
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := f.Match(paid); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if got := f.MatchStored(stored); got != want {
			t.Errorf("%q: stored %v", text, got)
		}
	}
	for text, want := range map[string]string{
		"a size>ten": "size>ten", "size<-1": "size<-1", "size>1:2": "size>1:2", "size>1kk": "size>1kk", "size>nan": "size>nan", "size>inf": "size>inf", "SIZE＞1mk": "SIZE＞1mk",
	} {
		var wrong *WrongError
		if _, err := Parse(text, time.Now()); !errors.As(err, &wrong) || wrong.Term != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTagged(t *testing.T) {
	m := &message.Message{Topic: "t", Body: []byte("order 7"), Properties: []message.Property{{Name: message.PropertyTags, Value: "paid"}, {Name: "tenant", Value: "north"}}}
	for name, c := range map[string]struct {
		f    Filter
		want bool
	}{
		"all":          {Filter{}, true},
		"no tag named": {Tagged(), true},
		"its tag":      {Tagged("shipped", "paid"), true},
		"a part of it": {Tagged("pai"), false},
	} {
		if got := c.f.Match(m); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if got := c.f.MatchStored(message.AppendStored(nil, m)); got != c.want {
			t.Errorf("%s, stored: %v", name, got)
		}
	}
	tagged := Tagged("x")
	if !tagged.MatchStored([]byte("no message")) {
		t.Error("what cannot be read is hidden")
	}
}

// FuzzFilter: no filter hides nothing, and what is ruled out undecoded does not fit.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{`word "two words" key:1 tag:b size>10k size<1M`, `“中 文” key：1`, `size>`, `"`} {
		f.Add(s, "word", "b")
	}
	f.Fuzz(func(t *testing.T, s, body, tag string) {
		keep, err := Parse(s, time.Now())
		m := &message.Message{Topic: "t", Body: []byte(body), Properties: []message.Property{{Name: message.PropertyTags, Value: tag}}}
		fits := keep.Match(m)
		if err == nil && keep.Empty() && !fits {
			t.Error("no filter hides something")
		}
		if fits && !strings.ContainsAny(tag, "\x01\x02") && !keep.MayMatch(message.AppendStored(nil, m)) {
			t.Errorf("%q fits %q, and is ruled out undecoded", s, body)
		}
	})
}
