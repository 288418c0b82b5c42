package remoting

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// target is the type that a value for t is rewritten for: nil where it stays as it
// is, because the type reads it itself, or takes anything.
func target(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer && !itself(t) {
		t = t.Elem()
	}
	switch {
	case t == nil, itself(t), t.Kind() == reflect.Interface:
		return nil
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return reflect.TypeFor[string]()
	}
	return t
}

// target is the function of that name, remembered.
func (l *loose) target(t reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	to, known := l.targets[t]
	if !known {
		to = target(t)
		l.targets[t] = to
	}
	return to
}

// itself tells whether a type reads JSON itself.
func itself(t reflect.Type) bool {
	u := reflect.TypeFor[json.Unmarshaler]()
	return t.Implements(u) || t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(u)
}

// typeOf is the type of an object's member: key is its name as JSON.
func (l *loose) typeOf(t reflect.Type, key []byte) reflect.Type {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Map:
		return t.Elem()
	case reflect.Struct:
		all := l.fields[t]
		if all == nil {
			all = map[string]reflect.Type{}
			addFields(all, t)
			l.fields[t] = all
		}
		if of, has := all[string(key[1:len(key)-1])]; has { // most need no more
			return of
		}
		var name string
		if json.Unmarshal(key, &name) != nil {
			return nil
		}
		return all[strings.ToLower(name)]
	}
	return nil
}

// addFields notes a struct's fields by the names that encoding/json knows them by.
func addFields(all map[string]reflect.Type, t reflect.Type) {
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Tag.Get("json") == "-", options == "string":
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			addFields(all, f.Type)
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		all[name], all[strings.ToLower(name)] = f.Type, f.Type
	}
}

// fit rewrites the value that is the output since from for a type. What does not fit
// stays as it is, and encoding/json refuses it.
func (l *loose) fit(t reflect.Type, from int) error {
	token := l.out[from:]
	inQuotes := token[0] == '"'
	if string(token) == "null" || t.Kind() != reflect.String && asItIs(t, token) {
		return nil
	}
	if t.Kind() == reflect.String {
		if inQuotes {
			return nil
		}
		return l.quote(from)
	}
	text := string(token)
	if inQuotes {
		if json.Unmarshal(token, &text) != nil {
			return nil
		}
		if text = strings.TrimSpace(text); text == "" || text == "null" {
			// As nothing: 0, false, no list, no object (TypeUtils.cast).
			l.out = append(l.out[:from], "null"...)
			return nil
		}
	}
	if fitted, ok := fitted(t, text); ok {
		l.out = append(l.out[:from], fitted...)
	}
	return nil
}

// asItIs tells whether a value is a list or an object, which are never rewritten but
// for a text, or a number so short that it fits.
func asItIs(t reflect.Type, token []byte) bool {
	switch token[0] {
	case '{', '[':
		return true
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
	default:
		return false
	}
	if len(token) > 9 {
		return false
	}
	for _, c := range token {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// fitted is a number, or true or false, as JSON of a type.
func fitted(t reflect.Type, text string) (string, bool) {
	switch t.Kind() {
	case reflect.Bool:
		switch strings.ToLower(text) {
		case "true", "1":
			return "true", true
		case "false", "0":
			return "false", true
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := integer(text, t.Bits())
		return strconv.FormatInt(n, 10), ok
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		switch text {
		case "NaN", "Infinity", "-Infinity":
			return "null", true
		}
		return text, json.Valid([]byte(text))
	}
	return "", false
}

// integer reads a whole number of so many bits, which may be written without its
// sign.
func integer(text string, bits int) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, bits); err == nil {
		return n, true
	}
	if n, err := strconv.ParseUint(text, 10, bits); err == nil {
		return int64(n<<(64-bits)) >> (64 - bits), true
	}
	// 1.0 and 1e3, as long as nothing is lost.
	f, err := strconv.ParseFloat(text, 64)
	most := min(math.Exp2(float64(bits-1)), 1<<53)
	return int64(f), err == nil && f == math.Trunc(f) && math.Abs(f) < most
}
