package filter

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 32, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"2026-11-22 10:11:12":     time.Date(2026, 11, 22, 10, 11, 12, 0, time.Local),
		"2026-11-22T10:11:12.345": time.Date(2026, 11, 22, 10, 11, 12, 345e6, time.Local),
		" 2026-11-22 10:11 ":      time.Date(2026, 11, 22, 10, 11, 0, 0, time.Local),
		"2026-11-22":              time.Date(2026, 11, 22, 0, 0, 0, 0, time.Local),
		"10:11":                   time.Date(2026, 11, 23, 10, 11, 0, 0, time.Local),
		"10:11:12.5":              time.Date(2026, 11, 23, 10, 11, 12, 5e8, time.Local),
		"":                        {}, "yesterday": {}, "2026-13-01": {},
	} {
		got, ok := ParseTime(text, now)
		if !got.Equal(want) || ok == want.IsZero() {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
}
