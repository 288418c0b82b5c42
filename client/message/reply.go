package message

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gantry/client/fault"
)

// Properties of a request and its reply (MessageConst.java): which request, which client
// waits, and for how many milliseconds.
const (
	PropertyCorrelation = "CORRELATION_ID"
	PropertyReplyTo     = "REPLY_TO_CLIENT"
	PropertyTTL         = "TTL"
)

// MaxReply is the longest that a reply is waited for.
const MaxReply = 10 * time.Minute

// ErrReply: a message that is sent one-way, delivered later or in a transaction is no
// request, and nobody waits for no time, or longer than MaxReply.
var ErrReply = errors.New("no reply can be waited for")

func (d *Draft) checkReply() error {
	if d.Reply == 0 || d.Reply >= time.Millisecond && d.Reply <= MaxReply && !d.OneWay && !d.Deliver.Later() && d.Transaction == NoTransaction {
		return nil
	}
	return ErrReply
}

// Called tells whether brokers call who sent it: they ask after a half message, and hand the
// reply to a request over.
func (d *Draft) Called() bool { return d.Transaction != NoTransaction || d.Reply > 0 }

// Reply is what came of a request.
type Reply struct {
	// Of is the number of the Leave's record.
	Of uint64
	At time.Time
	// From is the address of who replied, as the broker saw it; "" where nobody did.
	From       string
	Properties []Property
	Body       []byte
	// Fault is why there is none: fault.Timeout where none came in time.
	Fault *fault.Fault
}

// AppendReply appends r as a record of kind reply.
func AppendReply(dst []byte, r *Reply) []byte {
	start := len(dst)
	dst = appendHeader(dst, &Record{Kind: KindReply, ArrivedAt: r.At, Broker: r.From})
	dst = binary.AppendUvarint(dst, r.Of)
	why := []byte(nil)
	if r.Fault != nil {
		why, _ = json.Marshal(r.Fault) // of texts and numbers only
	}
	dst = appendText(appendText(dst, string(why)), EncodeProperties(r.Properties))
	return finish(append(dst, r.Body...), start)
}

// Reply decodes a record of kind reply. The body shares memory with the record.
func (r *Record) Reply() (*Reply, error) {
	if r.Kind != KindReply {
		return nil, fmt.Errorf("%w: kind %d", fault.Damaged, r.Kind)
	}
	in := fields{b: r.Payload}
	out := &Reply{Of: in.uvarint(), At: r.ArrivedAt, From: r.Broker}
	why := in.text()
	out.Properties = ParseProperties(in.text())
	if in.err == nil && why != "" {
		out.Fault = &fault.Fault{}
		in.err = json.Unmarshal([]byte(why), out.Fault)
	}
	out.Body = in.b
	return out, in.damaged()
}
