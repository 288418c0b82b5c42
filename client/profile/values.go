package profile

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// FieldValues are the values of a connection.
const (
	FieldValues  Field = "values"
	FieldSecrets Field = "secrets"
)

// ValueID is the name under which a secret value rests in the keyring.
func (p *Profile) ValueID(name string) string { return p.ID + "/value/" + name }

// Limits of the values of a connection.
const (
	MaxValues     = 1000
	MaxValuesSize = 256 << 10 // bytes of all names and values
	// MaxSecrets are the most secret values: the keyring is asked for each.
	MaxSecrets = 100
)

// Reasons why a value cannot be saved.
var (
	// ErrNoValue: a line without an equals sign.
	ErrNoValue = errors.New("needs an equals sign and a value behind it")
	// ErrValueName: a name has a blank, a quote or a brace.
	ErrValueName = errors.New("a name has no blanks, quotes or braces")
	// ErrManyValues: more than MaxValues, or more than MaxValuesSize.
	ErrManyValues = errors.New("too many values")
)

// noValue marks a line without an equals sign until Validate names it.
const noValue = "\x00"

// ParseValues reads the values of a connection as a user types them, one a line:
// "host = shop.example". A value is what follows the sign, without blanks around it. What is
// no value stays, for Validate to name.
func ParseValues(text string) map[string]string {
	var m map[string]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value := line, noValue
		if i := strings.IndexAny(line, "=＝"); i >= 0 {
			name, value = line[:i], strings.TrimPrefix(strings.TrimPrefix(line[i:], "="), "＝")
		}
		if name = strings.TrimSpace(name); name == "" && (value == noValue || strings.TrimSpace(value) == "") {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[name] = strings.TrimSpace(value)
	}
	return m
}

// FormatValues is the text that ParseValues reads, sorted by name.
func FormatValues(m map[string]string) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(name)
		if v := m[name]; v != noValue {
			b.WriteString(" = " + v)
		}
	}
	return b.String()
}

// goodName tells whether a value can have a name.
func goodName(name string) bool {
	bad := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"“”{}=`, r)
	}
	return name != "" && !strings.ContainsFunc(name, bad)
}

// validateSecrets looks at the names of secret values.
func validateSecrets(names []string, open map[string]string, add func(Field, string, error)) {
	for i, name := range names {
		switch _, twice := open[name]; {
		case !goodName(name):
			add(FieldSecrets, name, ErrValueName)
		case twice || slices.Contains(names[:i], name):
			add(FieldSecrets, name, ErrDuplicate)
		}
	}
	if len(names) > MaxSecrets {
		add(FieldSecrets, "", ErrManyValues)
	}
}

func validateValues(m map[string]string, add func(Field, string, error)) {
	size := 0
	for _, name := range slices.Sorted(maps.Keys(m)) {
		size += len(name) + len(m[name])
		switch {
		case m[name] == noValue:
			add(FieldValues, name, ErrNoValue)
		case !goodName(name):
			add(FieldValues, name, ErrValueName)
		}
	}
	if len(m) > MaxValues || size > MaxValuesSize {
		add(FieldValues, "", ErrManyValues)
	}
}
