package replay

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gantry/client/message"
)

// Bounds of what is compared and shown.
const (
	// mostWords is how many words of two bodies are compared one by one.
	mostWords = 400
	// mostCompared is how much of a body is compared, in bytes.
	mostCompared = 64 << 10
	// mostDifferences is how many of a message are shown.
	mostDifferences = 6
)

// difference is a part of a message that a change has made another: Was or Is is "" where
// there was or is none.
type difference struct {
	Label   string
	Was, Is string
}

// labels are the words for the parts of a message.
type labels struct{ body, tag, keys, key string }

// differences compares a message of the source with what will leave.
func differences(was, is *message.Draft, say labels) []difference {
	var out []difference
	one := func(label, a, b string) {
		if a != b {
			out = append(out, difference{label, a, b})
		}
	}
	for _, d := range hunks(string(was.Body), string(is.Body)) {
		one(say.body, bare(d[0]), bare(d[1]))
	}
	one(say.tag, was.Tag, is.Tag)
	one(say.keys, strings.Join(was.Keys, " "), strings.Join(is.Keys, " "))
	one(say.key, was.ShardingKey, is.ShardingKey)
	value := func(d *message.Draft, name string) string {
		i := slices.IndexFunc(d.Properties, func(p message.Property) bool { return p.Name == name })
		if i < 0 {
			return ""
		}
		return d.Properties[i].Value
	}
	for _, p := range was.Properties {
		one(p.Name, p.Value, value(is, p.Name))
	}
	for _, p := range is.Properties {
		if value(was, p.Name) == "" {
			one(p.Name, "", p.Value)
		}
	}
	return out
}

// bare is a piece of JSON without what only stands around it: blanks, a comma, the end of what
// began before.
func bare(piece string) string {
	piece = strings.Trim(piece, " \n\t,")
	for _, pair := range []string{"{}", "[]", "{}"} {
		for strings.HasSuffix(piece, pair[1:]) && strings.Count(piece, pair[:1]) < strings.Count(piece, pair[1:]) {
			piece = strings.TrimRight(piece[:len(piece)-1], " \n\t,")
		}
	}
	return piece
}

// hunks are the pieces in which two texts differ, in their order.
func hunks(was, is string) (out [][2]string) {
	if was == is {
		return nil
	}
	a, b := split(was), split(is)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	a, b = a[head:], b[head:]
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	if len(a) > mostWords || len(b) > mostWords {
		return [][2]string{{strings.Join(a, ""), strings.Join(b, "")}}
	}
	common := longest(a, b)
	for len(a)+len(b) > 0 {
		var w, i strings.Builder
		for len(a) > 0 && (len(common) == 0 || a[0] != common[0]) {
			w.WriteString(a[0])
			a = a[1:]
		}
		for len(b) > 0 && (len(common) == 0 || b[0] != common[0]) {
			i.WriteString(b[0])
			b = b[1:]
		}
		if w.Len()+i.Len() > 0 {
			out = append(out, [2]string{w.String(), i.String()})
		}
		if len(common) > 0 {
			a, b, common = a[1:], b[1:], common[1:]
		}
	}
	return out
}

// split cuts a text behind what separates the values of JSON, and words.
func split(text string) (words []string) {
	text = text[:min(len(text), mostCompared)]
	from := 0
	for i, r := range text {
		if strings.ContainsRune(",{}[]\n ", r) {
			end := i + utf8.RuneLen(r)
			words, from = append(words, text[from:end]), end
		}
	}
	if from < len(text) {
		words = append(words, text[from:])
	}
	return words
}

// longest is a longest common subsequence.
func longest(a, b []string) []string {
	n := make([][]int, len(a)+1)
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				n[i][j] = n[i+1][j+1] + 1
			} else {
				n[i][j] = max(n[i+1][j], n[i][j+1])
			}
		}
	}
	var out []string
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, a[i])
			i, j = i+1, j+1
		case n[i+1][j] >= n[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}
