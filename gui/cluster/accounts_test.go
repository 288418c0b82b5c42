package cluster

import (
	"strings"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/gui/stage"
)

// TestAccounts: who there is, with what each may do; where nobody is told of, that is said.
func TestAccounts(t *testing.T) {
	f := twoBrokers()
	f.accounts = []cluster.Account{
		{Name: "alice", Rights: []cluster.Right{{Resource: "Topic:*", Actions: []string{"Pub", "Sub"}}, {Resource: "Topic:pay", Actions: []string{"All"}, From: []string{"10.0.0.0/8"}, Denied: true}}},
		{Name: "bob", Disabled: true},
		{Name: "root", Super: true},
	}
	r := newRig(t, f)
	r.Tap("Accounts…")
	r.Until(t, "the accounts", func() bool { return r.Has("3 accounts. Passwords are never read.") })
	for _, want := range []string{"alice", "ordinary user", "Topic:*", "Pub, Sub", "allow", "Topic:pay", "10.0.0.0/8", "deny", "locked", "may do all"} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	if n := strings.Count(stage.Texts(r.Window), "alice"); n != 1 {
		t.Errorf("alice stands %d times", n)
	}
	r.Tap("Close")
	f.mu.Lock()
	f.accountsErr = fault.NotOffered
	f.mu.Unlock()
	r.Tap("Accounts…")
	r.Until(t, "the word", func() bool { return r.Has("This endpoint lists no accounts") })
}
