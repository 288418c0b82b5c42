package profile

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gantry/client/decode"
)

func TestSchemasAreReadAsTheyAreTyped(t *testing.T) {
	file, err := filepath.Abs("my protos/order.proto")
	if err != nil {
		t.Fatal(err)
	}
	text := "orders = protobuf  shop.Order   " + file + "\n\n  pay-*=MessagePack\nmq-1｜ns%late ＝ CBOR\n"
	want := []Schema{
		{Topic: "orders", Format: decode.Protobuf, Type: "shop.Order", File: file},
		{Topic: "pay-*", Format: decode.MessagePack},
		{Topic: "mq-1|ns%late", Format: decode.CBOR},
	}
	got := ParseSchemas(text)
	if !slices.Equal(got, want) {
		t.Fatalf("%+v", got)
	}
	if again := ParseSchemas(FormatSchemas(got)); !slices.Equal(again, want) {
		t.Errorf("written and read: %+v", again)
	}
	p := Profile{Schemas: got, ClusterID: "mq-1", Namespace: "ns"}
	for topic, format := range map[string]decode.Kind{
		"mq-1|ns%orders": decode.Protobuf, "orders": decode.Protobuf, "mq-1|ns%pay-card": decode.MessagePack, "mq-1|ns%late": decode.CBOR,
		"mq-1|ns%order": "", "mq-1|other%orders": "", "": "",
	} {
		s := p.Schema(topic)
		if got := (Schema{}); s != nil {
			got = *s
			if got.Format != format {
				t.Errorf("%s: %+v", topic, got)
			}
		} else if format != "" {
			t.Errorf("%s has no format", topic)
		}
	}
}

func TestSchemasThatCannotBeUsedAreNamed(t *testing.T) {
	for text, want := range map[string]error{
		"orders":                               ErrNoFormat,
		"orders = JSON":                        ErrNoFormat,
		"orders = CBOR shop.Order":             ErrNoFormat,
		"orders = Protobuf shop.Order":         ErrNoType,
		"orders = Protobuf shop.Order a.proto": ErrNoType,
		`ok = Protobuf A C:\protos\a.proto`:    nil,
		"or ders = CBOR":                       ErrBadSign,
		"= CBOR":                               ErrBadSign,
		"a = CBOR\na = MessagePack":            ErrDuplicate,
		strings.Repeat("x = CBOR\n", 201):      ErrManySchemas,
	} {
		p := Profile{Name: "a", NameServers: []string{"a:1"}, Schemas: ParseSchemas(text)}
		if errs := p.Validate(nil); want == nil && len(errs) > 0 || want != nil && (len(errs) != 1 || errs[0].Field != FieldSchemas || !errors.Is(errs[0], want)) {
			t.Errorf("%.40q: %v, want %v", text, errs, want)
		}
	}
}

func TestPatterns(t *testing.T) {
	for pattern, names := range map[string]string{
		"*": "a bc -", "a*": "a ab -ba", "*a": "a ba -ab", "a*b*c": "abc aXbYc -acb -ab", "ab": "ab -abc", "a*a": "aa aba -a",
	} {
		for _, name := range strings.Fields(names) {
			name, not := strings.CutPrefix(name, "-")
			if name != "" && like(name, pattern) == not {
				t.Errorf("%s like %s: %v", name, pattern, !not)
			}
		}
	}
}

func TestReadingsAreBounded(t *testing.T) {
	s := Settings{Readings: map[string]map[string]string{"a": {}, "b": {"orders": "GBK hex", "long": strings.Repeat("x", 100), strings.Repeat("x", 300): "GBK"}}}
	for i := range MaxReadings + 50 {
		s.Readings["a"][strings.Repeat("t", i%100)+strings.Repeat("u", i/100)] = "GBK"
	}
	s.check()
	if len(s.Readings["a"]) != MaxReadings || len(s.Readings["b"]) != 1 || s.Readings["b"]["orders"] != "GBK hex" {
		t.Errorf("%d, %v", len(s.Readings["a"]), s.Readings["b"])
	}
}
