package inspect

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/decode"
	"gantry/client/message"
)

const (
	packedMap = "\x82\xa2id\xcf\x00\x20\x00\x00\x00\x00\x00\x01\xa4name\xa6\xe5\xbc\xa0\xe4\xb8\x89"
	record    = "\x0a\x08order-17\x10\x11"
	oneField  = "\x08\x96\x01"

	serialized = "\xAC\xED\x00\x05sr\x00\x0Dcom.acme.Paid"
)

// TestBinaryIsDecoded: what is sure is shown as JSON under its own name, what may be is
// offered, and what is only known by name stands over the dump.
func TestBinaryIsDecoded(t *testing.T) {
	r := newRig(t)
	r.view.p.AddFilter = func(string, bool) {}
	for _, c := range []struct {
		body, info string
		mode       mode
		copied     string
	}{
		{packedMap, "25 B", asJSON, "{\n  \"id\": 9007199254740993,\n  \"name\": \"张三\"\n}"},
		{"\xa2\x62id\x01\x61a\xf5", "8 B", asJSON, "{\n  \"id\": 1,\n  \"a\": true\n}"},
		{record, "12 B", asJSON, "{\n  \"1\": \"order-17\",\n  \"2\": 17\n}"},
		{oneField, "Hex · 3 B", asHex, ""},
		{serialized, "Hex · 21 B", asHex, ""},
		{gzipped(packedMap), "gzip ", asJSON, ""},
		{`{"a":1}`, "JSON · 7 B", asJSON, `{"a":1}`},
	} {
		r.view.Show(withBody(c.body))
		r.settle()
		why := map[string]string{oneField: "It may be Protobuf: choose that above to read it.", serialized: "Java serialization · com.acme.Paid"}[c.body]
		if r.view.reason.Text() != why {
			t.Errorf("%q: %q above it", c.body, r.view.reason.Text())
		}
		if k := r.view.body.kind; k != "" && r.view.charset.Selected != string(k) || k == "" && r.view.charset.Selected != "UTF-8" {
			t.Errorf("%q: %s is read as %s", c.body, k, r.view.charset.Selected)
		}
		if r.view.mode != c.mode || !strings.HasPrefix(r.view.about.Text(), c.info) {
			t.Errorf("%q: mode %v, %q", c.body, r.view.mode, r.view.about.Text())
		}
		if offered := r.view.view.OnFilter != nil; offered != (r.view.body.kind == "") {
			t.Errorf("%q: that a filter is offered is %v", c.body, offered)
		}
		if c.copied == "" {
			continue
		}
		fyne.CurrentApp().Clipboard().SetContent("-")
		if r.view.CopyBody(); clipboard() != c.copied {
			t.Errorf("%q: copied %q", c.body, clipboard())
		}
	}
}

// TestFormatByHand: a format that is chosen is tried, tells at which byte it fails, and is
// that of its topic from then on.
func TestFormatByHand(t *testing.T) {
	r := newRig(t)
	saved := map[string]string{}
	r.view.p.Reading = func(topic string) string { return saved[topic] }
	r.view.p.SaveReading = func(topic, reading string) { saved[topic] = reading }
	r.view.Show(withBody(oneField))
	r.view.charset.SetSelected(string(decode.Protobuf))
	if r.view.mode != asJSON || r.view.about.Text() != "3 B" || r.view.reason.Text() != "" || saved["order-events"] != "Protobuf" {
		t.Errorf("chosen: mode %v, %q, %v", r.view.mode, r.view.about.Text(), saved)
	}
	r.view.charset.SetSelected(string(decode.MessagePack))
	if r.view.mode != asJSON || r.view.about.Text() != "Not MessagePack · 3 B" || r.view.reason.Text() != "It ends at byte 1 (0x1), where 2 more follow." || !r.view.reason.Visible() {
		t.Errorf("another: mode %v, %q, %q", r.view.mode, r.view.about.Text(), r.view.reason.Text())
	}
	saved["order-events"] = "Protobuf"
	other := withBody(oneField)
	other.Topic = "other"
	for _, c := range []struct {
		same bool
		info string
	}{{false, "Hex · 3 B"}, {true, "3 B"}, {false, "Hex · 3 B"}} {
		m := other
		if c.same {
			m = withBody(oneField)
		}
		if r.view.Show(m); r.view.about.Text() != c.info {
			t.Errorf("of %s: %q, want %q", m.Topic, r.view.about.Text(), c.info)
		}
	}
	r.view.Show(withBody(`{"a":1}`)) // which is none
	if r.view.about.Text() != "JSON · 7 B" || r.view.charset.Selected != "UTF-8" {
		t.Errorf("%q as %s", r.view.about.Text(), r.view.charset.Selected)
	}
	r.view.Show(withBody("\xa5\xbf\xa7\x55")) // 正助 in Big5
	r.view.charset.SetSelected("Big5")
	if r.view.CopyBody(); r.view.mode != asText || clipboard() != "正助" {
		t.Errorf("Big5: mode %v, %q", r.view.mode, clipboard())
	}
}

