package profile

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTLSIsReadInBothForms(t *testing.T) {
	for in, want := range map[string]TLS{
		`{}`:                               {},
		`{"tls":true}`:                     {On: true},
		`{"tls":false}`:                    {},
		`{"tls":{"on":true,"caFile":"x"}}`: {On: true, CAFile: "x"},
		`{"tls":{"certFile":"c","keyFile":"k","serverName":"s","unverified":true}}`: {CertFile: "c", KeyFile: "k", ServerName: "s", Unverified: true},
	} {
		var p Profile
		if err := json.Unmarshal([]byte(in), &p); err != nil || p.TLS != want {
			t.Errorf("%s: %+v, %v", in, p.TLS, err)
		}
		b, err := json.Marshal(p)
		var back Profile
		if err = errors.Join(err, json.Unmarshal(b, &back)); err != nil || back.TLS != want {
			t.Errorf("%s went through %s to %+v, %v", in, b, back.TLS, err)
		}
	}
	if b, err := json.Marshal(Profile{}); err != nil || strings.Contains(string(b), "tls") || strings.Contains(string(b), "addresses") {
		t.Errorf("an ordinary profile has it: %s, %v", b, err)
	}
}

func TestParseAddresses(t *testing.T) {
	for in, want := range map[string]map[string]string{
		"":                                   nil,
		" \n ":                               nil,
		"172.17.0.3:10911 = 10.2.20.9:10911": {"172.17.0.3:10911": "10.2.20.9:10911"},
		"a:1=b:2\r\nc=d\n\n":                 {"a:1": "b:2", "c": "d"},
		"a:1 -> b:2; c:3→d:4，e:5 => f:6；g＝h/": {"a:1": "b:2", "c:3": "d:4", "e:5": "f:6", "g": "h"},
		"a:1":    {"a:1": ""},
		"a:1 = ": {"a:1": ""},
		" = b:1": {"": "b:1"},
	} {
		got := ParseAddresses(in)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", in, d)
		}
		if d := cmp.Diff(got, ParseAddresses(FormatAddresses(got))); d != "" && got[""] == "" {
			t.Errorf("%q is not read back: %s", in, d)
		}
	}
	if got := FormatAddresses(map[string]string{"b:1": "x:1", "a:1": "y:1", "c": ""}); got != "a:1 = y:1\nb:1 = x:1\nc" {
		t.Errorf("%q", got)
	}
}

func TestValidateNetwork(t *testing.T) {
	good := Profile{Name: "n", NameServers: []string{"a:1"}, TLS: TLS{On: true, CAFile: "ca", CertFile: "c", KeyFile: "k", ServerName: "mq.example"}, Addresses: map[string]string{"172.17.0.3:1": "h:2", "172.17.0.4": "::1"}}
	if errs := good.Validate(nil); len(errs) > 0 {
		t.Fatal(errs[0])
	}
	for name, c := range map[string]struct {
		change func(*Profile)
		field  Field
		text   string
		want   error
	}{
		"no key":         {func(p *Profile) { p.TLS.KeyFile = "" }, FieldKeyFile, "", ErrNoKeyFile},
		"no certificate": {func(p *Profile) { p.TLS.CertFile = "" }, FieldCertFile, "", ErrNoCertFile},
		"bad name":       {func(p *Profile) { p.TLS.ServerName = "a b" }, FieldServerName, "a b", ErrBadHost},
		"no target":      {func(p *Profile) { p.Addresses = map[string]string{"a:1": ""} }, FieldAddresses, "a:1", ErrNoTarget},
		"no source":      {func(p *Profile) { p.Addresses = map[string]string{"": "a"} }, FieldAddresses, "", ErrBadHost},
		"bad port":       {func(p *Profile) { p.Addresses = map[string]string{"a:1": "b:0"} }, FieldAddresses, "b:0", ErrBadPort},
		"bad host":       {func(p *Profile) { p.Addresses = map[string]string{"a b": "c"} }, FieldAddresses, "a b", ErrBadHost},
		"mixed":          {func(p *Profile) { p.Addresses = map[string]string{"a:1": "b"} }, FieldAddresses, "a:1 = b", ErrMixedTarget},
	} {
		p := good
		c.change(&p)
		errs := p.Validate(nil)
		if len(errs) != 1 || errs[0].Field != c.field || errs[0].Text != c.text || !errors.Is(errs[0], c.want) {
			t.Errorf("%s: %v", name, errs)
		}
	}
	off := good
	off.TLS = TLS{CertFile: "c", ServerName: "a b"}
	if errs := off.Validate(nil); len(errs) > 0 {
		t.Errorf("what TLS needs, without TLS: %v", errs[0])
	}
}

func TestCleanNetwork(t *testing.T) {
	p := Profile{TLS: TLS{On: true, CAFile: " /ca ", ServerName: "mq\t"}, Addresses: map[string]string{}}
	p.Clean()
	if p.TLS.CAFile != "/ca" || p.TLS.ServerName != "mq" || p.Addresses != nil {
		t.Errorf("%+v", p)
	}
	if d := Duplicate(Profile{Addresses: map[string]string{"a": "b"}}, nil, "x"); len(d.Addresses) != 1 {
		t.Errorf("%+v", d)
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add("a:1 = b:2\nc -> d")
	f.Add("＝→；，\r")
	f.Fuzz(func(t *testing.T, text string) {
		m := ParseAddresses(text)
		p := Profile{Name: "n", NameServers: []string{"a:1"}, Addresses: m}
		if len(p.Validate(nil)) > 0 {
			return
		}
		if back := ParseAddresses(FormatAddresses(m)); !cmp.Equal(m, back) {
			t.Errorf("%q: %q became %q", text, m, back)
		}
	})
}
