package words

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2/lang"
	"golang.org/x/text/width"

	"gantry/gui/widgets"
)

// Span writes a length of time in its two largest units: "51 s", "6 min 51 s",
// "2 h 5 min", "3 d 4 h". Less than a second is "0 s".
func Span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	data := map[string]any{"Days": widgets.Count(s / 86400), "Hours": s / 3600 % 24, "Minutes": s / 60 % 60, "Seconds": s % 60}
	switch {
	case s >= 86400:
		return lang.L("{{.Days}} d {{.Hours}} h", data)
	case s >= 3600:
		return lang.L("{{.Hours}} h {{.Minutes}} min", data)
	case s >= 60:
		return lang.L("{{.Minutes}} min {{.Seconds}} s", data)
	}
	return lang.L("{{.Seconds}} s", data)
}

// Takes is Span of how long something will take, which is never nothing.
func Takes(d time.Duration) string {
	if d < time.Second {
		return lang.L("less than 1 s")
	}
	return Span(d)
}

// Exact writes a length of time in full: "1 h 30 min", "4.2 s".
func Exact(d time.Duration) string {
	var all []string
	add := func(n int64, key string) {
		if n > 0 {
			all = append(all, strconv.FormatInt(n, 10)+" "+key)
		}
	}
	add(int64(d/(24*time.Hour)), lang.L("d"))
	add(int64(d/time.Hour%24), lang.L("h"))
	add(int64(d/time.Minute%60), lang.L("min"))
	if rest := d % time.Minute; rest > 0 || len(all) == 0 {
		all = append(all, strconv.FormatFloat(rest.Seconds(), 'f', -1, 64)+" "+lang.L("s"))
	}
	return strings.Join(all, " ")
}

// About writes a length of time that is an estimate, in one unit: "≈ 84 s",
// "≈ 7 min".
func About(d time.Duration) string {
	round := func(unit time.Duration) int64 { return int64(math.Round(float64(d) / float64(unit))) }
	switch {
	case d < 100*time.Second:
		return lang.L("≈ {{.Seconds}} s", map[string]any{"Seconds": max(round(time.Second), 1)})
	case d < 100*time.Minute:
		return lang.L("≈ {{.Minutes}} min", map[string]any{"Minutes": round(time.Minute)})
	case d < 48*time.Hour:
		return lang.L("≈ {{.Hours}} h", map[string]any{"Hours": round(time.Hour)})
	}
	return lang.L("≈ {{.Days}} d", map[string]any{"Days": widgets.Count(round(24 * time.Hour))})
}

// Rate writes messages in a second: "0 /s", "0.3 /s", "27 /s", "1.9 k/s".
func Rate(r float64) string {
	switch {
	case math.IsNaN(r) || r <= 0:
		return "0 /s"
	case r < 9.95:
		return strings.TrimSuffix(strconv.FormatFloat(r, 'f', 1, 64), ".0") + " /s"
	case r < 999.5:
		return strconv.FormatFloat(r, 'f', 0, 64) + " /s"
	case r < 999_950:
		return strconv.FormatFloat(r/1000, 'f', 1, 64) + " k/s"
	}
	return strconv.FormatFloat(r/1e6, 'f', 1, 64) + " M/s"
}

// Clock writes a moment by the local clock: its time of day where it is today,
// else with its day; of another year with that too.
func Clock(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	switch {
	case at.Year() != now.Year():
		return at.Format("2006-01-02 15:04")
	case at.YearDay() != now.YearDay():
		return at.Format("01-02 15:04:05")
	}
	return at.Format("15:04:05")
}

// Client writes a client's language and version: "Java 5.5.0".
func Client(language, version string) string {
	name := map[string]string{
		"JAVA": "Java", "GO": "Go", "CPP": "C++", "PYTHON": "Python", "DOTNET": ".NET", "NODE_JS": "Node.js", "RUST": "Rust", "PHP": "PHP",
	}[language]
	if name == "" {
		name = language
	}
	return strings.TrimSpace(name + " " + version)
}

// ParseSpan reads a length of time as people write it, in English or the language that
// is loaded: "30 s", "1 h 30 min", "1.5h". A number needs its unit.
func ParseSpan(text string) (time.Duration, bool) {
	text = strings.ToLower(strings.TrimSpace(width.Narrow.String(text)))
	sum := 0.0
	for text != "" {
		at := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if at < 0 {
			return 0, false
		}
		n, err := strconv.ParseFloat(text[:at], 64)
		text = strings.TrimSpace(text[at:])
		end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		if end < 0 {
			end = len(text)
		}
		unit := spanUnit(text[:end])
		if err != nil || unit == 0 {
			return 0, false
		}
		sum += n * float64(unit)
		text = strings.TrimSpace(text[end:])
	}
	if sum = math.Round(sum); sum < 1 || sum > math.MaxInt64/2 {
		return 0, false
	}
	return time.Duration(sum), true
}

// ParsePast reads a moment that has been, as people say it, in English or the language
// that is loaded: "now", "today" and "yesterday", which are their midnights by the local
// clock, or how long ago it was: "15 min", "1 h 30 min ago".
func ParsePast(text string, now time.Time) (time.Time, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	is := func(word, ours string) bool { return text == word || text == strings.ToLower(ours) }
	y, m, d := now.Local().Date()
	switch {
	case is("now", lang.L("now")):
		return now, true
	case is("today", lang.L("today")):
		return time.Date(y, m, d, 0, 0, 0, 0, time.Local), true
	case is("yesterday", lang.L("yesterday")):
		return time.Date(y, m, d-1, 0, 0, 0, 0, time.Local), true
	}
	for _, ago := range []string{"ago", lang.L("ago")} {
		text = strings.TrimSpace(strings.TrimSuffix(text, ago))
	}
	span, ok := ParseSpan(text)
	return now.Add(-span), ok
}

// spanUnit is the length of a unit, 0 for a word that is none. Each text lists the names
// of a unit; a translation adds its own.
func spanUnit(name string) time.Duration {
	for _, u := range []struct {
		is          time.Duration
		names, ours string
	}{
		{time.Millisecond, "ms", lang.L("ms")},
		{time.Second, "s sec secs second seconds", lang.L("s sec secs second seconds")},
		{time.Minute, "m min mins minute minutes", lang.L("m min mins minute minutes")},
		{time.Hour, "h hr hrs hour hours", lang.L("h hr hrs hour hours")},
		{24 * time.Hour, "d day days", lang.L("d day days")},
	} {
		if slices.Contains(strings.Fields(u.names+" "+u.ours), name) {
			return u.is
		}
	}
	return 0
}

// ClientID is a client's id so short that it fits into a sentence: ids differ at their
// ends.
func ClientID(id string) string {
	const most, begin = 30, 12
	runes := []rune(id)
	if len(runes) <= most {
		return id
	}
	return string(runes[:begin]) + "…" + string(runes[len(runes)-(most-begin-1):])
}
