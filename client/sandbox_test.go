package client_test

import (
	"crypto/tls"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/sandbox"
)

// localNode is a sandbox as cases ask it.
type localNode struct{ *sandbox.Server }

func (n localNode) BrokerAddr(int) string           { return n.Broker() }
func (n localNode) Masters() []string               { return []string{n.Broker()} }
func (n localNode) TLSConfig() (*tls.Config, error) { return nil, nil }
func (n localNode) AdminConfig() (admin.Config, error) {
	return admin.Config{NameServers: []string{n.NameServer()}}, nil
}

// sharedSandbox is the one that this package's tests share.
var sharedSandbox struct {
	sync.Mutex
	dir  string
	node *sandbox.Server
}

func sandboxNode(t testing.TB) node {
	t.Helper()
	sharedSandbox.Lock()
	defer sharedSandbox.Unlock()
	if sharedSandbox.node == nil {
		var err error
		if sharedSandbox.dir, err = os.MkdirTemp("", "gantry-sandbox-"); err != nil {
			t.Fatal(err)
		}
		var levels []time.Duration
		for _, s := range strings.Fields(quickLevels) {
			d, err := time.ParseDuration(s)
			if err != nil {
				t.Fatal(err)
			}
			levels = append(levels, d)
		}
		if sharedSandbox.node, err = sandbox.Open(sandbox.Options{
			Dir: sharedSandbox.dir, DelayLevels: levels, CheckAfter: 3 * time.Second, CheckAgain: 3 * time.Second, // as testcluster has it
		}); err != nil {
			t.Fatal(err)
		}
	}
	return localNode{Server: sharedSandbox.node}
}

// stopSandbox ends it after the last test.
func stopSandbox() error {
	if sharedSandbox.node == nil {
		return nil
	}
	err := sharedSandbox.node.Close()
	if gone := os.RemoveAll(sharedSandbox.dir); err == nil {
		err = gone
	}
	return err
}
