// Package producer sends over Gantry's own protocol what needs to hear of brokers
// afterwards: half messages, of which brokers ask what became, and requests, whose replies
// they hand over. It also sends what goes to a retry topic. The client library's producers have
// no place here. They are known to a broker only once they have sent, and up to 30 s later, so
// that nobody would answer for a half message of an earlier session, and a first reply is
// lost; a decision goes one-way, whose refusal nobody sees; a request has no receipt and heeds
// no context; a plain producer swallows what brokers ask (producer.go, callbackCh); and of a
// retry they say that it may be retried 0 times, which makes a dead letter of it at 4.x.
//
// A Producer says who it is on each connection before anything else goes there, and again
// every few seconds, so that brokers may call it. It may be used from any goroutine and
// owns one, which ends with Close.
package producer

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

const (
	// SendTimeout is how long a send waits for the broker's answer, as that of engine.
	SendTimeout = 5 * time.Second
	// beatEvery is how often a broker hears who is there: it forgets after two minutes, and
	// a connection that was lost is made again with the next beat.
	beatEvery = 5 * time.Second
	// routeLasts is for how long a route serves.
	routeLasts = 30 * time.Second
)

// Config says whose transactions they are, and where.
type Config struct {
	// Group is the producer group: brokers ask any of its members.
	Group string
	// Client is the client's id, unlike every other's.
	Client string
	// Routes answers where topics lie; Remote is how brokers are reached.
	Routes *admin.Client
	Remote remoting.Config
	// Asked is called when a broker asks what became of a message, Replied with the reply
	// to a request. They must not wait.
	Asked   func(Check)
	Replied func(Reply)
}

// Half is where a half message lies: what its broker wants to hear to find it.
type Half struct {
	Topic, ID string
	// Transaction is the id of the transaction, which is the message's but at proxies.
	Transaction string
	Broker      string
	// Record is the offset in the commit log, Offset that among the half messages.
	Record, Offset int64
}

// Check is what a broker asks.
type Check struct {
	Half
	Group string
	addr  string
}

// HalfOf is where a message lies by its receipt; ok is false where that does not say.
func HalfOf(topic string, r *message.Receipt) (h Half, ok bool) {
	raw, err := hex.DecodeString(r.OffsetMessageID)
	if err != nil || len(raw) < 8 || r.Broker == "" || r.MessageID == "" {
		return Half{}, false
	}
	record, err := strconv.ParseInt(r.OffsetMessageID[len(r.OffsetMessageID)-16:], 16, 64)
	return Half{
		Topic: topic, ID: r.MessageID, Transaction: r.MessageID, Broker: r.Broker, Record: record, Offset: r.QueueOffset,
	}, err == nil
}

// Producer is one of a producer group.
type Producer struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	turn   atomic.Uint64 // among queues

	mu     sync.Mutex
	lines  map[string]*line // by the broker's address
	topics map[string]asked // those whose brokers may ask
	closed bool             // nothing more is begun
}

type asked struct {
	route cluster.Route
	at    time.Time
}

// New returns a producer. It connects to nothing before Send or Serve.
func New(cfg Config) *Producer {
	p := &Producer{cfg: cfg, lines: map[string]*line{}, topics: map[string]asked{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.work.Go(p.beat)
	return p
}

// Close ends the producer and its connections.
func (p *Producer) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.work.Wait()
	p.mu.Lock()
	lines := p.lines
	p.lines = map[string]*line{}
	p.mu.Unlock()
	for _, l := range lines {
		l.close()
	}
	return nil
}

// Serve has the brokers of a topic know the producer, so that they ask it. It waits for
// none of them.
func (p *Producer) Serve(topic string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.topics[topic]; known || p.closed {
		return
	}
	p.topics[topic] = asked{}
	p.work.Go(func() { p.greet(topic) })
}

// beat tells the brokers who is there, until Close.
func (p *Producer) beat() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		var all []string
		for topic := range p.topics {
			all = append(all, topic)
		}
		p.mu.Unlock()
		var asking sync.WaitGroup
		for _, topic := range all {
			asking.Go(func() { p.greet(topic) })
		}
		asking.Wait()
	}
}

