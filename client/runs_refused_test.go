package client_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/client/remoting"
)

// TestRunIsRefusedMeanwhile: who sends is no longer let in, in the middle of a run: because
// the account is blocked, or its secret another. What is refused is counted so, never as
// uncertain; the run pauses before it has burned through the rest, and goes on once it is
// let in again. The broker holds what is acknowledged, and no more.
func TestRunIsRefusedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, on := range guarded() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := on.real(t)
			account := remoting.Credentials{AccessKey: "running" + name[:1] + name[len(name)-1:], SecretKey: "running-secret"}
			order := func(f func(context.Context, remoting.Credentials) error, a remoting.Credentials) {
				t.Helper()
				if err := f(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			order(c.AddAccount, account)
			p := on.at(t)
			p.Mapping, p.Role, p.ClusterID, p.Namespace = profile.OpenSource, account.AccessKey, "", ""
			warm, top := on.topic(t, 1), on.topic(t, 4)
			var d *desk
			eventually(t, 20*time.Second, func() string { // 4.x reads its file now and then
				d = deskAt(t, p, profile.Secret(account.SecretKey))
				if r, err := d.conn.Send(t.Context(), draft(warm, "warm")); err != nil || !r.Status.Stored() {
					return fmt.Sprint(r, err)
				}
				return ""
			})
			pl := planned(top, 100_000)
			pl.PerSecond, pl.Prove = 500, false
			r := d.begin(pl)
			left(t, r, 100)
			other := account
			other.SecretKey = "another-secret"
			for _, change := range []struct {
				what      string
				off, on   func(context.Context, remoting.Credentials) error
				outs, ins remoting.Credentials
			}{
				{"blocked", c.BlockAccount, c.UnblockAccount, account, account},
				{"another secret", c.ChangeSecret, c.ChangeSecret, other, account},
			} {
				had := r.Counts().Failed
				order(change.off, change.outs)
				since := time.Now()
				st := pausedFor(t, r, fault.Refused, 90*time.Second)
				t.Logf("%s: paused after %v", change.what, time.Since(since))
				if n := st.Counts.Failed - had; n < 20 || n > 1000 {
					t.Errorf("%s: %d are refused: %+v", change.what, n, st)
				}
				refusedFor(t, r, fault.Refused)
				on.dispatched(t, top, st.Counts.Stored)
				order(change.on, change.ins)
				goOnUntil(t, r, 90*time.Second, func(now *outbox.Status) bool { return now.Counts.Stored > st.Counts.Stored+100 })
			}
			r.Stop(t.Context())
			st := r.Status()
			if st.Counts.Left() != r.Made() || st.Counts.UnderWay > 0 || st.Counts.Left() > 50_000 {
				t.Errorf("%+v", st)
			}
			refusedFor(t, r, fault.Refused)
			on.dispatched(t, top, st.Counts.Stored)
		})
	}
}
