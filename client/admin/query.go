package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

// keyAtOnce is how many messages a broker's index answers at most
// (MessageStoreConfig.java, maxMsgsNumBatch).
const keyAtOnce = 64

// mostPage bounds the messages of an answer, whatever it was asked for.
const mostPage = 1024

// mostFound is mostKept of ByKey: it is for lists, whose process is there for nothing else.
const mostFound = 256 << 20

// pageBudget bounds one page: the broker reads what it found from its disk. RocketMQ's own
// tools wait as long (MQAdminImpl.java, queryMessage). keyBudget bounds all pages of one
// broker together.
const (
	pageBudget = 15 * time.Second
	keyBudget  = time.Minute
)

// Found is a message that a question found, as the broker keeps it.
type Found struct {
	Broker string
	Stored []byte
	*message.Message
}

// ByKey finds messages of a topic that have a key, or whose message id it is, from
// the brokers' index: at most so many, the newest, oldest first. The index knows
// the topic under which a message is stored, and goes with the messages. A broker
// that told only a part, see fault.Crowded, is missing too, or of which there would be more
// than mostFound with the others'. What the
// index answers for another key of the same hash is left out
// (QueryMessageProcessor.java, IndexService.java).
func (c *Client) ByKey(ctx context.Context, brokers []cluster.Broker, topic, key string, from, to time.Time, most int) ([]Found, cluster.Missing, error) {
	return c.byKey(ctx, brokers, &keyed{topic: topic, key: key, from: from, to: to, most: most, size: kept{most: mostFound}})
}

// CopiesByKey is ByKey of all times, without bodies and what is stored.
func (c *Client) CopiesByKey(ctx context.Context, brokers []cluster.Broker, topic, key string, most int) ([]Found, cluster.Missing, error) {
	return c.byKey(ctx, brokers, &keyed{topic: topic, key: key, from: time.UnixMilli(0), to: time.Now().Add(24 * time.Hour), most: most, slim: true})
}

// keyed is a question for the messages with a key.
type keyed struct {
	topic, key string
	from, to   time.Time
	most       int
	slim       bool // without bodies

	mu   sync.Mutex
	size kept // guarded by mu; of all brokers
}

func (c *Client) byKey(ctx context.Context, brokers []cluster.Broker, k *keyed) ([]Found, cluster.Missing, error) {
	var (
		mu   sync.Mutex
		all  []Found
		part cluster.Missing // those that told something, and not all
	)
	missing, err := c.ofBrokersWithin(ctx, keyBudget, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		if err := c.Answers(ctx, addr); err != nil {
			return err
		}
		found, err := c.byKeyAt(ctx, b.Name, addr, k)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, found...)
		if errors.Is(err, fault.Crowded) || err != nil && len(found) > 0 {
			part = append(part, cluster.BrokerError{Broker: b.Name, Addr: addr, Err: err})
			return nil
		}
		return err
	})
	sortFound(all)
	return all[max(0, len(all)-k.most):], missing.Join(part), err
}

func sortFound(all []Found) {
	slices.SortFunc(all, func(a, b Found) int {
		return cmp.Or(a.StoredAt.Compare(b.StoredAt), strings.Compare(a.Broker, b.Broker), cmp.Compare(a.CommitLogOffset, b.CommitLogOffset))
	})
}

