package remoting

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
)

func TestFrameRoundTrip(t *testing.T) {
	for _, c := range []*Command{
		{},
		{Code: 105, Language: "GO", Version: 409, Opaque: 7, ExtFields: map[string]string{"topic": "a|b%<主题>\x01"}},
		{Code: 200050, Opaque: -1, Flag: 1, Remark: "line\nline", Body: bytes.Repeat([]byte{0, 255}, 3000)},
	} {
		frame, err := AppendFrame([]byte("before"), c)
		if err != nil {
			t.Fatal(err)
		}
		// split at every byte, and with a second frame right behind it
		stream := append(bytes.Clone(frame[6:]), frame[6:]...)
		r := iotest.OneByteReader(bytes.NewReader(stream))
		for range 2 {
			got, err := ReadFrame(r)
			if err != nil {
				t.Fatal(err)
			}
			want := *c
			if want.ExtFields == nil {
				want.ExtFields = map[string]string{}
			}
			if diff := cmp.Diff(fields(&want), fields(got)); diff != "" {
				t.Error(diff)
			}
		}
		if _, err := ReadFrame(r); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
		for cut := 1; cut < min(len(frame)-6, 300); cut++ {
			if _, err := ReadFrame(bytes.NewReader(frame[6 : 6+cut])); err != io.ErrUnexpectedEOF {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}
	}
}

// fields is a Command without its methods, for comparing.
func fields(c *Command) any {
	type plain Command
	return (*plain)(c)
}

func jsonFrame(header, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(b, header...), body...)
}

func TestDecodeLooseJSON(t *testing.T) {
	got, err := Decode(jsonFrame(`{"code":0,"flag":1,"language":"JAVA","opaque":3,"remark":null,"version":513,"new":{"x":[1]},
		"extFields":{"offset":12345678901234567,"on":true,"none":null,"s":"a\u0001b","list":[1, 2]}}`, "body"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"offset": "12345678901234567", "on": "true", "s": "a\x01b", "list": "[1, 2]"}
	if !maps.Equal(got.ExtFields, want) || string(got.Body) != "body" || got.Version != 513 || !got.IsResponse() {
		t.Errorf("got %+v", fields(got))
	}
}

func binaryFrame(ext string) []byte {
	be := binary.BigEndian
	h := be.AppendUint16(nil, 17)
	h = append(h, 9)
	h = be.AppendUint16(h, 409)
	h = be.AppendUint32(h, 42)
	h = be.AppendUint32(h, 1)
	h = be.AppendUint32(h, 2)
	h = append(h, "no"...)
	h = be.AppendUint32(h, uint32(len(ext)))
	h = append(h, ext...)
	return append(be.AppendUint32(nil, serializeBinary<<24|uint32(len(h))), h...)
}

func TestDecodeBinary(t *testing.T) {
	got, err := Decode(append(binaryFrame("\x00\x01k\x00\x00\x00\x02vw\x00\x00\x00\x00\x00\x00"), "body"...))
	if err != nil {
		t.Fatal(err)
	}
	want := &Command{
		Code: 17, Language: "GO", Version: 409, Opaque: 42, Flag: 1, Remark: "no",
		ExtFields: map[string]string{"k": "vw", "": ""}, Body: []byte("body"),
	}
	if diff := cmp.Diff(fields(want), fields(got)); diff != "" {
		t.Error(diff)
	}
	for _, ext := range []string{"\x00", "\x00\x05k", "\xff\xff", "\x00\x01k\x7f\xff\xff\xff", "\x00\x01k\xff\xff\xff\xff"} {
		if _, err := Decode(binaryFrame(ext)); !errors.Is(err, fault.Malformed) {
			t.Errorf("%q: %v", ext, err)
		}
	}
}

func TestReadFrameRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		want error
	}{
		{"HTTP/1.1 400 Bad Request\r\n", fault.NotRocketMQ},
		{"SSH-2.0-OpenSSH\r\n", fault.NotRocketMQ},
		{"-ERR unknown command\r\n", fault.NotRocketMQ},
		{"\x15\x03\x01\x00\x02\x02\x0a", fault.TLS},
		{"\x02\x00\x00\x01", fault.TooLarge},
		{"\xff\xff\xff\xff", fault.TooLarge},
		{"\x00\x00\x00\x03abc", fault.Malformed},
		{"\x00\x00\x00\x04\x00\x00\x00\x01", fault.Malformed},
		{"\x00\x00\x00\x04\x07\x00\x00\x00", fault.Malformed},
		{"\x00\x00\x00\x05\x00\x00\x00\x01x", fault.Malformed},
		{"", io.EOF},
		{"\x00\x00", io.ErrUnexpectedEOF},
	} {
		if _, err := ReadFrame(strings.NewReader(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%q: %v, want %v", c.in, err, c.want)
		}
	}
	if _, err := AppendFrame(nil, &Command{Body: make([]byte, MaxFrame)}); !errors.Is(err, fault.TooLarge) {
		t.Errorf("oversized body: %v", err)
	}
}

