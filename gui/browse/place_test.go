package browse

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/client/search"
)

func queues(names ...string) []cluster.Queue {
	var all []cluster.Queue
	for _, n := range names {
		for i := range 4 {
			all = append(all, cluster.Queue{Broker: n, ID: i})
		}
	}
	return all
}

// TestPlaces: a queue is taken however the program writes one.
func TestPlaces(t *testing.T) {
	two := queues("broker-a", "broker-b")
	for _, c := range []struct {
		text, queue string
		offset      int64
		all         []cluster.Queue
	}{
		{"broker-a/2", "broker-a/2", 7, two},
		{" broker-a / 2 ", "broker-a/2", 7, two},
		{"broker-b · 2", "broker-b/2", 7, two},
		{"broker-b 3", "broker-b/3", 7, two},
		{"broker-b/3 · 1,204", "broker-b/3", 1204, two},
		{"a0", "broker-a/0", 7, two},
		{"a0 · 5", "broker-a/0", 5, two},
		{"b3·1820447", "broker-b/3", 1820447, two},
		{"a/1", "broker-a/1", 7, two},
		{"0/1 · 9", "rmq-0/1", 9, queues("rmq-0", "rmq-1")},
		{"2·1820447000", "broker-a/2", 1820447000, queues("broker-a")},
		{"broker-a/9", "broker-a/9", 7, nil},
		{"broker-a · 9", "broker-a/9", 7, nil},
	} {
		p, ok := parsePlace(c.text)
		q, err := p.find(cluster.Query{Offset: 7}, c.all)
		if !ok || err != nil || q.Queue.String() != c.queue || q.Offset != c.offset {
			t.Errorf("%q: %v at %d, %v %v", c.text, q.Queue, q.Offset, ok, err)
		}
	}
	for _, text := range []string{"", "broker-a", "a · b", "/3", "broker-a/x", "· 3", "broker-a/-1"} {
		if p, ok := parsePlace(text); ok {
			t.Errorf("%q is %+v", text, p)
		}
	}
	var none *noQueueError
	for _, text := range []string{"broker-a/4", "c0 · 5", "broker-c/0", "b7"} {
		p, _ := parsePlace(text)
		if _, err := p.find(cluster.Query{}, two); !errors.As(err, &none) {
			t.Errorf("%q: %v", text, err)
		}
	}
	p, _ := parsePlace("2 · 5") // of which broker?
	if _, err := p.find(cluster.Query{}, two); !errors.Is(err, errQueue) {
		t.Error(err)
	}
}

// TestQueueField: what lists show is searched as it was meant, and of a queue that
// is not there the field says which are.
func TestQueueField(t *testing.T) {
	r := newRig(t, profile.Profile{})
	f := r.screen.form
	r.screen.queues = func(context.Context, *client.Connection, string) ([]cluster.Queue, error) {
		return queues("broker-a", "broker-b"), nil
	}
	f.mode.Select(3)
	f.topic.SetText("orders")
	f.queue.SetText("b1 · 5")
	r.screen.Primary()
	r.settle()
	if len(r.asked) != 1 || r.asked[0].Queue.String() != "broker-b/1" || r.asked[0].Offset != 5 || f.queue.Text != "broker-b/1" || f.start.Text != "5" {
		t.Fatalf("asked %+v, the fields say %q %q", r.asked, f.queue.Text, f.start.Text)
	}
	f.queue.SetText("broker-a/8")
	r.screen.Primary()
	r.settle()
	if got := f.fields[f.queue].Error(); got != "There is no such queue. The topic has broker-a/0-3, broker-b/0-3." || len(r.asked) != 1 {
		t.Errorf("the field says %q, asked %d", got, len(r.asked))
	}
	if e := r.screen.page.drawnEmpty; !strings.Contains(e.line, "field that is marked") || r.screen.page.banner.Visible() {
		t.Errorf("beside it: %+v", e)
	}
	f.queue.SetText("broker-a/3")
	if e := r.screen.page.drawnEmpty; e.title != "Look messages up" {
		t.Errorf("once it is mended: %+v", e)
	}
}

// TestPartlyRead: what the limit left unread is not said to hold nothing, and is
// read on request.
func TestPartlyRead(t *testing.T) {
	r := newRig(t, profile.Profile{})
	r.screen.Find(cluster.Query{Kind: cluster.ByTime, Topic: "orders", Filter: "x", Limit: 50_000})
	r.settle()
	r.last().set(search.Status{Progress: cluster.Progress{Read: 49_924, Total: 302_918, Limited: true}})
	r.settle()
	if e := r.screen.page.drawnEmpty; e.title != "Nothing found in the first 49,924 of about 302,918" || e.action != "Read up to 200,000" {
		t.Errorf("it says %+v", e)
	}
	r.Tap("Read up to 200,000")
	r.settle()
	if q := r.asked[len(r.asked)-1]; q.Limit != 200_000 || q.Filter != "x" {
		t.Errorf("asked %+v", q)
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 199_000, Total: 302_918, Limited: true}})
	r.settle()
	r.Tap("Read all")
	r.settle()
	if q := r.asked[len(r.asked)-1]; q.Limit != 0 {
		t.Errorf("asked %+v", q)
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 2_000, Total: 302_918}, Stopped: true})
	r.settle()
	if e := r.screen.page.drawnEmpty; !strings.HasPrefix(e.title, "Nothing found in the first 2,000") || e.action != "" {
		t.Errorf("stopped: %+v", e)
	}
}
