package gui

import (
	"testing"

	"gantry/client/cluster"
	"gantry/client/profile"
)

// TestNothingTicksUnseen: three connections are open, each with something that runs, is
// followed and was searched for, and every tab was seen; then another one is chosen.
func TestNothingTicksUnseen(t *testing.T) {
	r, server := newConnectedRig(t)
	ids := []string{"a", "b", "d"}
	now := r.profiles
	now = append(now, profile.Profile{ID: "d", Name: "orders-more", Environment: profile.Development, NameServers: []string{server.NameServer()}, Mapping: profile.TDMQ})
	r.saveProfiles(now, r.sidebar.refresh)
	r.untilNames("orders-dev orders-test orders-prod orders-more")
	for _, id := range ids {
		r.choose(id)
		if r.space().conn == nil {
			r.connect()
		}
		r.start("hello")
		s := r.space()
		s.browse.Find(cluster.Query{Kind: cluster.Newest, Topic: "hello", Count: 1})
		for tab := range s.pages {
			s.tabs.Select(tab)
		}
		s.tabs.Select(tabSubscribe)
		if r.tasks.Tickers() == 0 {
			t.Errorf("%s: nothing ticks although a subscription runs and is seen", id)
		}
	}
	r.choose("c") // which is not connected
	r.until(func() bool { return r.tasks.Tickers() == 0 })
	for _, id := range ids {
		if s := r.spaces[id]; s.conn == nil || s.subscribe.Running() != 1 {
			t.Errorf("%s is not connected, or nothing runs", id)
		}
	}
	// What is seen again ticks again.
	r.choose("a")
	r.until(func() bool { return r.tasks.Tickers() > 0 })
}
