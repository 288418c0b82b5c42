package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// tellers are two brokers and their name server: each tells a version and its levels.
type teller struct {
	version int
	levels  string // "" refuses to tell
	silent  bool
}

func serveTellers(t *testing.T, tellers ...teller) string {
	var brokers, queues string
	for i, b := range tellers {
		addr := testserver.Serve(t, func(nc net.Conn) {
			if b.silent {
				testserver.Silent(nc)
				return
			}
			_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
				a := q.Answer(remoting.RequestCodeNotSupported, "")
				if q.Code == remoting.BrokerConfig && b.levels != "" {
					a = q.Answer(remoting.Success, "")
					a.Body = []byte("brokerName=b\nmessageDelayLevel=" + b.levels + "\n")
				}
				a.Version = b.version
				return a
			})
		})
		if i > 0 {
			brokers, queues = brokers+",", queues+","
		}
		brokers += fmt.Sprintf(`{"cluster":"c","brokerName":"b%d","brokerAddrs":{"0":%q}}`, i, addr)
		queues += fmt.Sprintf(`{"brokerName":"b%d","perm":6,"readQueueNums":1,"writeQueueNums":1}`, i)
	}
	return testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			topic := q.ExtFields["topic"]
			if q.Code != remoting.RouteByTopic || topic != "T" && topic != "TBW102" {
				return q.Answer(remoting.TopicNotExist, "")
			}
			a := q.Answer(remoting.Success, "")
			a.Body = fmt.Appendf(nil, `{"brokerDatas":[%s],"queueDatas":[%s]}`, brokers, queues)
			return a
		})
	})
}

// TestDeliveryByBrokers: what brokers can do is what the oldest of them can, and a
// level counts where they all mean the same by it.
func TestDeliveryByBrokers(t *testing.T) {
	t.Parallel()
	const v4 = 399
	after := func(d time.Duration) message.Delivery { return message.Delivery{After: d} }
	at := message.Delivery{At: time.Now().Add(time.Hour)}
	for name, c := range map[string]struct {
		tellers []teller
		topic   string
		profile profile.Profile
		can     []message.Delivery
		cannot  []message.Delivery
		levels  int
	}{
		"new ones": {tellers: []teller{{version: remoting.Version5}, {version: 500}}, can: []message.Delivery{after(7 * time.Second), at}},
		"one is old": {
			tellers: []teller{{version: remoting.Version5}, {version: v4}},
			can:     []message.Delivery{after(time.Second), after(2 * time.Hour)}, cannot: []message.Delivery{after(7 * time.Second), at}, levels: 18,
		},
		"other levels": {
			tellers: []teller{{version: v4, levels: "1s 2m 3h 1d x"}, {version: v4, levels: "1s 3m 3h 1d"}},
			can:     []message.Delivery{after(time.Second), after(24 * time.Hour)}, cannot: []message.Delivery{after(2 * time.Minute), after(5 * time.Second)}, levels: 3,
		},
		"other levels, and one is silent": {
			tellers: []teller{{silent: true}, {version: v4, levels: "7s"}},
			can:     []message.Delivery{after(7 * time.Second)}, cannot: []message.Delivery{after(time.Second)}, levels: 1,
		},
		"Tencent's mapping alone": {
			tellers: []teller{{version: v4}}, profile: profile.Profile{Mapping: profile.TDMQ},
			can: []message.Delivery{after(time.Second)}, cannot: []message.Delivery{after(7 * time.Second)}, levels: 18,
		},
		"one is silent":        {tellers: []teller{{version: 500}, {silent: true}}, can: []message.Delivery{after(7 * time.Second)}},
		"a topic to be made":   {tellers: []teller{{version: v4}}, topic: "New", can: []message.Delivery{after(time.Second)}, cannot: []message.Delivery{at}, levels: 18},
		"Tencent's, not asked": {tellers: []teller{{silent: true}}, profile: profile.Profile{Mapping: profile.TDMQ, ClusterID: "rocketmq-abc", Namespace: "ns"}, can: []message.Delivery{after(time.Second), after(7 * time.Second), at}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := c.profile
			p.ID, p.Name, p.NameServers = "p", "x", []string{serveTellers(t, c.tellers...)}
			d := deskAt(t, p, "")
			dr := draft("T", "b")
			if c.topic != "" {
				dr.Topic = c.topic
			}
			for _, dr.Deliver = range c.can {
				if err := d.conn.CheckDelivery(t.Context(), dr); err != nil {
					t.Errorf("%+v: %v", dr.Deliver, err)
				}
			}
			for _, dr.Deliver = range c.cannot {
				var none *client.LevelsError
				err := d.conn.CheckDelivery(t.Context(), dr)
				if !errors.As(err, &none) || len(none.Levels) != c.levels || slices.Contains(none.Levels, 0) {
					t.Errorf("%+v: %v", dr.Deliver, err)
				}
			}
		})
	}
}

// TestDeliveryUnknown: where no broker answers nothing is sent that might come at once.
func TestDeliveryUnknown(t *testing.T) {
	t.Parallel()
	d := deskAt(t, profile.Profile{ID: "p", Name: "x", NameServers: []string{serveTellers(t, teller{silent: true})}}, "")
	dr := draft("T", "b")
	dr.Deliver.After = time.Second
	r, err := d.conn.Send(t.Context(), dr)
	if err != nil || r.Status != message.StatusFailed || !errors.Is(r.Cause, context.DeadlineExceeded) || r.MessageID != "" {
		t.Errorf("%v, %+v", err, r)
	}
}
