package profile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValues(t *testing.T) {
	text := " host = shop.example \nempty=\n\nurl＝http://x?a=b\n名 = 值 1\n"
	got := ParseValues(text)
	if d := cmp.Diff(map[string]string{"host": "shop.example", "empty": "", "url": "http://x?a=b", "名": "值 1"}, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(got, ParseValues(FormatValues(got))); d != "" {
		t.Error(d)
	}
	for line, why := range map[string]error{
		"no sign": ErrNoValue, "a b = c": ErrValueName, `"q" = c`: ErrValueName, "{{x}} = 1": ErrValueName,
		"big = " + strings.Repeat("x", MaxValuesSize): ErrManyValues,
	} {
		p := Profile{Name: "n", NameServers: []string{"a:1"}, Env: ParseValues(line)}
		errs := p.Validate(nil)
		if len(errs) != 1 || errs[0].Field != FieldValues || !errors.Is(errs[0], why) {
			t.Errorf("%.20q: %v", line, errs)
		}
		if line != FormatValues(p.Env) {
			t.Errorf("%.20q is written as %.20q", line, FormatValues(p.Env))
		}
	}
}

func TestSecretValueNames(t *testing.T) {
	p := Profile{ID: "p", Name: "n", NameServers: []string{"a:1"}, Env: map[string]string{"host": "x"}, SecretEnv: []string{"token", "key"}}
	if errs := p.Validate(nil); len(errs) > 0 || p.ValueID("token") != "p/value/token" {
		t.Errorf("%v", errs)
	}
	for why, names := range map[error][]string{ErrValueName: {""}, ErrDuplicate: {"host"}, ErrManyValues: make([]string, 0)} {
		p.SecretEnv = names
		if why == ErrManyValues {
			for i := range MaxSecrets + 1 {
				p.SecretEnv = append(p.SecretEnv, strings.Repeat("x", i+1))
			}
		}
		if errs := p.Validate(nil); len(errs) != 1 || errs[0].Field != FieldSecrets || !errors.Is(errs[0], why) {
			t.Errorf("%v: %v", names, errs)
		}
	}
	p.SecretEnv = []string{"token"}
	b, err := Export([]Profile{p})
	if err != nil || !strings.Contains(string(b), `"secretEnv": [`) {
		t.Errorf("%v\n%s", err, b)
	}
}
