package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gantry/client/testcluster"
)

func TestParse(t *testing.T) {
	got, err := parse([]string{"4.9.7", "acl", "tls", "slave", "brokers=2", "dir=x", "brokerIP1=10.0.0.1"})
	want := testcluster.Options{
		Version: "4.9.7", ACL: true, TLS: true, Slave: true, Brokers: 2, Dir: "x", Config: map[string]string{"brokerIP1": "10.0.0.1"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, word := range []string{"brokers=many", "brokers=0", "nonsense"} {
		if _, err := parse([]string{word}); err == nil {
			t.Errorf("%s is accepted", word)
		}
	}
}
