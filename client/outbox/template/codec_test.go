package template

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
)

func full() Text {
	return Text{
		Form: profile.SendForm{
			ProducerGroup: "orders", Topic: "order-events", Tag: "paid", Keys: "ORD-{{seq}} a",
			Properties: []profile.FormProperty{{Name: "region", Value: "cn-south-1"}, {Name: "region", Value: "a=b"}},
			Kind:       profile.DelayedMessage, ShardingKey: "k", Deliver: "30 s", Literal: true,
		},
		Body: []byte("{\n  \"name\": \"李婷\"\n}\n"),
	}
}

// TestFile: the form that a team sees in git.
func TestFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text Text
		want string
	}{
		{Text{}, "Topic:\nTag:\nKeys:\nType: normal\n\n"},
		{full(), `Topic: order-events
Tag: paid
Keys: ORD-{{seq}} a
Type: delayed
Deliver: 30 s
Sharding-Key: k
Producer-Group: orders
Property: region=cn-south-1
Property: region=a=b
Values: off

{
  "name": "李婷"
}
`},
		{
			Text{Form: profile.SendForm{Topic: "a", How: message.Typed{Charset: message.GB18030, Gzip: true}}, Body: []byte("订单 {{seq}}")},
			"Topic: a\nTag:\nKeys:\nType: normal\nPacked: gzip\nCharset: GB18030\n\n订单 {{seq}}",
		},
		{
			Text{Form: profile.SendForm{Topic: "a", Packed: true, How: message.Typed{As: message.AsBase64}}, Body: []byte("AP8K")},
			"Topic: a\nTag:\nKeys:\nType: normal\nPacked: on\nTyped: base64\n\nAP8K",
		},
		{
			Text{Form: profile.SendForm{Topic: "a", How: message.Typed{As: message.AsIs}}, Body: []byte("\x00")},
			"Topic: a\nTag:\nKeys:\nType: normal\nTyped: file\nBody: base64\n\nAA==\n",
		},
		{
			Text{Form: profile.SendForm{Topic: " a", Tag: "b\nc\\", Keys: `"q"`, Kind: profile.OneWayMessage, Properties: []profile.FormProperty{{Name: "a=b"}, {Value: "c:\\d"}}}, Body: []byte("a\r\nb")},
			"Topic: \" a\"\nTag: \"b\\nc\\\\\"\nKeys: \"\\\"q\\\"\"\nType: one-way\nProperty: \"a=b\"=\nProperty: =c:\\d\nBody: base64\n\nYQ0KYg==\n",
		},
	} {
		got, err := Encode(c.text)
		if err != nil || string(got) != c.want {
			t.Errorf("%v:\n%s", err, cmp.Diff(c.want, string(got)))
		}
		back, err := Parse(got)
		if err != nil || !reflect.DeepEqual(back.Form, c.text.Form) || !bytes.Equal(back.Body, c.text.Body) {
			t.Errorf("%v: %+v", err, back)
		}
	}
}

// TestEveryFieldIsKept: also one that the form gets later.
func TestEveryFieldIsKept(t *testing.T) {
	t.Parallel()
	f := profile.SendForm{
		Kind: profile.OrderedMessage, Transaction: message.Rollback, How: message.Typed{As: message.AsHex, Charset: message.GBK},
		Properties: []profile.FormProperty{{Name: "n", Value: "v"}},
	}
	v := reflect.ValueOf(&f).Elem()
	for i := range v.NumField() {
		switch field := v.Field(i); {
		case v.Type().Field(i).Name == "Body" || !field.IsZero():
		case field.Kind() == reflect.String:
			field.SetString("text " + v.Type().Field(i).Name)
		case field.Kind() == reflect.Bool:
			field.SetBool(true)
		default:
			t.Errorf("a %s is not filled in here", field.Type())
		}
	}
	b, err := Encode(Text{Form: f})
	if err != nil {
		t.Fatal(err)
	}
	if back, err := Parse(b); err != nil || !reflect.DeepEqual(back.Form, f) {
		t.Errorf("%v:\n%s", err, cmp.Diff(f, back.Form))
	}
}

// TestOthersWrite: what editors and git do to a file, and a person who writes one.
func TestOthersWrite(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"Topic: a\r\nTag: b\r\n\r\nline\r\nline": "a|b|line\nline",
		bom + "topic:a\nTAG :  b \n\nbody":       "a|b|body",
		"Topic: a\n\nbody\r\n":                   "a||body\r\n",
		"Topic: a":                               "a||",
		"\nTopic: a":                             "||Topic: a",
		"Topic: a\nBody: text\n\n\n":             "a||\n",
		"Topic: a\nBody: base64\n\n YQ \r\n == ": "a||a",
		"":                                       "||",
	} {
		got, err := Parse([]byte(file))
		if s := got.Form.Topic + "|" + got.Form.Tag + "|" + string(got.Body); err != nil || s != want {
			t.Errorf("%q is %q, %v", file, s, err)
		}
	}
}

