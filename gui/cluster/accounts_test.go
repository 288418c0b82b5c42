package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// TestAccounts: who there is, with what each may do; where nobody is told of, that is said.
func TestAccounts(t *testing.T) {
	f := twoBrokers()
	f.accounts = []cluster.Account{
		{Name: "alice", Rights: []cluster.Right{{Default: true, Resource: "Topic:*", Actions: []string{"Pub", "Sub"}}, {Resource: "Topic:pay", Actions: []string{"All"}, From: []string{"10.0.0.0/8"}, Denied: true}}},
		{Name: "bob", Disabled: true, Differs: true},
		{Name: "gone", Super: true, Disabled: true},
		{Name: "root", Super: true},
	}
	r := newRig(t, f)
	r.Tap("Accounts…")
	r.Until(t, "the accounts", func() bool { return r.Has("4 accounts. Passwords are never read.") })
	for _, want := range []string{"alice", "ordinary user", "Topic:* (default)", "Pub, Sub", "allow", "Topic:pay", "10.0.0.0/8", "deny", "locked", "may do all", "locked, else may do all"} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	if n := strings.Count(stage.Texts(r.Window), "alice"); n != 2 {
		t.Errorf("alice stands %d times, and has two rights: whose a row is has to be seen", n)
	}
	if !r.Has("1 of them is not the same on all brokers") {
		t.Errorf("no word in:\n%s", stage.Texts(r.Window))
	}
	accountOrders(t, r)
	accountsAreSifted(t, r)
	f.mu.Lock()
	f.accounts = f.accounts[:2]
	f.mu.Unlock()
	r.screen.Refresh() // as a change does
	r.Until(t, "what changed", func() bool { return r.Has("2 accounts.") })
	r.Tap("Close")
	f.mu.Lock()
	f.accountsErr = fault.NotOffered
	f.mu.Unlock()
	r.Tap("Accounts…")
	r.Until(t, "the word", func() bool { return r.Has("This endpoint lists no accounts") })
	if b := stage.Button(r.Window, "New user…"); !b.Disabled() {
		t.Error("a user can be made")
	}
	r.Tap("Close")
	f.mu.Lock()
	f.files = []cluster.AccountFile{{Broker: "broker-a", Name: "plain_acl.yml", Changed: time.Date(2026, 11, 30, 14, 0, 0, 0, time.Local), Count: 3}, {Broker: "broker-b", Name: "plain_acl.yml"}}
	f.mu.Unlock()
	r.Tap("Accounts…")
	r.Until(t, "the files", func() bool { return r.Has("Brokers of 4.x do not tell who they know") })
	for _, want := range []string{"broker-b", "plain_acl.yml", "changed 3 times", "2026-11-30 14:00:00"} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
}

// accountOrders: what can be done about the chosen user and right, and what of it is asked.
func accountOrders(t *testing.T, r *rig) {
	t.Helper()
	deny := cluster.Right{Resource: "Topic:pay", Actions: []string{"All"}, From: []string{"10.0.0.0/8"}, Denied: true}
	for i, x := range []struct {
		down   int // rows
		button string
		want   orders.Setup
	}{
		{0, "New user…", orders.Setup{Of: orders.Users, Act: orders.Create}},
		{0, "Give a right…", orders.Setup{Of: orders.Rights, Act: orders.Create}},
		{1, "Give a right…", orders.Setup{Of: orders.Rights, Act: orders.Create, Names: []string{"alice"}}},
		{2, "Change the right…", orders.Setup{Of: orders.Rights, Act: orders.Alter, Names: []string{"alice"}, Keys: []cluster.RightKey{deny.Key()}, Wish: orders.Wish{Right: &deny}}},
		{2, "Take the right…", orders.Setup{Of: orders.Rights, Act: orders.Delete, Names: []string{"alice"}, Keys: []cluster.RightKey{deny.Key()}}},
		{3, "Change the user…", orders.Setup{Of: orders.Users, Act: orders.Alter, Names: []string{"bob"}}},
		{3, "Delete the user…", orders.Setup{Of: orders.Users, Act: orders.Delete, Names: []string{"bob"}}},
	} {
		if i > 0 { // the list stays below the sheet
			r.Tap("Close")
			r.Tap("Accounts…")
			r.Until(t, "the accounts", func() bool { return r.Has("4 accounts.") })
		}
		stage.See(r.Window, func(o fyne.CanvasObject) {
			if l, ok := o.(*widgets.List); ok {
				r.Window.Canvas().Focus(l)
			}
		})
		for range x.down {
			r.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		}
		if b := stage.Button(r.Window, "Change the right…"); b.Disabled() != (x.down == 0 || x.down > 2) {
			t.Errorf("row %d: the right can be changed: %v", x.down, !b.Disabled())
		}
		r.Tap(x.button)
		if diff := cmp.Diff([]orders.Setup{x.want}, r.orders); diff != "" {
			t.Errorf("%s of row %d: %s", x.button, x.down, diff)
		}
		r.orders = nil
	}
}

// accountsAreSifted: by names, resources and addresses, with the chosen one staying chosen; what
// a row cuts stands below the list.
func accountsAreSifted(t *testing.T, r *rig) {
	t.Helper()
	a := r.screen.accounts
	a.filter.SetText("TOPIC:PAY")
	if len(a.rows) != 1 || a.rows[0].account.Name != "alice" || !r.Has("Topic:pay") || r.Has("root") {
		t.Errorf("%+v", a.rows)
	}
	a.table.Select(0)
	const whole = "alice · ordinary user · Topic:pay · All · 10.0.0.0/8 · deny"
	if a.whole.Text() != whole {
		t.Errorf("below the list: %q", a.whole.Text())
	}
	a.filter.SetText("")
	if len(a.rows) != 5 || a.table.Selected() != 1 || !strings.Contains(a.whole.Text(), "Topic:pay · All") {
		t.Errorf("%d rows, %d chosen, %q", len(a.rows), a.table.Selected(), a.whole.Text())
	}
	for text, want := range map[string]int{"10.0": 1, "alice": 2, "o": 5, "nobody": 0} {
		if a.filter.SetText(text); len(a.rows) != want {
			t.Errorf("%s: %d rows", text, len(a.rows))
		}
	}
	a.filter.SetText("")
}

// TestAccountsInALowWindow: the list itself scrolls, so that what stands below it is in sight.
func TestAccountsInALowWindow(t *testing.T) {
	f := twoBrokers()
	for i := range 40 {
		f.accounts = append(f.accounts, cluster.Account{Name: fmt.Sprint("user-", i)})
	}
	r := newRig(t, f)
	r.Window.Resize(fyne.NewSize(1024, 700))
	r.Tap("Accounts…")
	r.Until(t, "the accounts", func() bool { return r.Has("40 accounts.") })
	a := r.screen.accounts
	a.table.Select(1)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	below, foot := at(a.whole.Object()), at(stage.Button(r.Window, "Close"))
	if below.Y+wholeHeight > foot.Y || below.Y < at(a.list).Y+a.list.Size().Height {
		t.Errorf("the line below the list is at %v, Close at %v, the list at %v of %v", below, foot, at(a.list), a.list.Size())
	}
}
