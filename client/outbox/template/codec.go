package template

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
)

// The headers, in the order in which they are written.
const (
	headTopic    = "Topic"
	headTag      = "Tag"
	headKeys     = "Keys"
	headType     = "Type"
	headDeliver  = "Deliver"
	headSharding = "Sharding-Key"
	headDecided  = "Transaction"
	headReply    = "Reply-Within"
	headGroup    = "Producer-Group"
	headProperty = "Property"
	headValues   = "Values"
	headPacked   = "Packed"
	headTyped    = "Typed"
	headCharset  = "Charset"
	headBody     = "Body"
)

// The words of headers that take certain ones.
const (
	wordOn     = "on"
	wordOff    = "off"
	wordText   = "text"
	wordBase64 = "base64"
	wordHex    = "hex"
	wordFile   = "file"
	wordGzip   = "gzip"
)

// typings are the words of the ways to type a body.
func typings() map[message.Typing]string {
	return map[message.Typing]string{
		message.AsText: wordText, message.AsHex: wordHex, message.AsBase64: wordBase64, message.AsIs: wordFile,
		message.AsMessagePack: "messagepack", message.AsCBOR: "cbor", message.AsProtobuf: "protobuf",
	}
}

// charsets are those that a text may be of.
func charsets() []message.Charset {
	return []message.Charset{message.UTF8, message.GBK, message.GB18030, message.UTF16LE, message.UTF16BE}
}

// kinds are the words of the types of message.
func kinds() map[profile.MessageKind]string {
	return map[profile.MessageKind]string{
		profile.NormalMessage: "normal", profile.OrderedMessage: "ordered", profile.DelayedMessage: "delayed", profile.OneWayMessage: "one-way",
		profile.TransactionMessage: "transactional", profile.RequestMessage: "request",
	}
}

// base64Line is how many characters of base64 stand in a line.
const base64Line = 76

// bom is what some editors put before a text.
const bom = "\xEF\xBB\xBF"

// Encode returns the file of a template. HeadTooLong and BodyTooLarge say that it cannot
// be kept, BadValue that its type is none.
func Encode(t Text) ([]byte, error) {
	if len(t.Body) > MaxBody {
		return nil, BodyTooLarge
	}
	kind, ok := kinds()[t.Form.Kind]
	typed, known := typings()[t.Form.How.As]
	if !ok || !known || t.Form.How.Charset != "" && !slices.Contains(charsets(), t.Form.How.Charset) {
		return nil, BadValue
	}
	var b bytes.Buffer
	line := func(name, value string) {
		b.WriteString(name + ":")
		if value != "" {
			b.WriteString(" " + value)
		}
		b.WriteByte('\n')
	}
	unless := func(name, value string) { // it is empty
		if value != "" {
			line(name, quoted(value, ""))
		}
	}
	line(headTopic, quoted(t.Form.Topic, ""))
	line(headTag, quoted(t.Form.Tag, ""))
	line(headKeys, quoted(t.Form.Keys, ""))
	line(headType, kind)
	unless(headDeliver, t.Form.Deliver)
	unless(headSharding, t.Form.ShardingKey)
	unless(headDecided, string(t.Form.Transaction))
	unless(headReply, t.Form.Reply)
	unless(headGroup, t.Form.ProducerGroup)
	for _, p := range t.Form.Properties {
		line(headProperty, quoted(p.Name, "=")+"="+quoted(p.Value, ""))
	}
	if t.Form.Literal {
		line(headValues, wordOff)
	}
	switch {
	case t.Form.How.Gzip:
		line(headPacked, wordGzip)
	case t.Form.Packed:
		line(headPacked, wordOn)
	}
	if typed != wordText {
		line(headTyped, typed)
	}
	unless(headCharset, string(t.Form.How.Charset))
	plain := isText(t.Body)
	if !plain {
		line(headBody, wordBase64)
	}
	b.WriteByte('\n')
	if b.Len() > MaxHead {
		return nil, HeadTooLong
	}
	if plain {
		b.Write(t.Body)
	} else {
		writeBase64(&b, t.Body)
	}
	return b.Bytes(), nil
}

// isText tells whether a body can stand in a file as it is.
func isText(body []byte) bool {
	return utf8.Valid(body) && !bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7F })
}

func writeBase64(b *bytes.Buffer, body []byte) {
	const chunk = base64Line / 4 * 3
	b.Grow(base64.StdEncoding.EncodedLen(len(body)) + len(body)/chunk + 1)
	for len(body) > 0 {
		n := min(chunk, len(body))
		b.WriteString(base64.StdEncoding.EncodeToString(body[:n]))
		b.WriteByte('\n')
		body = body[n:]
	}
}

// quoted puts a value into quotes where it would not be read as it is; also lists
// characters that it may not have otherwise.
func quoted(s, also string) string {
	plain := utf8.ValidString(s) && s == trim(s) && !strings.HasPrefix(s, `"`) && !strings.ContainsAny(s, also) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	if plain {
		return s
	}
	return strconv.Quote(s)
}

func trim(s string) string { return strings.Trim(s, " \t") }

// unquoted reads a value.
func unquoted(s string) (string, fault.Code) {
	s = trim(s)
	switch {
	case !utf8.ValidString(s):
		return "", NotText
	case !strings.HasPrefix(s, `"`):
		return s, ""
	}
	v, err := strconv.Unquote(s)
	if err != nil {
		return "", BadQuotes
	}
	return v, ""
}

