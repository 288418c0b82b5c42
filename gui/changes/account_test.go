package changes

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/stage"
)

// accountRig answers orders about users and rights as two brokers do on which alice may read
// Topic:pay.
func accountRig(t *testing.T, of profile.Profile) *rig {
	r := setupRig(t, of)
	r.end.look = func(o orders.Setup) (*orders.SetupPreview, error) {
		p := &orders.SetupPreview{Order: o, Brokers: []string{"broker-a", "broker-b"}}
		for _, b := range p.Brokers {
			l := orders.SetupLine{Name: o.Names[0], Broker: b, Keeps: -1, Password: needsPassword(o)}
			if o.Of == orders.Rights {
				l.Key = o.Keys[0]
				l.To = &orders.Setting{Right: o.Wish.Right}
				if o.Act != orders.Create {
					l.Was = &orders.Setting{Right: &cluster.Right{Resource: "Topic:pay", Actions: []string{"Get"}}}
				}
			} else {
				l.To = &orders.Setting{User: &cluster.UserSettings{}}
				if o.Wish.Super != nil {
					l.To.User.Super = *o.Wish.Super
				}
				if o.Act != orders.Create {
					l.Was = &orders.Setting{User: &cluster.UserSettings{Super: true}}
				}
			}
			if o.Act == orders.Delete {
				l.To = nil
				p.Losses = []orders.Loss{{Name: o.Names[0], Rights: 2}}
			}
			p.Lines = append(p.Lines, l)
		}
		if o.Names[0] == "root" {
			p.Risks = []orders.Risk{orders.NoSuper, orders.OwnGone}
		}
		if o.Password == "" && needsPassword(o) {
			p.Why = fault.NeedPassword
		}
		return p, nil
	}
	return r
}

// drawn is what stands on the canvas to be read: of a masked field its dots.
func drawn(r *rig) string {
	var all []string
	stage.See(r.Window, func(o fyne.CanvasObject) {
		if text, ok := o.(*canvas.Text); ok {
			all = append(all, text.Text)
		}
	})
	return strings.Join(all, "\n")
}

// TestAUserIsMade: with a password that is typed or made, which nobody sees again.
func TestAUserIsMade(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	s := showSetup(r.p, orders.Setup{Of: orders.Users, Act: orders.Create}, nil, "")
	f := s.form.(*accountForm)
	f.names.SetText("bob")
	if _, ok := f.read(); ok || !f.password.Password {
		t.Error("there is no password, or it is shown")
	}
	r.Until(t, "what is missing", func() bool { return r.Has("The password is missing.") })
	r.Tap("Generate and copy")
	made := f.password.Text
	if len(made) != 26 || fyne.CurrentApp().Clipboard().Content() != made || len(r.said) != 1 || strings.Contains(r.said[0], made) {
		t.Error(made, r.said)
	}
	f.choices[0].SetSelectedIndex(1)
	r.able("Create…")
	r.wants("Create users", "1 user is created on broker-a, broker-b.", "may do all · new password", "It goes to the brokers only.")
	stage.See(r.Window, func(o fyne.CanvasObject) {
		if _, ok := o.(fyne.Focusable); !ok {
			return
		}
		if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityRole() == "" || a.AccessibilityLabel() == "" || strings.Contains(a.AccessibilityLabel(), made) {
			t.Errorf("%T says nothing to a screen reader, or too much", o)
		}
	})
	o := r.end.setups[len(r.end.setups)-1]
	if !slices.Equal(o.Names, []string{"bob"}) || o.Password.Reveal() != made || !*o.Wish.Super || *o.Wish.Disabled {
		t.Errorf("%+v", o)
	}
	r.Tap("Create…")
	if seen := drawn(r); strings.Contains(seen, made) || !strings.Contains(seen, strings.Repeat("•", 26)) {
		t.Error("the password is shown")
	}
	r.Tap("Do it in 2 places")
	r.Until(t, "the result", func() bool { return r.Has("✓ 2 done") })
	if f.password.Text != "" || strings.Contains(stage.Texts(r.Window), made) {
		t.Error("the password is still there")
	}
	if y := r.end.agreed[0]; y != (client.Confirmed{Topic: "create users bob", Count: 2}) {
		t.Errorf("%+v", y)
	}
}

