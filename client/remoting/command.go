package remoting

import (
	"fmt"
	"maps"

	"gantry/client/fault"
)

// Bits of Command.Flag (RemotingCommand.java).
const (
	flagResponse = 1 << 0
	flagOneway   = 1 << 1
)

const (
	// Language is what Gantry writes in its headers (LanguageCode.java).
	Language = "GO"
	// Version is the MQVersion ordinal Gantry writes, that of 4.9.8
	// (MQVersion.java). From 401 on name servers answer routes in strict JSON.
	Version = 409
	// Version5 is the ordinal of 5.0.0: answers of a 5.x server carry it or
	// more, answers of 4.x servers less.
	Version5 = 413
)

// Command is one request or answer (RemotingCommand.java). Its zero value is a
// request that only lacks a code. A Command is not safe for concurrent change;
// Conn and Pool read the ones they are given and never write to them.
type Command struct {
	// Code is a Request constant in a request, a Response constant in an answer.
	Code int
	// Language of the writer, such as "GO" or "JAVA".
	Language string
	// Version is the writer's MQVersion ordinal.
	Version int
	// Opaque ties an answer to its request. Conn chooses it.
	Opaque int32
	// Flag holds bit 0 (answer) and bit 1 (no answer wanted).
	Flag int
	// Remark is the text of a failure. Servers set it on some successes too.
	Remark string
	// ExtFields are the named parameters. Their values are strings on the wire;
	// numbers and booleans that a peer sends instead are read as their text.
	ExtFields map[string]string
	// Body is opaque to this package.
	Body []byte
}

// IsResponse reports whether c answers a request.
func (c *Command) IsResponse() bool { return c.Flag&flagResponse != 0 }

// IsOneway reports whether c is a request that wants no answer.
func (c *Command) IsOneway() bool { return c.Flag&flagOneway != 0 }

// Answer returns an answer to c: same opaque, the response bit set.
func (c *Command) Answer(code int, remark string) *Command {
	return &Command{Code: code, Remark: remark, Opaque: c.Opaque, Flag: flagResponse}
}

// Err returns nil for success and a *fault.Answer otherwise. A remark beside
// code 0 means nothing: servers write "FOUND" or "not set any response code".
func (c *Command) Err(addr string) error {
	if c.Code == Success {
		return nil
	}
	return fault.Answered(c.Code, c.Remark, addr, c.Version)
}

// Format keeps bodies and parameters, which may hold a signature or a message,
// out of whatever prints a Command.
func (c *Command) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "remoting.Command{code %d, opaque %d, flag %d, %d fields, %d bytes}",
		c.Code, c.Opaque, c.Flag, len(c.ExtFields), len(c.Body))
}

// prepared returns the copy of c that goes on the wire under opaque: defaults
// filled in, signed when cred is complete.
func (c *Command) prepared(opaque int32, cred Credentials) *Command {
	p := *c
	p.Opaque = opaque
	if p.Language == "" {
		p.Language = Language
	}
	if p.Version == 0 {
		p.Version = Version
	}
	p.ExtFields = make(map[string]string, len(c.ExtFields)+2)
	maps.Copy(p.ExtFields, c.ExtFields)
	cred.sign(p.ExtFields, p.Body)
	return &p
}
