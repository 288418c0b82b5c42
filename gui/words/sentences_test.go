package words

import "testing"

func TestSentences(t *testing.T) {
	for want, all := range map[string][]string{
		"":                  {"", " "},
		"One. Two.":         {"One.", "", "Two."},
		"一句。二句。":            {"一句。", "二句。"},
		"无法连接 broker：x。再试。": {"无法连接 broker：x。", "再试。"},
		"上限 4 MB 说明。":       {"上限 4 MB", "说明。"},
	} {
		if got := Sentences(all...); got != want {
			t.Errorf("%q: %q, want %q", all, got, want)
		}
	}
}