// TestAUserIsChanged: what is left open stays, and what locks out who orders it is said before
// and in the question.
func TestAUserIsChanged(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test", Role: "root"})
	s := showSetup(r.p, orders.Setup{Of: orders.Users, Act: orders.Alter, Names: []string{"root"}}, nil, "")
	f := s.form.(*accountForm)
	if _, ok := f.read(); ok {
		t.Error("nothing is changed")
	}
	f.choices[0].SetSelectedIndex(1)
	r.able("Change…")
	o := r.end.setups[len(r.end.setups)-1]
	if *o.Wish.Super || o.Wish.Disabled != nil || o.Wish.Password || o.Password != "" {
		t.Errorf("%+v", o.Wish)
	}
	const locked = "This connection signs in as root: it is refused from then on."
	r.wants("may do all", "ordinary user", locked, "No user is left on a broker who may do all")
	before := strings.Count(stage.Texts(r.Window), locked)
	r.Tap("Change…")
	if n := strings.Count(stage.Texts(r.Window), locked); n <= before {
		t.Error("the question does not say it")
	}
	r.Tap("Cancel")
	f.password.SetText("x")
	r.able("Change…")
	if o := r.end.setups[len(r.end.setups)-1]; !o.Wish.Password || o.Password != "x" {
		t.Errorf("%+v", o)
	}
	r.wants("new password", "cannot be put back")
}

// TestAUserIsDeleted by its typed name, and its rights are counted.
func TestAUserIsDeleted(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	Setup(r.p, orders.Setup{Of: orders.Users, Act: orders.Delete, Names: []string{"alice"}}, nil)
	r.able("Delete…")
	r.wants("2 rights of theirs go with them.", "Put back makes a user again with its rights, and with a new password")
	if r.Has("Not all rights are known") {
		t.Error("it says that some rights are lost")
	}
	r.Tap("Delete…")
	r.wants("Type alice to confirm")
}

// TestADeletedUserIsPutBack from its record, with the password asked for and its rights told;
// what was not kept of them is said.
func TestADeletedUserIsPutBack(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	usual := r.end.look
	r.end.look = func(o orders.Setup) (*orders.SetupPreview, error) {
		p, err := usual(o)
		for i, x := range o.Exact {
			p.Lines[i].To = x.To
		}
		return p, err
	}
	held := &orders.HeldRights{Rights: []cluster.Right{{Resource: "Topic:a"}, {Resource: "Topic:b"}, {Resource: "Group:*", Default: true}, {Resource: "Topic:d"}}}
	rec := orders.Record{ID: "1", Setup: &orders.Setup{Of: orders.Users, Act: orders.Delete, Names: []string{"alice"}}, Queues: []orders.Done{
		{Name: "alice", Broker: "broker-a", Was: &orders.Setting{User: &cluster.UserSettings{}, Held: held}, State: orders.Set},
		{Name: "alice", Broker: "broker-b", Was: &orders.Setting{User: &cluster.UserSettings{}, Held: &orders.HeldRights{Unkept: -1}}, State: orders.Set},
	}}
	newResult(r.p, "deleted", rec, true)
	for i, want := range []string{"ordinary user · 4 rights: Topic:a, Topic:b, Group:* (default), …", "ordinary user · rights not known"} {
		if got := settingText(rec.Queues[i].Was); got != want {
			t.Error(got)
		}
	}
	r.Tap("Put back…")
	r.Until(t, "what is missing", func() bool { return r.Has("The password is missing.") })
	r.wants("Put users back", "1 user is put back on broker-a, broker-b.", "ordinary user · 4 r", "Not all rights were kept")
	if b := stage.Button(r.Window, "Put back…"); !b.Disabled() {
		t.Error("it can be ordered without a password")
	}
	r.Window.Canvas().Focused().(interface{ SetText(string) }).SetText("y")
	r.able("Put back…")
	r.Tap("Put back…")
	r.wants("Then", "alice · broker-a: ordinary user · 4 rights: Topic:a, Topic:b, Group:* (default), …", "alice · broker-b: ordinary user · rights not known · new password")
	r.Tap("Cancel")
	if o := r.end.setups[len(r.end.setups)-1]; o.Act != orders.Create || o.Back != "1" || o.Password != "y" || len(o.Exact) != 2 || o.Exact[0].To.Held != held {
		t.Errorf("%+v", o)
	}
}

