package client_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// TestConformance runs every case on every server, through Gantry's own API: what
// holds on one must hold on all, or the case says why not.
func TestConformance(t *testing.T) {
	for _, name := range tested() {
		on := serverOf(name)
		t.Run(on.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range cases() {
				if c.not[on.name] != "" {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(t, on)
				})
			}
		})
	}
}

// tested are the servers that tests run on which run on several: the usual ones, or those
// that GANTRY_TEST_SERVERS names, separated by commas.
func tested() []string {
	return strings.Split(cmp.Or(os.Getenv("GANTRY_TEST_SERVERS"), "sandbox,5.5.0,4.9.7"), ",")
}

// conformance is one case.
type conformance struct {
	name string
	run  func(*testing.T, *server)
	// not says on which servers the case does not hold, and why.
	not map[string]string
}

func cases() []conformance {
	return []conformance{
		// Those that wait longest begin first.
		{name: "retries until dead letter", run: deadLetter},
		{name: "dead letters redelivered to their group only", run: redeliversToGroup},
		{name: "runs to a topic that is closed meanwhile", run: runsClosed},
		{name: "reconsume later", run: reconsumeLater},
		{name: "transactions", run: transactions},
		{name: "transactions decided by the next Gantry", run: transactionsLater, not: map[string]string{
			"proxy": "it asks for its brokers from a group's first half message on, as long as a member is there",
		}},
		{name: "transactions told when the broker asks", run: transactionsAsked},
		{name: "transactions of copies", run: transactionsOfCopies, not: map[string]string{"proxy": "it tells the copies apart itself"}},
		{name: "transactions of others", run: othersTransactions, not: map[string]string{"proxy": "it asks for all of a group as one member"}},
		{name: "requests and replies", run: requests},
		{name: "runs of transactions", run: runsOfTransactions},
		{name: "offsets of a group with members", run: liveOffsets},
		{name: "offsets of a group with a Java member", run: javaOffsets, not: map[string]string{
			"proxy": "it takes positions of groups without members only",
		}},
		{name: "offsets of a group without members", run: idleOffsets},
		{name: "offsets of a group that broadcasts", run: broadcastOffsets},
		{name: "topics created, changed and deleted", run: setupTopics},
		{name: "groups created, changed and deleted", run: setupGroups},
		{name: "accounts", run: accounts},
		{name: "users and rights changed", run: accountOrders},
		{name: "names of Tencent's kind", run: tencentNames},
		{name: "send and receive exactly", run: sendAndReceiveExactly},
		{name: "bodies of Java producers", run: compressedBodies},
		{name: "large and empty bodies are refused", run: largeAndEmptyBodies},
		{name: "delays", run: delays},
		{name: "taken back before it is due", run: recalls},
		{name: "order, delay and batch as a Java consumer reads them", run: javaAgrees, not: map[string]string{"proxy": "it holds senders to one type of message in a topic"}},
		{name: "runs", run: runs},
		{name: "runs in batches", run: runsInBatches},
		{name: "runs one-way", run: runsOneWay},
		{name: "runs in order", run: runsInOrder},
		{name: "runs paused, stopped and gone on with", run: pausedRuns},
		{name: "runs to a topic that is deleted meanwhile", run: runsWithoutTopic},
		{name: "replay", run: replays},
		{name: "replay, each to its own topic and at the original pace", run: replaysEach},
		{name: "dead letters redelivered", run: redelivers, not: map[string]string{"proxy": "it looks messages up that are given back itself"}},
		{name: "dead letters made readable", run: permits, not: map[string]string{"proxy": "it changes no topics"}},
		{name: "a message consumed once", run: consumesOnce},
		{name: "past a poison message", run: pastPoison, not: map[string]string{"proxy": "it takes positions of groups without members only"}},
		{name: "what a group did with a run", run: settles},
		{name: "replay, with a field changed in all", run: changesForAll},
		{name: "replay out of production, masked", run: masked},
		{name: "one queue a key", run: ordered},
		{name: "start from now, a time, the earliest", run: startPlaces},
		{name: "nothing after Start is missing under load", run: nothingMissingUnderLoad},
		{name: "tags", run: tags},
		{name: "what became of a message", run: messageState},
		{name: "what clients traced", run: traces, not: map[string]string{
			"proxy": "it has no index, by which traces are found",
		}},
		{name: "browse", run: browse},
		{name: "words in bodies", run: wordsInBodies},
		{name: "jq", run: jqDecides},
		{name: "arrivals", run: arrivals},
		{name: "bodies in a format", run: formats},
		{name: "by key and id", run: queries},
		{name: "searches that fail", run: searchFails},
		{name: "follow", run: follows},
		{name: "follow goes on", run: followGoesOn},
		{name: "follow from now", run: followNow},
		{name: "SQL92 and properties", run: sql92, not: map[string]string{
			"proxy": "it passes expressions on to nobody: code 46 answers success always, and pulls with tags only",
		}},
		{name: "clustering shares, broadcasting does not", run: sharing},
		{name: "in order", run: inOrder},
		{name: "in order, later", run: inOrderLater},
		{name: "pause sends nothing back", run: pauseSendsNothingBack},
		{name: "refusals", run: refusals},
		{name: "a group's state before joining", run: groupState},
		{name: "a stop commits", run: stopCommits},
		{name: "steps of the connection's test", run: checkSteps},
		{name: "a stop while it starts", run: stopWhileStarting},
		{name: "what the endpoint tells", run: facts},
		{name: "a group with a stuck member", run: stuckMember},
		{name: "topics and cluster in detail", run: topicsAndCluster},
		{name: "lag of own subscriptions", run: ownLag},
		{name: "offsets", run: offsets},
		{name: "a group's own positions", run: ownPositions},
		{name: "subscriptions are checked", run: checkedSubscriptions},
		{name: "members of C++ and Python", run: cppMembers, not: map[string]string{
			"4.9.7": "its accounts sign every request", "proxy": "it does not ask members",
		}},
		{name: "inner batches", run: innerBatches, not: map[string]string{
			"sandbox": "it has no BatchCQ", "4.9.7": "it has no BatchCQ", "proxy": "its topics are those of 5.5.0, and nothing is sent to it raw",
		}},
		{name: "static topics", run: staticTopics, not: map[string]string{
			"sandbox": "it has no static topics", "4.9.7": "it has no static topics", "proxy": "its topics are those of 5.5.0, and nothing is sent to it raw",
		}},
	}
}

