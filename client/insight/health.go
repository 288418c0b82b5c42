package insight

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/sandbox"
)

// NameServerState is how a name server answers.
type NameServerState struct {
	Addr string
	RTT  time.Duration
	Err  error
}

// BrokerState is one process of a broker: its master or a replica.
type BrokerState struct {
	Name, Cluster, Addr string
	// ID is 0 for the master.
	ID      int64
	Runtime cluster.Runtime
	// Err says why it tells nothing.
	Err error
	// Gone: the name servers do not list it any more.
	Gone bool
}

// Answers tells whether the process answered at all; a refusal is an answer.
func (b *BrokerState) Answers() bool {
	_, _, from := fault.Remark(b.Err)
	return !b.Gone && (b.Err == nil || from != "")
}

// SignIn is whether a cluster takes the credentials.
type SignIn int

// What is known of it. Name servers check nothing, so that only a broker tells.
const (
	// SignInUnknown: no broker is known, none answers, or none says it to a question of
	// this kind, as proxies.
	SignInUnknown SignIn = iota
	// SignInTaken: a broker answered a signed question, if only that this is not
	// permitted to the account.
	SignInTaken
	// SignInRefused: a broker refused the signature.
	SignInRefused
)

// Health is how an endpoint is at a moment: each server, whether it answered, and whether
// it takes the sign-in. It is the one notion of it in the program.
type Health struct {
	At          time.Time
	NameServers []NameServerState
	Brokers     []BrokerState // by cluster, name and id
	// Listed is false where the endpoint lists no brokers, or not to this account.
	Listed bool
}

// Err says why no name server answers: the first one's reason; nil where one does.
func (h *Health) Err() error {
	var first error
	for _, s := range h.NameServers {
		if s.Err == nil {
			return nil
		}
		first = cmp.Or(first, s.Err)
	}
	return first
}

// RTT is that of the name server that answered first, 0 where none did.
func (h *Health) RTT() time.Duration {
	var least time.Duration
	for _, s := range h.NameServers {
		if s.Err == nil && (least == 0 || s.RTT < least) {
			least = s.RTT
		}
	}
	return least
}

// Silent are the addresses of name servers that do not answer.
func (h *Health) Silent() []string {
	var all []string
	for _, s := range h.NameServers {
		if s.Err != nil {
			all = append(all, s.Addr)
		}
	}
	return all
}

// Count tells how many brokers are known, listed now, and answering with a process at
// least.
func (h *Health) Count() (known, listed, answering int) {
	type broker struct{ listed, answers bool }
	by := map[string]broker{}
	for i := range h.Brokers {
		b := &h.Brokers[i]
		have := by[b.Name]
		by[b.Name] = broker{have.listed || !b.Gone, have.answers || b.Answers()}
	}
	for _, b := range by {
		if b.listed {
			listed++
		}
		if b.answers {
			answering++
		}
	}
	return len(by), listed, answering
}

// Masterless are the names of brokers that answer, but not with their master: their
// queues can be read, and take no message.
func (h *Health) Masterless() []string {
	answers, master := map[string]bool{}, map[string]bool{}
	for i := range h.Brokers {
		b := &h.Brokers[i]
		answers[b.Name] = answers[b.Name] || b.Answers()
		master[b.Name] = master[b.Name] || b.ID == cluster.MasterID && b.Answers()
	}
	maps.DeleteFunc(answers, func(name string, answers bool) bool { return !answers || master[name] })
	return slices.Sorted(maps.Keys(answers))
}

// SignIn tells whether the cluster takes the credentials; the error is why not. A refusal
// by one broker counts more than what others answer.
func (h *Health) SignIn() (SignIn, error) {
	state := SignInUnknown
	for i := range h.Brokers {
		switch b := &h.Brokers[i]; {
		case errors.Is(b.Err, fault.SignInRefused):
			return SignInRefused, b.Err
		case b.Answers() && !errors.Is(b.Err, fault.NotOffered) && (b.Err == nil || errors.Is(b.Err, fault.NotPermitted)):
			state = SignInTaken
		}
	}
	for _, s := range h.NameServers {
		if errors.Is(s.Err, fault.Refused) {
			return SignInRefused, s.Err
		}
	}
	return state, nil
}

