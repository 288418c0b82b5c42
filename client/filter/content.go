package filter

import (
	"bytes"

	"github.com/tidwall/gjson"

	"gantry/client/message"
)

// content is a message that is looked at. What has to be decoded is, once and when it is
// asked for.
type content struct {
	m      *message.Message
	decode Decode // nil for none

	opened   bool
	plain    []byte // the body without what packed it
	decoded  bool
	read     []byte // the body as text in UTF-8, or as it is where it is none
	parsed   bool
	document gjson.Result

	// verdicts are what jq told of the body; hope is what is taken for what it did not tell.
	verdicts map[*jq]Verdict
	hope     bool
}

// body is the body without what RocketMQ and the producer packed it with, its first 16 MB.
func (c *content) body() []byte {
	if !c.opened {
		c.opened = true
		c.plain, _ = c.m.Unpacked(openLimit)
		if name, plain, _ := message.Open(c.plain, openLimit); name != "" {
			c.plain = plain
		}
	}
	return c.plain
}

// text is the body as text in UTF-8, or as JSON where it is in a format that is read.
func (c *content) text() []byte {
	if !c.decoded {
		c.decoded, c.read = true, c.body()
		if c.decode != nil {
			if text := c.decode(c.read); text != nil {
				c.read = text
				return text
			}
		}
		switch charset := message.DetectCharset(c.read); charset {
		case "":
		case message.UTF8:
			c.read = bytes.TrimPrefix(c.read, []byte("\xEF\xBB\xBF"))
		default:
			if text, ok := charset.Text(c.read); ok {
				c.read = []byte(text)
			}
		}
	}
	return c.read
}

// json is the body as JSON; not there where it is none.
func (c *content) json() gjson.Result {
	if !c.parsed {
		c.parsed = true
		c.document = parseJSON(c.text())
	}
	return c.document
}

// jsonText is the body as JSON, without blanks round it; empty where it is none.
func (c *content) jsonText() []byte {
	if !c.json().Exists() {
		return nil
	}
	return bytes.TrimSpace(c.text())
}

// deepest is how deep JSON may be nested: what checks it calls itself for each level.
const deepest = 10_000

// parseJSON reads JSON that is valid and not nested too deep.
func parseJSON(b []byte) gjson.Result {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || tooDeep(b) || !gjson.ValidBytes(b) {
		return gjson.Result{}
	}
	return gjson.ParseBytes(b)
}

func tooDeep(b []byte) bool {
	if bytes.Count(b, []byte("{"))+bytes.Count(b, []byte("[")) <= deepest {
		return false
	}
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > deepest {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
