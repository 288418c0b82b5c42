package browse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/gui/msglist"
	"gantry/gui/problem"
)

// queuesLimit bounds the question which queues a topic has: without an answer a
// search runs with what is typed.
const queuesLimit = 3 * time.Second

// errQueue says that what is typed names no queue.
var errQueue = errors.New("no queue")

// noQueueError says which queues there are.
type noQueueError struct{ there []cluster.Queue }

func (e *noQueueError) Error() string { return "no such queue" }

// place is a queue as it was typed, and an offset where one stands beside it:
// broker-a/0, broker-a · 0, and as lists show it, a0 · 5.
type place struct {
	broker string // "" where name is short
	id     string // a number
	name   string // as lists write a queue, "a0" or "2"
	offset string // a number, or ""
}

// parsePlace reads what is typed. Without a broker's list of queues nobody knows
// whether "b1 · 5" is queue 5 of broker b1 or offset 5 of queue 1: it is both, and
// find decides.
func parsePlace(text string) (place, bool) {
	left, right, dotted := strings.Cut(text, "·")
	left, right = strings.TrimSpace(left), strings.ReplaceAll(strings.TrimSpace(right), ",", "")
	if dotted && !number(right) {
		return place{}, false
	}
	broker, id, named := strings.Cut(strings.ReplaceAll(left, " / ", "/"), "/")
	if parts := strings.Fields(left); !named && len(parts) == 2 {
		broker, id, named = parts[0], parts[1], true
	}
	switch {
	case named:
		broker, id = strings.TrimSpace(broker), strings.TrimSpace(id)
		return place{broker: broker, id: id, name: broker + "/" + id, offset: right}, broker != "" && number(id)
	case dotted:
		return place{broker: left, id: right, name: left, offset: right}, left != ""
	case left != "" && number(left[len(left)-1:]):
		return place{name: left}, true
	}
	return place{}, false
}

func number(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n >= 0
}

// find puts queue and offset into a query; all are the topic's queues, none where
// nobody told.
func (p place) find(q cluster.Query, all []cluster.Queue) (cluster.Query, error) {
	same := p.broker != "" && p.id == p.offset && p.name == p.broker // see parsePlace
	exact := slices.ContainsFunc(all, func(x cluster.Queue) bool { return x.Broker == p.broker })
	if p.broker != "" && (exact || len(all) == 0) {
		id, err := strconv.Atoi(p.id)
		if err != nil {
			return q, errQueue
		}
		q.Queue = cluster.Queue{Broker: p.broker, ID: id}
		if len(all) > 0 && !slices.Contains(all, q.Queue) {
			return q, &noQueueError{all}
		}
		if !same && p.offset != "" {
			q.Offset, err = strconv.ParseInt(p.offset, 10, 64)
		}
		return q, err
	}
	var found []cluster.Queue
	for _, x := range all {
		if short := msglist.ShortQueue(x.Broker, x.ID); short == p.name || short == strings.Replace(p.name, "/", "", 1) || strconv.Itoa(x.ID) == p.name {
			found = append(found, x)
		}
	}
	switch {
	case len(found) == 0 && len(all) > 0:
		return q, &noQueueError{all}
	case len(found) != 1:
		return q, errQueue
	}
	q.Queue = found[0]
	if p.offset != "" {
		var err error
		if q.Offset, err = strconv.ParseInt(p.offset, 10, 64); err != nil {
			return q, errQueue
		}
	}
	return q, nil
}

// queuesOf lists the queues of a topic that can be read.
func queuesOf(ctx context.Context, conn *client.Connection, topic string) ([]cluster.Queue, error) {
	ctx, cancel := context.WithTimeout(ctx, queuesLimit)
	defer cancel()
	d, err := conn.TopicDetail(ctx, topic)
	if d == nil {
		return nil, err
	}
	return d.Route.ReadQueues(), nil
}

// queueNames writes queues as broker-a/0-7, a broker each.
func queueNames(all []cluster.Queue) string {
	var names []string
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].Broker == all[i].Broker && all[end].ID == all[end-1].ID+1 {
			end++
		}
		name := all[i].String()
		if end > i+1 {
			name = fmt.Sprintf("%s-%d", name, all[end-1].ID)
		}
		names, i = append(names, name), end
	}
	const most = 4
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return strings.Join(names, ", ")
}

// readPlace reads queue and offset, as far as that can be without the cluster.
func (f *form) readPlace(q *cluster.Query) {
	var ok bool
	if f.place, ok = parsePlace(f.queue.Text); !ok {
		f.errs[f.queue] = lang.L("Write the queue as broker-a/0.")
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(f.start.Text), ",", ""), 10, 64)
	if strings.TrimSpace(f.start.Text) == "" {
		n, err = 0, nil
	}
	if err != nil || n < 0 {
		f.errs[f.start] = lang.L("Enter a number.")
	}
	q.Offset = n
}

// put puts an error at its field, where one can mend it.
func (f *form) put(err error) {
	var none *noQueueError
	switch {
	case errors.Is(err, fault.TopicNotFound), errors.Is(err, fault.NeedTopic):
		f.errs[f.topic] = problem.Explain(err).Text()
	case errors.As(err, &none):
		f.errs[f.queue] = lang.L("There is no such queue. The topic has {{.Queues}}.", map[string]any{"Queues": queueNames(none.there)})
	case errors.Is(err, errQueue):
		f.errs[f.queue] = lang.L("Write the queue as broker-a/0.")
	default:
		return
	}
	f.focusError()
}
