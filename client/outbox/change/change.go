// Package change is what a run does to each message that it sends again: fields of its JSON,
// properties, tag and keys are set, removed or masked. What no change names stays as it is,
// to the byte.
//
// A Change is a value. A Changer belongs to one goroutine, and what it makes follows from the
// message and the values alone: it can be made again.
package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gantry/client/fault"
	"gantry/client/jsonpath"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox/placeholder"
)

// Limits of the changes of a run.
const (
	// MaxChanges is how many there are at most.
	MaxChanges = 100
	// MaxBytes is what their names and values take together at most.
	MaxBytes = 256 << 10
)

// What is changed.
type What string

// What there is.
const (
	Field    What = "field" // of a body that is JSON
	Property What = "property"
	Tag      What = "tag"
	Keys     What = "keys"
)

// Do is what is done.
type Do string

// What is done to what.
const (
	// Set puts a text there: a field becomes a string. JSON puts a value of JSON there.
	// Neither makes objects or elements; a member, a property, a tag that is not there
	// comes to be.
	Set  Do = "set"
	JSON Do = "json"
	// Remove takes it away, of keys the named ones, or all if none is named. Where there is
	// none, nothing is to be done.
	Remove Do = "remove"
	// Mask makes strings and numbers others of the same form, see package mask.
	Mask Do = "mask"
	// Add puts keys behind those that there are.
	Add Do = "add"
)

// Dos are what can be done to what.
func Dos(w What) []Do {
	switch w {
	case Field:
		return []Do{Set, JSON, Remove, Mask}
	case Property:
		return []Do{Set, Remove, Mask}
	case Tag:
		return []Do{Set, Remove}
	case Keys:
		return []Do{Set, Add, Remove, Mask}
	}
	return nil
}

// Change is one change.
type Change struct {
	What What `json:"what"`
	Do   Do   `json:"do"`
	// Name is the path of a field, see package jsonpath, or the name of a property.
	Name string `json:"name,omitempty"`
	// Value is what is set or added, with dynamic values, or the keys that are removed,
	// without.
	Value string `json:"value,omitempty"`
}

// Named tells whether it needs a name, Valued whether it takes a value.
func (c Change) Named() bool { return c.What == Field || c.What == Property }

// Valued tells whether it takes a value.
func (c Change) Valued() bool {
	return c.Do == Set || c.Do == JSON || c.Do == Add || c.What == Keys && c.Do == Remove
}

// What can be wrong with a change, beside its path and its dynamic values.
const (
	// TooMany: there are more than MaxChanges, or they are longer than MaxBytes.
	TooMany fault.Code = "too many changes"
	// Unknown: nobody knows what to do to that.
	Unknown fault.Code = "such a change is not known"
	// NoName: a property is not named, or the name is one of RocketMQ's own.
	NoName fault.Code = "it is no name of a user property"
	// NoValue: what is set needs a value.
	NoValue fault.Code = "the change needs a value"
)

// Part is a part of a change.
type Part string

// The parts.
const (
	OfName  Part = "name"
	OfValue Part = "value"
)

// Error says what is wrong with which change; Index counts from 0.
type Error struct {
	Index int
	Part  Part
	Err   error
}

// Error is for logs.
func (e *Error) Error() string {
	return fmt.Sprintf("change %d, its %s: %v", e.Index+1, e.Part, e.Err)
}

// Unwrap is why.
func (e *Error) Unwrap() error { return e.Err }

// Misfit says that a message is left out, as a change does not fit it: Index tells which, -1
// that it is the masks of a profile, -2 that what came of them cannot be sent.
type Misfit struct {
	Index int
	Name  string // of the change
	Why   error
}

// Error is for logs.
func (m *Misfit) Error() string { return fmt.Sprintf("change %d does not fit: %v", m.Index+1, m.Why) }

// Unwrap is why.
func (m *Misfit) Unwrap() error { return m.Why }

// Check tells whether changes can be made: nil, or an *Error, or TooMany.
func Check(all []Change) error {
	_, err := compile(all)
	return err
}

// Needs are the values of a connection that changes want.
func Needs(all []Change) (placeholder.Needs, error) {
	var n placeholder.Needs
	ready, err := compile(all)
	for _, c := range ready {
		if c.value != nil {
			n.Join(c.value.Needs())
		}
	}
	return n, err
}

// compiled is a change that can be made.
type compiled struct {
	Change
	path  *jsonpath.Path
	value *placeholder.Template
}

