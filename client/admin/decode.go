package admin

import (
	"bytes"
	"cmp"
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
	// mostSmall bounds an answer that is no list, in bytes; mostRunning what a member says
	// of itself without the stacks of its threads: some 10,000 queues.
	mostSmall   = 1 << 20
	mostRunning = 4 << 20
	// mostKept bounds what is kept of the answers of all brokers to a question, in bytes,
	// and perEntry is what an entry of a list takes beside its texts.
	mostKept = 64 << 20
	perEntry = 256
	// mostOfGroup is mostKept of what is asked about several groups at once: some 20,000
	// members, or queues.
	mostOfGroup = 6 << 20
	// mostTraced is mostKept of what clients traced of a message.
	mostTraced = 16 << 20
	// roomBytes is what answers take that are read or made something of, see NewRoom, and
	// mostTogether the size of those that are together.
	roomBytes    = 32 << 20
	mostTogether = 256 << 10
)

// kept counts the bytes that are kept of a question's answers.
type kept struct {
	bytes int
	most  int // 0 is mostKept
}

// add counts an entry of so many bytes beside perEntry: fault.BadAnswer where there are too
// many. What is kept by then stays.
func (k *kept) add(n int) error {
	most := cmp.Or(k.most, mostKept)
	if k.bytes += perEntry + n; k.bytes > most {
		return fmt.Errorf("%w: all brokers together answer more than %d MB", fault.BadAnswer, most>>20)
	}
	return nil
}

// texts counts an entry with its texts, see add.
func (k *kept) texts(all ...string) error {
	n := 0
	for _, s := range all {
		n += len(s)
	}
	return k.add(n)
}

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
