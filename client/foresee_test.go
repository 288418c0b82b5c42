package client_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/profile"
)

// TestSearchOfProduction says before how much it reads, and is paced: some megabytes more
// than a second's take a second at least. It stops after as many as are wanted.
func TestSearchOfProduction(t *testing.T) {
	t.Parallel()
	c := sandboxNode(t)
	top := topicOn(t, c, "", 4)
	cfg, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	p := profile.Profile{ID: "p", Name: "x", NameServers: cfg.NameServers, Environment: profile.Production}
	d := deskAt(t, p, "")
	const n, size = 24, 1 << 20
	body := bytes.Repeat([]byte("b"), size)
	for i := range n {
		r, err := d.conn.Send(t.Context(), &message.Draft{ProducerGroup: "test", Topic: top, Keys: []string{fmt.Sprint("k", i)}, Body: body})
		if err != nil || r.Status != message.StatusOK {
			t.Fatal(err, r)
		}
	}
	cost, err := d.conn.Foresee(t.Context(), cluster.Query{Kind: cluster.ByTime, Topic: top})
	if err != nil || cost.Messages != n || cost.Bytes < n*size || cost.Bytes > n*(size+1000) || cost.Queues != 4 || cost.Brokers != 1 {
		t.Errorf("%+v, %v", cost, err)
	}
	begin := time.Now()
	st, got := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top})
	if len(got) != n || st.Read != n || st.Bytes < n*size || st.Replicas > 0 || st.Enough {
		t.Errorf("%d found, %+v", len(got), st)
	}
	if took := time.Since(begin); took < 2*time.Second { // what is within bounds cannot be quicker
		t.Errorf("%d MB took %v", st.Bytes>>20, took)
	}
	st, got = d.find(cluster.Query{Kind: cluster.ByTime, Topic: top, Filter: "key:k3", Most: 1})
	if len(got) != 1 || !st.Enough || st.Limited || st.Read >= n {
		t.Errorf("%d found, %+v", len(got), st)
	}
}
