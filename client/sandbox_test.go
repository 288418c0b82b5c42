package client_test

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/sandbox"
	"gantry/client/testcluster"
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
	dir   string
	node  *sandbox.Server
	tools *testcluster.Tools // mqadmin of 5.5.0
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

// sandboxTools is mqadmin for it.
func sandboxTools(t testing.TB) *testcluster.Tools {
	t.Helper()
	names := sandboxNode(t).NameServer()
	sharedSandbox.Lock()
	defer sharedSandbox.Unlock()
	if sharedSandbox.tools == nil {
		dir := filepath.Join(sharedSandbox.dir, "tools")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		sharedSandbox.tools = testcluster.NewTools(testcluster.V550, names, dir)
	}
	return sharedSandbox.tools
}

// stopSandbox ends it after the last test.
func stopSandbox() error {
	if sharedSandbox.node == nil {
		return nil
	}
	err := sharedSandbox.node.Close()
	if sharedSandbox.tools != nil {
		err = errors.Join(err, sharedSandbox.tools.Close())
	}
	if gone := os.RemoveAll(sharedSandbox.dir); err == nil {
		err = gone
	}
	return err
}