func FuzzReadFrame(f *testing.F) {
	frame, _ := AppendFrame(nil, &Command{Code: 1, ExtFields: map[string]string{"a": "b"}, Body: []byte("x")})
	f.Add(frame)
	f.Add(append([]byte{0, 0, 0, 33}, binaryFrame("\x00\x01k\x00\x00\x00\x01v")...))
	f.Add([]byte("HTTP/1.1"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := ReadFrame(bytes.NewReader(in))
		if err != nil {
			return
		}
		again, err := AppendFrame(nil, c)
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		d, err := ReadFrame(bytes.NewReader(again))
		if err != nil || d.Code != c.Code || d.Opaque != c.Opaque || !bytes.Equal(d.Body, c.Body) || len(d.ExtFields) > len(c.ExtFields) {
			t.Fatalf("%+v became %+v, %v", fields(c), fields(d), err)
		}
	})
}

// The value comes from openssl dgst -sha1 -hmac over the values in the order of
// their keys and the body: "adminkey1" "1" "T1" "body".
func TestSignature(t *testing.T) {
	ext := map[string]string{"topic": "T1", "AccessKey": "adminkey1", "a": "1", "Signature": "ignored"}
	if got := Signature(ext, []byte("body"), "adminsecret"); got != "SaUhh7eXvXiSq2i+A37HKLAew60=" {
		t.Error(got)
	}
}

func TestCredentialsNeverPrint(t *testing.T) {
	c := Credentials{AccessKey: "token-abc", SecretKey: "role-xyz"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "cred", c, "ptr", &c)
	js, err := json.Marshal(struct{ C Credentials }{c})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Credentials: c}
	all := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", c, c, c, c, &c, cfg, cfg) + log.String() + string(js)
	if strings.Contains(all, "token-abc") || strings.Contains(all, "role-xyz") {
		t.Error(all)
	}
	cmd := Command{Code: 1, ExtFields: map[string]string{"AccessKey": "token-abc"}, Body: []byte("hidden")}
	if s := fmt.Sprintf("%v %+v %#v %s", cmd.prepared(1, c), &cmd, &cmd, &cmd); strings.Contains(s, "token") || strings.Contains(s, "hidden") {
		t.Error(s)
	}
}

func TestResponseErrorIsBounded(t *testing.T) {
	err := (&Command{Code: 1, Remark: strings.Repeat("é", 4000) + "\nat java.lang"}).Err("h:1")
	if s := err.Error(); len(s) > 400 || strings.Contains(s, "java") {
		t.Error(len(s), s)
	}
	var said *fault.Answer
	if err := (&Command{Code: 1, Remark: strings.Repeat("at java.lang\n", 1<<20)}).Err("h:1"); !errors.As(err, &said) || len(said.Remark) > 20<<10 {
		t.Errorf("%T of %d bytes", err, len(said.Remark))
	}
	if err := (&Command{Remark: "FOUND"}).Err("h:1"); err != nil {
		t.Error(err)
	}
}
