package insight

import (
	"context"
	"errors"
	"fmt"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// Retries is who gets what is put into the retry topic of a group. It is a value.
type Retries struct {
	// Members is how many are connected to the brokers that have the topic.
	Members int
	// Each: the group broadcasts. Popped: its members take messages by pop. Neither reads the
	// topic.
	Each, Popped bool
	// Missing are the brokers of which that is not known.
	Missing cluster.Missing
}

// HasRetryTopic tells whether messages can be put into the retry topic of a group: nil,
// fault.NoRetryTopic, fault.NotReadable, fault.NotWritable, or why it is not known.
func (a *Asker) HasRetryTopic(ctx context.Context, group string) error {
	_, err := a.retryRoute(ctx, group)
	return err
}

func (a *Asker) retryRoute(ctx context.Context, group string) (cluster.Route, error) {
	topic := message.RetryTopic(group)
	r, err := a.admin.Route(ctx, topic)
	if errors.Is(err, fault.TopicNotFound) {
		err = fault.NoRetryTopic
	}
	if err == nil {
		err = errors.Join(r.Readable(), r.Writable())
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", topic, err)
	}
	return r, err
}

// RetriesOf asks who gets what is put into the retry topic of a group. The error is that of
// HasRetryTopic, or fault.NotOffered where members are not told.
func (a *Asker) RetriesOf(ctx context.Context, group string) (Retries, error) {
	r, err := a.retryRoute(ctx, group)
	if err != nil {
		return Retries{}, err
	}
	all, missing, err := a.admin.Consumers(ctx, r.Brokers, group)
	return Retries{Members: len(all.Members), Each: all.Model == modelBroadcasting, Popped: all.Pops(), Missing: missing}, err
}