// TestWhatARightBecomesIsSeen: the sheet tells what differs, and the question all of it, however
// long the rest is.
func TestWhatARightBecomesIsSeen(t *testing.T) {
	was := cluster.Right{Resource: "Topic:*", Actions: []string{"Pub", "Sub", "Create", "Update", "Delete", "Get", "List"}, From: []string{"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "2001:db8::/32"}}
	for _, c := range []struct {
		change    func(*cluster.Right)
		now, then string
	}{
		{func(r *cluster.Right) { r.From = append(r.From[1:3:3], "192.168.77.12") }, "from 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 2001:db8::/32", "+ 192.168.77.12 · − 10.1.0.0/16, 2001:db8::/32"},
		{func(r *cluster.Right) { r.From = nil }, "from 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 2001:db8::/32", "from any address"},
		{func(r *cluster.Right) { r.Actions = r.Actions[:6] }, rightText(&was), "− List"},
		{func(r *cluster.Right) { r.Denied = true }, rightText(&was), "deny Pub, Sub, Create, Update, Delete, Get, List · from 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 2001:db8::/32"},
		{func(r *cluster.Right) { r.Denied, r.From = true, nil }, rightText(&was), "deny Pub, Sub, Create, Update, Delete, Get, List"},
		{func(r *cluster.Right) { r.From = slices.Concat(r.From[1:], r.From[:1]) }, rightText(&was), "allow Pub, Sub, Create, Update, Delete, Get, List · from 10.2.0.0/16, 10.3.0.0/16, 2001:db8::/32, 10.1.0.0/16"},
	} {
		to := was
		c.change(&to)
		if now, then := settingTexts(&orders.Setting{Right: &was}, &orders.Setting{Right: &to}); now != c.now || then != c.then {
			t.Errorf("%q, %q", now, then)
		}
	}
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	r.end.look = func(o orders.Setup) (*orders.SetupPreview, error) {
		return &orders.SetupPreview{Order: o, Brokers: []string{"broker-a"}, Lines: []orders.SetupLine{{
			Name: o.Names[0], Broker: "broker-a", Keeps: -1, Key: o.Keys[0], Was: &orders.Setting{Right: &was}, To: &orders.Setting{Right: o.Wish.Right},
		}}}, nil
	}
	to := was
	to.From = []string{"10.9.9.9"}
	Setup(r.p, orders.Setup{Of: orders.Rights, Act: orders.Alter, Names: []string{"alice"}, Keys: []cluster.RightKey{was.Key()}, Wish: orders.Wish{Right: &to}}, nil)
	r.able("Change…")
	r.Tap("Change…")
	seen := strings.Join(strings.Fields(drawn(r)), " ")
	for _, want := range []string{"Users alice · Topic:*", "10.3.0.0/16, 2001:db8::/32", "Get, List · from 10.9.9.9"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not to be read in the question:\n%s", want, seen)
		}
	}
}

// TestARightIsGiven: resources, actions and addresses as brokers take them; one that is there
// is changed from what it is.
func TestARightIsGiven(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	s := showSetup(r.p, orders.Setup{Of: orders.Rights, Act: orders.Create, Names: []string{"alice"}}, nil, "")
	f := s.form.(*accountForm)
	f.name.SetText("a*b")
	f.from.SetText("localhost")
	f.names.SetText("alice")
	r.Until(t, "what is missing", func() bool { return r.Has("Choose at least one action.") })
	f.actions[1].SetChecked(true)
	if _, ok := f.read(); ok || f.nameField.Error() == "" || f.fromField.Error() == "" {
		t.Error("it is taken")
	}
	f.name.SetText("pay")
	f.prefix.SetChecked(true)
	f.from.SetText("10.0.0.0/8, 192.168.1.7")
	f.choices[0].SetSelectedIndex(1)
	f.choices[1].SetSelectedIndex(1)
	r.able("Give…")
	r.wants("Give a right", "Topic:pay* (default)", "deny Pub · from 10.0.0.0/8", "1 right is given on broker-a, broker-b.")
	o := r.end.setups[len(r.end.setups)-1]
	if !slices.Equal(o.Keys, []cluster.RightKey{{Default: true, Resource: "Topic:pay*"}}) || !o.Wish.Right.Denied || len(o.Wish.Right.From) != 2 {
		t.Errorf("%+v", o)
	}
	f.kind.SetSelectedIndex(0)
	if o, ok := f.read(); !ok || o.Keys[0].Resource != "*" || !f.nameField.Disabled() {
		t.Errorf("%+v, %v", o, ok)
	}
	r.Tap("Cancel")
	has := cluster.Right{Resource: "Topic:pay", Actions: []string{"Get", "List"}, From: []string{"10.0.0.1"}, Denied: true}
	changed := newAccountForm(orders.Setup{Of: orders.Rights, Act: orders.Alter, Names: []string{"alice"}, Keys: []cluster.RightKey{has.Key()}, Wish: orders.Wish{Right: &has}}, func() {}, nil)
	if o, ok := changed.read(); !ok || !o.Wish.Right.Same(cluster.Right{Actions: has.Actions, From: has.From, Denied: true}) || o.Keys[0] != has.Key() {
		t.Errorf("%+v, %v", o, ok)
	}
}

// TestAPasswordIsAskedForAgain where a part failed that puts one: no record has it.
func TestAPasswordIsAskedForAgain(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	usual := r.end.set
	r.end.set = func(ctx context.Context, p *orders.SetupPreview, tell func(orders.Record)) (orders.Record, error) {
		rec, err := usual(ctx, p, tell)
		rec.Queues[1].State, rec.Queues[1].Err = orders.Failed, fault.From(fault.NotPermitted)
		return rec, err
	}
	Setup(r.p, orders.Setup{Of: orders.Users, Act: orders.Create, Names: []string{"bob"}, Password: "x"}, nil)
	r.able("Create…")
	r.Tap("Create…")
	r.Tap("Do it in 2 places")
	r.Until(t, "the result", func() bool { return r.Has("1 of 2 failed") })
	asked := len(r.end.setups)
	r.Tap("Try the failed ones again…")
	r.wants("Try the failed parts again", "Password")
	field := r.Window.Canvas().Focused().(interface{ SetText(string) })
	if b := stage.Button(r.Window, "Create…"); !b.Disabled() || len(r.end.setups) != asked {
		t.Error("it can be ordered without")
	}
	field.SetText("y")
	r.able("Create…")
	if o := r.end.setups[len(r.end.setups)-1]; o.Password != "y" || len(o.Exact) != 1 || o.Exact[0].Broker != "broker-b" {
		t.Errorf("%+v", o)
	}
}

// TestNoUsersHere: where nobody tells of users, that is said before anything is typed.
func TestNoUsersHere(t *testing.T) {
	r := accountRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	r.end.refuses = fault.NotOffered
	Setup(r.p, orders.Setup{Of: orders.Users, Act: orders.Create}, nil)
	r.Until(t, "the word", func() bool { return r.Has("This endpoint takes no orders about users") })
	r.Tap("Cancel")
	p := r.p
	p.Profile.ReadOnly = true
	r.end.refuses = nil
	Setup(p, orders.Setup{Of: orders.Rights, Act: orders.Delete, Names: []string{"alice"}, Keys: []cluster.RightKey{{Resource: "Topic:pay"}}}, nil)
	r.Until(t, "the word", func() bool { return r.Has("This connection is read-only.") })
	r.wants("alice · Topic:pay", "deleted", "1 right is taken on broker-a, broker-b.")
	if b := stage.Button(r.Window, "Take…"); !b.Disabled() {
		t.Error("a read-only connection takes rights")
	}
}
