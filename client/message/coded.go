package message

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"gantry/client/decode"
	"gantry/client/encode"
	"gantry/client/fault"
)

// The ways to type a body as JSON, of which its bytes are made; see package encode.
const (
	AsMessagePack Typing = Typing(decode.MessagePack)
	AsCBOR        Typing = Typing(decode.CBOR)
	AsProtobuf    Typing = Typing(decode.Protobuf)
)

// Coded is the format that JSON is made to, "" for the other ways to type.
func (a Typing) Coded() decode.Kind {
	switch a {
	case AsMessagePack, AsCBOR, AsProtobuf:
		return decode.Kind(a)
	}
	return ""
}

// IsText tells whether what is typed is a text, in which dynamic values may stand.
func (a Typing) IsText() bool { return a == AsText || a.Coded() != "" }

// NoSchema: nothing describes the message of Protobuf that a body is to be.
const NoSchema fault.Code = "nothing describes the message of Protobuf"

// Names of further arguments of NotTyped, where JSON does not fit a format: an encode.Why in
// words, the name of the field, and the type that it has.
const (
	ArgWhy   = "why"
	ArgField = "field"
	ArgType  = "type"
)

// coded makes the bytes of JSON.
func (t Typed) coded(text []byte) ([]byte, error) {
	kind := t.As.Coded()
	if kind == decode.Protobuf && t.Schema == nil {
		return nil, NoSchema
	}
	var out []byte
	var err error
	if kind == decode.Protobuf {
		out, err = t.Schema.Encode(text)
	} else {
		out, err = encode.Body(kind, nil, text)
	}
	if e := (*encode.Error)(nil); errors.As(err, &e) {
		_, n := utf8.DecodeRune(text[min(e.At, len(text)):])
		return nil, &TypedError{Typed: t, At: e.At, Sign: string(text[min(e.At, len(text)) : e.At+n]), Coded: e}
	}
	return out, err
}

// codedText is JSON of which the same bytes are made again.
func (t Typed) codedText(b []byte) (string, bool) {
	var text []byte
	var err error
	switch kind := t.As.Coded(); {
	case kind != decode.Protobuf:
		text, err = decode.JSON(context.Background(), kind, b)
	case t.Schema == nil:
		return "", false
	default:
		text, err = t.Schema.JSON(context.Background(), b)
	}
	if err != nil {
		return "", false
	}
	again, err := t.coded(text)
	if err != nil || !bytes.Equal(again, b) {
		return "", false
	}
	var lines bytes.Buffer
	if json.Indent(&lines, text, "", "  ") != nil {
		return string(text), true
	}
	return lines.String(), true
}
