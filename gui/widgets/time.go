package widgets

import (
	"strings"
	"time"
)

// ParseTime reads a local time as people write it: a date, a time of today (of
// now), or both; seconds may have a fraction.
func ParseTime(text string, now time.Time) (time.Time, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "T", " ")
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			y, m, d := now.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.Local), true
		}
	}
	return time.Time{}, false
}
