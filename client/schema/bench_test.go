package schema_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
)

// large is an order of some 1 KB in bytes.
func large() []byte {
	var b bytes.Buffer
	b.WriteString(`{"id":9007199254740993,"buyer":"王芳","state":"PAID","lines":[`)
	for i := range 40 {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"sku":"article-%04d","qty":%d}`, i, i+1)
	}
	b.WriteString(`],"stock":{"a":1,"b":-2},"rate":0.1}`)
	return b.Bytes()
}

func BenchmarkJSON(b *testing.B) {
	s := orders(b)
	body, err := s.Encode(large())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := s.JSON(context.Background(), body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	s, text := orders(b), large()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := s.Encode(text); err != nil {
			b.Fatal(err)
		}
	}
}
