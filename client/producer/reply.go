package producer

import (
	"context"
	"strconv"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/remoting"
)

// Reply is a reply to a request.
type Reply struct {
	// ID is the request's.
	ID string
	At time.Time
	// From is the address of who replied, as the broker saw it.
	From       string
	Body       []byte
	Properties []message.Property
}

// maxReply bounds the body of a reply when it is unpacked, in bytes.
const maxReply = 16 << 20

// replyLine bounds the wait for one broker before a request, in time.
const replyLine = time.Second

// awaits has every broker that a reply may come through know the producer: those of the
// cluster's topic of replies (MixAll.java, getReplyTopic), of which the responder takes any.
// A broker that is not reached hands no reply over.
func (p *Producer) awaits(ctx context.Context, route cluster.Route) {
	ctx, cancel := context.WithTimeout(ctx, replyLine)
	defer cancel()
	var all sync.WaitGroup
	seen := map[string]bool{}
	for _, b := range route.Brokers {
		topic := b.Cluster + "_REPLY_TOPIC"
		if seen[topic] {
			continue
		}
		seen[topic] = true
		all.Go(func() {
			to, err := p.route(ctx, topic)
			if err != nil {
				return
			}
			for _, addr := range to.Masters() {
				_, _ = p.line(addr).ready(ctx, p)
			}
		})
	}
	all.Wait()
}

// flags reads a sysFlag; what is none has no bit.
func flags(s string) int32 {
	n, _ := strconv.ParseInt(s, 10, 32)
	return int32(n)
}

// replied takes a reply, and says that it was taken (ClientRemotingProcessor.java).
func (p *Producer) replied(l *line, cmd *remoting.Command) {
	m := &message.Message{Body: cmd.Body, SysFlag: flags(cmd.ExtFields["sysFlag"]), Properties: message.ParseProperties(cmd.ExtFields["properties"])}
	r := Reply{At: time.Now(), ID: m.Property(message.PropertyCorrelation), From: cmd.ExtFields["bornHost"], Properties: m.Properties}
	if body, ok := m.Unpacked(maxReply); ok {
		r.Body = body
	} else {
		r.Body = cmd.Body // clients say that they packed what they did not (client-go)
	}
	p.cfg.Replied(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	if conn := l.conn.Load(); conn != nil && !p.closed {
		p.work.Go(func() { _ = conn.Reply(p.ctx, cmd.Answer(remoting.Success, "")) })
	}
}
