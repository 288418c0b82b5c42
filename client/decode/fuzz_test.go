package decode

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// fuzz runs a reader on anything: it never panics, gives JSON or says where it stopped.
func fuzz(f *testing.F, kind Kind, seeds ...string) {
	for _, s := range seeds {
		f.Add(unhex(f, s))
	}
	mode, err := cbor.DecOptions{MaxNestedLevels: 65535, MaxArrayElements: 1 << 30, MaxMapPairs: 1 << 30}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := JSON(context.Background(), kind, b)
		var e *Error
		switch {
		case err == nil:
			if !json.Valid(got) {
				t.Fatalf("%x: no JSON: %s", b, got)
			}
		case !errors.As(err, &e) || e.At < 0 || e.At > len(b) || got != nil:
			t.Fatalf("%x: %v", b, err)
		}
		if kind == CBOR && (e == nil || e.Why != TooDeep && e.Why != NotText) {
			if other := mode.Wellformed(b); (other == nil) != (err == nil) {
				t.Fatalf("%x: %v, the library says %v", b, err, other)
			}
		}
		Guesses(context.Background(), b, len(b)%2 == 0)
		Name(b)
	})
}

func FuzzMessagePack(f *testing.F) {
	fuzz(f, MessagePack, "82 a1 61 01 a1 62 93 c0 c2 c3", "c7 0c ff 00000000 0000000000000000", "de 0001 a1 6b dd 00000000", "81 81 01 02 03")
}

func FuzzCBOR(f *testing.F) {
	fuzz(f, CBOR, "a2 61 61 01 61 62 9f 01 f9 3e00 ff", "c2 49 010000000000000000", "7f 61 61 62 6263 ff", "5f 42 0102 ff", "d9d9f7 f8 ff", "bf ff")
}

func FuzzProtobuf(f *testing.F) {
	fuzz(f, Protobuf, "0a 03 616263 12 04 08 01 10 02", "0b 10 01 0c", "0d 0000c03f 09 000000000000f83f", "0a 02 ff00")
}
