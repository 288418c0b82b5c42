//go:build unix

package client_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

// How many dead letters are redelivered, and how many are under way at once.
const (
	benchDead   = 100_000
	benchAtOnce = 32
)

// BenchmarkRedeliver compares the redelivery of 100,000 dead letters, to their topic and to their
// group only, each read back as the window has it, with rocketmq-client-go alone that sends as
// many in a loop, by turns. Run it with -benchtime 1x.
func BenchmarkRedeliver(b *testing.B) {
	if err := clusters.Stop(); err != nil { // they would share the machine
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	top, group := topicOn(b, c, "", benchQueues), "bench-redeliver"
	if err := adminOf(b, c).CreateGroup(b.Context(), c.Masters(), group); err != nil {
		b.Fatal(err)
	}
	makeTopic(b, c, message.RetryTopic(group), benchQueues)
	raw := rawProgram(b, "rawproducer")
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	alone := func() measure { return sendAlone(b, raw, c, top, benchAtOnce, benchDead) }
	alone() // Java compiles what is hot
	for b.Loop() {
		for _, to := range []string{top, message.RetryTopic(group)} {
			redeliverAll(b, d, to, group, top)
			var all ratios
			for i := range benchPairs {
				x, y := alone(), redeliverAll(b, d, to, group, top)
				all.add(y, x)
				fmt.Printf("to %s, %d: rocketmq-client-go %.0f/s %.1f µs; redelivered %.0f/s %.1f µs (window %.1f µs)\n", to, i+1, x.rate, x.cpu, y.rate, y.cpu, y.window)
			}
			fmt.Printf("to %s, redelivered / rocketmq-client-go, min median max: %s\n", to, &all)
			name := map[bool]string{true: "topic", false: "group"}[to == top]
			b.ReportMetric(middle(all.rate), name+"-rate-ratio")
			b.ReportMetric(middle(all.cpu), name+"-CPU-ratio")
		}
	}
}

// redeliverAll redelivers dead letters of a group to a topic, in a worker of its own, whose start
// counts as that of the program which sends alone does.
func redeliverAll(b *testing.B, d *desk, to, group, first string) measure {
	b.Helper()
	copied, err := d.client.Outbox.Copy(func(add func(*message.Message) error) (err error) {
		body := make([]byte, benchBody)
		for i := range benchDead {
			m := &message.Message{
				Topic: message.DeadLetterTopic(group), Broker: "broker-a", QueueOffset: int64(i), Body: body, StoredAt: time.Now(),
				Properties: []message.Property{
					{Name: message.PropertyTags, Value: "tag"},
					{Name: message.PropertyKeys, Value: "key"},
					{Name: message.PropertyRetryTopic, Value: first},
					{Name: message.PropertyUniqueID, Value: fmt.Sprintf("DEAD%028X", i)},
				},
			}
			err = errors.Join(err, add(m.Redelivered()))
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "bench", Topic: to}, AtOnce: benchAtOnce, Prove: true}
	copied.Replay(p, nil)
	p.Replay.Redelivers, p.Replay.OnlyGroup = message.DeadLetterTopic(group), to != first
	if err := d.conn.Prepare(b.Context(), p); err != nil {
		b.Fatal(err)
	}
	worker, window := cpuOf(b, syscall.RUSAGE_CHILDREN), cpuOf(b, syscall.RUSAGE_SELF)
	r, err := d.conn.Begin(p, client.Confirmed{Topic: to, Count: benchDead}, copied.Fill)
	if err = errors.Join(err, copied.Close()); err != nil {
		b.Fatal(err)
	}
	if err := r.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	ended := time.Now()
	begun, err := r.Sent(0)
	if err != nil {
		b.Fatal(err)
	}
	for r.Proving() {
		time.Sleep(20 * time.Millisecond)
	}
	if st := r.Status(); st.Phase != outbox.Complete || st.Counts.Stored != benchDead || st.Counts.Arrived != benchDead {
		b.Fatalf("%+v", st)
	}
	window = cpuOf(b, syscall.RUSAGE_SELF) - window
	if err := d.client.Outbox.Delete(r.ID()); err != nil {
		b.Fatal(err)
	}
	worker = cpuOf(b, syscall.RUSAGE_CHILDREN) - worker
	return measure{rate: benchDead / ended.Sub(begun.Leave.At).Seconds(), cpu: micros(worker+window, benchDead), window: micros(window, benchDead)}
}
