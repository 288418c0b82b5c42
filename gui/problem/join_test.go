package problem

import "testing"

// TestTextJoins: Chinese sentences follow one another without a space.
func TestTextJoins(t *testing.T) {
	for want, p := range map[string]Problem{
		"One. Two.":   {What: "One.", Do: "Two."},
		"One.":        {What: "One."},
		"不是该协议。检查端口。": {What: "不是该协议。", Do: "检查端口。"},
	} {
		if got := p.Text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
