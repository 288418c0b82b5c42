package client_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/template"
	"gantry/client/profile"
)

// secretPlan names a secret value in every text.
func secretPlan(topic string, count int64, how message.Typed) *plan.Plan {
	return &plan.Plan{
		Texts: plan.Texts{
			ProducerGroup: "test-secrets", Topic: topic, Tag: "a", Keys: `k-{{env "token"}}`, JSON: true,
			Properties: []message.Property{{Name: "auth", Value: `{{env "token"}}`}},
			Body:       []byte(`{"n":{{seq}},"token":"{{env "token"}}","host":"{{env "host"}}"}`), How: how,
		},
		Count: count, AtOnce: 2, Seed: 7, Prove: true, Env: map[string]string{"host": "shop"}, Secret: []string{"token"},
	}
}

// shown is a message of a plan as the window shows it.
func shown(t *testing.T, p *plan.Plan, seq int64, at time.Time) *message.Draft {
	t.Helper()
	m, err := p.Maker("", nil)
	if err == nil {
		err = m.GoOn(seq, -1)
	}
	if err != nil {
		t.Fatal(err)
	}
	made, err := m.Next(at)
	if err != nil {
		t.Fatal(err)
	}
	if d := made.Draft; !d.Hides || d.Properties[0].Value != message.Hidden {
		t.Fatalf("%+v", d)
	}
	return made.Draft
}

// TestSecretValueIsNowhere sends a secret value in single messages, those that fail too, in
// a run, again, and looks for it wherever it must not be. What arrives has it.
func TestSecretValueIsNowhere(t *testing.T) {
	t.Parallel()
	n := serverOf("sandbox").node(t)
	top := topicOn(t, n, "secret-", 2)
	p := profile.Profile{ID: "p", Name: "test", NameServers: []string{n.NameServer()}, SecretEnv: []string{"token"}}
	d := deskAt(t, p, "")
	if err := d.client.Profiles.Save([]profile.Profile{p}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	one := secretPlan(top, 10, message.Typed{})
	missing := &client.SecretError{}
	d.client.Vault.Remember(p.ValueID("other"), "x")
	if _, err := d.conn.SendMade(t.Context(), one, 0, now, shown(t, one, 0, now)); !errors.As(err, &missing) || missing.Name != "token" {
		t.Errorf("sent without the value: %v", err)
	}
	secret := newToken(t)
	d.client.Vault.Remember(p.ValueID("token"), profile.Secret(secret))
	sendSecrets(t, d, top, now)
	r := d.begin(secretPlan(top, 20, message.Typed{}))
	over(t, r, 30*time.Second)
	arrived(t, r, 20)
	if err := d.conn.SendAgain(r, []uint64{3, 4}, client.Confirmed{Topic: top, Count: 2}); err != nil {
		t.Fatal(err)
	}
	over(t, r, 30*time.Second)
	arrived(t, r, 20)
	if x, err := r.Sent(3); err != nil || !x.Draft.Hides || !strings.Contains(string(x.Draft.Body), `"token":"***"`) {
		t.Errorf("%v: %+v", err, x)
	}
	kept(t, d)
	saveSecretTemplate(t, d, one)
	find := tokenFinder(d, secret)
	for _, place := range find(append(descendants(os.Getpid()), os.Getpid())) {
		if !strings.Contains(place, "gantry-sandbox-") { // the broker has what it was sent
			t.Errorf("the value stands in %s", place)
		}
	}
	reader := deskAt(t, profile.Profile{ID: "r", Name: "reader", NameServers: p.NameServers}, "")
	sub := reader.subscribe(profile.Subscription{ID: "s", Profile: "r", Topic: top, Follow: true, From: profile.FromEarliest})
	wait(t, sub, 24, 20*time.Second)
	for _, m := range messages(t, sub) {
		body := string(m.Body)
		if _, plain, ok := message.Open(m.Body, 1000); ok {
			body = string(plain)
		}
		if !strings.Contains(body, `"token":"`+secret+`","host":"shop"`) || m.Property("auth") != secret || m.Property(message.PropertyKeys) != "k-"+secret {
			t.Errorf("%q %v arrived", body, m.Properties)
		}
	}
}

// sendSecrets sends single messages: one as it is, one packed, one that never leaves, and
// some that are refused.
func sendSecrets(t *testing.T, d *desk, top string, now time.Time) {
	t.Helper()
	one, packed := secretPlan(top, 10, message.Typed{}), secretPlan(top, 10, message.Typed{Charset: message.GB18030, Gzip: true})
	for _, p := range []*plan.Plan{one, packed} {
		if r, err := d.conn.SendMade(t.Context(), p, 1, now, shown(t, p, 1, now)); err != nil || r.Status != message.StatusOK {
			t.Errorf("%v, %+v", err, r)
		}
	}
	late := secretPlan(top, 10, message.Typed{})
	late.Deliver = message.Delivery{At: now.Add(-time.Hour)}
	if r, err := d.conn.SendMade(t.Context(), late, 1, now, shown(t, late, 1, now)); err != nil || r.Status != message.StatusFailed {
		t.Errorf("%v, %+v", err, r)
	}
	hidden := shown(t, one, 1, now)
	if _, err := d.conn.Send(t.Context(), hidden); !errors.Is(err, message.ErrHides) {
		t.Errorf("*** was sent: %v", err)
	}
	hidden.Tag = "b"
	if _, err := d.conn.SendMade(t.Context(), one, 1, now, hidden); !errors.Is(err, fault.NotConfirmed) {
		t.Errorf("another than the one shown was sent: %v", err)
	}
}

// kept: the history has the single messages with the value hidden, and they arrived.
func kept(t *testing.T, d *desk) {
	t.Helper()
	h := d.client.Outbox.History("p")
	defer h.Close()
	want := map[string]bool{"arrived": true, "packed": true, "failed": true}
	eventually(t, 20*time.Second, func() string {
		if err := h.Refresh(); err != nil {
			return err.Error()
		}
		for i := range h.Len() {
			item := h.At(i)
			if item.Run != nil {
				continue
			}
			x, err := item.Of.Sent(item.Row)
			if err != nil {
				return err.Error()
			}
			text, ok := x.Draft.How.Retype(x.Draft.Body, 1000)
			if !ok || !x.Draft.Hides || string(text) != `{"n":2,"token":"***","host":"shop"}` || x.Draft.Keys[0] != "k-***" {
				return fmt.Sprintf("%q %+v", text, x.Draft)
			}
			switch {
			case x.State == outbox.Failed:
				delete(want, "failed")
			case x.Arrival == nil || x.Arrival.Proof != message.ProofArrived:
				return fmt.Sprintf("%+v", x)
			case x.Draft.How.Gzip:
				delete(want, "packed")
			default:
				delete(want, "arrived")
			}
		}
		if len(want) > 0 {
			return fmt.Sprintf("%v are missing", want)
		}
		return ""
	})
}

// saveSecretTemplate saves and exports what the form would hold.
func saveSecretTemplate(t *testing.T, d *desk, p *plan.Plan) {
	t.Helper()
	text := template.Text{Form: profile.SendForm{Topic: "a", Keys: p.Keys}, Body: p.Body}
	root := d.client.Templates.Roots(d.profile.ID, nil)[0]
	made, err := d.client.Templates.Create(root, "", "secret", text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(d.dir, "out.zip"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.client.Templates.Chosen([]template.Ref{made.Ref}).WriteZip(t.Context(), out)
	if err = errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
}
