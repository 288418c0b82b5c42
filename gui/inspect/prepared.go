package inspect

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2/lang"

	"gantry/client/decode"
	"gantry/client/message"
	"gantry/gui/bodyview"
	"gantry/gui/widgets"
)

// heavy is from how many bytes a body is worked on beside the main goroutine.
const heavy = 64 << 10

// unpackLimit bounds what an unpacked body may take.
const unpackLimit = 16 << 20

// decodeTime bounds how long a binary format is looked for, or read.
const decodeTime = 10 * time.Second

// readings are the words of the select: how the bytes of a body are read, as text in a
// charset or in a binary format.
func readings() []string {
	var all []string
	for _, c := range []message.Charset{message.UTF8, message.GBK, message.Big5, message.UTF16LE, message.UTF16BE} {
		all = append(all, string(c))
	}
	for _, k := range decode.Kinds() {
		all = append(all, string(k))
	}
	return all
}

// kindOf is the binary format of a reading, "" for a charset.
func kindOf(reading string) decode.Kind {
	if slices.Contains(decode.Kinds(), decode.Kind(reading)) {
		return decode.Kind(reading)
	}
	return ""
}

// prepared is a body made ready to be shown. It shares memory with the message.
type prepared struct {
	packed string // how the sender packed it, "" for not
	plain  []byte // the body, unpacked if it was packed
	text   string // plain in the charset
	// charset is the one that text was read in.
	charset message.Charset
	valid   bool           // text is exact
	json    *bodyview.JSON // nil if the body is no JSON, and in no binary format
	// place is where text stops being JSON, found what stands there, "" for its end.
	place *bodyview.FormatError
	found string
	// large: it is JSON, and would be too long where it is laid out.
	large bool

	kind   decode.Kind   // the binary format of json, "" for none
	failed *decode.Error // why the body is not in the format that was chosen for it
	other  *decode.Error // why it is not in the format of other bodies, in which it was tried
	may    []decode.Kind // formats that it may be in
	named  decode.Named  // a format that is not read

	message string        // the one of Protobuf as which it was to be read, "" for none
	misfit  *decode.Error // why it is not that
	unknown error         // why that is not known
}

// reading is how the bytes were read, in the words of the select.
func (p *prepared) reading() string {
	switch {
	case p.failed != nil:
		return string(p.failed.Kind)
	case p.kind != "":
		return string(p.kind)
	}
	return string(p.charset)
}

// prepareBody unpacks, decodes and formats a body. A reading that was not chosen, "", or,
// with fit, that was chosen for another body and does not fit this one, is found out. It
// may be called from any goroutine. d describes what is Protobuf; what does not fit it stands
// by numbers.
func prepareBody(ctx context.Context, body []byte, reading string, fit bool, d described) *prepared {
	ctx, cancel := context.WithTimeout(ctx, decodeTime)
	defer cancel()
	p := &prepared{plain: body}
	if packed, plain, whole := message.Open(body, unpackLimit); whole {
		p.packed, p.plain = packed, plain
	}
	if kind := kindOf(reading); kind != "" {
		p.charset, reading = message.UTF8, ""
		p.text, p.valid = p.charset.Text(p.plain)
		if p.failed = p.decode(ctx, kind, d); p.failed == nil || !fit {
			return p
		}
		p.failed, p.other = nil, p.failed
	}
	found := p.read(message.Charset(reading), fit)
	if p.valid && strings.TrimSpace(p.text) != "" {
		var err error
		if p.json, err = bodyview.ReadJSON([]byte(p.text)); err != nil {
			p.stops(err)
		}
	}
	if p.json == nil && (reading == "" || fit) {
		p.guess(ctx, found)
	}
	return p
}

// read reads the body as text, and returns the charset that it seems to have.
func (p *prepared) read(charset message.Charset, fit bool) (found message.Charset) {
	found = message.DetectCharset(p.plain)
	best := found
	if best == "" {
		best = message.UTF8 // as which it is told not to be text
	}
	p.charset = charset
	if charset == "" || fit && best == message.UTF8 && !ascii(p.plain) {
		p.charset = best
	}
	if p.text, p.valid = p.charset.Text(p.plain); fit && !p.valid {
		p.charset = best
		p.text, p.valid = p.charset.Text(p.plain)
	}
	return found
}

