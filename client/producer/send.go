package producer

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

// Send sends a draft once: as a half message, or as a request whose reply Replied gets;
// everything that can go wrong is in the receipt. The place of a half message is one among
// the broker's, but for the queue, which is that of the message once it is committed.
func (p *Producer) Send(ctx context.Context, d *message.Draft) message.Receipt {
	ctx, cancel := context.WithTimeout(ctx, SendTimeout)
	defer cancel()
	r := message.Receipt{Topic: d.Topic, MessageID: d.ID, SentAt: time.Now()}
	err := p.send(ctx, d, &r)
	r.Took = time.Since(r.SentAt)
	if err != nil {
		r.Fault = fault.From(err)
		p.forget(d.Topic)
	}
	return r
}

// send fills the receipt; an error before anything left, or a refusal, means that there is
// no message.
func (p *Producer) send(ctx context.Context, d *message.Draft, r *message.Receipt) error {
	r.Status = message.StatusFailed
	p.Serve(d.Topic)
	route, err := p.route(ctx, d.Topic)
	if err != nil {
		return err
	}
	if d.Reply > 0 {
		p.awaits(ctx, route)
	}
	to, addr, err := p.target(route, d)
	if err != nil {
		return err
	}
	cmd, err := p.request(d, to)
	if err != nil {
		return err
	}
	conn, err := p.line(addr).ready(ctx, p)
	if err != nil {
		return err
	}
	r.SentAt = time.Now()
	resp, err := conn.Call(ctx, cmd)
	if err != nil {
		r.Status = message.StatusUncertain
		return err
	}
	return landed(r, to.Broker, addr, resp)
}

// target is the queue that a draft goes to: any that may be written, unless it names one.
func (p *Producer) target(route cluster.Route, d *message.Draft) (to message.Target, addr string, err error) {
	if d.To != nil {
		to = *d.To
	} else {
		if err := route.Writable(); err != nil {
			return to, "", err
		}
		queues := route.WriteQueues()
		q := queues[p.turn.Add(1)%uint64(len(queues))]
		if d.ShardingKey != "" {
			q = queues[message.Shard(d.ShardingKey, len(queues))]
		}
		to = message.Target{Broker: q.Broker, Queue: q.ID}
	}
	addr, ok := route.Master(to.Broker)
	if !ok {
		return to, "", fault.NoBroker
	}
	return to, addr, nil
}

// request is a draft as a request (SendMessageRequestHeader.java).
func (p *Producer) request(d *message.Draft, to message.Target) (*remoting.Command, error) {
	flags, body := 0, d.Body
	if d.Packed {
		packed, err := message.Pack(d.Body)
		if err != nil {
			return nil, err
		}
		flags, body = flags|message.FlagPacked, packed
	}
	properties := append(d.Message().Properties, message.Property{Name: "WAIT", Value: "true"})
	if d.Transaction != message.NoTransaction {
		flags |= message.FlagHalf
		properties = append(properties,
			message.Property{Name: message.PropertyHalf, Value: "true"},
			message.Property{Name: message.PropertyProducerGroup, Value: p.cfg.Group})
	}
	if d.Reply > 0 {
		properties = append(properties,
			message.Property{Name: message.PropertyCorrelation, Value: d.ID},
			message.Property{Name: message.PropertyReplyTo, Value: p.cfg.Client},
			message.Property{Name: message.PropertyTTL, Value: strconv.FormatInt(d.Reply.Milliseconds(), 10)})
	}
	header := map[string]string{
		"producerGroup": p.cfg.Group, "topic": d.Topic, "defaultTopic": "TBW102", "defaultTopicQueueNums": "4",
		"queueId": strconv.Itoa(to.Queue), "sysFlag": strconv.Itoa(flags), "bornTimestamp": milli(time.Now()),
		"flag": strconv.Itoa(int(d.Flag)), "properties": message.EncodeProperties(properties),
		"reconsumeTimes": "0", "unitMode": "false", "batch": "false", "bname": to.Broker,
	}
	if message.RetryGroup(d.Topic) != "" {
		header["reconsumeTimes"], header["maxReconsumeTimes"] = firstRetry, mostRetries
	}
	return &remoting.Command{Code: remoting.SendMessage, Body: body, ExtFields: header}, nil
}

