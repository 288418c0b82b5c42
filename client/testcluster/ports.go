package testcluster

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports of a cluster lie together from a base on: name server +0, the one that
// reserves them all +1, proxy +2 and +3, slave +10, broker i (from 0) at +20+10i. A
// broker, and the slave too, also takes the port two below its own and the one above
// (BrokerStartup.java, fastListenPort and haListenPort).
const (
	reservePort  = 1
	proxyPort    = 2
	proxyGRPC    = 3
	slavePort    = 10
	firstBroker  = 20
	brokerStep   = 10
	lowestBase   = 20000
	bases        = 110 // steps of 100 up to 31000, below the ports that systems give out
	triesForBase = 100
)

// freeBase finds a base whose ports are all free, and reserves it from other
// clusters by a listener that stays open as long as the cluster is there. The
// start is random, so that two clusters starting at once seldom meet.
func freeBase(o Options) (int, net.Listener, error) {
	first := rand.IntN(bases)
	for i := range triesForBase {
		base := lowestBase + (first+i)%bases*100
		reserved, err := net.Listen("tcp", loopback(base+reservePort))
		if err != nil {
			continue
		}
		if allFree(ports(base, o)) {
			return base, reserved, nil
		}
		reserved.Close()
	}
	return 0, nil, fmt.Errorf("%w: no free ports from %d on", ErrStart, lowestBase)
}

func ports(base int, o Options) []int {
	all := []int{base, base + proxyPort, base + proxyGRPC}
	listen := []int{base + slavePort}
	for i := range o.Brokers {
		listen = append(listen, base+firstBroker+brokerStep*i)
	}
	for _, p := range listen {
		all = append(all, p-2, p, p+1)
	}
	return all
}

// allFree listens on every address: 4.9 does, and so does every version's HA port.
func allFree(ports []int) bool {
	for _, p := range ports {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", p))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
