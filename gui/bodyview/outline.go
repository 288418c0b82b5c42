package bodyview

import (
	"encoding/json"
	"sort"
	"strings"

	"gantry/client/filter"
)

// JSON is JSON that was indented, and its structure: each member and element stands on a
// line of its own, two blanks deeper than what holds it. A View that shows it folds it.
type JSON struct {
	text   string
	blocks []block // by where they open
}

// block is an object or array over several lines.
type block struct {
	open  int32 // the end of the line that opens it
	close int32 // where the line begins that closes it
	line  int32 // the number of the line that opens it
	lines int32 // how many are between the two
	items int32
	fold  bool
}

// ReadJSON indents JSON as FormatJSON does, and finds its structure. Over some 64 KB call it
// off the main goroutine.
func ReadJSON(b []byte) (*JSON, error) {
	text, err := FormatJSON(b)
	if err != nil {
		return nil, err
	}
	return outlined(string(text)), nil
}

// String is the JSON, indented.
func (j *JSON) String() string { return j.text }

// outlined finds the blocks of a text of less than 2 GB.
func outlined(text string) *JSON {
	j := &JSON{text: text}
	var open []int
	number := int32(0)
	for at := 0; at < len(text); {
		number++
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		line := text[at : at+end]
		body := strings.TrimLeft(line, " ")
		if body != "" && (body[0] == '}' || body[0] == ']') && len(open) > 0 {
			b := &j.blocks[open[len(open)-1]]
			open = open[:len(open)-1]
			b.close, b.lines = int32(at), number-b.line-1
		} else if len(open) > 0 {
			j.blocks[open[len(open)-1]].items++
		}
		// A text in quotes ends with one: a bracket at the end opens something.
		if body != "" && (line[end-1] == '{' || line[end-1] == '[') {
			open = append(open, len(j.blocks))
			j.blocks = append(j.blocks, block{open: int32(at + end), line: number})
		}
		at += end + 1
	}
	return j
}

// at is the block that the line which ends there opens, nil for none.
func (j *JSON) at(end int) *block {
	if j == nil {
		return nil
	}
	i := sort.Search(len(j.blocks), func(i int) bool { return int(j.blocks[i].open) >= end })
	if i == len(j.blocks) || int(j.blocks[i].open) != end {
		return nil
	}
	return &j.blocks[i]
}

// foldAll folds the blocks within the outermost one, or none.
func (j *JSON) foldAll(fold bool) {
	for i := range j.blocks {
		j.blocks[i].fold = fold && i > 0
	}
}

// path is where the line that holds an offset stands in the document, and its value as it
// is written, "" for one over several lines.
func (j *JSON) path(offset int) (steps []filter.Step, value string) {
	end := strings.IndexByte(j.text[offset:], '\n')
	if end < 0 {
		end = len(j.text) - offset
	}
	end += offset
	var stack []filter.Step // the last is of the line
	arrays := []bool{}      // by depth: what holds it is an array
	for at := 0; at <= end && at < len(j.text); {
		stop := strings.IndexByte(j.text[at:], '\n')
		if stop < 0 {
			stop = len(j.text) - at
		}
		line := j.text[at : at+stop]
		at += stop + 1
		body := strings.TrimLeft(line, " ")
		depth := (len(line) - len(body)) / 2
		value = ""
		if depth > len(arrays) {
			return nil, "" // not indented by FormatJSON
		}
		closes := body != "" && (body[0] == '}' || body[0] == ']')
		arrays = arrays[:depth]
		if depth > 0 && !closes {
			body = next(&stack, depth, arrays[depth-1], body)
		}
		stack = stack[:min(len(stack), depth)]
		switch {
		case closes:
		case strings.HasSuffix(body, "{"), strings.HasSuffix(body, "["):
			arrays = append(arrays, body[len(body)-1] == '[')
		default:
			value = strings.TrimSuffix(body, ",")
		}
	}
	for i := range stack {
		if s := &stack[i]; !s.IsIndex && json.Unmarshal([]byte(s.Name), &s.Name) != nil {
			return nil, ""
		}
	}
	return stack, value
}

// next makes the last step that of a line, and returns what follows its name.
func next(stack *[]filter.Step, depth int, array bool, body string) string {
	s := *stack
	if array {
		n := 0
		if len(s) >= depth {
			n = s[depth-1].Index + 1
		}
		*stack = append(s[:depth-1], filter.Step{IsIndex: true, Index: n})
		return body
	}
	name, rest := cutName(body)
	*stack = append(s[:depth-1], filter.Step{Name: name})
	return rest
}

// cutName cuts the name of a member, in its quotes, off its line.
func cutName(body string) (name, rest string) {
	for i := 1; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return body[:i+1], strings.TrimPrefix(body[i+1:], ": ")
		}
	}
	return "", body
}