// A message of a retry topic counts as retried once. Brokers make a dead letter of one that was
// retried more often than its sender says may be, and 4.9 of one that was as often
// (SendMessageProcessor.java, handleRetryAndDLQ). How often its members may fail from then on
// is the group's.
const (
	firstRetry  = "1"
	mostRetries = "16"
)

func milli(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// landed puts a broker's answer into a receipt (SendMessageResponseHeader.java).
func landed(r *message.Receipt, broker, addr string, resp *remoting.Command) error {
	switch resp.Code {
	case remoting.Success:
		r.Status = message.StatusOK
	case remoting.FlushDiskTimeout:
		r.Status = message.StatusFlushDiskTimeout
	case remoting.SlaveNotAvailable:
		r.Status = message.StatusSlaveNotAvailable
	case remoting.FlushSlaveTimeout:
		r.Status = message.StatusFlushSlaveTimeout
	default:
		return refusal(resp, addr)
	}
	var bad [2]error
	r.Broker, r.OffsetMessageID = broker, resp.ExtFields["msgId"]
	r.QueueID, bad[0] = strconv.Atoi(resp.ExtFields["queueId"])
	r.QueueOffset, bad[1] = strconv.ParseInt(resp.ExtFields["queueOffset"], 10, 64)
	if errors.Join(bad[:]...) != nil {
		r.Status = message.StatusUncertain
		return fault.BadAnswer
	}
	return nil
}

// refusal is the error of an answer that is none of success.
func refusal(resp *remoting.Command, addr string) error {
	err := resp.Err(addr)
	if said := (*fault.Answer)(nil); errors.As(err, &said) {
		return fault.Refusal(said)
	}
	return err
}

// Refused tells whether an error is what a broker answered.
func Refused(err error) bool {
	said := (*fault.Answer)(nil)
	return errors.As(err, &said)
}

// What brokers are told (MessageSysFlag.java).
const (
	tellUnknown  = 0x0
	tellCommit   = 0x8
	tellRollback = 0xC
)

// End tells a half message's broker what becomes of it: nil where that says that it has
// done so. After a refusal nothing came of it, see Refused; after any other error it is not
// known.
func (p *Producer) End(ctx context.Context, h Half, what message.Transaction) error {
	ctx, cancel := context.WithTimeout(ctx, SendTimeout)
	defer cancel()
	route, err := p.route(ctx, h.Topic)
	if err != nil {
		return err
	}
	addr, ok := route.Master(h.Broker)
	if !ok {
		p.forget(h.Topic)
		return fault.NoBroker
	}
	return p.end(ctx, addr, h, what, false)
}

// Answer tells the broker that has asked. Undecided has it ask again later.
func (p *Producer) Answer(ctx context.Context, c Check, what message.Transaction) error {
	ctx, cancel := context.WithTimeout(ctx, SendTimeout)
	defer cancel()
	return p.end(ctx, c.addr, c.Half, what, true)
}

// end is EndTransactionRequestHeader.java. To what is not decided no broker answers.
func (p *Producer) end(ctx context.Context, addr string, h Half, what message.Transaction, fromCheck bool) error {
	told := map[message.Transaction]int{message.Commit: tellCommit, message.Rollback: tellRollback}[what]
	cmd := &remoting.Command{Code: remoting.EndTransaction, ExtFields: map[string]string{
		"producerGroup": p.cfg.Group, "topic": h.Topic, "bname": h.Broker,
		"tranStateTableOffset": strconv.FormatInt(h.Offset, 10), "commitLogOffset": strconv.FormatInt(h.Record, 10),
		"commitOrRollback": strconv.Itoa(told), "fromTransactionCheck": strconv.FormatBool(fromCheck),
		"msgId": h.ID, "transactionId": h.Transaction,
	}}
	conn, err := p.line(addr).ready(ctx, p)
	if err != nil {
		return err
	}
	if told == tellUnknown {
		return conn.Tell(ctx, cmd)
	}
	resp, err := conn.Call(ctx, cmd)
	if err != nil {
		return err
	}
	if resp.Code != remoting.Success {
		return refusal(resp, addr)
	}
	return nil
}
