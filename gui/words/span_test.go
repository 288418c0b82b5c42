package words

import (
	"testing"
	"time"
)

func TestSpansAreReadAsWritten(t *testing.T) {
	if err := Load(Chinese); err != nil {
		t.Fatal(err)
	}
	for _, d := range []time.Duration{
		time.Millisecond, 4200 * time.Millisecond, 30 * time.Second, time.Minute, 90 * time.Second, 2 * time.Hour,
		25*time.Hour + 61*time.Second, 3 * 24 * time.Hour,
	} {
		text := Exact(d)
		if got, ok := ParseSpan(text); !ok || got != d {
			t.Errorf("%v is %q, which is read as %v", d, text, got)
		}
	}
	for d, want := range map[time.Duration]string{300 * time.Millisecond: "不到 1 秒", 1500 * time.Millisecond: "1 秒"} {
		if got := Takes(d); got != want {
			t.Errorf("%v takes %s", d, got)
		}
	}
	if got := Exact(90*time.Minute + 30*time.Second); got != "1 小时 30 分 30 秒" {
		t.Error(got)
	}
}

func TestParseSpan(t *testing.T) {
	if err := Load(Chinese); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, " 1.5 H ": 90 * time.Minute, "1h30m": 90 * time.Minute, "10 分钟": 10 * time.Minute,
		"1 小时 30 分": 90 * time.Minute, "500 毫秒": 500 * time.Millisecond, "2 days": 48 * time.Hour, "10秒钟": 10 * time.Second, "３０　秒": 30 * time.Second, "2 hrs": 2 * time.Hour, "1时30分": 90 * time.Minute, "10 分钟后": 10 * time.Minute,
		"": 0, "30 分前": 0, "1 分之 2 秒": 0, "0.0000000001 s": 0, "30": 0, "s": 0, "30 x": 0, "-5 s": 0, "0 s": 0, "1..5 s": 0, "5 s,": 0, "999999999999999 d": 0, "2026-11-28 18:00": 0, "1 h 30": 0, "1e9 s": 0,
	} {
		got, ok := ParseSpan(text)
		if got != want || ok != (want > 0) {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	f.Add("1 h 30 min")
	f.Add("0.0000000001 s")
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := ParseSpan(text); ok != (d > 0) {
			t.Errorf("%q: %v, %v", text, d, ok)
		}
	})
}

func TestF11ParsePast(t *testing.T) {
	now := time.Date(2026, 3, 1, 14, 32, 0, 0, time.Local)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"now": now, " Today ": day, "yesterday": day.AddDate(0, 0, -1), "15 min": now.Add(-15 * time.Minute), "15 min ago": now.Add(-15 * time.Minute), "2d": now.Add(-48 * time.Hour),
	} {
		if got, ok := ParsePast(text, now); !ok || !got.Equal(want) {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "ago", "15", "tomorrow", "-5 min"} {
		if got, ok := ParsePast(text, now); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
