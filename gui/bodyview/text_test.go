package bodyview

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestFormatJSONKeepsTexts(t *testing.T) {
	in := `{"b":9007199254740993123,"a":1.0e-7,"a":"\u4e2d\/","c":[],"d":{}}`
	got, err := FormatJSON([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"b\": 9007199254740993123,\n  \"a\": 1.0e-7,\n  \"a\": \"\\u4e2d\\/\",\n  \"c\": [],\n  \"d\": {}\n}"
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

func TestFormatJSONSaysWhere(t *testing.T) {
	for in, want := range map[string][2]int{
		"{\n  \"名字\": x}": {2, 9},
		"":                {1, 1},
		"[1,]":            {1, 4},
		"{\"a\":1":        {1, 7},
		"1\n2":            {2, 1},
		"[\"\xff\"]":      {1, 3},
	} {
		_, err := FormatJSON([]byte(in))
		var f *FormatError
		if !errors.As(err, &f) || f.Line != want[0] || f.Column != want[1] {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
}

func FuzzFormatJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x"]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := FormatJSON(b)
		if err != nil {
			return
		}
		var x, y bytes.Buffer
		if json.Compact(&x, b) != nil || json.Compact(&y, out) != nil || !bytes.Equal(x.Bytes(), y.Bytes()) {
			t.Fatalf("%q became %q", b, out)
		}
	})
}

func TestHexLine(t *testing.T) {
	b := []byte("{\"orderId\":\"ORD\"}\n\x00")
	for i, want := range []string{
		`00000000  7b 22 6f 72 64 65 72 49  64 22 3a 22 4f 52 44 22  {"orderId":"ORD"`,
		`00000010  7d 0a 00                                          }..`,
		``,
	} {
		if got := hexLine(b, i, hexWidth); got != want {
			t.Errorf("line %d\n got %q\nwant %q", i, got, want)
		}
	}
	if got, want := hexLine(b, 1, hexNarrow), `00000008  64 22 3a 22 4f 52 44 22  d":"ORD"`; got != want {
		t.Errorf("narrow\n got %q\nwant %q", got, want)
	}
	for n, want := range map[int]int{0: 0, 16: 1, 17: 2} {
		if got := hexCount(n, hexWidth); got != want {
			t.Errorf("%d bytes have %d lines", n, got)
		}
	}
}

func FuzzHex(f *testing.F) {
	f.Add([]byte("a dump of more than sixteen bytes \x00\xff"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var back []byte
		for i, line := range strings.Split(HexDump(b), "\n") {
			if line == "" {
				continue
			}
			if at, err := strconv.ParseInt(line[:8], 16, 64); err != nil || at != int64(i*16) || len(line) > 8+2+3*16+2+16 {
				t.Fatalf("line %d is %q", i, line)
			}
			part, err := hex.DecodeString(strings.ReplaceAll(line[9:59], " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			back = append(back, part...)
		}
		if !bytes.Equal(back, b) {
			t.Errorf("%x is read back as %x", b, back)
		}
	})
}
