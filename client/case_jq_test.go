package client_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/session"
)

// jqDecides: a search and a follow keep what an expression of jq says, and tell of the messages
// that it gave up at; the terms beside it hold too.
func jqDecides(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	d.send(top, "a", `{"n":1}`, `{"n":5,"big":12345678901234567890}`, "no JSON", `{"n":"x"}`, `{"n":0}`)
	d.send(top, "b", `{"n":7}`)
	on.dispatched(t, top, 6)
	const slow = "(.n | if . == 0 then def f: f; f else . end)"
	for text, c := range map[string]struct {
		want []string
		gave int64
		code fault.Code
	}{
		"jq:.n > 3":                             {[]string{`{"n":"x"}`, `{"n":5,"big":12345678901234567890}`, `{"n":7}`}, 0, ""},
		"tag:a jq:.big == 12345678901234567890": {[]string{`{"n":5,"big":12345678901234567890}`}, 0, ""},
		"jq:.n - 1 > 3":                         {[]string{`{"n":5,"big":12345678901234567890}`, `{"n":7}`}, 1, fault.JqFailed},
		"jq:" + slow + " == 1":                  {[]string{`{"n":1}`}, 1, fault.JqSlow},
		"-(jq:" + slow + " == 1) -size>7":       {[]string{"no JSON", `{"n":7}`}, 1, fault.JqSlow},
		"tag:b OR (jq:" + slow + " == 99)":      {[]string{`{"n":7}`}, 1, fault.JqSlow},
	} {
		st, got := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top, Filter: text})
		found := texts(got)
		slices.Sort(found)
		if diff := cmp.Diff(c.want, found); diff != "" || st.Read != 6 || st.Found != int64(len(c.want)) || st.GaveUp.Count != c.gave || st.GaveUp.Code != c.code {
			t.Errorf("%s: %+v: %s", text, st, diff)
		}
	}
	st, got := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top, Filter: "jq:.n > 3", Most: 1})
	if len(got) != 1 || !st.Enough {
		t.Errorf("one of several: %+v", st)
	}
	s := follow(on, t, top)
	s.From, s.Any, s.Expression = profile.FromEarliest, true, "tag:a jq:.n - 1 > 3"
	kept := d.subscribe(s)
	wait(t, kept, 1, 20*time.Second)
	d.send(top, "a", `{"n":9}`, `{"n":[]}`, `{"n":2}`, `{"n":10}`)
	wait(t, kept, 3, 20*time.Second)
	all := bodies(t, kept)
	slices.Sort(all)
	if diff := cmp.Diff([]string{`{"n":10}`, `{"n":5,"big":12345678901234567890}`, `{"n":9}`}, all); diff != "" {
		t.Error(diff)
	}
	if st := kept.Status(); st.State != session.Receiving || st.GaveUp.Count != 2 || st.GaveUp.Code != fault.JqFailed || st.GaveUp.Said == "" {
		t.Errorf("%+v", st)
	}
}
