package profile

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"

	"github.com/google/uuid"

	"gantry/client/message"
)

// Bounds of what is read from settings.json: what lies outside is the default. The
// window's are in Fyne units, far beyond any screen.
const (
	mostSide     = 1 << 15
	mostMessages = 1_000_000_000
	mostBytes    = 1 << 40
	mostID       = 100
	mostReading  = 40
)

// ErrBadID says that a text is no id.
var ErrBadID = errors.New("an id has letters, digits and hyphens only")

// CheckID tells whether a text can be the id of a subscription, which names a folder:
// 1 to 100 letters and digits of ASCII, and hyphens.
func CheckID(id string) error {
	if id == "" || len(id) > mostID {
		return ErrBadID
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return ErrBadID
		}
	}
	return nil
}

// check makes settings that were read from a file ones that Gantry could have written.
func (s *Settings) check() {
	s.Language = among(s.Language, "en", "zh-Hans")
	s.Theme = among(s.Theme, "light", "dark")
	s.Window.check()
	s.Caps.Messages = within(s.Caps.Messages, mostMessages)
	s.Caps.Bytes, s.Caps.TotalBytes = within(s.Caps.Bytes, mostBytes), within(s.Caps.TotalBytes, mostBytes)
	for id, f := range s.Forms {
		f.Kind = among(f.Kind, OrderedMessage, DelayedMessage, OneWayMessage, TransactionMessage, RequestMessage)
		f.Transaction = among(f.Transaction, message.Rollback, message.Undecided)
		s.Forms[id] = f
	}
	bad := false
	if validateSchemas(s.Sandbox, func(Field, string, error) { bad = true }); bad {
		s.Sandbox = nil
	}
	for _, of := range s.Readings {
		maps.DeleteFunc(of, func(topic, reading string) bool {
			return len(of) > MaxReadings || len(topic) > 2*message.MaxTopic || len(reading) > mostReading
		})
	}
	s.checkFilters()
	s.Lists.check()
	s.TemplateFolders = slices.DeleteFunc(s.TemplateFolders, func(dir string) bool { return !filepath.IsAbs(dir) })
	seen := map[string]bool{}
	for i := range s.Subscriptions {
		sub := &s.Subscriptions[i]
		sub.From = among(sub.From, FromEarliest, FromTime)
		// Each has a list of its own. One with no id keeps its form, and begins a new one.
		if CheckID(sub.ID) != nil || seen[sub.ID] {
			sub.ID = uuid.NewString()
		}
		seen[sub.ID] = true
	}
}

func (w *Window) check() {
	if !(w.Width >= 0 && w.Width <= mostSide && w.Height >= 0 && w.Height <= mostSide) {
		w.Width, w.Height = 0, 0
	}
	w.Inspector = among(w.Inspector, "right", "below", "hidden")
	maps.DeleteFunc(w.Splits, func(_ string, v float64) bool { return !(v >= 0 && v <= 1) })
}

// among is v where it is one of these, else the default.
func among[S ~string](v S, known ...S) S {
	if slices.Contains(known, v) {
		return v
	}
	return ""
}

// within is n where it is 0 to most, else the default.
func within(n, most int64) int64 {
	if n < 0 || n > most {
		return 0
	}
	return n
}
