package browse

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/search"
	"gantry/gui/msglist"
	"gantry/gui/stage"
)

// givenUp is half message n that was given up; each third tells not what it was.
func givenUp(n uint64) *message.Message {
	m := &message.Message{
		Topic: message.GivenUpTopic, Broker: "broker-a", QueueOffset: int64(n), Body: []byte("x"), StoredAt: time.UnixMilli(1_800_000_000_000),
		StoreHost: netip.MustParseAddrPort("127.0.0.1:10911"),
	}
	if n%3 != 2 {
		m.Properties = []message.Property{{Name: message.PropertyRealTopic, Value: "orders"}, {Name: message.PropertyUniqueID, Value: fmt.Sprint("ID", n)}}
	}
	return m
}

// TestGivenUp: half messages that were given up are said to be that, and those that the list
// shows are put back to checking, or sent as normal messages.
func TestGivenUp(t *testing.T) {
	r := newRig(t, profile.Profile{})
	var got []orders.GivenUp
	r.screen.p.Resume = func(all []orders.GivenUp) { got = all }
	var said []string
	r.screen.p.Say = func(s string) { said = append(said, s) }
	r.make = givenUp
	find := func(n uint64) {
		r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: message.GivenUpTopic, Count: 1000})
		r.settle()
		r.last().set(search.Status{Kept: n})
		r.settle()
	}
	find(6)
	if !r.Has("Half messages that their broker gave up: no consumer gets them. Put back to checking, their producers are asked again.") || !r.Has("Send all as normal…") {
		t.Error(stage.Texts(r.Window))
	}
	r.Tap("Put back to checking…")
	r.Until(t, "what is put back", func() bool { return len(got) > 0 })
	if len(got) != 4 || got[0].ID != "ID0" || got[0].Topic != "orders" || len(said) != 1 || said[0] != "2 messages are left out: they tell not what they were." {
		t.Errorf("%+v, %q", got, said)
	}
	got = nil
	find(orders.MostResumed * 2)
	r.Tap("Put back to checking…")
	r.Until(t, "what is put back", func() bool { return len(got) > 0 })
	if len(got) != orders.MostResumed || len(said) != 2 || said[1] != "The first 500 are taken: more are put back one after the other." {
		t.Errorf("%d, %q", len(got), said)
	}
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: message.GivenUpTopic, Count: 100})
	r.settle()
	r.last().set(search.Status{Err: fault.TopicNotFound})
	r.settle()
	if !r.Has("No broker has given up a half message: the first one makes this topic.") {
		t.Error(stage.Texts(r.Window))
	}
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: message.DeadLetterTopic("billing"), Count: 100})
	r.settle()
	r.last().set(search.Status{Err: fault.TopicNotFound})
	r.settle()
	if !r.Has("No dead letter of this group is known: the first one makes this topic.") || r.Has("create the topic first") {
		t.Error(stage.Texts(r.Window))
	}
}

// TestHidingSaysWhatIsMissing: hiding what was redelivered says of which messages it was not
// found out, as the list itself does.
func TestHidingSaysWhatIsMissing(t *testing.T) {
	r := newRig(t, profile.Profile{})
	said := ""
	r.screen.p.Say = func(s string) { said = s }
	r.screen.hide(&client.Redelivered{}, msglist.Skipped{Damaged: 2, GaveUp: fault.GaveUp{Count: 3, Queue: 1, Offset: 7, Code: fault.JqSlow}})
	want := "None of these messages was redelivered, as far as that can be seen. 2 could not be read. jq gave up at 3 messages, first in queue 1 at offset 7: it took too long."
	if said != want {
		t.Errorf("%q", said)
	}
}
