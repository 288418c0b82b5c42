package placeholder

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gantry/client/fault"
)

// TestErrors: each has its code, its place and its arguments.
func TestErrors(t *testing.T) {
	long := strings.Repeat("x", MaxPlaceholder)
	for text, want := range map[string]Error{
		"ab {{}}":                          {NoSuch, 3, 4, "", ""},
		"{{ uid }}":                        {NoSuch, 3, 3, "uid", ""},
		"{{UUID}}":                         {NoSuch, 2, 4, "UUID", ""},
		"李{{uuid":                          {Unclosed, 3, 6, "", ""},
		"{{uuid}":                          {Unclosed, 0, 7, "", ""},
		"{{uuid\n}}":                       {Unclosed, 0, 6, "", ""},
		"{{uuid {{seq}}":                   {Unclosed, 0, 7, "", ""},
		"{{{{seq}}":                        {Unclosed, 0, 2, "", ""},
		"{{pick {{}}}}":                    {Unclosed, 0, 7, "", ""},
		"{{col \"a}}\nb\"}}":               {QuoteUnclosed, 0, 10, "", ""},
		`{{col “a"}}`:                      {QuoteUnclosed, 0, 13, "", ""},
		"{{uuid x}}":                       {BadWord, 7, 1, "uuid", "x"},
		"{{uuid -1}}":                      {BadWord, 7, 2, "uuid", "-1"},
		"{{uuid 1 2}}":                     {BadWord, 9, 1, "uuid", "2"},
		"{{seq 1}}":                        {BadWord, 6, 1, "seq", "1"},
		"{{line 1}}":                       {BadWord, 7, 1, "line", "1"},
		`{{"a" "b c"}}`:                    {BadWord, 6, 5, "a", "b c"},
		"{{now yyyy MM}}":                  {BadWord, 11, 2, "now", "MM"},
		"{{now ms s}}":                     {BadWord, 9, 1, "now", "s"},
		`{{now ""}}`:                       {BadWord, 6, 2, "now", ""},
		"{{now +1d +1h}}":                  {BadWord, 10, 3, "now", "+1h"},
		"{{now +1}}":                       {BadWord, 6, 2, "now", "+1"},
		"{{now +1y}}":                      {BadWord, 6, 3, "now", "+1y"},
		"{{now +99999999999999999999s}}":   {BadWord, 6, 22, "now", "+99999999999999999999s"},
		"{{now +9999999999999999d}}":       {BadWord, 6, 18, "now", "+9999999999999999d"},
		"{{now +9999999999999999w}}":       {BadWord, 6, 18, "now", "+9999999999999999w"},
		"{{now +9999999999999999h}}":       {BadWord, 6, 18, "now", "+9999999999999999h"},
		`{{now "yyyy-MM-ddTHH"}}`:          {BadPattern, 6, 15, "now", "T"},
		"{{now YYYY}}":                     {BadPattern, 6, 4, "now", "YYYY"},
		"{{now MMMMM}}":                    {BadPattern, 6, 5, "now", "MMMMM"},
		"{{now HH'h}}":                     {BadPattern, 6, 4, "now", "'h"},
		"{{rand 1}}":                       {MissingWord, 0, 10, "rand", ""},
		"{{rand}}":                         {MissingWord, 0, 8, "rand", ""},
		"{{rand a 2}}":                     {BadWord, 7, 1, "rand", "a"},
		"{{rand 1 +2}}":                    {BadWord, 9, 2, "rand", "+2"},
		"{{rand 1. 2}}":                    {BadWord, 7, 2, "rand", "1."},
		"{{rand 1 2 x}}":                   {BadWord, 11, 1, "rand", "x"},
		"{{rand 1 2 3 4}}":                 {BadWord, 13, 1, "rand", "4"},
		"{{rand 2 1}}":                     {BadRange, 7, 3, "rand", ""},
		"{{rand 1 9223372036854775808}}":   {BadRange, 7, 21, "rand", ""},
		"{{rand 1 0.1234567890123456789}}": {BadRange, 7, 23, "rand", ""},
		"{{pick}}":                         {MissingWord, 0, 8, "pick", ""},
		"{{col}}":                          {MissingWord, 0, 7, "col", ""},
		`{{col ""}}`:                       {MissingWord, 0, 10, "col", ""},
		"{{env a b}}":                      {BadWord, 8, 1, "env", "b"},
		"{{pick " + long + "}}":            {TooLong, 0, MaxPlaceholder + 9, "", ""},
		`{{pick "` + long + `"}}`:          {QuoteUnclosed, 0, MaxPlaceholder + 7, "", ""},
	} {
		_, err := Parse(text, JSON)
		var got *Error
		if !errors.As(err, &got) || *got != want || !errors.Is(err, want.Code) {
			t.Errorf("%.60s: %v, want %v", text, err, &want)
		}
		if spans := Spans(text); len(spans) == 0 || spans[0].Err == nil || *spans[0].Err != want {
			t.Errorf("%.60s: %v", text, spans)
		}
	}
	f := fault.From(fmt.Errorf("body: %w", &Error{NoEnv, 3, 12, "env", "host"}))
	if want := map[string]string{ArgAt: "3", ArgLen: "12", ArgName: "env", ArgValue: "host"}; f.Code != NoEnv || !reflect.DeepEqual(f.Args, want) {
		t.Errorf("%v %v", f.Code, f.Args)
	}
	if _, err := Parse(strings.Repeat("{{seq}}", MaxPlaceholders+1), Plain); !errors.Is(err, TooMany) {
		t.Error(err)
	}
}

