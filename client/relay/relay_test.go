package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

func routeRequest() *remoting.Command {
	return &remoting.Command{Code: remoting.RouteByTopic, ExtFields: map[string]string{"topic": "T"}}
}

// addresses reads the brokers' addresses out of a route as the relay writes it.
func addresses(t *testing.T, body []byte) map[string]map[string]string {
	t.Helper()
	var route struct {
		BrokerDatas []struct {
			BrokerName  string
			BrokerAddrs map[string]string
		}
	}
	if err := json.Unmarshal(body, &route); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	out := map[string]map[string]string{}
	for _, b := range route.BrokerDatas {
		out[b.BrokerName] = b.BrokerAddrs
	}
	return out
}

// TestRoutesLeadThroughTheRelay: addresses are replaced where they stand, in
// both forms that name servers write, and nothing else is.
func TestRoutesLeadThroughTheRelay(t *testing.T) {
	master, slave := serveBehind(t, nil, answers(echo)), serveBehind(t, nil, answers(echo))
	for name, quote := range map[string]string{"4.9": "", "5.x": `"`} {
		t.Run(name, func(t *testing.T) {
			ns := serveBehind(t, nil, answers(routes(func() string {
				return fmt.Sprintf(`{"brokerDatas":[{"brokerAddrs":{%[1]s0%[1]s:%[2]q,%[1]s1%[1]s:%[3]q},"brokerName":"brokerAddrs","cluster":%[2]q},`+
					`{"brokerAddrs":{},"brokerName":"gone"}],"filterServerTable":{},"queueDatas":[{"brokerName":"brokerAddrs","perm":6}],"orderTopicConf":%[2]q}`,
					quote, master.addr, slave.addr)
			})))
			r := start(t, remoting.Config{}, ns.addr)
			resp := ask(t, r.NameServer(), routeRequest())
			if resp.Code != remoting.Success {
				t.Fatal(resp.Code, resp.Remark)
			}
			got := addresses(t, resp.Body)
			if len(got) != 1 {
				t.Fatalf("brokers %v", got)
			}
			for id, real := range map[string]*behind{"0": master, "1": slave} {
				door := got["brokerAddrs"][id]
				if door == real.addr {
					t.Errorf("address %s is the broker's own", id)
				}
				if resp := ask(t, door, &remoting.Command{Code: 7}); resp.Remark != "code 7" {
					t.Errorf("through %s came %q", door, resp.Remark)
				}
				if text := r.Restore("dial " + door + ": refused"); text != "dial "+real.addr+": refused" {
					t.Errorf("%q", text)
				}
			}
			for _, same := range []string{`"cluster":"` + master.addr, `"orderTopicConf":"` + master.addr, `"filterServerTable":{}`, `"perm":6`} {
				if !strings.Contains(string(resp.Body), same) {
					t.Errorf("%s is missing in %s", same, resp.Body)
				}
			}
			// The same broker keeps its door.
			if again := addresses(t, ask(t, r.NameServer(), routeRequest()).Body); fmt.Sprint(again) != fmt.Sprint(got) {
				t.Errorf("%v became %v", got, again)
			}
		})
	}
}

func TestNameServersAnswersComeThrough(t *testing.T) {
	var body atomic.Value
	body.Store("")
	ns := serveBehind(t, nil, answers(func(req *remoting.Command) *remoting.Command {
		if b := body.Load().(string); b != "" {
			resp := req.Answer(remoting.Success, "")
			resp.Body = []byte(b)
			return resp
		}
		return req.Answer(remoting.TopicNotExist, "No topic route info "+req.ExtFields["Signature"])
	}))
	dead := testserver.Nowhere(t)
	r := start(t, remoting.Config{}, dead, ns.addr)
	begin := time.Now()
	req := routeRequest()
	req.ExtFields["Signature"] = "as it was signed"
	if resp := ask(t, r.NameServer(), req); resp.Code != remoting.TopicNotExist || !strings.HasSuffix(resp.Remark, "as it was signed") {
		t.Errorf("%d %q", resp.Code, resp.Remark)
	}
	if err := r.NameError(begin); err != nil {
		t.Errorf("an answer is no failure: %v", err)
	}
	for name, lie := range map[string]string{
		"garbage":        `{"brokerDatas":[`,
		"no list":        `{"brokerDatas":7}`,
		"no addresses":   `{"brokerDatas":[{"brokerAddrs":[1]}]}`,
		"nothing at all": `{}`,
		"too many":       manyBrokers(),
	} {
		body.Store(lie)
		begin := time.Now()
		if resp := ask(t, r.NameServer(), routeRequest()); resp.Code != CodeUnreachable || resp.Remark == "" {
			t.Errorf("%s: %d %q", name, resp.Code, resp.Remark)
		}
		if r.NameError(begin) == nil {
			t.Errorf("%s: it is not noted", name)
		}
	}
}

