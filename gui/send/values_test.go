package send

import (
	"testing"

	"gantry/gui/bodyview"
)

// TestFormatKeepsValues: dynamic values in and outside strings are no error, and come back
// to the byte.
func TestFormatKeepsValues(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":{{seq}},"b":"x{{uuid}}y {{uuid}}","c":[{{rand 1 9}}]}`: "{\n  \"a\": {{seq}},\n  \"b\": \"x{{uuid}}y {{uuid}}\",\n  \"c\": [\n    {{rand 1 9}}\n  ]\n}",
		`{"n":7000000,"a":{{seq}}}`:                                  "{\n  \"n\": 7000000,\n  \"a\": {{seq}}\n}",
	} {
		out, err := formatJSON([]byte(body), true)
		if err != nil || string(out) != want {
			t.Errorf("%s: %v\n%s", body, err, out)
		}
	}
	if _, err := formatJSON([]byte(`{"a":{{seq}}}`), false); err == nil {
		t.Error("as it is, it is no JSON")
	}
	_, err := formatJSON([]byte(`{"a":{{seq}},}`), true)
	if at, ok := err.(*bodyview.FormatError); !ok || at.Line != 1 || at.Column != 14 {
		t.Errorf("%v", err)
	}
}