// keep takes what has the key of a page's message, or of what is in it.
func (k *keyed) keep(f Found) (all []Found, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, one := range f.each() {
		if one.Topic != k.topic || !one.has(k.key) {
			continue
		}
		if k.slim {
			one.StoreSize -= len(one.Body)
			one.Stored, one.Body = nil, nil
		}
		one.Stored = bytes.Clone(one.Stored) // not the whole page
		if err := k.size.add(len(one.Stored) + max(one.StoreSize, len(one.Body))); err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, nil
}

// byKeyAt asks one broker, and again for what is older than its answer.
func (c *Client) byKeyAt(ctx context.Context, broker, addr string, k *keyed) ([]Found, error) {
	var (
		all     []Found
		crowded error
		seen    = map[int64]bool{}
		to      = k.to
	)
	for pages := 0; len(all) < k.most; pages++ {
		p := page{oldest: to}
		err := c.keyPage(ctx, broker, addr, k, to, &p, seen)
		all = append(all, p.found...)
		if errors.Is(err, fault.NotFound) {
			break
		}
		if err != nil {
			return all, fmt.Errorf("key %s of %s at %s: %w", k.key, k.topic, addr, err)
		}
		if p.count < keyAtOnce {
			break
		}
		if p.fresh == 0 {
			// 4.x and 5.x index by the second: there are more of this one, perhaps.
			crowded = fmt.Errorf("key %s of %s at %s: %w", k.key, k.topic, addr, fault.Crowded)
			p.oldest = p.oldest.Truncate(time.Second).Add(-time.Millisecond)
		}
		if p.fresh == 0 && !p.oldest.Before(to) || p.oldest.Before(k.from) {
			break // it answers for other times than it is asked for
		}
		to = p.oldest // what is of the same moment comes again
	}
	return all, crowded
}

// page is an answer of the index.
type page struct {
	found        []Found
	count, fresh int // messages, and those that were not answered before
	oldest       time.Time
}

func (c *Client) keyPage(ctx context.Context, broker, addr string, k *keyed, to time.Time, p *page, seen map[int64]bool) error {
	ctx, cancel := context.WithTimeout(ctx, pageBudget)
	defer cancel()
	return c.read(ctx, addr, &remoting.Command{Code: remoting.QueryMessage, ExtFields: map[string]string{
		"topic": k.topic, "key": k.key, "maxNum": strconv.Itoa(keyAtOnce),
		"beginTimestamp": strconv.FormatInt(k.from.UnixMilli(), 10), "endTimestamp": strconv.FormatInt(to.UnixMilli(), 10),
	}}, remoting.MaxFrame, func(resp *remoting.Command) error {
		all, oldest, err := splitFound(broker, resp.Body)
		if err != nil {
			return err
		}
		p.count, p.oldest = len(all), oldest
		for _, f := range all {
			if seen[f.CommitLogOffset] {
				continue
			}
			seen[f.CommitLogOffset] = true
			p.fresh++
			kept, err := k.keep(f)
			if p.found = append(p.found, kept...); err != nil {
				return err
			}
		}
		return nil
	})
}

// has tells whether the message has the key, or the id.
func (f *Found) has(key string) bool { return f.ID() == key || slices.Contains(f.Keys(), key) }

// each returns the messages that a stored one holds, see message.Unwrap: mostly itself.
func (f Found) each() []Found {
	ms := message.Unwrap(f.Message, message.MaxStored)
	if len(ms) == 1 && ms[0] == f.Message {
		return []Found{f}
	}
	all := make([]Found, len(ms))
	for i, m := range ms {
		all[i] = Found{Broker: f.Broker, Stored: message.AppendStored(nil, m), Message: m}
	}
	return all
}

// splitFound reads the messages of an answer, and when the oldest was stored.
func splitFound(broker string, body []byte) (all []Found, oldest time.Time, err error) {
	for rest := body; len(rest) > 0; {
		if len(all) == mostPage {
			return nil, oldest, fmt.Errorf("%w: more than %d messages", fault.BadAnswer, mostPage)
		}
		var one []byte
		if one, rest, err = message.CutStored(rest); err != nil {
			return nil, oldest, fmt.Errorf("%w: %w", fault.BadAnswer, err)
		}
		m, _, err := message.ParseStored(one)
		if err != nil {
			return nil, oldest, fmt.Errorf("%w: %w", fault.BadAnswer, err)
		}
		m.Broker = broker
		if oldest.IsZero() || m.StoredAt.Before(oldest) {
			oldest = m.StoredAt
		}
		all = append(all, Found{Broker: broker, Stored: one, Message: m})
	}
	return all, oldest, nil
}

// OffsetID is a message id that brokers make: where the message is stored
// (MessageDecoder.java, createMessageId).
type OffsetID struct {
	Host   netip.AddrPort
	Offset int64 // in the commit log
}

// ParseOffsetID reads an offset message id. A message id of a producer may pass
// for one: only an address that a broker has makes it certain.
func ParseOffsetID(id string) (OffsetID, bool) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 16 && len(b) != 28 {
		return OffsetID{}, false
	}
	n := len(b) - 12
	addr, _ := netip.AddrFromSlice(b[:n])
	port := binary.BigEndian.Uint32(b[n:])
	offset := int64(binary.BigEndian.Uint64(b[n+4:]))
	if port == 0 || port > 1<<16-1 || offset < 0 {
		return OffsetID{}, false
	}
	return OffsetID{netip.AddrPortFrom(addr, uint16(port)), offset}, true
}

// ByOffsetID finds the message that an offset id names: at the broker of that
// address, or, where none has it (it may have moved, or stand behind another
// address), at each of them. What is stored there may hold several. fault.NotFound where
// none has it.
func (c *Client) ByOffsetID(ctx context.Context, brokers []cluster.Broker, topic, id string) ([]Found, error) {
	at, ok := ParseOffsetID(id)
	if !ok {
		return nil, fmt.Errorf("message id %s: %w", id, fault.NotFound)
	}
	own := slices.IndexFunc(brokers, func(b cluster.Broker) bool { return b.At(at.Host) })
	if own >= 0 {
		brokers = brokers[own : own+1]
	}
	var (
		mu    sync.Mutex
		found []Found
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		f, err := c.viewAt(ctx, b.Name, addr, topic, at.Offset)
		if err != nil || !strings.EqualFold(f.OffsetID(), id) {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found = append(found, f)
		return nil
	})
	switch {
	case len(found) > 0:
		return found[0].each(), nil
	case err != nil:
		return nil, err
	case len(missing) > 0:
		return nil, missing[0]
	}
	return nil, fmt.Errorf("message id %s: %w", id, fault.NotFound)
}

// viewAt reads the message at an offset of a broker's commit log; an empty one
// where there is none (QueryMessageProcessor.java, viewMessageById).
func (c *Client) viewAt(ctx context.Context, broker, addr, topic string, offset int64) (Found, error) {
	var body []byte
	err := c.read(ctx, addr, &remoting.Command{Code: remoting.ViewMessageByID, ExtFields: map[string]string{
		"offset": strconv.FormatInt(offset, 10), "topic": topic,
	}}, remoting.MaxFrame, func(resp *remoting.Command) error { body = resp.Body; return nil })
	if errors.Is(err, fault.NotFound) {
		return Found{Message: &message.Message{}}, nil
	}
	if err != nil {
		return Found{}, fmt.Errorf("offset %d of %s: %w", offset, addr, err)
	}
	all, _, err := splitFound(broker, body)
	if err != nil || len(all) != 1 {
		return Found{}, fmt.Errorf("offset %d of %s: %w: %d messages", offset, addr, fault.BadAnswer, len(all))
	}
	return all[0], nil
}
