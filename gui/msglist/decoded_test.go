package msglist

import (
	"context"
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
