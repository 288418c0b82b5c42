package testcluster

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gantry/client/remoting"
)

// Versions that Maven Central serves and that are known to work.
const (
	V550 = "5.5.0"
	V533 = "5.3.3"
	V497 = "4.9.7"
)

// Names of a cluster's parts, for Kill and StartPart. Further brokers are
// broker2, broker3 and so on.
const (
	NameServerPart = "namesrv"
	BrokerPart     = "broker"
	SlavePart      = "slave"
	ProxyPart      = "proxy"
)

// ClusterName is the name under which brokers register.
const ClusterName = "DefaultCluster"

// slaveID is the slave's broker id.
const slaveID = 1

// maxBrokers keeps the brokers' names within a to z and the ports within reason.
const maxBrokers = 9

var (
	// ErrNotInstalled: Java, Maven or the jars are missing. The error says what
	// to do.
	ErrNotInstalled = errors.New("run `sh .ci/setup test`, or install Java 17 and Maven (mvn)")
	// ErrStart: a part ended or was silent before it could be used.
	ErrStart = errors.New("RocketMQ did not start")
)

// Options of a cluster. The zero value is one broker of V550.
type Options struct {
	// Version is one of the V constants; empty is V550.
	Version string
	// Name tells the clusters of a Shared apart; empty is the version.
	Name string
	// Brokers is the number of masters, at most 9; 0 is 1.
	Brokers int
	// Slave adds a replica of the first broker: SlavePart. It copies messages as they
	// come; topics, groups and positions it fetches from its master a minute after its
	// start and every minute from then on (BrokerController.java,
	// handleSlaveSynchronize).
	Slave bool
	// ACL makes brokers check accounts, and the proxy too: Admin may do all, User
	// may send and receive, but not on DeniedTopic and not as DeniedGroup.
	ACL bool
	// TLS makes every port refuse plain connections.
	TLS bool
	// ClientCertificates makes them also refuse clients without a certificate;
	// implies TLS.
	ClientCertificates bool
	// Proxy adds RocketMQ 5's proxy, V550 only.
	Proxy bool
	// Config are further lines of every broker.conf; they win over the defaults.
	Config map[string]string
	// OwnClock gives the parts a clock that SetClock moves; Linux, with a C compiler.
	OwnClock bool
	// FullSpeed lets Java optimise fully, which measurements want: a start then
	// takes half as long again.
	FullSpeed bool
	// Dir keeps configuration, logs and stores after Stop. Empty is a temporary
	// folder, which Stop removes.
	Dir string
	// Log is told what is being waited for; nil is silence.
	Log io.Writer
}

// DeniedTopic and DeniedGroup are what the account of User may not touch.
const (
	DeniedTopic = "Denied"
	DeniedGroup = "DeniedGroup"
)

// Admin returns the account that may do everything on a cluster with ACL.
func Admin() remoting.Credentials {
	return remoting.Credentials{AccessKey: "adminkey1", SecretKey: "adminsecret"}
}

// User returns the account that may send and receive on a cluster with ACL.
func User() remoting.Credentials {
	return remoting.Credentials{AccessKey: "userkey1", SecretKey: "usersecret"}
}

func (o Options) withDefaults() (Options, error) {
	if o.Version == "" {
		o.Version = V550
	}
	if o.Brokers == 0 {
		o.Brokers = 1
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	o.TLS = o.TLS || o.ClientCertificates
	switch {
	case !slices.Contains([]string{V550, V533, V497}, o.Version):
		return o, fmt.Errorf("version %q is none of %s, %s, %s", o.Version, V550, V533, V497)
	case o.Brokers < 0 || o.Brokers > maxBrokers:
		return o, fmt.Errorf("%d brokers: 1 to %d can be started", o.Brokers, maxBrokers)
	case o.Proxy && o.Version != V550:
		return o, fmt.Errorf("the proxy can be had for %s only", V550)
	}
	return o, nil
}

// old reports a 4.x version.
func (o Options) old() bool { return strings.HasPrefix(o.Version, "4.") }

// brokers lists the parts that are brokers.
func (o Options) brokers() []string {
	all := []string{BrokerPart}
	for i := 2; i <= o.Brokers; i++ {
		all = append(all, fmt.Sprint(BrokerPart, i))
	}
	return all
}

// brokerName is the name under which broker i, from 0, registers.
func brokerName(i int) string { return "broker-" + string(rune('a'+i)) }