// TestOriginalIsOffered for what was another message first.
func TestOriginalIsOffered(t *testing.T) {
	r := newRig(t)
	r.view.p.Compare = func(_, _ *message.Message) {}
	m := withBody("x")
	if r.view.Show(m); r.view.original.Visible() {
		t.Error("of a message of a topic")
	}
	m.Topic = message.DeadLetterTopic("g")
	m.Properties = append(m.Properties, message.Property{Name: "RETRY_TOPIC", Value: "orders"})
	for _, below := range []bool{false, true} {
		r.view.SetBelow(below)
		if r.view.Show(m); !r.view.original.Visible() {
			t.Errorf("below %v: not of a dead letter", below)
		}
	}
	failed := false
	r.view.p.Fail = func(error) { failed = true }
	r.view.compareOriginal()
	for !failed { // nothing is connected
		(<-r.queue)()
	}
}

// TestDeepJSON: JSON that would be some GB in lines is shown as the text that it is.
func TestDeepJSON(t *testing.T) {
	r := newRig(t)
	deep := strings.Repeat("[", 5000) + strings.Repeat("1,", 100_000) + "1" + strings.Repeat("]", 5000)
	r.view.Show(withBody(deep))
	r.settle()
	if r.view.mode != asText || r.view.body.json != nil {
		t.Errorf("mode %v", r.view.mode)
	}
	r.view.modes.Select(int(asJSON))
	if r.view.reason.Text() != "It is nested so deep that it would be too long in lines." {
		t.Errorf("%q", r.view.reason.Text())
	}
}

// TestFormIsThatOfItsTopic: what a body is shown as is kept for its topic, with how it is
// read.
func TestFormIsThatOfItsTopic(t *testing.T) {
	r := newRig(t)
	saved := map[string]string{}
	r.view.p.Reading = func(topic string) string { return saved[topic] }
	r.view.p.SaveReading = func(topic, reading string) { saved[topic] = reading }
	other := withBody(`{"b":1}`)
	other.Topic = "other"
	r.view.Show(withBody(`{"a":1}`))
	r.view.modes.Select(int(asHex))
	r.view.Show(withBody(`{"a":2}`))
	if r.view.mode != asHex || saved["order-events"] != " hex" {
		t.Errorf("mode %v, %q", r.view.mode, saved)
	}
	if r.view.Show(other); r.view.mode != asJSON {
		t.Errorf("of another topic: mode %v", r.view.mode)
	}
	r.view.charset.SetSelected("GBK")
	r.view.modes.Select(int(asText))
	if r.view.Show(withBody(`{"a":1}`)); r.view.mode != asHex || r.view.charset.Selected != "UTF-8" {
		t.Errorf("back: mode %v, %s", r.view.mode, r.view.charset.Selected)
	}
	if r.view.Show(other); r.view.mode != asText || saved["other"] != "GBK text" {
		t.Errorf("and back: mode %v, %q", r.view.mode, saved)
	}
	saved["other"] = "EBCDIC braille"
	r.view.readTopic = ""
	if r.view.Show(other); r.view.mode != asJSON {
		t.Errorf("what nobody could choose: mode %v", r.view.mode)
	}
}