// Parse reads the file of a template. An error is a *ParseError.
func Parse(file []byte) (Text, error) {
	h, err := parseHead(file)
	if err != nil {
		return Text{}, err
	}
	body := file[h.end:]
	switch {
	case h.base64:
		body, err = readBase64(body, h.lines+1)
	case h.returns:
		body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	default:
		body = bytes.Clone(body)
	}
	if err == nil && len(body) > MaxBody {
		err = &ParseError{h.lines + 1, BodyTooLarge}
	}
	if err != nil {
		return Text{}, err
	}
	return Text{Form: h.form, Body: body}, nil
}

func readBase64(b []byte, line int) ([]byte, error) {
	dense := make([]byte, 0, len(b))
	for _, c := range b {
		if c != '\n' && c != '\r' && c != ' ' && c != '\t' {
			dense = append(dense, c)
		}
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(dense)))
	n, err := base64.StdEncoding.Strict().Decode(out, dense)
	if err != nil {
		return nil, &ParseError{line, BadBase64}
	}
	return out[:n], nil
}

// head is what the lines before the body say.
type head struct {
	form    profile.SendForm
	base64  bool
	returns bool // each line ends with a carriage return too
	lines   int  // with the empty one
	end     int  // where the body begins
	seen    map[string]bool
}

// parseHead reads the lines before the body. It needs no more of a file than MaxHead
// bytes and one.
func parseHead(file []byte) (*head, error) {
	h := &head{seen: map[string]bool{}}
	if bytes.HasPrefix(file, []byte(bom)) {
		h.end = len(bom)
	}
	for first := true; h.end < len(file); first = false {
		line, _, ends := bytes.Cut(file[h.end:], []byte("\n"))
		if h.end += len(line); ends {
			h.end++
		}
		h.lines++
		if h.end > MaxHead {
			return nil, &ParseError{h.lines, HeadTooLong}
		}
		if first {
			h.returns = ends && bytes.HasSuffix(line, []byte("\r"))
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return h, nil
		}
		if why := h.line(string(line)); why != "" {
			return nil, &ParseError{h.lines, why}
		}
	}
	return h, nil // there is no body
}

// line takes one header.
func (h *head) line(s string) fault.Code {
	name, value, ok := strings.Cut(s, ":")
	if !ok {
		return NoColon
	}
	name = trim(name)
	if strings.EqualFold(name, headProperty) {
		return h.property(value)
	}
	text, why := unquoted(value)
	if why != "" {
		return why
	}
	for known, take := range h.takers() {
		if !strings.EqualFold(known, name) {
			continue
		}
		if h.seen[known] {
			return Twice
		}
		h.seen[known] = true
		return take(text)
	}
	return UnknownHeader
}

// takers take the value of each header.
func (h *head) takers() map[string]func(string) fault.Code {
	into := func(field *string) func(string) fault.Code {
		return func(s string) fault.Code { *field = s; return "" }
	}
	either := func(off, on string, field *bool) func(string) fault.Code {
		return func(s string) fault.Code {
			if *field = strings.EqualFold(s, on); !*field && !strings.EqualFold(s, off) {
				return BadValue
			}
			return ""
		}
	}
	return map[string]func(string) fault.Code{
		headTopic: into(&h.form.Topic), headTag: into(&h.form.Tag), headKeys: into(&h.form.Keys),
		headDeliver: into(&h.form.Deliver), headSharding: into(&h.form.ShardingKey), headGroup: into(&h.form.ProducerGroup),
		headReply: into(&h.form.Reply),
		headType:  h.kind, headDecided: h.decided, headValues: either(wordOn, wordOff, &h.form.Literal),
		headPacked: h.packed, headTyped: h.typed, headCharset: h.charset, headBody: either(wordText, wordBase64, &h.base64),
	}
}

func (h *head) kind(s string) fault.Code {
	for kind, word := range kinds() {
		if strings.EqualFold(word, s) {
			h.form.Kind = kind
			return ""
		}
	}
	return BadValue
}

func (h *head) decided(s string) fault.Code {
	for _, what := range []message.Transaction{message.Commit, message.Rollback, message.Undecided} {
		if strings.EqualFold(string(what), s) {
			h.form.Transaction = what
			return ""
		}
	}
	return BadValue
}

func (h *head) packed(s string) fault.Code {
	switch {
	case strings.EqualFold(s, wordGzip):
		h.form.How.Gzip = true
	case strings.EqualFold(s, wordOn):
		h.form.Packed = true
	case !strings.EqualFold(s, wordOff):
		return BadValue
	}
	return ""
}

func (h *head) typed(s string) fault.Code {
	for as, word := range typings() {
		if strings.EqualFold(word, s) {
			h.form.How.As = as
			return ""
		}
	}
	return BadValue
}

func (h *head) charset(s string) fault.Code {
	for _, c := range charsets() {
		if !strings.EqualFold(string(c), s) {
			continue
		}
		if c != message.UTF8 { // which has no name in a form
			h.form.How.Charset = c
		}
		return ""
	}
	return BadValue
}

// property takes one name=value, either of which may be in quotes.
func (h *head) property(s string) fault.Code {
	var p profile.FormProperty
	s = trim(s)
	name, value, ok := strings.Cut(s, "=")
	if strings.HasPrefix(s, `"`) {
		q, err := strconv.QuotedPrefix(s)
		if err != nil {
			return BadQuotes
		}
		name = q
		value, ok = strings.CutPrefix(trim(s[len(q):]), "=")
	}
	if !ok {
		return BadProperty
	}
	why := fault.Code("")
	if p.Name, why = unquoted(name); why != "" {
		return why
	}
	if p.Value, why = unquoted(value); why != "" {
		return why
	}
	h.form.Properties = append(h.form.Properties, p)
	return ""
}
