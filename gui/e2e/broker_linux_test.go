package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/message"
	"gantry/client/testcluster"
)

// broker is the cluster as it is seen from outside.
type broker struct {
	t testing.TB
	c *testcluster.Cluster
	a *admin.Client
}

func newBroker(t testing.TB, c *testcluster.Cluster) *broker {
	t.Helper()
	cfg, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	a := admin.New(cfg)
	t.Cleanup(func() { _ = a.Close() })
	return &broker{t: t, c: c, a: a}
}

func (b *broker) in(t *testing.T) *broker {
	c := *b
	c.t = t
	return &c
}

func (b *broker) createTopic(name string, queues int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	if err := b.a.CreateTopic(ctx, b.c.Masters(), name, queues, ""); err != nil {
		b.t.Fatal(err)
	}
}

func (b *broker) waitMember(group string) {
	b.t.Helper()
	b.eventually(func() error {
		r, err := b.a.Route(b.t.Context(), topic)
		if err != nil {
			return err
		}
		m, _, err := b.a.Members(b.t.Context(), r, group)
		if err == nil && len(m) != 1 {
			err = fmt.Errorf("group %s has members %v", group, m)
		}
		return err
	})
	time.Sleep(time.Second) // its queues
}

// waitMessages waits until the topic holds n messages and returns them in the
// order in which they were stored.
func (b *broker) waitMessages(n int) []*message.Message {
	b.t.Helper()
	var all []*message.Message
	b.eventually(func() error {
		all = nil
		r, err := b.a.Route(b.t.Context(), topic)
		if err != nil {
			return err
		}
		for _, q := range r.ReadQueues() {
			got, err := b.a.Pull(b.t.Context(), r, topic, q, 0, 32)
			if err != nil {
				return err
			}
			for rest := got.Body; len(rest) > 0; {
				m, size, err := message.ParseStored(rest)
				if err != nil {
					return err
				}
				all, rest = append(all, m), rest[size:]
			}
		}
		if len(all) != n {
			return fmt.Errorf("the broker has %d messages, want %d", len(all), n)
		}
		return nil
	})
	for i := range all {
		for j := i; j > 0 && all[j].CommitLogOffset < all[j-1].CommitLogOffset; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	return all
}

func (b *broker) eventually(f func() error) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	b.t.Fatal(err)
}
