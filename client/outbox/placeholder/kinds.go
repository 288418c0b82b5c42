package placeholder

import (
	"hash/fnv"
	"strconv"
	"strings"

	"gantry/client/fault"
)

// kind is what a placeholder stands for.
type kind int

const (
	quoted kind = iota
	uuid
	seq
	now
	random
	pick
	line
	col
	env
	kinds // how many there are
)

// String is the name in a text.
func (k kind) String() string {
	return [kinds]string{"", "uuid", "seq", "now", "rand", "pick", "line", "col", "env"}[k]
}

// kindOf is the kind with a name, false where there is none.
func kindOf(name string) (kind, bool) {
	for k := quoted + 1; k < kinds; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return quoted, false
}

// newPart makes a part of what stands in a text, without what comes before it.
func newPart(f found) (part, *Error) {
	p := part{at: f.at, size: f.end - f.at}
	if len(f.words) == 0 {
		return p, &Error{Code: NoSuch, At: p.at, Len: p.size}
	}
	name, args := f.words[0], f.words[1:]
	if name.quoted {
		p.words = []string{name.text}
		return p, atMost(f, 0)
	}
	var ok bool
	if p.kind, ok = kindOf(name.text); !ok {
		return p, &Error{Code: NoSuch, At: name.at, Len: name.end - name.at, Name: name.text}
	}
	p.id = id(f.words)
	switch p.kind {
	case uuid:
		if len(args) > 0 && !whole(args[0].text) {
			return p, badWord(f, args[0])
		}
		return p, atMost(f, 1)
	case now:
		err := p.moment.parse(f)
		return p, err
	case random:
		err := p.rand.parse(f)
		return p, err
	case pick:
		for _, a := range args {
			p.words = append(p.words, a.text)
		}
		return p, atLeast(f, 1)
	case col, env:
		if len(args) == 0 || args[0].text == "" {
			return p, atLeast(f, 2) // with no name it needs more
		}
		p.name = args[0].text
		return p, atMost(f, 1)
	}
	return p, atMost(f, 0)
}

// prepare makes the part quick to append, once it is known where it stands.
func (p *part) prepare() {
	for i, w := range p.words {
		p.words[i] = string(appendText(nil, w, p.escape))
	}
	p.moment.escape(p.escape)
}

// append appends the value to dst, or says what is wrong.
func (p *part) append(dst *[]byte, v *Values) fault.Code {
	switch p.kind {
	case uuid:
		*dst = appendUUID(*dst, v.draw(p.id))
	case seq:
		*dst = strconv.AppendInt(*dst, v.Seq, 10)
	case now:
		*dst = p.moment.append(*dst, v.At, p.escape)
	case random:
		*dst = p.rand.append(*dst, v.draw(p.id))
	case pick:
		*dst = append(*dst, p.words[v.draw(p.id).below(uint64(len(p.words)))]...)
	case line, col:
		if v.Row == nil {
			return NoSource
		}
		text, ok := "", true
		if p.kind == line {
			text = v.Row.Line()
		} else if text, ok = v.Row.Column(p.name); !ok {
			return NoColumn
		}
		*dst = appendText(*dst, text, p.escape)
	case env:
		if v.Env == nil {
			return NoEnv
		}
		text, ok := v.Env(p.name)
		if !ok {
			return NoEnv
		}
		*dst = appendText(*dst, text, p.escape)
	}
	return ""
}

// id stands for the words of a placeholder: the same ones have the same value.
func id(words []word) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w.text))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// whole tells whether a word is a number that makes a placeholder another one.
func whole(word string) bool {
	return word != "" && len(word) <= 9 && strings.Trim(word, "0123456789") == ""
}

func atLeast(f found, args int) *Error {
	if len(f.words)-1 >= args {
		return nil
	}
	return &Error{Code: MissingWord, At: f.at, Len: f.end - f.at, Name: f.words[0].text}
}

func atMost(f found, args int) *Error {
	if len(f.words)-1 <= args {
		return nil
	}
	return badWord(f, f.words[1+args])
}

func badWord(f found, w word) *Error {
	return &Error{Code: BadWord, At: w.at, Len: w.end - w.at, Name: f.words[0].text, Value: w.text}
}