// greet tells the brokers of a topic who is there.
func (p *Producer) greet(topic string) {
	ctx, cancel := context.WithTimeout(p.ctx, SendTimeout)
	defer cancel()
	route, err := p.route(ctx, topic)
	if err != nil {
		return // with the next beat
	}
	var greeting sync.WaitGroup
	for _, addr := range route.Masters() {
		greeting.Go(func() { _, _ = p.line(addr).ready(ctx, p) })
	}
	greeting.Wait()
}

// route is where a topic lies, or will.
func (p *Producer) route(ctx context.Context, topic string) (cluster.Route, error) {
	p.mu.Lock()
	had := p.topics[topic]
	p.mu.Unlock()
	if time.Since(had.at) < routeLasts {
		return had.route, nil
	}
	route, err := p.cfg.Routes.SendRoute(ctx, topic)
	if err != nil {
		return route, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.topics[topic] = asked{route, time.Now()}
	return route, nil
}

// forget has a topic's route asked for anew.
func (p *Producer) forget(topic string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, has := p.topics[topic]; has {
		p.topics[topic] = asked{}
	}
}

func (p *Producer) line(addr string) *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lines[addr]
	if l == nil {
		l = &line{addr: addr, turn: make(chan struct{}, 1)}
		p.lines[addr] = l
	}
	return l
}

// line is the connection to one broker.
type line struct {
	addr string
	turn chan struct{} // holds a token for whoever connects

	conn atomic.Pointer[remoting.Conn]
	beat time.Time // the last one that was answered; of whoever has the token
}

// ready returns a connection on which the broker knows the producer.
func (l *line) ready(ctx context.Context, p *Producer) (*remoting.Conn, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w: %w", l.addr, fault.Unreachable, ctx.Err())
	}
	conn := l.conn.Load()
	switch {
	case p.ctx.Err() != nil:
		return nil, fault.Closed
	case conn != nil && conn.Err() == nil && time.Since(l.beat) < beatEvery:
		return conn, nil
	case conn == nil || conn.Err() != nil:
		cfg := p.cfg.Remote
		cfg.Asked = func(cmd *remoting.Command) { p.called(l, cmd) }
		var err error
		if conn, err = remoting.Dial(ctx, l.addr, cfg); err != nil {
			return nil, err
		}
		l.conn.Store(conn)
	}
	body, err := json.Marshal(map[string]any{
		"clientID": p.cfg.Client, "producerDataSet": []any{map[string]string{"groupName": p.cfg.Group}}, "consumerDataSet": []any{},
	})
	if err != nil {
		return nil, err
	}
	resp, err := conn.Call(ctx, &remoting.Command{Code: remoting.HeartBeat, Body: body})
	if err == nil {
		err = resp.Err(l.addr)
	}
	if err != nil {
		return nil, err
	}
	l.beat = time.Now()
	return conn, nil
}

func (l *line) close() {
	if conn := l.conn.Load(); conn != nil {
		_ = conn.Close()
	}
}

// called takes what a broker asks on a connection.
func (p *Producer) called(l *line, cmd *remoting.Command) {
	switch {
	case p.ctx.Err() != nil:
	case cmd.Code == remoting.CheckTransactionState && p.cfg.Asked != nil:
		p.asked(l.addr, cmd)
	case cmd.Code == remoting.PushReply && p.cfg.Replied != nil:
		p.replied(l, cmd)
	}
}

// asked takes the question what became of a half message.
func (p *Producer) asked(addr string, cmd *remoting.Command) {
	m, _, err := message.ParseStored(cmd.Body)
	if err != nil {
		return
	}
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(cmd.ExtFields[name], 10, 64) // 0 finds nothing
		return n
	}
	c := Check{addr: addr, Group: m.Property(message.PropertyProducerGroup), Half: Half{
		Topic: m.Topic, ID: m.ID(), Transaction: cmd.ExtFields["transactionId"], Broker: cmd.ExtFields["bname"],
		Record: number("commitLogOffset"), Offset: number("tranStateTableOffset"),
	}}
	if c.Transaction == "" {
		c.Transaction = c.ID
	}
	p.cfg.Asked(c)
}
