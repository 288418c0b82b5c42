package message

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// zstdMemory bounds what opening a body of Zstandard may take beside the result,
// in bytes.
const zstdMemory = 32 << 20

// Open unpacks a body that a producer or its client library packed, as its first
// bytes say: "gzip", "zlib", "zstd", "lz4" (Compressor.java has the last three, of which
// rocketmq-client-go opens zlib only) or "snappy" in one of its frames: bare blocks have
// nothing to be known by. It returns at most the first most
// bytes, and whether that is all; the name is "" where the body is not packed, or
// does not open.
func Open(b []byte, most int) (name string, plain []byte, whole bool) {
	name = packing(b)
	if plain, whole = open(name, b, most); plain == nil {
		return "", nil, false
	}
	return name, plain, whole
}

// open is Open for a known packing; plain is nil where it does not open.
func open(name string, b []byte, most int) (plain []byte, whole bool) {
	r, done := opener(name, b)
	if r == nil {
		return nil, false
	}
	defer done()
	plain, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	switch {
	case len(plain) > most:
		return plain[:most], false
	case err != nil:
		return nil, false
	}
	return plain, true
}

// Unpacked is the one way to the content of a stored message: its body as the producer
// gave it to its client, which may have packed it (MessageSysFlag.java, COMPRESSED_FLAG).
// The three bits that say how are not needed: zlib, lz4 and zstd tell themselves apart,
// and clients before 5.0 know zlib only. ok is false where that does not open, body is
// nil then; or where it has more than most bytes, and body is the first of them. What the
// producer packed itself stays so, see Open; a message that holds several, see Unwrap.
func (m *Message) Unpacked(most int) (body []byte, ok bool) {
	if m.Inflated || m.SysFlag&flagCompressed == 0 {
		return m.Body, true
	}
	name := packing(m.Body)
	if name == "" {
		name = "zlib" // with a header that others do not write
	}
	return open(name, m.Body, most)
}

// UnpacksAbove tells whether a client that knows zlib only, as rocketmq-client-go, would
// unpack the body to more than most bytes. It holds no more than some KB of it.
func (m *Message) UnpacksAbove(most int64) bool {
	if m.Inflated || m.SysFlag&flagCompressed == 0 {
		return false
	}
	r, err := zlib.NewReader(bytes.NewReader(m.Body))
	if err != nil {
		return false
	}
	n, _ := io.Copy(io.Discard, io.LimitReader(r, most+1))
	return n > most
}

// mostRoom is what a record holds beside a body, in bytes: headers, topic, properties.
const mostRoom = 256 << 10

// Keepable returns m itself, or, where its body is one that a client unpacked and that is
// larger than a record holds, a copy in which it is packed again, as zlib. ok is false where
// that is too large as well.
func (m *Message) Keepable() (kept *Message, ok bool) {
	if len(m.Body) <= MaxStored-mostRoom {
		return m, true
	}
	if !m.Inflated {
		return m, false
	}
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(m.Body); err != nil || w.Close() != nil || b.Len() > MaxStored-mostRoom {
		return m, false
	}
	packed := *m
	packed.Body, packed.Inflated = b.Bytes(), false
	packed.SysFlag = m.SysFlag&^compressionMask | flagCompressed | compressionZlib
	return &packed, true
}

// Hides tells whether a stored message may have text in its body that does not stand in its
// bytes: it is packed, holds others, or is UTF-16; also where it cannot be read.
func Hides(stored []byte) bool {
	body, ok := StoredBody(stored)
	if !ok {
		return true
	}
	flags := binary.BigEndian.Uint32(stored[sysFlagAt:])
	return flags&flagCompressed != 0 || flags&innerBatch == innerBatch || Packed(body) ||
		bytes.HasPrefix(body, []byte(markUTF16LE)) || bytes.HasPrefix(body, []byte(markUTF16BE))
}

// Packed tells whether a body begins as one that Open unpacks.
func Packed(b []byte) bool { return packing(b) != "" }

// packing is what the first bytes say.
func packing(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0x1F, 0x8B, 8}):
		return "gzip"
	case len(b) > 6 && b[0] == 0x78 && (int(b[0])<<8|int(b[1]))%31 == 0:
		return "zlib"
	case bytes.HasPrefix(b, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		return "zstd"
	case bytes.HasPrefix(b, []byte{0x04, 0x22, 0x4D, 0x18}):
		return "lz4"
	case bytes.HasPrefix(b, []byte(snappyFrame)), bytes.HasPrefix(b, []byte(snappyJava)):
		return "snappy"
	}
	return ""
}

// How frames of snappy begin: those of its framing_format.txt, and those of Java's
// SnappyOutputStream (xerial), which are blocks with their length in front.
const (
	snappyFrame = "\xFF\x06\x00\x00sNaPpY"
	snappyJava  = "\x82SNAPPY\x00"
	// snappyJavaHead is how long the head of the latter is, with two versions.
	snappyJavaHead = len(snappyJava) + 8
)

// mostBlock bounds what a block of snappy may hold, in bytes; writers take 32 or 64 KB.
const mostBlock = 4 << 20

func snappyReader(b []byte) io.Reader {
	if bytes.HasPrefix(b, []byte(snappyFrame)) {
		return snappy.NewReader(bytes.NewReader(b))
	}
	return &snappyBlocks{rest: b[min(len(b), snappyJavaHead):]}
}

// snappyBlocks reads the blocks of Java's frame, one at a time.
type snappyBlocks struct{ rest, plain, block []byte }

// Read returns io.ErrUnexpectedEOF where a block is not there to its end.
func (s *snappyBlocks) Read(p []byte) (int, error) {
	for len(s.plain) == 0 {
		if len(s.rest) == 0 {
			return 0, io.EOF
		}
		if bytes.HasPrefix(s.rest, []byte(snappyJava)) && len(s.rest) >= snappyJavaHead { // one frame behind another
			s.rest = s.rest[snappyJavaHead:]
			continue
		}
		if len(s.rest) < 4 {
			return 0, io.ErrUnexpectedEOF
		}
		n := int64(binary.BigEndian.Uint32(s.rest))
		if n > int64(len(s.rest)-4) {
			return 0, io.ErrUnexpectedEOF
		}
		part := s.rest[4 : 4+n]
		s.rest = s.rest[4+n:]
		if size, err := snappy.DecodedLen(part); err != nil || size > mostBlock {
			return 0, snappy.ErrCorrupt
		}
		var err error
		if s.block, err = snappy.Decode(s.block[:cap(s.block)], part); err != nil {
			return 0, err
		}
		s.plain = s.block
	}
	n := copy(p, s.plain)
	s.plain = s.plain[n:]
	return n, nil
}

func opener(name string, b []byte) (r io.Reader, done func()) {
	src := bytes.NewReader(b)
	var err error
	done = func() {}
	switch name {
	case "gzip":
		r, err = gzip.NewReader(src)
	case "zlib":
		r, err = zlib.NewReader(src)
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(zstdMemory))
		if err == nil {
			done = z.Close
		}
		r = z
	case "lz4":
		r = lz4.NewReader(src)
	case "snappy":
		r = snappyReader(b)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, nil
	}
	return r, done
}
