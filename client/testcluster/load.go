package testcluster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

const (
	// loadBatch is the most messages of one request; of 1 KB each they stay far
	// below the 4 MB that a broker takes.
	loadBatch = 250
	// busyPause is how long a broker that takes nothing is left alone.
	busyPause = 300 * time.Millisecond
	// paceTick is how often each queue gets what is due.
	paceTick = 20 * time.Millisecond
)

// Loader sends many messages to one topic of a broker: in batches,
// through Gantry's own protocol, so that it takes little of the machine that is
// measured meanwhile. Fill and Pace may follow one another, not overlap.
type Loader struct {
	// Make makes the messages, of which Body and Properties count, by their queue and number
	// in it; nil makes them all alike. It is called from several goroutines.
	Make func(queue, n int) *message.Message

	conn  *remoting.Conn
	topic string
	body  []byte
	next  []int // by queue: the number of its next message
}

// NewLoader connects to a broker without ACL and TLS. The topic has that many
// queues; each body is size bytes.
func NewLoader(ctx context.Context, broker, topic string, queues, size int) (*Loader, error) {
	conn, err := remoting.Dial(ctx, broker, remoting.Config{})
	if err != nil {
		return nil, err
	}
	const pattern = "0123456789"
	body := bytes.Repeat([]byte(pattern), size/len(pattern)+1)[:size]
	return &Loader{conn: conn, topic: topic, body: body, next: make([]int, queues)}, nil
}

// Close closes the connection.
func (l *Loader) Close() error { return l.conn.Close() }

// Body is what every message has without Make.
func (l *Loader) Body() []byte { return l.body }

// Fill stores each messages in every queue, as fast as the broker takes them.
func (l *Loader) Fill(ctx context.Context, each int) error {
	return l.everyQueue(func(q int) error {
		for left := each; left > 0; {
			n := min(left, loadBatch)
			if err := l.send(ctx, q, n); err != nil {
				return err
			}
			left -= n
		}
		return nil
	})
}

// Pace stores rate messages a second for that long, spread evenly over the
// queues, and returns how many they were. What a slow broker left behind is made
// up for, but not beyond the end.
func (l *Loader) Pace(ctx context.Context, rate int, long time.Duration) (sent int, err error) {
	begin := time.Now()
	counts := make([]int, len(l.next))
	err = l.everyQueue(func(q int) (err error) {
		counts[q], err = l.pace(ctx, q, float64(rate)/float64(len(l.next)), begin, long)
		return err
	})
	for _, n := range counts {
		sent += n
	}
	return sent, err
}

// pace serves one queue.
func (l *Loader) pace(ctx context.Context, queue int, rate float64, begin time.Time, long time.Duration) (sent int, err error) {
	tick := time.NewTicker(paceTick)
	defer tick.Stop()
	for since := time.Duration(0); since < long; {
		select {
		case <-ctx.Done():
			return sent, ctx.Err()
		case <-tick.C:
		}
		since = time.Since(begin)
		due := min(int(rate*min(since, long).Seconds())-sent, loadBatch)
		if due <= 0 {
			continue
		}
		if err := l.send(ctx, queue, due); err != nil {
			return sent, err
		}
		sent += due
	}
	return sent, nil
}

// everyQueue serves all queues side by side and returns what failed.
func (l *Loader) everyQueue(serve func(queue int) error) error {
	failed := make([]error, len(l.next))
	var group sync.WaitGroup
	for q := range l.next {
		group.Go(func() { failed[q] = serve(q) })
	}
	group.Wait()
	return errors.Join(failed...)
}

// send stores the next n messages of a queue.
func (l *Loader) send(ctx context.Context, queue, n int) error {
	cmd := l.batch(queue, n)
	for {
		answer, err := l.conn.Call(ctx, cmd)
		if err == nil {
			err = answer.Err(l.conn.Addr())
		}
		if err == nil {
			l.next[queue] += n
			return nil
		}
		if !refusedAsBusy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyPause):
		}
	}
}

// refusedAsBusy tells whether the broker did not take a request because it had
// too many: nothing was stored then.
func refusedAsBusy(err error) bool {
	var r *fault.Answer
	return errors.As(err, &r) && r.Code == remoting.SystemBusy
}

// batch is one request with the next n messages of a queue
// (SendMessageRequestHeaderV2.java; MessageDecoder.encodeMessage).
func (l *Loader) batch(queue, n int) *remoting.Command {
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	cmd := &remoting.Command{Code: remoting.SendBatchMessage, ExtFields: map[string]string{
		"a": "loader", "b": l.topic, "c": "TBW102", "d": "8", "e": strconv.Itoa(queue), "f": "0", "g": now,
		"h": "0", "i": "", "j": "0", "k": "false", "m": "true",
	}}
	be := binary.BigEndian
	for i := l.next[queue]; i < l.next[queue]+n; i++ {
		body, more := l.body, fmt.Sprintf("TAGS\x01tag%d\x02KEYS\x01order-%d", i%4, i)
		if l.Make != nil {
			m := l.Make(queue, i)
			body, more = m.Body, message.EncodeProperties(m.Properties)
		}
		properties := fmt.Sprintf("UNIQ_KEY\x01%024X%08X\x02WAIT\x01true\x02%s", queue, i, more)
		size := 4*5 + len(body) + 2 + len(properties)
		cmd.Body = be.AppendUint32(cmd.Body, uint32(size))
		cmd.Body = append(cmd.Body, make([]byte, 12)...) // magic, CRC, flag
		cmd.Body = be.AppendUint32(cmd.Body, uint32(len(body)))
		cmd.Body = append(cmd.Body, body...)
		cmd.Body = be.AppendUint16(cmd.Body, uint16(len(properties)))
		cmd.Body = append(cmd.Body, properties...)
	}
	return cmd
}
