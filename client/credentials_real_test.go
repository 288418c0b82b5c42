package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// refusedWithin is how long it may take until the reason is known.
const refusedWithin = 5 * time.Second

// signIn is a profile's part in signing in.
type signIn struct {
	mapping profile.Mapping
	role    string
	secret  profile.Secret
}

// guarded are the servers under test that check accounts: 4.9.7, and with the proxy, which
// checks already the first question, the 5.5.0 behind it itself.
func guarded() map[string]*server {
	all := map[string]*server{}
	for _, name := range tested() {
		switch name {
		case "4.9.7":
			all[name] = serverOf(name)
		case "proxy":
			direct := serverOf(name)
			direct.name, direct.proxy = "5.5.0", false
			all[name], all["5.5.0"] = serverOf(name), direct
		}
	}
	return all
}

// TestCredentials: right and wrong ones in both mappings, and what an account may
// not do. The reason is always the same kind of error, whatever the broker says,
// and it is there in time.
func TestCredentials(t *testing.T) {
	t.Parallel()
	user := testcluster.User()
	for name, on := range guarded() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := topicOn(t, on.real(t), prefix, 2)
			group := prefix + session.NewGroupName()
			on.createGroup(t, group)
			on.createGroup(t, testcluster.DeniedGroup)
			makeTopic(t, on.real(t), testcluster.DeniedTopic, 2)
			for what, s := range map[string]signIn{
				"ACL's mapping":     {mapping: profile.OpenSource, role: user.AccessKey, secret: profile.Secret(user.SecretKey)},
				"Tencent's":         {mapping: profile.TDMQ, role: user.SecretKey, secret: profile.Secret(user.AccessKey)},
				"wrong secret":      {mapping: profile.OpenSource, role: user.AccessKey, secret: "wrong-secret"},
				"unknown user":      {mapping: profile.OpenSource, role: "nobody1", secret: profile.Secret(user.SecretKey)},
				"wrong token":       {mapping: profile.TDMQ, role: user.SecretKey, secret: "eyJ3cm9uZyI6dHJ1ZX0"},
				"keys swapped":      {mapping: profile.TDMQ, role: user.AccessKey, secret: profile.Secret(user.SecretKey)},
				"without signing":   {mapping: profile.TDMQ, role: "", secret: ""},
				"role but no token": {mapping: profile.TDMQ, role: user.SecretKey, secret: ""},
			} {
				t.Run(what, func(t *testing.T) {
					t.Parallel()
					var want error = fault.Refused
					if p := (&profile.Profile{Mapping: s.mapping, Role: s.role}); s.secret != "" {
						if a, b := p.Keys(s.secret); a == user.AccessKey && b == user.SecretKey {
							want = nil
						}
					}
					tryMainJob(t, on, s, top, group, want)
				})
			}
			right := signIn{mapping: profile.OpenSource, role: user.AccessKey, secret: profile.Secret(user.SecretKey)}
			t.Run("a topic that is denied", func(t *testing.T) {
				t.Parallel()
				tryMainJob(t, on, right, testcluster.DeniedTopic, group, fault.Refused)
			})
			t.Run("a group that is denied", func(t *testing.T) {
				t.Parallel()
				tryMainJob(t, on, right, top, testcluster.DeniedGroup, fault.Refused)
			})
		})
	}
}

// tryMainJob connects, sends and subscribes. All of it works, or, where an error is
// wanted, something of it fails with that in time: connecting, or else both the
// send and the start; but a group is not asked for by a send.
func tryMainJob(t *testing.T, on *server, s signIn, topic, group string, want error) {
	t.Helper()
	p := on.at(t)
	p.Mapping, p.Role, p.ClusterID, p.Namespace = s.mapping, s.role, "", ""
	cl, log := newClient(t, t.TempDir(), workerProgram(t))
	begin := time.Now()
	conn, err := cl.Open(t.Context(), p, s.secret)
	if err != nil {
		if want == nil || !errors.Is(err, want) {
			t.Fatalf("connecting: %v", err)
		}
		inTime(t, begin, "connecting")
		return
	}
	// A1: what an open connection says of the sign-in. A refusal of one topic or group proves it.
	signIn := insight.SignInTaken
	if want != nil && topic != testcluster.DeniedTopic && group != testcluster.DeniedGroup {
		signIn = insight.SignInRefused
	}
	heard := make(chan struct{}, 10)
	conn.OnHeard(func() { heard <- struct{}{} })
	conn.AskNow()
	<-heard
	if h := conn.Heard(); !on.proxy {
		if got, why := h.SignIn(); got != signIn {
			t.Errorf("the connection says of the sign-in %v, %v; want %v: %+v", got, why, signIn, h)
		}
	}
	d := &desk{t: t, client: cl, conn: conn, profile: p}
	begin = time.Now()
	r, err := conn.Send(t.Context(), draft(topic, "x"))
	wantSend := want
	if group == testcluster.DeniedGroup {
		wantSend = nil
	}
	if err != nil || r.Status.Stored() != (wantSend == nil) || wantSend != nil && !errors.Is(r.Fault, wantSend) {
		t.Errorf("sending: %+v, cause %v, %v", r, r.Fault, err)
	}
	inTime(t, begin, "sending")
	spec := profile.Subscription{ID: "s", Profile: "p", Topic: topic, Group: group, OwnGroup: true}
	sub, err := d.client.Sessions.Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	begin = time.Now()
	err = conn.Start(t.Context(), sub, spec)
	inTime(t, begin, "starting")
	switch {
	case want == nil && err != nil, want != nil && !errors.Is(err, want):
		t.Errorf("starting: %v", err)
	case want == nil:
		waitState(t, sub, 20*time.Second, session.Receiving)
		eventually(t, 30*time.Second, func() string {
			d.send(topic, "", "y")
			if sub.Status().Received == 0 {
				return fmt.Sprintf("%+v", sub.Status())
			}
			return ""
		})
		sub.Stop()
	}
	err = errors.Join(err, tryReading(d, topic, group, want))
	if secret := s.secret.Reveal(); secret != "" {
		for _, text := range []string{fmt.Sprint(r.Fault), fmt.Sprint(err), log.String()} {
			if strings.Contains(text, secret) {
				t.Errorf("the secret is said: %s", text)
			}
		}
	}
}

