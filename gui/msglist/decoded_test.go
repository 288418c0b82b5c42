package msglist

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"gantry/client/decode"
	"gantry/client/filter"
	"gantry/client/message"
)

// TestRowsAreDecoded where their topic has a format; what is a text stays one.
func TestRowsAreDecoded(t *testing.T) {
	read := func(body []byte) []byte {
		text, err := decode.JSON(context.Background(), decode.CBOR, body)
		if err != nil {
			return nil
		}
		return text
	}
	const cbor = "\xa1\x62id\x19\x05\x39"
	for body, want := range map[string]string{
		cbor: `{"id":1337}`, string(message.Gzip([]byte(cbor))): `gzip {"id":1337}`, `{"a":1}`: "", "\xff\x00": "", string(make([]byte, mostDecoded+1)): "",
	} {
		m := &message.Message{Body: []byte(body)}
		if got := decoded(m, read); got != want || decoded(m, nil) != "" {
			t.Errorf("%.20q: %q, want %q", body, got, want)
		}
	}
}

// TestRowsAreReadAgain where the format of their topic has changed.
func TestRowsAreReadAgain(t *testing.T) {
	r := newRig(t, 300)
	body := func() string {
		at := r.list.base + uint64(r.list.view.FirstVisible())
		if row := r.list.cache.rows[at]; row != nil {
			return row.Body
		}
		return ""
	}
	before, sized := body(), len(r.list.cache.rows)
	if before == "" || before == `"decoded"` {
		t.Fatalf("%q", before)
	}
	r.src.binary.Store(true)
	r.list.p.Decode = func() filter.Decode { return func([]byte) []byte { return []byte(`"decoded"`) } }
	r.list.Reread()
	if body() != before {
		t.Error("the rows went before they were read again")
	}
	r.settle()
	if body() != `"decoded"` || len(r.list.cache.rows) > sized {
		t.Errorf("%q, %d rows", body(), len(r.list.cache.rows))
	}
}

// TestFilterIsAskedAgain where the format of the topic has changed: what fits then is shown,
// and what was selected is so still. A filter that asks for no body is left alone.
func TestFilterIsAskedAgain(t *testing.T) {
	r := newFilterRig(t, 3000)
	r.src.binary.Store(true) // {0xA0, byte(n)}: no text finds it
	third := func() filter.Decode {
		return func(body []byte) []byte {
			if len(body) == 2 && body[1] == 33 {
				return []byte(`{"id":1337}`)
			}
			return nil
		}
	}
	r.filter(".id:1337")
	if n := r.list.Len(); n != 0 {
		t.Fatalf("%d rows fit bodies that nothing reads", n)
	}
	r.list.p.Decode = third
	r.list.Reread()
	r.settle()
	r.turn()
	if n := r.list.Len(); n != 12 || r.list.bar.cover.Visible() {
		t.Fatalf("%d rows fit once they are read", n)
	}
	r.filter(".id:1337 OR key:k801")
	r.list.view.Select(3) // which fits both
	r.turn()
	n, _ := r.list.Selected()
	if n != 801 {
		t.Fatalf("selected is %d", n)
	}
	r.list.p.Decode = func() filter.Decode { return nil }
	r.list.Reread()
	r.settle()
	r.turn()
	if at, ok := r.list.Selected(); r.list.Len() != 1 || !ok || at != n {
		t.Errorf("%d rows, selected %d %v", r.list.Len(), at, ok)
	}
	r.filter("tag:paid")
	sieve := r.list.sieve
	r.list.p.Decode = third
	r.list.Reread()
	r.settle()
	if r.list.sieve != sieve || r.list.Len() != 3000 {
		t.Error("a filter that asks for no body was asked again")
	}
}

// TestFilterIsAskedAgainWhileHeld: the message that was looked at stays in sight.
func TestFilterIsAskedAgainWhileHeld(t *testing.T) {
	r := newFilterRig(t, 3000)
	r.filter(`/"n":\d*5}/`)
	r.list.page(-1)
	r.list.page(-1)
	r.turn()
	n, ok := r.list.Selected()
	if !ok || r.list.Live() || r.list.Len() != 300 {
		t.Fatalf("selected %d %v of %d", n, ok, r.list.Len())
	}
	r.list.p.Decode = func() filter.Decode {
		return func(body []byte) []byte { return bytes.Replace(body, []byte("1"), []byte("5"), 1) }
	}
	r.list.Reread()
	r.settle()
	r.turn()
	at, ok := r.list.Selected()
	if !ok || at != n || r.list.Live() || !slices.Contains(r.lines(), fmt.Sprintf("k%d", n)) || r.list.Len() <= 300 {
		t.Errorf("%d rows, selected %d %v, live %v, in sight %v", r.list.Len(), at, ok, r.list.Live(), r.lines())
	}
}
