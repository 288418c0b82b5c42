package remoting

import (
	"encoding/binary"
	"fmt"

	"gantry/client/fault"
)

// languages are the names behind a binary header's language byte
// (LanguageCode.java).
var languages = [...]string{
	"JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO", "PHP", "OMS", "RUST", "NODE_JS",
}

// decodeBinary reads the ROCKETMQ header form (RocketMQSerializable.java):
// code i16, language i8, version i16, opaque i32, flag i32, remark with an i32
// length, then the fields, all of them behind an i32 length, each a key with an
// i16 and a value with an i32 length.
func decodeBinary(b []byte) (*Command, error) {
	c := cutter{rest: b}
	fixed := c.take(13)
	if fixed == nil {
		return nil, fmt.Errorf("%w: binary header of %d bytes", fault.Malformed, len(b))
	}
	be := binary.BigEndian
	cmd := &Command{
		Code:    int(int16(be.Uint16(fixed))),
		Version: int(int16(be.Uint16(fixed[3:]))),
		Opaque:  int32(be.Uint32(fixed[5:])),
		Flag:    int(int32(be.Uint32(fixed[9:]))),
	}
	cmd.Language = "OTHER"
	if int(fixed[2]) < len(languages) {
		cmd.Language = languages[fixed[2]]
	}
	cmd.Remark = string(c.long())
	fields := cutter{rest: c.long(), bad: c.bad}
	for !fields.bad && len(fields.rest) > 0 {
		key, value := fields.short(), fields.long()
		if fields.bad {
			break
		}
		if cmd.ExtFields == nil {
			cmd.ExtFields = make(map[string]string)
		}
		cmd.ExtFields[string(key)] = string(value)
	}
	if c.bad || fields.bad {
		return nil, fmt.Errorf("%w: binary header is cut short", fault.Malformed)
	}
	return cmd, nil
}

// cutter takes pieces off the front of a slice and remembers a piece that was
// not there. Its slices are parts of the input.
type cutter struct {
	rest []byte
	bad  bool
}

func (c *cutter) take(n int) []byte {
	if c.bad || n < 0 || n > len(c.rest) {
		c.bad = true
		return nil
	}
	piece := c.rest[:n]
	c.rest = c.rest[n:]
	return piece
}

// long takes a piece behind a 32-bit length.
func (c *cutter) long() []byte {
	if n := c.take(4); n != nil {
		return c.take(int(int32(binary.BigEndian.Uint32(n))))
	}
	return nil
}

// short takes a piece behind a 16-bit length.
func (c *cutter) short() []byte {
	if n := c.take(2); n != nil {
		return c.take(int(int16(binary.BigEndian.Uint16(n))))
	}
	return nil
}
