package remoting

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"gantry/client/fault"
)

// MaxFrame is the largest frame read or written, in bytes without its own
// length field: twice what servers allow by default (NettySystemConfig.java,
// com.rocketmq.remoting.frameMaxLength).
const MaxFrame = 32 << 20

// Kinds of header encoding (SerializeType.java).
const (
	serializeJSON   = 0
	serializeBinary = 1
)

// maxHeader follows from the 24 bits a header's length has on the wire.
const maxHeader = 1<<24 - 1

// header is the JSON form of a Command (RemotingSerializable.java).
type header struct {
	Code      int          `json:"code"`
	Language  looseString  `json:"language"`
	Version   int          `json:"version"`
	Opaque    int32        `json:"opaque"`
	Flag      int          `json:"flag"`
	Remark    looseString  `json:"remark,omitempty"`
	ExtFields looseStrings `json:"extFields"`
	Serialize string       `json:"serializeTypeCurrentRPC,omitempty"`
}

// AppendFrame appends c to dst as a frame with a JSON header, which every
// server understands whatever it answers in. The error is fault.TooLarge.
func AppendFrame(dst []byte, c *Command) ([]byte, error) {
	dst, err := appendHead(dst, c)
	if err != nil {
		return dst, err
	}
	return append(dst, c.Body...), nil
}

// appendHead appends c's frame up to its body.
func appendHead(dst []byte, c *Command) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
	dst, ok := appendQuickHeader(dst, c)
	if !ok {
		var err error
		if dst, err = appendSlowHeader(dst[:start+8], c); err != nil {
			return dst[:start], fmt.Errorf("encode header: %w", err)
		}
	}
	h := len(dst) - start - 8
	if h > maxHeader || 4+h+len(c.Body) > MaxFrame {
		return dst[:start], fmt.Errorf("%w: header %d and body %d bytes", fault.TooLarge, h, len(c.Body))
	}
	binary.BigEndian.PutUint32(dst[start:], uint32(4+h+len(c.Body)))
	binary.BigEndian.PutUint32(dst[start+4:], serializeJSON<<24|uint32(h))
	return dst, nil
}

// appendSlowHeader writes whatever texts a header has.
func appendSlowHeader(dst []byte, c *Command) ([]byte, error) {
	ext := c.ExtFields
	if ext == nil {
		ext = map[string]string{} // several Java handlers call getExtFields().get(..)
	}
	h, err := json.Marshal(header{
		Code: c.Code, Language: looseString(c.Language), Version: c.Version, Opaque: c.Opaque, Flag: c.Flag,
		Remark: looseString(c.Remark), ExtFields: ext, Serialize: "JSON",
	})
	return append(dst, h...), err
}

// ReadFrame reads one frame from r. It returns io.EOF where the stream ends
// between frames, fault.TooLarge for a length above MaxFrame, fault.NotRocketMQ where
// that length is readable text, and fault.Malformed for what cannot be a frame.
// Nothing is allocated before its length was checked.
func ReadFrame(r io.Reader) (*Command, error) {
	frame, err := ReadRaw(r)
	if err != nil {
		return nil, err
	}
	return Decode(frame)
}

// ReadRaw is ReadFrame for those who pass a frame on: it returns the frame
// without its leading length, undecoded.
func ReadRaw(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if err := checkLength(size, n); err != nil {
		return nil, err
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(r, frame); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return frame, nil
}

// checkLength tells a frame's length from the first bytes of other protocols:
// "HTTP" read as a length is 1.2 GB, a TLS alert is 352 MB.
func checkLength(raw [4]byte, n uint32) error {
	switch {
	case printable(raw[:]):
		return fmt.Errorf("%w: it begins with %q", fault.NotRocketMQ, raw[:])
	case raw[0] == 0x15 && raw[1] == 3:
		return fmt.Errorf("%w: it answered with a TLS alert", fault.TLS)
	case n > MaxFrame:
		return fmt.Errorf("%w: a frame of %d bytes", fault.TooLarge, n)
	case n < 4:
		return fmt.Errorf("%w: length %d", fault.Malformed, n)
	}
	return nil
}

// printable reports whether b is ASCII text. Such a length is above 512 MB, so
// no allowed frame is taken for text.
func printable(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' {
			return false
		}
	}
	return b[0] >= ' '
}

// Decode reads a frame without its leading length. The Command's body is a part
// of frame, not a copy. The error is fault.Malformed.
func Decode(frame []byte) (*Command, error) {
	if len(frame) < 4 {
		return nil, fmt.Errorf("%w: %d bytes", fault.Malformed, len(frame))
	}
	word := binary.BigEndian.Uint32(frame)
	kind, n := word>>24, int(word&maxHeader)
	rest := frame[4:]
	if n > len(rest) {
		return nil, fmt.Errorf("%w: header of %d in %d bytes", fault.Malformed, n, len(rest))
	}
	var (
		c   *Command
		err error
	)
	switch kind {
	case serializeJSON:
		c, err = decodeJSON(rest[:n])
	case serializeBinary:
		c, err = decodeBinary(rest[:n])
	default:
		err = fmt.Errorf("%w: header encoding %d", fault.Malformed, kind)
	}
	if err != nil {
		return nil, err
	}
	if len(rest) > n {
		c.Body = rest[n:]
	}
	return c, nil
}

func decodeJSON(b []byte) (*Command, error) {
	if c, ok := quickHeader(b); ok {
		return c, nil
	}
	return slowHeader(b)
}

// slowHeader reads a header in every form that JSON allows.
func slowHeader(b []byte) (*Command, error) {
	var h header
	if err := json.Unmarshal(b, &h); err != nil {
		// not %w and no text of err: it may quote what was sent
		return nil, fmt.Errorf("%w: header is not JSON (%T)", fault.Malformed, err)
	}
	return &Command{
		Code: h.Code, Language: string(h.Language), Version: h.Version, Opaque: h.Opaque, Flag: h.Flag,
		Remark: string(h.Remark), ExtFields: h.ExtFields,
	}, nil
}

// looseString reads any JSON value: a string as what it says, null as empty,
// anything else as its text.
type looseString string

func (s *looseString) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(s))
	case bytes.Equal(b, []byte("null")):
		*s = ""
	default:
		*s = looseString(b)
	}
	return nil
}

// looseStrings is a map of looseString; a null value leaves its key out, as a
// Java server does.
type looseStrings map[string]string

func (m *looseStrings) UnmarshalJSON(b []byte) error {
	var raw map[string]*looseString
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*m = make(looseStrings, len(raw))
	for k, v := range raw {
		if v != nil {
			(*m)[k] = string(*v)
		}
	}
	return nil
}
