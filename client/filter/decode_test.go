package filter

import (
	"bytes"
	"context"
	"testing"
	"time"

	"gantry/client/decode"
	"gantry/client/message"
)

// cborOf is what reads CBOR.
func cborOf(body []byte) []byte {
	text, err := decode.JSON(context.Background(), decode.CBOR, body)
	if err != nil {
		return nil
	}
	return text
}

// TestBodiesInAFormat: texts, patterns and paths find what is decoded, and what is not in
// the format is looked at as it is; in a list of records as in one message.
func TestBodiesInAFormat(t *testing.T) {
	cbor := "\xa2\x62id\x19\x05\x39\x65buyer\x63Ada"
	for _, c := range []struct {
		text, body string
		fits       bool
	}{
		{"1337", cbor, true},
		{"ada", cbor, true},
		{"body:1337", cbor, true},
		{"-1337", cbor, false},
		{".id:1337", cbor, true},
		{".id>1336", cbor, true},
		{".id>1337", cbor, false},
		{".buyer:ada", cbor, true},
		{`/"id":13\d7/`, cbor, true},
		{".none:1", cbor, false},
		{"1337 tag:x", cbor, false},
		{".id:7 OR 1337", cbor, true},
		{".id:7", `{"id":7}`, true},
		{"7", `{"id":7}`, true},
		{"1337", `{"id":7}`, false},
		{".id:1337", string(message.Gzip([]byte(cbor))), true},
	} {
		f, err := Parse(c.text, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		m := &message.Message{Topic: "t", Body: []byte(c.body)}
		stored := message.AppendStored(nil, m)
		rec := message.AppendRecord(nil, &message.Record{Kind: message.KindMessage, ArrivedAt: time.Now(), Payload: stored})
		records, starts := append(bytes.Clone(rec), rec...), []int{0, len(rec)}
		d := f.Decoding(cborOf)
		if d.Match(m) != c.fits || d.MatchStored(stored) != c.fits || (len(d.Sift(records, starts)) == 2) != c.fits {
			t.Errorf("%s on %q: %v, %v, %v", c.text, c.body, d.Match(m), d.MatchStored(stored), d.Sift(records, starts))
		}
		if d.MayMatch(stored) != true {
			t.Errorf("%s: ruled out by its bytes", c.text)
		}
		plain := d.Decoding(nil)
		if plain.Match(m) != f.Match(m) || plain.MayMatch(stored) != f.MayMatch(stored) {
			t.Errorf("%s: without a format it differs", c.text)
		}
	}
}

// TestDecodes: a filter that asks for bodies says so, in whatever part it does.
func TestDecodes(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "word": true, "body:word": true, "/a+/": true, ".a:1": true, "-.a>1": true,
		"tag:a key:b id:c topic:d prop.x:e prop.y>3": false, "queue:1 offset>2 size<3 retry>0 after:15m": false,
		"tag:a OR (key:b -word)": true, "tag:/a/ -key:b": false,
	} {
		f, err := Parse(text, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if f.Decodes() != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