// manyBrokers is a route with more addresses than a relay opens listeners for.
func manyBrokers() string {
	var b strings.Builder
	b.WriteString(`{"brokerDatas":[{"brokerName":"a","brokerAddrs":{`)
	for i := range maxBrokers + 1 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%d":"10.0.0.1:%d"`, i, i+1)
	}
	b.WriteString(`}}]}`)
	return b.String()
}

// TestRoutesOfReachableBrokersStay as the name server wrote them, byte for byte.
func TestRoutesOfReachableBrokersStay(t *testing.T) {
	const route = `{"brokerDatas":[{"brokerAddrs":{0:"10.0.0.1:10911"},"brokerName":"a"}]}`
	ns := serveBehind(t, nil, answers(routes(func() string { return route })))
	r, err := Start(Config{NameServers: []string{ns.addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if resp := ask(t, r.NameServer(), routeRequest()); string(resp.Body) != route {
		t.Errorf("%d %s", resp.Code, resp.Body)
	}
}

func TestNoNameServerAnswers(t *testing.T) {
	dead := testserver.Nowhere(t)
	r := start(t, remoting.Config{}, dead)
	begin := time.Now()
	resp := ask(t, r.NameServer(), routeRequest())
	if resp.Code != CodeUnreachable || !strings.Contains(resp.Remark, dead) {
		t.Errorf("%d %q", resp.Code, resp.Remark)
	}
	if err := r.NameError(begin); err == nil || !strings.Contains(err.Error(), dead) {
		t.Errorf("%v", err)
	}
	if err := r.NameError(time.Now()); err != nil {
		t.Errorf("it was long ago: %v", err)
	}
}

func FuzzRewrite(f *testing.F) {
	f.Add([]byte(`{"brokerDatas":[{"brokerAddrs":{0:"h:1","1":"h:2"},"brokerName":"a","cluster":"c"}],"queueDatas":[]}`))
	f.Add([]byte(`{"brokerDatas":[{"brokerAddrs":{{"a":1}:"h:1"}}]}`))
	f.Add([]byte(`{"brokerDatas":null}`))
	r, err := Start(Config{NameServers: []string{"127.0.0.1:1"}, Brokers: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = r.Close() })
	known := r.NameServer()
	f.Fuzz(func(t *testing.T, body []byte) {
		r.mu.Lock()
		for b := range r.doors { // keep no listeners from earlier inputs
			delete(r.doors, b)
		}
		for c, end := range r.closers {
			if l, ok := c.(net.Listener); ok && l.Addr().String() != known {
				end()
				delete(r.closers, c)
			}
		}
		r.mu.Unlock()
		out, err := r.rewrite(body)
		if err != nil {
			return
		}
		for _, addrs := range addresses(t, out) {
			for _, a := range addrs {
				if host, _, err := net.SplitHostPort(a); err != nil || host != "127.0.0.1" {
					t.Errorf("%s leads past the relay", a)
				}
			}
		}
	})
}

// TestC4LyingRoutes: what the library would allocate by, or crash of, does not get to it.
func TestC4LyingRoutes(t *testing.T) {
	route := func(queues, more string) string {
		return `{"brokerDatas":[{"brokerAddrs":{0:"10.0.0.1:10911"},"brokerName":"a"}` + more + `],"queueDatas":[` + queues + `]}`
	}
	queue := func(n int64) string {
		return fmt.Sprintf(`{"brokerName":"a","perm":6,"readQueueNums":%d,"writeQueueNums":%d}`, n, n)
	}
	many := strings.Repeat(","+queue(1), 5000)[1:]
	for name, c := range map[string]struct {
		body string
		good bool
	}{
		"a usual one":            {route(queue(16), ""), true},
		"two thousand million":   {route(queue(2147483647), ""), false},
		"more than an int":       {route(queue(1<<40), ""), false},
		"below nothing":          {route(queue(-1), ""), false},
		"many together":          {route(queue(60000)+","+queue(60000), ""), false},
		"many brokers":           {route(many, ""), false},
		"31 MB":                  {route(queue(4), `,{"brokerAddrs":{},"brokerName":"`+strings.Repeat("x", 31<<20)+`"}`), false},
		"one without an address": {route(queue(4), `,{"brokerAddrs":{},"brokerName":"gone"}`), true},
	} {
		ns := serveBehind(t, nil, answers(routes(func() string { return c.body })))
		r, err := Start(Config{NameServers: []string{ns.addr}})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		resp := ask(t, r.NameServer(), routeRequest())
		if good := resp.Code == remoting.Success; good != c.good {
			t.Errorf("%s: %d %.100q", name, resp.Code, resp.Remark)
		}
		if err := r.NameError(begin); !c.good && !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(string(resp.Body), "gone") {
			t.Errorf("%s: %s", name, resp.Body)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
