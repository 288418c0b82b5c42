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
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// teller is a broker that tells its version, and its levels if it has any.
type teller struct {
	version int
	levels  string // "" refuses to tell
	// silent says nothing; mute does not tell its levels; closed may not be written to.
	silent, mute, closed bool
}

// serve answers as the teller does.
func (b *teller) serve(nc net.Conn) {
	_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
		a := q.Answer(remoting.RequestCodeNotSupported, "")
		switch {
		case b.silent, b.mute && q.Code == remoting.BrokerConfig:
			return nil
		case q.Code == remoting.BrokerConfig && b.levels != "":
			a = q.Answer(remoting.Success, "")
			a.Body = []byte("brokerName=b\nmessageDelayLevel=" + b.levels + "\n")
		}
		a.Version = b.version
		return a
	})
}

// serveTellers serves brokers and their name server, which knows the topic T.
func serveTellers(t *testing.T, tellers ...teller) string {
	var brokers, queues string
	for i, b := range tellers {
		addr := testserver.Serve(t, b.serve)
		if i > 0 {
			brokers, queues = brokers+",", queues+","
		}
		perm := 6
		if b.closed {
			perm = 4
		}
		brokers += fmt.Sprintf(`{"cluster":"c","brokerName":"b%d","brokerAddrs":{"0":%q}}`, i, addr)
		queues += fmt.Sprintf(`{"brokerName":"b%d","perm":%d,"readQueueNums":1,"writeQueueNums":1}`, i, perm)
	}
	return testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			topic := q.ExtFields["topic"]
			if q.Code != remoting.RouteByTopic || !slices.Contains([]string{"T", "c|ns%T", "TBW102"}, topic) {
				return q.Answer(remoting.TopicNotExist, "")
			}
			a := q.Answer(remoting.Success, "")
			a.Body = fmt.Appendf(nil, `{"brokerDatas":[%s],"queueDatas":[%s]}`, brokers, queues)
			return a
		})
	})
}

// delayCase is what some brokers make of deliveries: the property and its value, or the
// number of levels that there are instead.
type delayCase struct {
	tellers []teller
	topic   string // T unless set
	profile profile.Profile
	want    map[time.Duration]string // after that time
	at      string                   // tomorrow
	levels  int
}

func delayCases() map[string]delayCase {
	const v4 = 399
	const s, h = time.Second, time.Hour
	tencent := profile.Profile{Mapping: profile.TDMQ, ClusterID: "c", Namespace: "ns"}
	return map[string]delayCase{
		"new ones": {
			tellers: []teller{{version: remoting.Version5}, {version: 500, levels: "1s"}},
			want:    map[time.Duration]string{7 * s: "TIMER_DELAY_MS 7000", s: "TIMER_DELAY_MS 1000"}, at: "TIMER_DELIVER_MS",
		},
		"one is old": {
			tellers: []teller{{version: remoting.Version5}, {version: v4}},
			want:    map[time.Duration]string{s: "DELAY 1", 30 * s: "DELAY 4", 2 * h: "DELAY 18", 7 * s: ""}, levels: 18,
		},
		"the old one takes nothing any more": {
			tellers: []teller{{version: remoting.Version5}, {version: v4, closed: true}},
			want:    map[time.Duration]string{7 * s: "TIMER_DELAY_MS 7000"}, at: "TIMER_DELIVER_MS",
		},
		"other levels": {
			tellers: []teller{{version: v4, levels: "1s 2m 3h 1d x"}, {version: v4, levels: "1s 3m 3h 1d"}},
			want:    map[time.Duration]string{s: "DELAY 1", 24 * h: "DELAY 4", 2 * time.Minute: "", 5 * s: ""}, levels: 3,
		},
		"one is silent": {
			tellers: []teller{{version: 500}, {silent: true}},
			want:    map[time.Duration]string{7 * s: "TIMER_DELAY_MS 7000"}, at: "TIMER_DELIVER_MS",
		},
		"other levels, and one is silent": {
			tellers: []teller{{silent: true}, {version: v4, levels: "7s"}},
			want:    map[time.Duration]string{7 * s: "DELAY 1", s: ""}, levels: 1,
		},
		"one does not tell its levels": {
			tellers: []teller{{version: v4, levels: "7s"}, {version: v4, mute: true}},
			want:    map[time.Duration]string{7 * s: "error"}, at: "error",
		},
		"a topic to be made": {
			tellers: []teller{{version: v4}}, topic: "New",
			want: map[time.Duration]string{s: "DELAY 1"}, levels: 18,
		},
		"Tencent's, not asked": {
			tellers: []teller{{silent: true}}, profile: tencent,
			want: map[time.Duration]string{s: "DELAY 1", 7 * s: "__STARTDELIVERTIME"}, at: "__STARTDELIVERTIME",
		},
		"Tencent's by the topic": {
			tellers: []teller{{version: v4}}, topic: "c|ns%T",
			want: map[time.Duration]string{7 * s: "__STARTDELIVERTIME"}, at: "__STARTDELIVERTIME",
		},
		"Tencent's mapping alone": {
			tellers: []teller{{version: v4}}, profile: profile.Profile{Mapping: profile.TDMQ},
			want: map[time.Duration]string{s: "DELAY 1", 7 * s: ""}, levels: 18,
		},
	}
}

