package client_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/schema"
)

// formats: a run makes bodies of Protobuf of typed JSON, and what it says is found in them by
// a search and kept by a follow.
func formats(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	file := filepath.Join(t.TempDir(), "pay.proto")
	if err := os.WriteFile(file, []byte("syntax = \"proto3\"; package shop; enum State { NEW = 0; PAID = 1; } message Pay { int32 n = 1; string who = 2; State state = 3; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := schema.Load(context.Background(), file, "shop.Pay")
	if err != nil {
		t.Fatal(err)
	}
	d.conn.SetFormats(profile.ParseSchemas(top + " = Protobuf shop.Pay " + file))
	keep := follow(on, t, top)
	keep.From, keep.Any, keep.Expression = profile.FromEarliest, true, ".n>18 paid"
	follows := d.subscribe(keep)

	p := planned(top, 20)
	p.Body, p.How = []byte(`{"n": {{seq}}, "who": "王 {{seq}}", "state": "PAID"}`), message.Typed{As: message.AsProtobuf}
	p.Described = plan.Describe(s)
	r := d.begin(p)
	if st := over(t, r, 60*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != 20 {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, 20)

	wait(t, follows, 2, 20*time.Second)
	for _, body := range bodies(t, follows) {
		if text, err := s.JSON(t.Context(), []byte(body)); err != nil || string(text) != `{"n":19,"who":"王 19","state":"PAID"}` && string(text) != `{"n":20,"who":"王 20","state":"PAID"}` {
			t.Errorf("kept %s, %v", text, err)
		}
	}
	for filter, want := range map[string]int{".n:7": 1, ".n<=3 .state:PAID": 3, "王 state": 20, ".state:NEW": 0} {
		if st, found := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top, Filter: filter}); len(found) != want {
			t.Errorf("%s: %d found, want %d: %+v", filter, len(found), want, st)
		}
	}
}