// server is an endpoint that cases run on.
type server struct {
	name    string
	cluster string // the name of its cluster
	// old is a 4.x version; proxy the one that knows some 24 requests only, as
	// Tencent's endpoints do, with neither topics nor groups made on demand.
	old, proxy bool
	profile    profile.Profile // without its name servers
	secret     profile.Secret
}

// prefix is what stands before names at Tencent.
const prefix = "rocketmq-abc|ns%"

// servers are all that there are.
func servers() []server {
	user := testcluster.User()
	acl := profile.Profile{ID: "p", Name: "test", Mapping: profile.OpenSource, Role: user.AccessKey}
	// Tencent's mapping: the access key is the token, the secret key the role.
	tdmq := profile.Profile{ID: "p", Name: "test", Mapping: profile.TDMQ, Role: user.SecretKey, ClusterID: "rocketmq-abc", Namespace: "ns"}
	plain := profile.Profile{ID: "p", Name: "test"}
	return []server{
		{name: "sandbox", profile: plain},
		{name: "5.5.0", cluster: testcluster.V550, profile: plain},
		{name: "5.3.3", cluster: testcluster.V533, profile: plain},
		{name: "4.9.7", cluster: testcluster.V497, old: true, profile: acl, secret: profile.Secret(user.SecretKey)},
		{name: "proxy", cluster: "proxy", proxy: true, profile: tdmq, secret: profile.Secret(user.AccessKey)},
		{name: "tls", cluster: "tls", profile: plain},
		{name: "clock", cluster: "clock", old: true, profile: plain},
		{name: "faults", cluster: "faults", profile: plain},
	}
}

// serverOf returns the server of that name.
func serverOf(name string) *server {
	for _, s := range servers() {
		if s.name == name {
			return &s
		}
	}
	panic("no server " + name)
}

// quickLevels are delay levels with which 16 retries take some 20 seconds. The
// first retry has level 3 (PullMessageProcessor.java; messageDelayLevel).
const quickLevels = "1s 1s 2s 3s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s"

// clusters are the real servers that this package's tests share.
var clusters = testcluster.NewShared(
	testcluster.Options{Version: testcluster.V550, Config: map[string]string{"messageDelayLevel": quickLevels}},
	testcluster.Options{Version: testcluster.V533, Config: map[string]string{"messageDelayLevel": quickLevels}},
	testcluster.Options{Version: testcluster.V497, ACL: true, Config: map[string]string{"messageDelayLevel": quickLevels}},
	testcluster.Options{Name: "proxy", ACL: true, Proxy: true, Config: map[string]string{
		"messageDelayLevel": quickLevels, "autoCreateTopicEnable": "false", "autoCreateSubscriptionGroup": "false",
	}},
	// Brokers that name an address which nobody reaches, and want certificates.
	testcluster.Options{Name: "tls", ClientCertificates: true, Config: map[string]string{
		"messageDelayLevel": quickLevels, "brokerIP1": unreachable, "transactionCheckMax": "1", // TestGivenUp
		"recallMessageEnable": "true", // TestRecall
	}},
	// One with a clock of its own, whose new groups have no position: 4.9 takes
	// every message to be old so.
	testcluster.Options{Name: "clock", Version: testcluster.V497, OwnClock: true, Config: map[string]string{"accessMessageInMemoryMaxRatio": "0"}},
	// The one whose parts tests kill and freeze.
	testcluster.Options{Name: "faults", Config: map[string]string{"messageDelayLevel": quickLevels}},
	// Two brokers, of which tests kill one.
	testcluster.Options{Name: "two", Brokers: 2},
	// A master, which a test kills, and its slave, which fetches topics late.
	testcluster.Options{Name: "replica", Slave: true, OwnClock: true},
)

