package client_test

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	"gantry/client/testcluster"
)

// clusters are the real servers that this package's tests share: 5.5.0, or the
// version that GANTRY_TEST_VERSION names.
var clusters = testcluster.NewShared(testcluster.Options{Version: cmp.Or(os.Getenv("GANTRY_TEST_VERSION"), testcluster.V550)})

func TestMain(m *testing.M) {
	if job := os.Getenv(windowEnv); job != "" {
		f := strings.Split(job, ",")
		fmt.Fprintln(os.Stderr, playWindow(f[0], f[1], f[2], f[3], f[4]))
		os.Exit(1)
	}
	code := m.Run()
	if err := clusters.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// cluster is the shared RocketMQ, started by the first test that asks.
func cluster(t *testing.T) *testcluster.Cluster {
	t.Helper()
	return clusters.Cluster(t, cmp.Or(os.Getenv("GANTRY_TEST_VERSION"), testcluster.V550))
}