func compile(all []Change) ([]compiled, error) {
	size := 0
	var out []compiled
	for i, c := range all {
		if size += len(c.Name) + len(c.Value); len(all) > MaxChanges || size > MaxBytes {
			return nil, TooMany
		}
		one, err := c.compile()
		if err != nil {
			err.Index = i
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (c Change) compile() (compiled, *Error) {
	out := compiled{Change: c}
	var err error
	switch {
	case !slices.Contains(Dos(c.What), c.Do):
		return out, &Error{Part: OfName, Err: Unknown}
	case c.What == Property && (strings.TrimSpace(c.Name) == "" || message.IsSystemProperty(c.Name)):
		return out, &Error{Part: OfName, Err: NoName}
	case c.What == Field:
		if out.path, err = jsonpath.Parse(c.Name); err != nil {
			return out, &Error{Part: OfName, Err: err}
		}
	}
	if !c.Valued() || c.Do == Remove {
		return out, nil
	}
	if strings.TrimSpace(c.Value) == "" && (c.What != Field || c.Do == JSON) {
		return out, &Error{Part: OfValue, Err: NoValue}
	}
	format := placeholder.Plain
	if c.Do == JSON {
		format = placeholder.JSON
	}
	if out.value, err = placeholder.Parse(c.Value, format); err != nil {
		return out, &Error{Part: OfValue, Err: err}
	}
	if out.value.Literal() && c.Do == JSON && !json.Valid([]byte(c.Value)) {
		return out, &Error{Part: OfValue, Err: jsonpath.BadValue}
	}
	if out.value.Needs().Row {
		return out, &Error{Part: OfValue, Err: &placeholder.Error{Code: placeholder.NoSource, Name: "line"}}
	}
	return out, nil
}

// Changer changes messages.
type Changer struct {
	all   []compiled
	drop  map[string]bool
	masks *mask.Masker // of the profile, nil for none
	whole *mask.Masker // of single changes, nil without a key
}

// New returns what leaves out the user properties of these names, then masks by the rules if
// there are any, and then makes the changes, one after the other. key may be empty where
// nothing is masked.
func New(all []Change, drop []string, rules *mask.Rules, key []byte) (*Changer, error) {
	c := &Changer{drop: map[string]bool{}}
	var err error
	if c.all, err = compile(all); err != nil {
		return nil, err
	}
	for _, name := range drop {
		c.drop[name] = true
	}
	if rules != nil {
		if c.masks, err = mask.New(*rules, key); err != nil {
			return nil, err
		}
	}
	if Masks(all) {
		c.whole, err = mask.New(mask.Rules{}, key)
	}
	return c, err
}

// Masks tells whether one of the changes masks, and so needs a key.
func Masks(all []Change) bool {
	return slices.ContainsFunc(all, func(c Change) bool { return c.Do == Mask })
}

// Draft changes a message, whose slices stay as they are. The error is a *Misfit where the
// message is to be left out, else a *placeholder.Error: then nothing can be sent.
func (c *Changer) Draft(d *message.Draft, v *placeholder.Values) error {
	d.Properties = slices.DeleteFunc(slices.Clone(d.Properties), func(p message.Property) bool { return c.drop[p.Name] })
	if c.masks != nil {
		if err := c.masks.Draft(d); err != nil {
			return &Misfit{Index: -1, Why: err}
		}
	}
	b := body{draft: d}
	for i := range c.all {
		err := c.one(&c.all[i], &b, v)
		if wrong := (*placeholder.Error)(nil); errors.As(err, &wrong) {
			return err
		}
		if err != nil {
			return &Misfit{Index: i, Name: c.all[i].Name, Why: err}
		}
	}
	return nil
}

// body is the body of a message while it is changed: read once, written once.
type body struct {
	draft *message.Draft
	doc   jsonpath.Doc
	read  bool
}

func (c *Changer) one(one *compiled, b *body, v *placeholder.Values) error {
	var value []byte
	var err error
	if one.value != nil {
		if value, err = one.value.Append(nil, v); err != nil {
			return err
		}
	}
	switch one.What {
	case Field:
		return c.field(one, b, value)
	case Property:
		c.property(one, b.draft, string(value))
	case Tag:
		b.draft.Tag = string(value)
	case Keys:
		c.keys(one, b.draft, string(value))
	}
	return nil
}

func (c *Changer) field(one *compiled, b *body, value []byte) (err error) {
	if !b.read {
		if b.doc, err = jsonpath.Read(b.draft.Body); err != nil {
			return err
		}
		b.read = true
	}
	switch one.Do {
	case Set:
		b.doc, err = one.path.Set(b.doc, jsonpath.AppendString(nil, string(value)))
	case JSON:
		b.doc, err = one.path.Set(b.doc, value)
	case Mask:
		b.doc, err = one.path.Replace(b.doc, c.whole.JSON)
	default:
		b.doc, err = one.path.Remove(b.doc)
	}
	b.draft.Body = b.doc.Bytes()
	return err
}

func (c *Changer) property(one *compiled, d *message.Draft, value string) {
	at := slices.IndexFunc(d.Properties, func(p message.Property) bool { return p.Name == one.Name })
	switch {
	case one.Do == Set && at < 0:
		d.Properties = append(d.Properties, message.Property{Name: one.Name, Value: value})
	case at < 0:
	case one.Do == Set:
		d.Properties[at].Value = value
	case one.Do == Mask:
		d.Properties[at].Value = c.whole.Text(d.Properties[at].Value)
	default:
		d.Properties = slices.Delete(d.Properties, at, at+1)
	}
}

func (c *Changer) keys(one *compiled, d *message.Draft, value string) {
	text := strings.Join(d.Keys, " ")
	had := strings.Fields(text)
	switch one.Do {
	case Set:
		d.Keys = strings.Fields(value)
	case Mask:
		d.Keys = []string{c.whole.Keys(text)}
	case Add:
		for _, k := range strings.Fields(value) {
			if slices.Contains(had, k) {
				continue
			}
			if had = append(had, k); text != "" {
				text += " "
			}
			text += k
		}
		d.Keys = []string{text}
	case Remove:
		gone := strings.Fields(one.Value)
		left := slices.DeleteFunc(slices.Clone(had), func(k string) bool { return len(gone) == 0 || slices.Contains(gone, k) })
		if len(left) < len(had) {
			d.Keys = left
		}
	}
	if strings.Join(d.Keys, "") == "" {
		d.Keys = nil
	}
}
