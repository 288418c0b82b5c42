package placeholder

import "strings"

// Hint says in a code what a candidate is; the window has a line of words for each.
type Hint string

// The hints.
const (
	HintUUID    Hint = "uuid"
	HintSeq     Hint = "seq"
	HintNow     Hint = "now"
	HintRand    Hint = "rand"
	HintPick    Hint = "pick"
	HintLine    Hint = "line"
	HintCol     Hint = "col"
	HintEnv     Hint = "env"
	HintBraces  Hint = "braces"  // two braces as they are
	HintPattern Hint = "pattern" // a pattern of time, which shows itself
	HintMillis  Hint = "ms"      // milliseconds since 1970
	HintSeconds Hint = "s"       // seconds since 1970
	HintOffset  Hint = "offset"  // a time moved
	HintColumn  Hint = "column"  // a column of the source
	HintValue   Hint = "value"   // a value of the connection
)

// Hints are all of them.
func Hints() []Hint {
	return []Hint{
		HintUUID, HintSeq, HintNow, HintRand, HintPick, HintLine, HintCol, HintEnv, HintBraces,
		HintPattern, HintMillis, HintSeconds, HintOffset, HintColumn, HintValue,
	}
}

// Known are names that may be offered.
type Known struct {
	// Columns are the source's, Env those of the connection's values.
	Columns, Env []string
}

// Candidate is what may stand in place of what is typed.
type Candidate struct {
	// Text replaces Completion's part of the text; then the cursor is at byte Cursor of it.
	Text   string
	Cursor int
	// Label is what a list shows: the word alone.
	Label string
	Hint  Hint
}

// Completion is what may stand at a place: a candidate in place of text[From:To].
type Completion struct {
	From, To   int
	Candidates []Candidate
}

// Complete tells what may be typed at byte at of a text: where the cursor stands within a
// placeholder, that is behind its opening braces and not yet behind its closing ones. There
// are no candidates elsewhere, and where nothing fits.
func Complete(text string, at int, known Known) Completion {
	at = max(0, min(at, len(text)))
	begin := strings.LastIndexAny(text[:at], "\r\n") + 1
	f, within := around(text[begin:at])
	if !within {
		return Completion{From: at, To: at}
	}
	c := cursor{from: at, to: at}
	words := f.words
	if n := len(words); n > 0 && begin+words[n-1].end == at {
		// The last word is not typed to its end, or changed: it goes as a whole.
		c.from, c.typed, c.quoted, words = begin+words[n-1].at, words[n-1].text, words[n-1].quoted, words[:n-1]
		if w, ok := readWord(text, c.from); ok && w.end > at && !strings.Contains(text[at:w.end], closing) && !strings.Contains(text[at:w.end], opening) {
			c.to = w.end
		}
	}
	c.closed = closes(text[c.to:])
	return c.complete(words, known)
}

// around reads the placeholder that the end of a line's beginning lies in. A quote that is
// not closed yet is closed for it.
func around(line string) (f found, within bool) {
	ok := true
	for f, ok = next(line, 0); ok; f, ok = next(line, f.end) {
		if f.err == nil || f.end < len(line) {
			continue
		}
		if f.err.Code != QuoteUnclosed {
			return f, f.err.Code == Unclosed
		}
		at := f.openQuote(line)
		q := quote(line[at:])
		f.words = append(f.words, word{at: at, end: len(line), text: line[at+q:], quoted: true})
		return f, true
	}
	return found{}, false
}

// openQuote is where the quote stands that is not closed.
func (f *found) openQuote(line string) int {
	at := f.at + len(opening)
	if n := len(f.words); n > 0 {
		at = f.words[n-1].end
	}
	return at + blanks(line[at:])
}

// closes tells whether the placeholder ends in what stands behind the cursor.
func closes(rest string) bool {
	end := strings.Index(rest, closing)
	return end >= 0 && !strings.ContainsAny(rest[:end], "\r\n") && !strings.Contains(rest[:end], opening)
}

// cursor is where something is typed: typed stands at text[from:to].
type cursor struct {
	from, to int
	typed    string
	quoted   bool // what is typed begins with a quote
	closed   bool // the closing braces are there
}

// complete offers what may stand behind words that are typed.
func (c *cursor) complete(words []word, known Known) Completion {
	out := Completion{From: c.from, To: c.to}
	var all []Candidate
	switch {
	case len(words) == 0:
		all = names()
	case words[0].text == now.String():
		all = moments(words[1:])
	case words[0].text == col.String() && len(words) == 1:
		all = quotedNames(known.Columns, HintColumn)
	case words[0].text == env.String() && len(words) == 1:
		all = quotedNames(known.Env, HintValue)
	}
	for _, one := range all {
		if !strings.HasPrefix(strings.ToLower(one.Label), strings.ToLower(c.typed)) || one.Label == c.typed && c.closed ||
			c.quoted && quote(one.Text) == 0 {
			continue
		}
		if !c.closed {
			more := one.Cursor < len(one.Text)
			if one.Text += closing; !more {
				one.Cursor = len(one.Text)
			}
		}
		out.Candidates = append(out.Candidates, one)
	}
	return out
}

// names are the placeholders; of those that need words the cursor stands where they come.
func names() []Candidate {
	all := make([]Candidate, 0, kinds)
	for _, one := range []struct {
		hint Hint
		rest string
		back int
	}{
		{HintUUID, "", 0},
		{HintSeq, "", 0},
		{HintNow, "", 0},
		{HintRand, " 1 100", 0},
		{HintPick, " a b c", len("a b c")},
		{HintLine, "", 0},
		{HintCol, ` ""`, 1},
		{HintEnv, ` ""`, 1},
	} {
		text := string(one.hint) + one.rest
		all = append(all, Candidate{Text: text, Cursor: len(text) - one.back, Label: string(one.hint), Hint: one.hint})
	}
	const braces = `"{{"`
	return append(all, Candidate{Text: braces, Cursor: len(braces), Label: opening, Hint: HintBraces})
}

// moments are the words of a {{now}} that may still come.
func moments(words []word) []Candidate {
	var moved, shaped bool
	for _, w := range words {
		moved, shaped = moved || isOffset(w.text), shaped || !isOffset(w.text)
	}
	var all []Candidate
	if !shaped {
		all = quotedNames([]string{"yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.SSS", isoPattern, "yyyy-MM-dd", "yyyyMMdd", "yyyyMMddHHmmss"}, HintPattern)
		all = append(all, bare("ms", HintMillis), bare("s", HintSeconds))
	}
	if !moved {
		all = append(all, bare("+30m", HintOffset), bare("-1d", HintOffset))
	}
	return all
}

func bare(word string, hint Hint) Candidate {
	return Candidate{Text: word, Cursor: len(word), Label: word, Hint: hint}
}

// quotedNames are names that stand in quotes.
func quotedNames(names []string, hint Hint) []Candidate {
	all := make([]Candidate, 0, len(names))
	for _, name := range names {
		text := quoteWord(name)
		all = append(all, Candidate{Text: text, Cursor: len(text), Label: name, Hint: hint})
	}
	return all
}

// quoteWord is a word as it stands in a placeholder, in quotes.
func quoteWord(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}
