package filter

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ParseTime reads a local time as people write it: a date, a time of today (of now), or
// both; seconds may have a fraction.
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

// longestAgo bounds how long ago a time may be.
const longestAgo = 100 * 365 * 24 * time.Hour

// parseMoment is ParseTime, and how long before now: "15m", "90 s", "2h", "7d", 15分钟,
// "today" and "yesterday" in both languages.
func parseMoment(text string, now time.Time) (time.Time, bool) {
	if t, ok := ParseTime(text, now); ok {
		return t, true
	}
	y, m, d := now.Date()
	switch text = strings.ToLower(strings.TrimSpace(text)); text {
	case "today", "今天":
		return time.Date(y, m, d, 0, 0, 0, 0, time.Local), true
	case "yesterday", "昨天":
		return time.Date(y, m, d-1, 0, 0, 0, 0, time.Local), true
	}
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' })
	if end <= 0 {
		return time.Time{}, false
	}
	n, err := strconv.ParseFloat(text[:end], 64)
	unit, ok := map[string]time.Duration{
		"s": time.Second, "秒": time.Second, "m": time.Minute, "min": time.Minute, "分钟": time.Minute, "分": time.Minute,
		"h": time.Hour, "小时": time.Hour, "d": 24 * time.Hour, "天": 24 * time.Hour,
	}[strings.TrimSpace(text[end:])]
	if err != nil || !ok || n*float64(unit) > float64(longestAgo) {
		return time.Time{}, false
	}
	return now.Add(-time.Duration(n * float64(unit))), true
}
