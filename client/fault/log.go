package fault

import (
	"fmt"
	"log/slog"
)

// LogAttr is what a log replaces its attributes by: texts and errors, which may hold what a
// server or a file says, are as long as the window shows them at most. hide takes secrets out
// of them before; nil: there are none.
func LogAttr(hide func(string) string) func(groups []string, a slog.Attr) slog.Attr {
	return func(_ []string, a slog.Attr) slog.Attr {
		text := ""
		switch v := a.Value.Any().(type) {
		case error:
			text = fmt.Sprint(v) // which stands a nil pointer
		case string:
			text = v
		default:
			return a
		}
		if hide != nil {
			text = hide(text)
		}
		return slog.String(a.Key, Cut(text, MostWords))
	}
}