// TestMissing: what the message does not have stops it, and leaves nothing behind.
func TestMissing(t *testing.T) {
	for text, c := range map[string]struct {
		change func(*Values)
		want   Error
	}{
		"é{{line}}":                    {func(v *Values) { v.Row = nil }, Error{NoSource, 2, 8, "line", ""}},
		"{{col name}}":                 {func(v *Values) { v.Row = nil }, Error{NoSource, 0, 12, "col", "name"}},
		"{{col nam}}":                  {func(*Values) {}, Error{NoColumn, 0, 11, "col", "nam"}},
		"a {{env missing}}":            {func(*Values) {}, Error{NoEnv, 2, 15, "env", "missing"}},
		"{{env x}}":                    {func(v *Values) { v.Env = nil }, Error{NoEnv, 0, 9, "env", "x"}},
		strings.Repeat("{{line}}", 20): {func(v *Values) { v.Row = fields{"line": strings.Repeat("x", MaxValues/10)} }, Error{TooLarge, 80, 8, "line", ""}},
	} {
		tpl, err := Parse(text, Plain)
		if err != nil {
			t.Fatal(err)
		}
		v := values()
		c.change(v)
		dst, err := tpl.Append([]byte("before"), v)
		var got *Error
		if !errors.As(err, &got) || *got != c.want || string(dst) != "before" {
			t.Errorf("%.40s: %.40s %v, want %v", text, dst, err, &c.want)
		}
	}
}

// TestSpans: where placeholders stand in a text that is being typed.
func TestSpans(t *testing.T) {
	text := "a {{uuid}} {{nope}} {{seq\n{{\"{{\"}} {{now {{line}}"
	var got []string
	for _, s := range Spans(text) {
		code := fault.Code("")
		if s.Err != nil {
			code = s.Err.Code
		}
		got = append(got, fmt.Sprintf("%s|%s|%s", text[s.At:s.At+s.Len], s.Name, string(code)))
	}
	want := []string{
		"{{uuid}}|uuid|", "{{nope}}|nope|" + string(NoSuch), "{{seq|seq|" + string(Unclosed), `{{"{{"}}||`,
		"{{now |now|" + string(Unclosed), "{{line}}|line|",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if n := len(Spans(strings.Repeat("{{seq}}", MaxPlaceholders+5))); n != MaxPlaceholders {
		t.Errorf("%d spans", n)
	}
}
