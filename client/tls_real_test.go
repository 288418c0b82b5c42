package client_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

// TestTLS uses a cluster of its own. It is not parallel; asking for the shared
// one first takes the machine-wide right to run clusters for both.
func TestTLS(t *testing.T) {
	cluster(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c, err := testcluster.Start(ctx, testcluster.Options{TLS: true})
	if err != nil {
		testcluster.Unavailable(t, err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	p := profile.Profile{ID: "p", Name: "tls", NameServers: []string{c.NameServer()}, TLS: profile.TLS{On: true, CAFile: filepath.Join(c.Dir(), "tls", "ca.crt")}}
	top := topicOn(t, c, 2)

	t.Run("every step of the connection's test", func(t *testing.T) {
		var kinds []client.CheckKind
		client.TestConnection(t.Context(), p, "", top, func(c client.Check) {
			if c.Done {
				kinds = append(kinds, c.Kind)
				if c.Err != nil {
					t.Errorf("%+v", c)
				}
			}
		})
		if want := []client.CheckKind{client.CheckFiles, client.CheckNameServer, client.CheckRoute, client.CheckBroker, client.CheckCredentials}; !slices.Equal(kinds, want) {
			t.Errorf("steps %v", kinds)
		}
	})
	t.Run("send and receive", func(t *testing.T) {
		d := deskAt(t, p, "")
		sub := d.subscribe(spec(top))
		r := d.send(top, "tag", "encrypted 正文")[0]
		wait(t, sub, 1, 30*time.Second)
		m := messages(t, sub)[0]
		if string(m.Body) != "encrypted 正文" || m.Tag() != "tag" || m.ID() != r.MessageID || m.QueueOffset != r.QueueOffset {
			t.Errorf("%+v, the receipt says %+v", m, r)
		}
	})
	t.Run("a plain profile", func(t *testing.T) {
		cl, _ := offline(t)
		plain := p
		plain.TLS = profile.TLS{}
		begin := time.Now()
		_, err := cl.Open(t.Context(), plain, "")
		if !errors.Is(err, client.ErrClosedBeforeAnswer) || time.Since(begin) > 3500*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}