// unreachable is an address on which nothing listens: servers of 5.x bind to
// 127.0.0.1 alone.
const unreachable = "127.0.0.5"

// node is what cases ask of a cluster past Gantry.
type node interface {
	NameServer() string
	BrokerAddr(i int) string
	Masters() []string
	AdminConfig() (admin.Config, error)
	TLSConfig() (*tls.Config, error)
}

func (s *server) node(t testing.TB) node {
	t.Helper()
	if s.name == "sandbox" {
		return sandboxNode(t)
	}
	return s.real(t)
}

// broker is the name of its first broker.
func (s *server) broker() string {
	if s.name == "sandbox" {
		return "sandbox"
	}
	return "broker-a"
}

func (s *server) real(t testing.TB) *testcluster.Cluster {
	t.Helper()
	return clusters.Cluster(t, s.cluster)
}

// at is the server's profile.
func (s *server) at(t testing.TB) profile.Profile {
	t.Helper()
	p := s.profile
	p.NameServers = []string{s.node(t).NameServer()}
	if s.proxy {
		p.NameServers = []string{s.real(t).Proxy()}
	}
	if s.name == "tls" {
		p.TLS, p.Addresses = tlsOf(s.real(t)), map[string]string{unreachable: "127.0.0.1"}
	}
	return p
}

// desk connects a new Gantry to the server.
func (s *server) desk(t testing.TB, changes ...change) *desk {
	t.Helper()
	return deskAt(t, s.at(t), s.secret, changes...)
}

// topic makes a new topic with that many queues, and returns its full name.
func (s *server) topic(t testing.TB, queues int, messageType ...string) string {
	t.Helper()
	return topicOn(t, s.node(t), s.profile.Prefix(), queues, messageType...)
}

// spec is a subscription with a group of its own, by its full name. Where groups
// are not made on demand it exists.
func (s *server) spec(t testing.TB, topic string) profile.Subscription {
	t.Helper()
	g := s.profile.FullName(session.NewGroupName())
	if s.proxy {
		s.createGroup(t, g)
	}
	return profile.Subscription{ID: "s-" + session.NewGroupName(), Profile: "p", Topic: topic, Group: g, OwnGroup: true}
}

func (s *server) createGroup(t testing.TB, group string) {
	t.Helper()
	c := s.node(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := adminOf(t, c).CreateGroup(ctx, c.Masters(), group); err != nil {
		t.Fatal(err)
	}
}

// version is what the server's brokers say of themselves.
func (s *server) version() string {
	for _, v := range []string{testcluster.V533, testcluster.V497} {
		if s.cluster == v {
			return v
		}
	}
	return testcluster.V550
}

// java are the arguments with which a Java client reaches the server's cluster:
// its name server itself, with the account that may do everything.
func (s *server) java(t testing.TB) []string {
	t.Helper()
	c := s.node(t)
	args := []string{"ns=" + c.NameServer()}
	conf, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	if key := conf.Credentials; key.AccessKey != "" {
		args = append(args, "ak="+key.AccessKey, "sk="+key.SecretKey)
	}
	return args
}

// dispatched waits until the broker has put so many messages of a topic into its queues:
// it does that some time after it has stored them (ReputMessageService).
func (s *server) dispatched(t testing.TB, topic string, count int64) {
	t.Helper()
	a := adminOf(t, s.node(t))
	eventually(t, 20*time.Second, func() string {
		if _, err := a.Route(t.Context(), topic); errors.Is(err, fault.TopicNotFound) {
			return "name servers have not heard of it" // a topic that a broker has just made
		}
		var sum int64
		for _, n := range ends(t, s.node(t), topic) {
			sum += n
		}
		if sum != count {
			return fmt.Sprint(sum, " of ", count, " are in queues")
		}
		return ""
	})
}

// stored is what the broker stores at an offset of a queue.
func (s *server) stored(t testing.TB, topic string, queue int, offset int64) *message.Message {
	t.Helper()
	a := adminOf(t, s.node(t))
	r, err := a.Route(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	var p admin.Pulled
	eventually(t, 10*time.Second, func() string { // a message is in its queue some time after its receipt
		if p, err = a.Pull(t.Context(), r, topic, r.ReadQueues()[queue], offset, 1); err != nil || len(p.Body) == 0 {
			return fmt.Sprintf("nothing at %d of %d to %d, %v", offset, p.Min, p.Max, err)
		}
		return ""
	})
	m, _, err := message.ParseStored(p.Body)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// adminOf asks a cluster itself, with the account that may do everything.
func adminOf(t testing.TB, c node) *admin.Client {
	t.Helper()
	conf, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	a := admin.New(conf)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func draft(topic, body string) *message.Draft {
	return &message.Draft{ProducerGroup: "test", Topic: topic, Body: []byte(body)}
}