// tryReading follows the topic and searches it: both as the tools' group, so that a
// group that is denied does not matter. It returns why they failed.
func tryReading(d *desk, topic, group string, want error) error {
	t := d.t
	t.Helper()
	if group == testcluster.DeniedGroup {
		want = nil
	}
	spec := profile.Subscription{ID: "f", Profile: "p", Topic: topic, Follow: true, From: profile.FromEarliest}
	sub, err := d.client.Sessions.Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	err = d.conn.Start(t.Context(), sub, spec)
	inTime(t, begin, "following")
	switch {
	case want == nil && err != nil, want != nil && !errors.Is(err, want):
		t.Errorf("following: %v", err)
	case want == nil:
		wait(t, sub, 1, 30*time.Second)
		sub.Stop()
	}
	st, found := d.find(cluster.Query{Kind: cluster.ByTime, Topic: topic})
	// 4.9 tells everybody that the topic is empty; there is nothing to refuse then.
	empty := st.Err == nil && st.Total == 0
	if want == nil && (st.Err != nil || len(found) == 0) || want != nil && !empty && !errors.Is(st.Err, want) {
		t.Errorf("searching: %d found, %+v", len(found), st)
	}
	return errors.Join(err, st.Err)
}

func inTime(t testing.TB, begin time.Time, what string) {
	t.Helper()
	if took := time.Since(begin); took > refusedWithin {
		t.Errorf("%s took %v", what, took)
	}
}

// TestAccountWithdrawn takes an account's rights away while it subscribes, and
// gives them back: that is said, and then everything goes on.
func TestAccountWithdrawn(t *testing.T) {
	t.Parallel()
	for name, on := range guarded() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := on.real(t)
			account := remoting.Credentials{AccessKey: "temporary" + name[:1] + name[len(name)-1:], SecretKey: "temporary-secret"}
			order := func(f func(context.Context, remoting.Credentials) error) {
				t.Helper()
				if err := f(t.Context(), account); err != nil {
					t.Fatal(err)
				}
			}
			order(c.AddAccount)
			p := on.at(t)
			p.Mapping, p.Role, p.ClusterID, p.Namespace = profile.OpenSource, account.AccessKey, "", ""
			top, s := on.topic(t, 2), on.spec(t, "")
			s.Topic = top
			if !on.proxy {
				on.createGroup(t, s.Group)
			}
			var d *desk
			eventually(t, 20*time.Second, func() string { // 4.x reads its file now and then
				dd := deskAt(t, p, profile.Secret(account.SecretKey))
				if r, err := dd.conn.Send(t.Context(), draft(top, "warm")); err != nil || !r.Status.Stored() {
					return fmt.Sprint(r, err)
				}
				d = dd
				return ""
			})
			sub := d.subscribe(s)
			waitState(t, sub, 20*time.Second, session.Receiving)
			d.send(top, "", "before")
			wait(t, sub, 1, 20*time.Second)
			order(c.BlockAccount)
			// A pull that waits at the broker is answered before anything is refused.
			eventually(t, 40*time.Second, func() string {
				if st := sub.Status(); st.State != session.Troubled || !errors.Is(st.Err, fault.Refused) {
					return fmt.Sprintf("%+v", st)
				}
				return ""
			})
			begin := time.Now()
			if r, err := d.conn.Send(t.Context(), draft(top, "refused")); err != nil || r.Status.Stored() || !errors.Is(r.Fault, fault.Refused) {
				t.Errorf("%+v, %v, %v", r, r.Fault, err)
			}
			inTime(t, begin, "sending")
			order(c.UnblockAccount)
			eventually(t, 20*time.Second, func() string {
				if r, err := d.conn.Send(t.Context(), draft(top, "after")); err != nil || !r.Status.Stored() {
					return fmt.Sprint(r, err)
				}
				return ""
			})
			// The library balances anew every 20 s.
			eventually(t, 60*time.Second, func() string {
				for _, b := range bodies(t, sub) {
					if b == "after" {
						return ""
					}
				}
				return fmt.Sprintf("%+v", sub.Status())
			})
			waitState(t, sub, 20*time.Second, session.Receiving)
		})
	}
}
