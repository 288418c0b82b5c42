package message

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"gantry/client/encode"
	"gantry/client/fault"
	"gantry/client/schema"
)

// Typing is how somebody typed a body.
type Typing string

// The ways to type a body.
const (
	// AsText: as text, whose bytes a charset decides.
	AsText Typing = ""
	// AsHex and AsBase64: byte by byte, with blanks and line breaks anywhere.
	AsHex    Typing = "hex"
	AsBase64 Typing = "base64"
	// AsIs: not typed, but taken as it is, from a file as a rule.
	AsIs Typing = "as it is"
)

// Typed says how a body is made from what was typed. Dynamic values are in texts only.
type Typed struct {
	As Typing `json:"as,omitempty"`
	// Charset is that of a text; "" is UTF-8.
	Charset Charset `json:"charset,omitempty"`
	// Gzip has the bytes packed as gzip, which is then the body. It is not what RocketMQ
	// packs on the way: whoever receives the message gets these bytes.
	Gzip bool `json:"gzip,omitempty"`
	// Schema describes the message of AsProtobuf; nil where it is not at hand.
	Schema *schema.Schema `json:"-"`
}

// NotTyped: a sign of a typed text stands for no bytes. Args: ArgSign, ArgAs.
const NotTyped fault.Code = "a sign does not fit the way in which the text is typed"

// Names of arguments of NotTyped: the sign, and the charset or the way to type.
const (
	ArgSign = "sign"
	ArgAs   = "as"
)

// TypedError says which sign of a typed text stands for no bytes.
type TypedError struct {
	Typed Typed
	// At is where the sign stands in the text, in bytes; Sign is "" at the end of a text
	// that lacks something.
	At   int
	Sign string
	// Coded is why JSON does not fit the format, nil for a text that is none.
	Coded *encode.Error
}

// Error says sign and place.
func (e *TypedError) Error() string {
	if e.Coded != nil {
		return e.Coded.Error()
	}
	return fmt.Sprintf("%q at byte %d is not in %s", e.Sign, e.At, e.as())
}

// Unwrap returns NotTyped.
func (e *TypedError) Unwrap() error { return NotTyped }

// Args are the arguments of NotTyped.
func (e *TypedError) Args() map[string]string {
	args := map[string]string{ArgSign: e.Sign, ArgAs: e.as()}
	if e.Coded != nil {
		args[ArgWhy], args[ArgField], args[ArgType] = e.Coded.Why.String(), e.Coded.Name, e.Coded.Want
	}
	return args
}

func (e *TypedError) as() string {
	if e.Typed.As == AsText {
		return string(e.Typed.Charset)
	}
	return string(e.Typed.As)
}

// Encode returns the bytes that a text stands for, not packed. The error is a *TypedError, or
// NoSchema.
// What is as it is stays so.
func (t Typed) Encode(text []byte) ([]byte, error) {
	switch t.As {
	case AsHex:
		return t.fromHex(text)
	case AsBase64:
		return t.fromBase64(text)
	case AsText:
		if c := t.coding(); c != nil {
			return t.inCharset(text, c)
		}
	case AsMessagePack, AsCBOR, AsProtobuf:
		return t.coded(text)
	}
	return text, nil
}

// inCharset encodes a text.
func (t Typed) inCharset(text []byte, c encoding.Encoding) ([]byte, error) {
	if !utf8.Valid(text) { // encoders would put another sign there
		return nil, t.wrong(text, len(text)-len(bytes.TrimLeftFunc(text, func(r rune) bool { return r != utf8.RuneError })))
	}
	pieces := [][]byte{text}
	if t.Charset == GBK {
		// Microsoft has a byte of its own for it, which Java's GBK does not read.
		pieces = bytes.Split(text, []byte("€"))
	}
	var out []byte
	for i, piece := range pieces {
		if i > 0 {
			out = append(out, 0xA2, 0xE3)
		}
		part, n, err := transform.Bytes(c.NewEncoder(), piece)
		if err != nil {
			for _, before := range pieces[:i] {
				n += len(before) + len("€")
			}
			return nil, t.wrong(text, n)
		}
		if len(pieces) == 1 {
			return part, nil
		}
		out = append(out, part...)
	}
	return out, nil
}

// Body returns the body of a text: its bytes, packed if that was asked for. The same text
// gives the same bytes each time.
func (t Typed) Body(text []byte) ([]byte, error) {
	out, err := t.Encode(text)
	if err != nil || !t.Gzip {
		return out, err
	}
	return Gzip(out), nil
}

// Finish makes a body from what a plan holds: a text, or the bytes of what is typed in
// another way.
func (t Typed) Finish(made []byte) ([]byte, error) {
	switch {
	case t.As.IsText():
		return t.Body(made)
	case t.Gzip:
		return Gzip(made), nil
	}
	return made, nil
}

// Gzip packs bytes, without a name and a time: the same bytes give the same result.
func Gzip(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b) // into memory
	_ = w.Close()
	return out.Bytes()
}

