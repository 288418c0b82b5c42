package words

import (
	"math"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"
)

// Span writes a length of time in its two largest units: "51 s", "6 min 51 s",
// "2 h 5 min", "3 d 4 h". Less than a second is "0 s".
func Span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	data := map[string]any{"Days": s / 86400, "Hours": s / 3600 % 24, "Minutes": s / 60 % 60, "Seconds": s % 60}
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
	return lang.L("≈ {{.Days}} d", map[string]any{"Days": round(24 * time.Hour)})
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