func TestParseSaysWhere(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]ParseError{
		"Topic: a\nwhat":                                {2, NoColon},
		"Topic: a\nPriority: 3\n":                       {2, UnknownHeader},
		"Topic: a\nTag: b\ntag: c\n\n":                  {3, Twice},
		"Topic: \"a\n":                                  {1, BadQuotes},
		"Topic: \"a\" b\n":                              {1, BadQuotes},
		"Typed: octal\n":                                {1, BadValue},
		"Charset: Big5\n":                               {1, BadValue},
		"Packed: zip\n":                                 {1, BadValue},
		"Property: a\n":                                 {1, BadProperty},
		"Property: \"a\" b\n":                           {1, BadProperty},
		"Property: \"a\n":                               {1, BadQuotes},
		"Property: a=\"b\n":                             {1, BadQuotes},
		"Type: fast\n":                                  {1, BadValue},
		"Values: maybe\n":                               {1, BadValue},
		"Body: hex\n\n":                                 {1, BadValue},
		"Topic: a\nBody: base64\n\nYQ=":                 {4, BadBase64},
		"Topic: \xff\n":                                 {1, NotText},
		"Property: \xff=a\n":                            {1, NotText},
		"Topic: " + strings.Repeat("a", MaxHead):        {1, HeadTooLong},
		strings.Repeat("Property: a=b\n", MaxHead/14+1): {MaxHead/14 + 1, HeadTooLong},
	} {
		_, err := Parse([]byte(file))
		var at *ParseError
		if !errors.As(err, &at) || *at != want || !errors.Is(err, want.Reason) {
			t.Errorf("%.40q: %v, want %v", file, err, &want)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text Text
		want fault.Code
	}{
		{Text{Body: make([]byte, MaxBody+1)}, BodyTooLarge},
		{Text{Form: profile.SendForm{Tag: strings.Repeat("t", MaxHead)}}, HeadTooLong},
		{Text{Form: profile.SendForm{Kind: "new"}}, BadValue},
	} {
		if _, err := Encode(c.text); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	most := Text{Body: make([]byte, MaxBody)} // zeros: base64, the longest file
	b, err := Encode(most)
	if err != nil || len(b) > maxFile {
		t.Fatalf("%d bytes of at most %d, %v", len(b), maxFile, err)
	}
	if back, err := Parse(b); err != nil || !bytes.Equal(back.Body, most.Body) {
		t.Errorf("%d bytes, %v", len(back.Body), err)
	}
	if _, err := Parse(append([]byte("\n"), make([]byte, MaxBody+1)...)); !errors.Is(err, BodyTooLarge) {
		t.Error(err)
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("t", " a", "k\r\n", "n=", "\"v", "30 s", []byte("body\r\n"), true, byte(1))
	f.Add("", "\xff", "\u3000", "", "\t", "", []byte{0}, false, byte(3))
	f.Fuzz(func(t *testing.T, topic, tag, keys, name, value, deliver string, body []byte, literal bool, kind byte) {
		all := []profile.MessageKind{profile.NormalMessage, profile.OrderedMessage, profile.DelayedMessage, profile.OneWayMessage}
		in := Text{Form: profile.SendForm{
			ProducerGroup: tag, Topic: topic, Tag: tag, Keys: keys, Deliver: deliver, ShardingKey: value, Literal: literal,
			Kind: all[int(kind)%len(all)], Properties: []profile.FormProperty{{Name: name, Value: value}, {Name: value, Value: name}},
		}, Body: body}
		b, err := Encode(in)
		if err != nil {
			if !errors.Is(err, HeadTooLong) {
				t.Fatal(err)
			}
			return
		}
		back, err := Parse(b)
		if err != nil || !reflect.DeepEqual(back.Form, in.Form) || !bytes.Equal(back.Body, in.Body) {
			t.Fatalf("%v: %+v became %+v by\n%s", err, in, back, b)
		}
		if isText(body) { // git may put a carriage return behind each line
			back, err = Parse(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
			if err != nil || !bytes.Equal(back.Body, in.Body) {
				t.Fatalf("%v: by git %q", err, back.Body)
			}
		}
	})
}

// FuzzParse: what can be read is written and read as the same.
func FuzzParse(f *testing.F) {
	b, err := Encode(full())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("Topic: \"\\xff\"\r\nProperty: \"\"=\r\n\r\nx\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := Parse(file)
		var at *ParseError
		if err != nil {
			if !errors.As(err, &at) || at.Line < 1 {
				t.Fatal(err)
			}
			return
		}
		b, err := Encode(in)
		if err != nil {
			return // quotes made it too long
		}
		if back, err := Parse(b); err != nil || !reflect.DeepEqual(back.Form, in.Form) || !bytes.Equal(back.Body, in.Body) {
			t.Fatalf("%v: %+v became %+v", err, in, back)
		}
	})
}

func TestEachWayToTypeIsKept(t *testing.T) {
	for as := range typings() {
		b, err := Encode(Text{Form: profile.SendForm{Topic: "t", How: message.Typed{As: as}}, Body: []byte("{}")})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Parse(b); err != nil || got.Form.How.As != as {
			t.Errorf("%q is read as %q, %v", as, got.Form.How.As, err)
		}
	}
}
