package words

import "testing"

func TestShare(t *testing.T) {
	for part, want := range map[float64]string{0: "0 %", 1: "100 %", 0.5: "50 %", 0.9999: "99.9 %", 0.00001: "0.1 %", 0.004: "0.4 %", 0.985: "98 %"} {
		if got := Share(part); got != want {
			t.Errorf("%v is %s, not %s", part, got, want)
		}
	}
}
