package client_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
)

// redeliveryEnv makes the test program play a window that is killed while it redelivers.
const redeliveryEnv = "GANTRY_TEST_REDELIVERY"

// manyDead is how many are redelivered when somebody is killed.
const manyDead = 3000

// madeDead are dead letters of a group, first sent to a topic, as they lie at a broker.
func madeDead(group, topic string, n int) (all []*message.Message) {
	for i := range n {
		all = append(all, &message.Message{
			Topic: message.DeadLetterTopic(group), Broker: "broker-a", QueueOffset: int64(i), Body: fmt.Appendf(nil, `{"n":%d}`, i),
			StoredAt: time.Now(), ReconsumeTimes: 17, Properties: []message.Property{
				{Name: message.PropertyRetryTopic, Value: topic}, {Name: message.PropertyUniqueID, Value: fmt.Sprintf("DEAD%028X", i)},
			},
		})
	}
	return all
}

// markedDead are such dead letters as they are copied to be redelivered.
func markedDead(group, topic string, n int) (all []*message.Message) {
	for _, m := range madeDead(group, topic, n) {
		all = append(all, m.Redelivered())
	}
	return all
}

// beginRedelivery redelivers dead letters to a topic, or to the group's retry topic only, and
// returns once some are stored.
func beginRedelivery(ctx context.Context, c *client.Client, conn *client.Connection, topic, group string, dead []*message.Message) (*outbox.Run, error) {
	copied, err := c.Outbox.Copy(func(add func(*message.Message) error) (err error) {
		for _, m := range dead {
			err = errors.Join(err, add(m.Redelivered()))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-redeliver", Topic: topic}, AtOnce: 8, PerSecond: 2000, Prove: true}
	copied.Replay(p, nil)
	p.Replay.Redelivers, p.Replay.OnlyGroup = message.DeadLetterTopic(group), message.RetryGroup(topic) != ""
	if err := conn.Prepare(ctx, p); err != nil {
		return nil, err
	}
	r, err := conn.Begin(p, client.Confirmed{Topic: topic, Count: int64(len(dead))}, copied.Fill)
	if err = errors.Join(err, copied.Close()); err != nil {
		return nil, err
	}
	for r.Counts().Stored < manyDead/10 && !r.Status().Phase.Over() {
		time.Sleep(5 * time.Millisecond)
	}
	return r, r.Status().Err
}

// playRedelivery is what the killed process does; it says what its worker is called.
func playRedelivery(dir, nameServer, exe, topic, group string) error {
	c, err := client.New(client.Params{Folders: client.FoldersIn(dir), Executable: exe})
	if err != nil {
		return err
	}
	conn, err := c.Open(context.Background(), profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}, "")
	if err != nil {
		return err
	}
	if _, err := beginRedelivery(context.Background(), c, conn, topic, group, madeDead(group, "first", manyDead)); err != nil {
		return err
	}
	fmt.Println("started")
	select {}
}

// marks are those of the messages of a topic, with how often each is there.
func (d *desk) marks(topic string) map[string]int {
	d.t.Helper()
	all := map[string]int{}
	_, found := d.find(cluster.Query{Kind: cluster.ByTime, Topic: topic})
	for _, m := range found {
		all[m.Property(message.PropertyRedelivered)]++
	}
	return all
}
