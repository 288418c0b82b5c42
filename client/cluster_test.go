package client_test

import (
	"fmt"
	"os"
	"testing"

	"gantry/client/testcluster"
)

// clusters are the real servers that this package's tests share.
var clusters = testcluster.NewShared(testcluster.Options{Version: testcluster.V550})

func TestMain(m *testing.M) {
	code := m.Run()
	if err := clusters.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// cluster is RocketMQ 5.5.0, started by the first test that asks.
func cluster(t *testing.T) *testcluster.Cluster {
	t.Helper()
	return clusters.Cluster(t)
}
