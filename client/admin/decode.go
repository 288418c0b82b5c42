package admin

import (
	"bytes"
	"fmt"

	"gantry/client/fault"
	"gantry/client/remoting"
)

const (
	// mostBody bounds the body of an answer that is read as values, in bytes: what
	// servers and their clients let through by default (NettySystemConfig.java,
	// com.rocketmq.remoting.frameMaxLength).
	mostBody = 16 << 20
	// mostValues bounds its values, of which the smallest take a hundred times their bytes
	// here: what a broker with 60,000 groups answers.
	mostValues = 1 << 20
)

// decode reads an answer's body within these bounds: fault.BadAnswer where it cannot be.
func decode(body []byte, v any) error {
	if len(body) > mostBody {
		return fmt.Errorf("%w: %d bytes", fault.BadAnswer, len(body))
	}
	values := 0
	for _, sign := range []string{",", "{", "["} { // some stand in texts
		values += bytes.Count(body, []byte(sign))
	}
	if values > mostValues {
		return fmt.Errorf("%w: some %d values", fault.BadAnswer, values)
	}
	return remoting.DecodeBody(body, v)
}