// coding is the charset of a text, nil for UTF-8.
func (t Typed) coding() encoding.Encoding {
	switch t.Charset {
	case GBK:
		return simplifiedchinese.GBK
	case GB18030:
		return simplifiedchinese.GB18030
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// blank tells whether a sign only lays hex or base64 out.
func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (t Typed) fromHex(text []byte) ([]byte, error) {
	dense := make([]byte, 0, len(text))
	for i, c := range text {
		switch {
		case blank(c):
			if len(dense)%2 == 1 { // two digits that stand together are a byte
				return nil, t.wrong(text, i)
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
			dense = append(dense, c)
		default:
			return nil, t.wrong(text, i)
		}
	}
	if len(dense)%2 == 1 {
		return nil, &TypedError{Typed: t, At: len(text)}
	}
	out := make([]byte, len(dense)/2)
	_, err := hex.Decode(out, dense)
	return out, err
}

func (t Typed) fromBase64(text []byte) ([]byte, error) {
	dense, at := make([]byte, 0, len(text)), make([]int, 0, 4)
	padded := 0
	for i, c := range text {
		switch {
		case blank(c):
			continue
		case c == '=':
			padded++
		case padded > 0 || !strings.ContainsRune(base64Signs, rune(c)):
			return nil, t.wrong(text, i)
		}
		if at = append(at, i); len(at) > 4 {
			at = at[1:]
		}
		dense = append(dense, c)
	}
	code := base64.StdEncoding
	if padded == 0 {
		code = base64.RawStdEncoding // which many programs write
	}
	out := make([]byte, code.DecodedLen(len(dense)))
	n, err := code.Strict().Decode(out, dense)
	if err != nil {
		place := len(text)
		if padded > 0 && len(at) > 0 {
			place = at[len(at)-1]
		}
		return nil, t.wrong(text, place)
	}
	return out[:n], nil
}

const base64Signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// wrong is the error of the sign at a place.
func (t Typed) wrong(text []byte, at int) error {
	at = min(at, len(text))
	_, n := utf8.DecodeRune(text[at:])
	return &TypedError{Typed: t, At: at, Sign: string(text[at : at+n])}
}

// Lines of hex and of base64, in bytes that they stand for.
const (
	hexLine    = 16
	base64Line = 57
)

// Text returns a text that stands for b, which Encode makes to the same bytes again; ok is
// false where there is none, and for what is as it is.
func (t Typed) Text(b []byte) (text string, ok bool) {
	switch t.As {
	case AsHex:
		return laidOut(b, hexLine, func(dst, part []byte) []byte {
			for i, c := range part {
				if i > 0 {
					dst = append(dst, ' ')
				}
				dst = hex.AppendEncode(dst, []byte{c})
			}
			return dst
		}), true
	case AsBase64:
		return laidOut(b, base64Line, func(dst, part []byte) []byte { return base64.StdEncoding.AppendEncode(dst, part) }), true
	case AsMessagePack, AsCBOR, AsProtobuf:
		return t.codedText(b)
	case AsText:
		out := b
		if c := t.coding(); c != nil {
			var err error
			if out, err = c.NewDecoder().Bytes(b); err != nil {
				return "", false
			}
		}
		if !utf8.Valid(out) {
			return "", false
		}
		again, err := t.Encode(out)
		return string(out), err == nil && bytes.Equal(again, b)
	}
	return "", false
}

// laidOut writes bytes in lines.
func laidOut(b []byte, line int, add func(dst, part []byte) []byte) string {
	out := make([]byte, 0, 3*len(b))
	for len(b) > 0 {
		n := min(line, len(b))
		out = add(out, b[:n])
		if b = b[n:]; len(b) > 0 {
			out = append(out, '\n')
		}
	}
	return string(out)
}

// Retype returns what is typed to get a body of most bytes at most: for what is as it is
// the bytes, before they were packed. ok is false where nothing gives the same body again.
func (t Typed) Retype(body []byte, most int) (typed []byte, ok bool) {
	plain, ok := t.unpack(body, most)
	if !ok || t.As == AsIs {
		return plain, ok
	}
	text, ok := t.Text(plain)
	return []byte(text), ok
}

func (t Typed) unpack(body []byte, most int) ([]byte, bool) {
	if !t.Gzip {
		return body, len(body) <= most
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil || len(plain) > most || !bytes.Equal(Gzip(plain), body) {
		return nil, false
	}
	return plain, true
}

// HowTyped guesses how a body can be typed as text: in UTF-8, or in the charset that it
// seems to have. ok is false where no text gives these bytes.
func HowTyped(body []byte) (t Typed, ok bool) {
	switch t.Charset = DetectCharset(body); t.Charset {
	case "":
		return Typed{}, false
	case UTF8:
		return Typed{}, true
	case GBK:
		if _, ok := t.Text(body); ok {
			return t, true
		}
		t.Charset = GB18030
	}
	_, ok = t.Text(body)
	return t, ok
}