// decode reads the body in a binary format.
func (p *prepared) decode(ctx context.Context, kind decode.Kind, d described) *decode.Error {
	text, err := p.describe(ctx, kind, d)
	if text == nil {
		text, err = decode.JSON(ctx, kind, p.plain)
	}
	var failed *decode.Error
	if errors.As(err, &failed) {
		return failed
	}
	j, err := bodyview.ReadJSON(text)
	if err != nil { // too much of it, laid out
		return &decode.Error{Kind: kind, At: len(p.plain), Why: decode.TooLong}
	}
	p.json, p.kind = j, kind
	return nil
}

// describe reads the body by a description; the text is nil where there is none, or it is
// another message.
func (p *prepared) describe(ctx context.Context, kind decode.Kind, d described) ([]byte, error) {
	if p.unknown = d.err; d.schema == nil || kind != decode.Protobuf {
		return nil, nil
	}
	p.message = d.schema.Name()
	text, err := d.schema.JSON(ctx, p.plain)
	if errors.As(err, &p.misfit) {
		return nil, nil
	}
	return text, err
}

// guess looks for a binary format: one that is sure is shown, others are offered.
func (p *prepared) guess(ctx context.Context, found message.Charset) {
	for _, g := range decode.Guesses(ctx, p.plain, found != "" && found != message.UTF8) {
		if g.Sure && p.decode(ctx, g.Kind, described{}) == nil {
			p.may = nil
			return
		}
		p.may = append(p.may, g.Kind)
	}
	p.named = decode.Name(p.plain)
}

// stops notes where the text stops being JSON.
func (p *prepared) stops(err error) {
	if p.large = errors.Is(err, bodyview.ErrTooLarge); p.large || !errors.As(err, &p.place) {
		return
	}
	rest := p.text
	for range p.place.Line - 1 {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	for range p.place.Column - 1 {
		_, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
	}
	if r, n := utf8.DecodeRuneInString(rest); n > 0 && r > ' ' {
		p.found = string(r)
	}
}

// ascii tells whether a text is the same in UTF-8 and GBK.
func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// best is how a body is shown at first.
func (p *prepared) best() mode {
	switch {
	case p.json != nil:
		return asJSON
	case !p.valid, p.named.Name != "":
		return asHex
	}
	return asText
}

// fitting is how the user wants bodies shown, where this one can be.
func (p *prepared) fitting(wanted mode) mode {
	if wanted == asHex || wanted == asText && p.valid && p.kind == "" || wanted == asJSON && p.json != nil {
		return wanted
	}
	return p.best()
}

// Body is a body as text, for whoever compares it with another.
type Body struct {
	Kind string // its format, as people name it
	// Text is the body as it is, or its dump where it is none; JSON what it is as JSON, laid
	// out, "" for none.
	Text, JSON string
}

// ReadBody reads a body as the inspector does where nothing was chosen, by what is known of
// its format. It may be called from any goroutine, and may read files.
func ReadBody(ctx context.Context, body []byte, f Format) Body {
	reading, d := "", described{}
	if f.says != nil {
		if reading = string(f.says.Format); f.says.Format == decode.Protobuf && f.store != nil {
			d.schema, d.err = f.store.Load(ctx, f.says.File, f.says.Type)
		}
	}
	p := prepareBody(ctx, body, reading, true, d)
	b := Body{Kind: string(p.charset), Text: p.text}
	if !p.valid {
		b.Kind, b.Text = p.named.Name, bodyview.HexDump(p.plain)
	}
	if p.json != nil {
		b.Kind, b.JSON = "JSON", p.json.String()
		if p.kind != "" {
			b.Kind = string(p.kind)
		}
	}
	return b
}

// Facts are the topic, ids, times, hosts and counts of a message.
func Facts(m *message.Message) []widgets.Fact {
	return append([]widgets.Fact{{Label: lang.L("Topic"), Value: m.Topic, Mono: true}}, ownFacts(m)...)
}