// Facts are what an endpoint tells of its cluster; what it does not offer is
// zero.
type Facts struct {
	Brokers int
	Version string // of a broker, such as "5.5.0"
	// Keeps is how many messages the sandbox keeps at most, and Gone how many were
	// too old to be kept. Other brokers keep by time, and have zeros here.
	Keeps, Gone uint64
}

// Facts are those of a broker that tells.
func (h *Health) Facts() Facts {
	_, listed, _ := h.Count()
	f := Facts{Brokers: listed}
	for i := range h.Brokers {
		if b := &h.Brokers[i]; b.Err == nil && !b.Gone && b.Runtime.Version != "" {
			f.Version = b.Runtime.Version
			f.Keeps, _ = strconv.ParseUint(b.Runtime.Table[sandbox.MaxMessagesKey], 10, 64)
			f.Gone, _ = strconv.ParseUint(b.Runtime.Table[sandbox.EvictedKey], 10, 64)
			break
		}
	}
	return f
}

// serverBudget bounds the question how one broker is.
const serverBudget = 3 * time.Second

// Health asks all name servers and brokers how they are, in a few small questions; it
// takes some 6 s at most. A server that does not answer has an error in its place. The
// error is the context's, or that no name server answers: then the brokers are those that
// were known before.
func (a *Asker) Health(ctx context.Context) (Health, error) {
	h := Health{At: time.Now(), NameServers: make([]NameServerState, len(a.nameServers))}
	var names, brokers errgroup.Group
	for i, addr := range a.nameServers {
		names.Go(func() error {
			rtt, err := a.admin.Ping(ctx, addr)
			h.NameServers[i] = NameServerState{Addr: addr, RTT: rtt, Err: err}
			return nil
		})
	}
	l, err := a.brokers(ctx)
	if _, _, from := fault.Remark(err); from != "" {
		l, err = listing{}, nil // it is alive, but does not list brokers to everybody
	}
	if err != nil {
		l = a.remembered() // they may answer although no name server does
	}
	if l.listed {
		h.Listed, h.Brokers = true, replicas(l)
	}
	brokers.SetLimit(membersAtOnce)
	for i := range h.Brokers {
		brokers.Go(func() error {
			b := &h.Brokers[i]
			asking, cancel := context.WithTimeout(ctx, serverBudget)
			defer cancel()
			b.Runtime, b.Err = a.admin.Runtime(asking, b.Addr)
			return nil
		})
	}
	_, _ = names.Wait(), brokers.Wait()
	if ctx.Err() != nil {
		return h, ctx.Err()
	}
	return h, cmp.Or(err, h.Err())
}

// replicas are the processes of all brokers, sorted.
func replicas(l listing) []BrokerState {
	var all []BrokerState
	for _, b := range l.all {
		gone := slices.ContainsFunc(l.dead, func(o cluster.Broker) bool { return o.Name == b.Name })
		for _, id := range slices.Sorted(maps.Keys(b.Addrs)) {
			all = append(all, BrokerState{Name: b.Name, Cluster: b.Cluster, ID: id, Addr: b.Addrs[id], Gone: gone})
		}
	}
	slices.SortStableFunc(all, func(a, b BrokerState) int {
		return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// BrokerSettings lists the configuration of a broker, by key; secrets are ***.
func (a *Asker) BrokerSettings(ctx context.Context, addr string) ([]cluster.Setting, error) {
	return a.admin.BrokerConfig(ctx, addr)
}

// NameServerSettings lists the configuration of a name server, by key.
func (a *Asker) NameServerSettings(ctx context.Context, addr string) ([]cluster.Setting, error) {
	return a.admin.NameServerConfig(ctx, addr)
}