// TestDeliveryByBrokers: what brokers can do is what the oldest of them can, and a
// level counts where they all mean the same by it.
func TestDeliveryByBrokers(t *testing.T) {
	t.Parallel()
	for name, c := range delayCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := c.profile
			p.ID, p.Name, p.NameServers = "p", "x", []string{serveTellers(t, c.tellers...)}
			d := deskAt(t, p, "")
			topic := "T"
			if c.topic != "" {
				topic = c.topic
			}
			ask := func(when message.Delivery) string {
				dr := draft(topic, "b")
				dr.Deliver = when
				props, err := client.Delivery(t.Context(), d.conn, dr)
				if errors.Is(err, fault.Timeout) { // a busy machine
					props, err = client.Delivery(t.Context(), d.conn, dr)
				}
				var none *client.LevelsError
				switch {
				case errors.As(err, &none) && len(none.Levels) == c.levels && !slices.Contains(none.Levels, 0):
					return ""
				case err != nil || len(props) == 0:
					t.Logf("%+v: %v", when, err)
					return "error"
				}
				if props[0].Name == message.PropertyStartDeliver || props[0].Name == message.PropertyTimerAt {
					want := when.Due(time.Now()).UnixMilli()
					for _, p := range props {
						var ms int64
						if _, err := fmt.Sscan(p.Value, &ms); err != nil || want-ms > 10_000 || ms > want {
							t.Errorf("%+v, want %d", p, want)
						}
					}
					return props[0].Name
				}
				return props[0].Name + " " + props[0].Value
			}
			for range 2 { // an answer leaves what was asked as it is
				for after, want := range c.want {
					if got := ask(message.Delivery{After: after}); got != want {
						t.Errorf("after %v: %q, want %q", after, got, want)
					}
				}
			}
			if got := ask(message.Delivery{At: time.Now().Add(24 * time.Hour)}); got != c.at {
				t.Errorf("tomorrow: %q, want %q", got, c.at)
			}
		})
	}
}

// TestDeliveryUnknown: nothing is sent that might come at once, or at another time.
func TestDeliveryUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		broker teller
		when   message.Delivery
		want   error
	}{
		"no version": {teller{silent: true}, message.Delivery{After: time.Second}, fault.Timeout},
		"no levels":  {teller{version: 399, mute: true}, message.Delivery{After: time.Second}, fault.Timeout},
		"passed":     {teller{version: 500}, message.Delivery{At: time.Now().Add(-time.Second)}, message.ErrPastDelivery},
		"nowhere":    {teller{version: 500, closed: true}, message.Delivery{After: time.Second}, fault.NoBroker},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deskAt(t, profile.Profile{ID: "p", Name: "x", NameServers: []string{serveTellers(t, c.broker)}}, "")
			dr := draft("T", "b")
			dr.Deliver = c.when
			r, err := d.conn.Send(t.Context(), dr)
			if err != nil || r.Status != message.StatusFailed || !errors.Is(r.Fault, c.want) || r.MessageID != "" || !r.Due.IsZero() {
				t.Errorf("%v, %+v", err, r)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := d.conn.Send(ctx, dr); c.want == fault.Timeout && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("cancelled: %v", err)
			}
		})
	}
}
