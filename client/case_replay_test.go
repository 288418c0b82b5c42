package client_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
)

// copyOf copies messages to send them again.
func (d *desk) copyOf(all ...*message.Message) *outbox.Copied {
	d.t.Helper()
	c, err := d.client.Outbox.Copy(func(add func(*message.Message) error) (err error) {
		for _, m := range all {
			err = errors.Join(err, add(m))
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// replay sends what was copied and fits, as somebody does who agreed to it: to a topic, or by
// ways.
func (d *desk) replay(c *outbox.Copied, topic string, ways []plan.Way, change ...func(*plan.Plan)) *outbox.Run {
	d.t.Helper()
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-replay", Topic: topic}, AtOnce: 4, Prove: true}
	c.Replay(p, ways)
	for _, f := range change {
		f(p)
	}
	if err := d.conn.Prepare(d.t.Context(), p); err != nil {
		d.t.Fatal(err)
	}
	tried, err := c.Try(d.t.Context(), p, 3, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	p.Count = tried.Messages
	yes := client.Confirmed{Topic: p.Targets(), Count: p.Count, Name: d.profile.Name, Unmasked: p.Replay.Unmasked}
	others := []client.Confirmed{{Count: yes.Count}, {Topic: yes.Topic + ", x", Count: yes.Count}, {Topic: yes.Topic, Count: yes.Count + 1}}
	if p.Replay.Unmasked { // and the target is not production
		others = append(others, client.Confirmed{Topic: yes.Topic, Count: yes.Count, Name: yes.Name})
	}
	for _, other := range others {
		if _, err := d.conn.Begin(p, other, c.Fill); !errors.Is(err, fault.NotConfirmed) {
			d.t.Errorf("agreed to %+v: %v", other, err)
		}
	}
	r, err := d.conn.Begin(p, yes, c.Fill)
	if err = errors.Join(err, c.Close()); err != nil {
		d.t.Fatal(err)
	}
	return r
}

// content is what a sender gave a message, to the byte.
func content(t testing.TB, m *message.Message) string {
	t.Helper()
	body, ok := m.Unpacked(message.MaxStored)
	if !ok {
		t.Fatalf("a body does not open: %+v", m)
	}
	user := m.UserProperties()
	slices.SortFunc(user, func(a, b message.Property) int { return cmp.Compare(a.Name, b.Name) })
	return fmt.Sprintf("%q %q %q %q %q %d %v", m.Tag(), m.Property(message.PropertyKeys), m.ShardingKey(), user, body, m.Flag, m.PackedByClient())
}

// sameContent compares messages in whatever order they came.
func sameContent(t testing.TB, want, got []*message.Message) {
	t.Helper()
	texts := func(all []*message.Message) (out []string) {
		for _, m := range all {
			out = append(out, content(t, m))
		}
		slices.Sort(out)
		return out
	}
	a, b := texts(want), texts(got)
	if slices.Equal(a, b) {
		return
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Errorf("sent again as\n%.400s\nfirst it was\n%.400s", b[i], a[i])
		}
	}
	t.Errorf("%d messages of %d", len(b), len(a))
}

// replays: what was received, by a follow and by a group's member, is sent to another topic
// as its sender had made it.
func replays(t *testing.T, on *server) {
	d := on.desk(t)
	first, second := on.topic(t, 4), on.topic(t, 4)
	read, member := follow(on, t, first), on.spec(t, first)
	sub, joined := d.subscribe(read), d.subscribe(member)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	drafts := []*message.Draft{
		{Tag: "付款", Keys: []string{"订单-1", "k2"}, Properties: []message.Property{{Name: "地区", Value: "{{pick 华南 华北}}"}, {Name: "a", Value: " b  c "}}, Body: []byte("{\"价\": 1.10, \"id\": \"{{uuid}}\"}")},
		{Tag: "bin", Keys: []string{"k", "", "", "blanks"}, Body: all, Flag: 42},
		{Body: []byte{0}, ShardingKey: "订单-7"},
		{Tag: "packed", Packed: true, Body: []byte(strings.Repeat("0123456789", 20_000))},
	}
	if on.proxy { // it holds senders to the topic's type
		drafts[2].ShardingKey = ""
	}
	for i := range 60 {
		drafts = append(drafts, &message.Draft{Tag: fmt.Sprint(i % 3), Keys: []string{fmt.Sprint("k", i)}, Body: fmt.Appendf(nil, "body %d", i)})
	}
	for _, dr := range drafts {
		dr.Topic, dr.ProducerGroup = first, "test"
		if r, err := d.conn.Send(t.Context(), dr); err != nil || r.Status != message.StatusOK {
			t.Fatalf("%v, %+v", err, r)
		}
	}
	wait(t, sub, len(drafts), 30*time.Second)
	wait(t, joined, len(drafts), 30*time.Second)
	for name, list := range map[string][]*message.Message{"followed": messages(t, sub), "received by a member": messages(t, joined)} {
		copied := d.copyOf(list...)
		if copied.Messages != int64(len(drafts)) || copied.Out != 0 || len(copied.Topics) != 1 {
			t.Fatalf("%s: %+v", name, copied.Kept)
		}
		into := follow(on, t, second)
		there := d.subscribe(into)
		r := d.replay(copied, second, nil)
		st := over(t, r, 60*time.Second)
		if st.Phase != outbox.Complete || st.Counts.Stored != int64(len(drafts)) || st.Err != nil {
			t.Fatalf("%s: %+v", name, st)
		}
		arrived(t, r, int64(len(drafts)))
		wait(t, there, len(drafts), 30*time.Second)
		sameContent(t, list, messages(t, there))
		for row := range uint64(len(drafts)) {
			if s, err := r.Sent(row); err != nil || s.Draft == nil || !bytes.Equal(s.Draft.Body, bodyOf(list, s.Draft)) {
				t.Fatalf("%s: row %d: %+v, %v", name, row, s, err)
			}
		}
	}
}

// bodyOf is the body of the message of a list that a draft was made of, by tag and keys.
func bodyOf(list []*message.Message, d *message.Draft) []byte {
	for _, m := range list {
		if m.Tag() == d.Tag && m.Property(message.PropertyKeys) == strings.Join(d.Keys, " ") && m.ShardingKey() == d.ShardingKey {
			b, _ := m.Unpacked(message.MaxStored)
			return b
		}
	}
	return nil
}

// replaysEach: messages of two topics go each to its own, one after the other, as far apart
// as they were stored.
func replaysEach(t *testing.T, on *server) {
	d := on.desk(t)
	one, two, oneMore, twoMore := on.topic(t, 1), on.topic(t, 1), on.topic(t, 1), on.topic(t, 1)
	for i, top := range []string{one, two, one, two} {
		d.send(top, "t", fmt.Sprint("body ", i))
		time.Sleep(400 * time.Millisecond)
	}
	var list []*message.Message
	for _, top := range []string{one, two} {
		s := follow(on, t, top)
		s.From = profile.FromEarliest
		sub := d.subscribe(s)
		wait(t, sub, 2, 30*time.Second)
		list = append(list, messages(t, sub)...)
	}
	copied := d.copyOf(list...)
	if len(copied.Topics) != 2 || copied.To.Sub(copied.From) < time.Second {
		t.Fatalf("%+v", copied.Kept)
	}
	lasts := copied.Lasts[0]
	r := d.replay(copied, "", []plan.Way{{From: one, To: oneMore}, {From: two, To: twoMore}}, func(p *plan.Plan) { p.Replay.Original, p.Replay.Production, p.Replay.Unmasked = true, true, true })
	st := over(t, r, 60*time.Second)
	if st.Phase != outbox.Complete || st.Counts.Stored != 4 {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, 4)
	var before *outbox.Sent
	for row := range uint64(4) {
		s, err := r.Sent(row)
		if err != nil || string(s.Draft.Body) != fmt.Sprint("body ", row) || s.Draft.Topic != []string{oneMore, twoMore}[row%2] {
			t.Fatalf("row %d: %+v, %v", row, s, err)
		}
		if row == 3 {
			// The last is that much later than the first, but for what the timers round.
			if took := s.Leave.At.Sub(before.Leave.At); took < lasts-50*time.Millisecond {
				t.Errorf("it took %v, and %v at first", took, lasts)
			}
		}
		if row == 0 {
			before = s
		}
	}
	if r.Info().Topic != r.Plan().Targets() || !strings.Contains(r.Info().Topic, ", ") {
		t.Errorf("%+v", r.Info())
	}
}
