package filter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gantry/client/message"
)

// records are messages one behind another as in a journal, and where each begins.
func records(ms []*message.Message) (all []byte, starts []int) {
	for _, m := range ms {
		starts = append(starts, len(all))
		all = message.AppendMessage(all, m)
	}
	return all, starts
}

// TestSift: many looked at together are what each is by itself, whatever hides a text.
func TestSift(t *testing.T) {
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String(`{"name":"李婷"}`)
	var ms []*message.Message
	for i := range 300 {
		m := ordered()
		m.QueueOffset, m.Broker = int64(i), "needle-broker"
		m.Body = fmt.Appendf(nil, `{"n":%d,"name":"row %d"}`, i, i)
		switch i % 10 {
		case 3:
			m.Body = gzipped(t, `{"name":"李婷","needle":1}`)
		case 5:
			m.Body = []byte(gbk)
		case 7:
			m.Body = []byte(`{"\u006eame":"escaped"}`)
		case 8:
			m.Properties = append(m.Properties, message.Property{Name: "needle", Value: fmt.Sprint(i)})
		case 9:
			m.Body, m.Inflated, m.SysFlag = []byte("inflated NEEDLE"), true, 1
		}
		ms = append(ms, m)
	}
	all, starts := records(ms)
	for _, text := range []string{
		"", "needle", `"NEEDLE"c`, "李婷", ".name:李", ".name:escaped", ".name:row", ".n:7", ".n>290", "/ro. 1/", "/NEED/i", "/é/i", "-needle", "needle OR 李婷", "needle OR size>1", "needle row", "tag:paid", "tag:x,paid",
		"id:7f00", "0a00000100002a9f000000000000002a", "offset:5,299", "été", "prop.needle:1", "prop.needle>100", "/(a|b)c/", "row -(/1/ OR .n:2)", "topic:orders", "broker",
	} {
		f, err := Parse(text, noon)
		if err != nil {
			t.Fatal(text, err)
		}
		var want []int
		for i, m := range ms {
			if f.Match(m) {
				want = append(want, i)
			}
		}
		if got := f.Sift(all, starts); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	f, _ := Parse("needle", noon)
	for cut := range 200 {
		f.Sift(all[:starts[1]+cut], starts[:2]) // what is damaged does no harm
	}
}

// FuzzSift: it finds what Match does.
func FuzzSift(f *testing.F) {
	f.Add(`word OR /x+y/ -.a:b`, `{"a":"word"}`, "xxy", "b")
	f.Add(`"A"c`, "a", "A", "")
	f.Fuzz(func(t *testing.T, text, body, other, tag string) {
		keep, err := Parse(text, noon)
		if err != nil && !errors.Is(err, ErrUnfinished) || strings.ContainsAny(tag, "\x01\x02") {
			return
		}
		ms := []*message.Message{
			{Topic: "t", Broker: other, Body: []byte(body), Properties: []message.Property{{Name: message.PropertyTags, Value: tag}}},
			{Topic: "t", Body: []byte(other)},
			{Topic: "t", Body: []byte(body + other)},
		}
		var want []int
		for i, m := range ms {
			if keep.Match(m) {
				want = append(want, i)
			}
		}
		all, starts := records(ms)
		if got := keep.Sift(all, starts); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	})
}

// TestWithout: what lies in a place that is left out does not fit, whatever else is asked for.
func TestWithout(t *testing.T) {
	var ms []*message.Message
	for i := range 10 {
		m := ordered()
		m.QueueOffset, m.Broker = int64(i), "broker-a"
		ms = append(ms, m)
	}
	all, starts := records(ms)
	gone := map[string]bool{ms[3].Place(): true, ms[5].Place(): true, "another": true}
	for _, text := range []string{"", "paid", "tag:paid"} {
		f, err := Parse(text, noon)
		if err != nil {
			t.Fatal(err)
		}
		before := len(f.Sift(all, starts))
		f = f.Without(gone)
		if got := f.Sift(all, starts); f.Empty() || len(got) != before-2 || slices.Contains(got, 3) || slices.Contains(got, 5) || f.Match(ms[3]) || !f.Match(ms[4]) {
			t.Errorf("%q: %v of %d", text, got, before)
		}
	}
}
