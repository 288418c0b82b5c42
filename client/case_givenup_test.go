package client_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/sandbox"
)

// TestGivenUp: half messages that their broker gave up are found with where they were sent and
// how often was asked. One is put back to checking: it is asked after again and committed.
// Another is sent again as a normal message. Neither is put back once more.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	t.Run("5.5.0", func(t *testing.T) { // gives up after one check
		t.Parallel()
		on := serverOf("tls")
		givenUp(t, on.trader(t), on.topic(t, 2, "TRANSACTION"))
	})
	t.Run("sandbox", func(t *testing.T) {
		t.Parallel()
		s, err := sandbox.Open(sandbox.Options{Dir: t.TempDir(), CheckAfter: time.Second, CheckAgain: time.Second, CheckMax: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		n := localNode{Server: s}
		d := deskAt(t, profile.Profile{ID: uuid.NewString(), Name: "test", NameServers: []string{n.NameServer()}}, "")
		givenUp(t, d, topicOn(t, n, "", 2))
	})
}

func givenUp(t *testing.T, d *desk, top string) {
	one, other := d.half(top, "asked again", message.Undecided), d.half(top, "sent again", message.Undecided)
	lies := func(id string) *message.Message {
		t.Helper()
		var got *message.Message
		eventually(t, 60*time.Second, func() string {
			all := d.newest(message.GivenUpTopic)
			i := slices.IndexFunc(all, func(m *message.Message) bool { return m.ID() == id })
			if i < 0 {
				return fmt.Sprint(len(all), " were given up, and not ", id)
			}
			got = all[i]
			return ""
		})
		return got
	}
	first, second := lies(one.MessageID), lies(other.MessageID)
	h, ok := orders.HalfGivenUp(first)
	if !ok || h.Topic != top || h.Group != "GANTRY_DESK_"+d.profile.ID || h.Checks != 1 || h.At.IsZero() || string(first.Body) != "asked again" {
		t.Errorf("%+v", h)
	}
	again, _ := orders.HalfGivenUp(second)
	asked := d.stands(one, outbox.Waiting, 1).Half.Checks
	p, err := d.conn.PreviewResume(t.Context(), orders.Resume{Halves: []orders.GivenUp{h}})
	if err != nil || p.Moves() != 1 || p.Lines[0].Producers != 1 || p.Why != nil || len(p.Missing) > 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	yes := client.Confirmed{Topic: p.Subject(), Count: 1, Name: d.profile.Name}
	if _, err := d.conn.ResumeHalves(t.Context(), p, client.Confirmed{Topic: p.Subject(), Count: 2}, nil); !errors.Is(err, fault.NotConfirmed) {
		t.Error(err)
	}
	rec, err := d.conn.ResumeHalves(t.Context(), p, yes, nil)
	if err != nil || len(rec.Queues) != 1 || rec.Queues[0].State != orders.Set {
		t.Fatalf("%+v, %v", rec, err)
	}
	d.stands(one, outbox.Waiting, asked+1)
	if err := d.decide(one, message.Commit); err != nil {
		t.Fatal(err)
	}
	d.stands(one, outbox.Committed, 0)
	d.read(one)
	d.sendGivenUp(second, top)
	for _, x := range []struct {
		of   orders.GivenUp
		want orders.Before
	}{{h, orders.PutBack}, {again, orders.SentAgain}} {
		now, err := d.conn.PreviewResume(t.Context(), orders.Resume{Halves: []orders.GivenUp{x.of}})
		if err != nil || now.Moves() != 0 || now.Lines[0].Before != x.want {
			t.Errorf("%+v, %v", now, err)
		}
	}
	// What was agreed to before is not done a second time.
	var stale *orders.ChangedError
	if _, err := d.conn.ResumeHalves(t.Context(), p, yes, nil); !errors.As(err, &stale) || stale.What != orders.DoneMeanwhile {
		t.Error(err)
	}
	all, err := d.client.Diary.List()
	if err != nil || len(all) != 2 || all[1].Resume == nil || all[0].Redelivery == nil || all[1].Group() != h.Group {
		t.Errorf("the diary: %+v, %v", all, err)
	}
}

// newest are the newest messages of a topic.
func (d *desk) newest(topic string) (all []*message.Message) {
	d.t.Helper()
	s, err := d.conn.Search(cluster.Query{Kind: cluster.Newest, Topic: topic, Count: 256})
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	if err := s.Wait(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	for n, next := s.Range(); n < next; n++ {
		if rec, err := s.Record(n); err == nil {
			if m, err := rec.Message(); err == nil {
				all = append(all, m)
			}
		}
	}
	return all
}

// sendGivenUp has a half message that was given up sent again as a normal one.
func (d *desk) sendGivenUp(m *message.Message, top string) {
	d.t.Helper()
	copied := d.copyOf(m.Redelivered())
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-redeliver"}, AtOnce: 1, PerSecond: 500, Prove: true}
	if len(copied.Topics) != 1 || copied.Topics[0].Topic != top {
		d.t.Errorf("they go to %+v", copied.Topics)
	}
	copied.Replay(p, []plan.Way{{From: top, To: top}})
	p.Replay.Redelivers, p.Replay.From, p.Count = message.GivenUpTopic, d.profile.ID, 1
	if err := d.conn.Prepare(d.t.Context(), p); err != nil {
		d.t.Fatal(err)
	}
	r, err := d.conn.Begin(p, client.Confirmed{Topic: top, Count: 1}, copied.Fill)
	if err = errors.Join(err, copied.Close()); err != nil {
		d.t.Fatal(err)
	}
	over(d.t, r, 60*time.Second)
	arrived(d.t, r, 1)
	all := d.newest(top)
	i := slices.IndexFunc(all, func(x *message.Message) bool { return x.Property(message.PropertyRedelivered) == m.Place() })
	if i < 0 || string(all[i].Body) != string(m.Body) || all[i].Property(message.PropertyHalf) != "" || all[i].Tag() != "付款" {
		d.t.Errorf("what was sent again is not there: %+v", all)
	}
}
