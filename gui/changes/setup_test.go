package changes

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/stage"
)

func topicOf(read, write, perm int, kind string) *orders.Setting {
	return &orders.Setting{Topic: &cluster.TopicSettings{Read: read, Write: write, Perm: perm, Type: kind}}
}

// setupRig answers orders about topics as two brokers do that have order-events.
func setupRig(t *testing.T, of profile.Profile) *rig {
	r := newRig(t, of)
	r.end.look = func(o orders.Setup) (*orders.SetupPreview, error) {
		p := &orders.SetupPreview{Order: o, At: time.UnixMilli(1_800_000_000_000), Brokers: []string{"broker-a", "broker-b"}}
		for _, name := range o.Names {
			for _, b := range p.Brokers {
				l := orders.SetupLine{Name: name, Broker: b, Keeps: -1, To: topicOf(8, 8, 6, cluster.TypeFIFO)}
				if name == "order-events" {
					l.Was = topicOf(4, 4, 6, "")
				}
				switch {
				case o.Act == orders.Delete:
					l.Was, l.To, l.Keeps = topicOf(4, 4, 6, ""), nil, 600
				case o.Act == orders.Create && l.Was != nil:
					l.To = l.Was
				}
				p.Lines = append(p.Lines, l)
			}
			if o.Act == orders.Delete {
				p.Lines = append(p.Lines, orders.SetupLine{Name: name, Keeps: -1})
				p.Losses = append(p.Losses, orders.Loss{Name: name, Messages: 1200, Behind: []orders.Behind{{Group: "settlement", Lag: 204}}})
			}
		}
		return p, nil
	}
	r.end.set = func(_ context.Context, p *orders.SetupPreview, tell func(orders.Record)) (orders.Record, error) {
		rec := p.Planned()
		rec.ID, rec.Profile = "id", of.ID
		for i := range rec.Queues {
			rec.Queues[i].State = orders.Set
		}
		rec.Ended = rec.At.Add(time.Second)
		told := rec
		told.Queues = slices.Clone(rec.Queues)
		tell(told)
		return rec, nil
	}
	return r
}

func (r *rig) able(button string) {
	r.t.Helper()
	r.Until(r.t, button, func() bool { b := stage.Button(r.Window, button); return b != nil && !b.Disabled() })
}

// TestTopicsAreCreated: several names at once, what is there stays, and each broker says
// what became of it.
func TestTopicsAreCreated(t *testing.T) {
	r := setupRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	s := showSetup(r.p, orders.Setup{Of: orders.Topics, Act: orders.Create}, nil, "")
	if b := stage.Button(r.Window, "Create…"); !b.Disabled() {
		t.Error("nothing is named")
	}
	s.form.(*setupForm).names.SetText("order-events, refunds\nrefunds")
	if r.Window.Canvas().Focused() != s.form.(*setupForm).names || s.form.(*setupForm).names.AcceptsTab() {
		t.Error("Tab does not lead on from the names")
	}
	r.able("Create…")
	r.wants("Create topics", "1 topic is created on broker-a, broker-b.", "8 / 8 · RW · ordered", "as it is", "In 2 places it is there already and stays as it is.")
	stage.See(r.Window, func(o fyne.CanvasObject) {
		if _, ok := o.(fyne.Focusable); !ok {
			return
		}
		if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityRole() == "" || a.AccessibilityLabel() == "" {
			t.Errorf("%T says nothing to a screen reader", o)
		}
	})
	o := r.end.setups[len(r.end.setups)-1]
	if !slices.Equal(o.Names, []string{"order-events", "refunds"}) || *o.Wish.Read != 8 || *o.Wish.Perm != 6 || *o.Wish.Type != cluster.TypeNormal {
		t.Errorf("%+v", o)
	}
	r.Tap("Create…")
	r.Tap("Do it in 2 places")
	r.Until(t, "the result", func() bool { return r.Has("✓ 2 done") })
	if y := r.end.agreed[0]; y != (client.Confirmed{Topic: "create topics order-events refunds", Count: 2}) {
		t.Errorf("%+v", y)
	}
	r.wants("refunds", "broker-a", "broker-b")
	if b := stage.Button(r.Window, "Put back…"); b != nil && b.Visible() {
		t.Error("what was created is not put back")
	}
}

// TestDeletingWantsAName: outside production that of what is deleted, and what is lost is
// said first.
func TestDeletingWantsAName(t *testing.T) {
	for _, x := range []struct {
		of    profile.Environment
		names []string
		want  string
	}{
		{profile.Test, []string{"order-events"}, "order-events"},
		{profile.Test, []string{"order-events", "refunds"}, "orders"},
		{profile.Production, []string{"order-events"}, "orders"},
	} {
		r := setupRig(t, profile.Profile{ID: "t", Name: "orders", Environment: x.of})
		Setup(r.p, orders.Setup{Of: orders.Topics, Act: orders.Delete, Names: x.names}, []string{"order-events", "refunds"})
		r.able("Delete…")
		r.wants("What is deleted is not put back.", "1 group has not taken all: settlement (204)", "deleted", "its route", "Take all 2 listed")
		r.Tap("Delete…")
		r.wants("Type " + x.want + " to confirm")
		field := r.Window.Canvas().Focused().(interface{ SetText(string) })
		field.SetText("no")
		action := fmt.Sprintf("Do it in %d places", 3*len(x.names))
		r.Tap(action)
		if len(r.end.agreed) > 0 {
			t.Fatal("it began without the name")
		}
		field.SetText(x.want)
		r.Tap(action)
		r.Until(t, "the result", func() bool { return r.Has(fmt.Sprintf("✓ %d done", 3*len(x.names))) })
		if r.end.agreed[0].Name != x.want {
			t.Errorf("%+v", r.end.agreed)
		}
	}
}

// TestChangedSettingsArePutBack: what is left blank stays, a failed part is tried alone, and
// what was changed is put back from the result.
func TestChangedSettingsArePutBack(t *testing.T) {
	r := setupRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	usual := r.end.set
	r.end.set = func(ctx context.Context, p *orders.SetupPreview, tell func(orders.Record)) (orders.Record, error) {
		rec, err := usual(ctx, p, tell)
		last := &rec.Queues[len(rec.Queues)-1]
		last.State, last.Err = orders.Failed, fault.From(fmt.Errorf("x: %w", fault.NotPermitted))
		return rec, err
	}
	s := showSetup(r.p, orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{"order-events"}}, nil, "")
	s.form.(*setupForm).numbers[1].SetText("0")
	if s.form.(*setupForm).numberField[1].Error() != "" {
		t.Error("it is judged before it is read")
	}
	r.Until(t, "the word about 0", func() bool { return s.form.(*setupForm).numberField[1].Error() != "" })
	s.form.(*setupForm).numbers[1].SetText("8")
	r.able("Change…")
	o := r.end.setups[len(r.end.setups)-1]
	if o.Wish.Read != nil || o.Wish.Perm != nil || o.Wish.Type != nil || *o.Wish.Write != 8 {
		t.Errorf("%+v", o.Wish)
	}
	r.Tap("Change…")
	r.Tap("Do it in 2 places")
	r.Until(t, "the result", func() bool { return r.Has("1 of 2 failed") })
	r.wants("The broker does not permit this to the role.")
	r.Tap("Put back…")
	r.able("Put back…")
	r.wants("Put the settings back")
	if o := r.end.setups[len(r.end.setups)-1]; o.Back != "id" || len(o.Exact) != 1 || !o.Exact[0].To.Same(topicOf(4, 4, 6, "")) {
		t.Errorf("%+v", o)
	}
}

// TestAnEndpointThatTakesNoOrders says so before anything is typed; a sheet whose cluster
// has changed is shown again.
func TestAnEndpointThatTakesNoOrders(t *testing.T) {
	r := setupRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	r.end.refuses = fault.NotOffered
	Setup(r.p, orders.Setup{Of: orders.Groups, Act: orders.Create}, nil)
	r.Until(t, "the word", func() bool { return r.Has("This endpoint creates, changes and deletes no topics or groups") })
	if b := stage.Button(r.Window, "Create…"); !b.Disabled() || len(r.end.setups) > 0 {
		t.Error("it can be ordered")
	}
	r.Tap("Cancel")
	r.end.refuses = nil
	r.end.set = func(_ context.Context, p *orders.SetupPreview, _ func(orders.Record)) (orders.Record, error) {
		return orders.Record{}, &orders.ChangedError{Setup: p, What: orders.Altered}
	}
	Setup(r.p, orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{"refunds"}}, nil)
	r.able("Create…")
	r.Tap("Create…")
	r.Tap("Do it in 2 places")
	r.Until(t, "the note", func() bool {
		return r.Has("Its settings were changed meanwhile. Nothing was changed. Look at it again.")
	})
	r.able("Create…") // as it was
	if o := r.end.setups[len(r.end.setups)-1]; !slices.Equal(o.Names, []string{"refunds"}) {
		t.Errorf("%+v", o)
	}
}

// TestStop ends what runs, and keeps what was done.
func TestStop(t *testing.T) {
	r := setupRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	r.end.set = func(ctx context.Context, p *orders.SetupPreview, tell func(orders.Record)) (orders.Record, error) {
		rec := p.Planned()
		rec.ID = "id"
		rec.Queues[0].State = orders.Set
		told := rec
		told.Queues = slices.Clone(rec.Queues)
		tell(told)
		<-ctx.Done()
		rec.Ended = time.Now()
		return rec, ctx.Err()
	}
	Setup(r.p, orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{"refunds"}}, nil)
	r.able("Create…")
	r.Tap("Create…")
	r.Tap("Do it in 2 places")
	r.Until(t, "the progress", func() bool { return r.Has("1 of 2 are done. It goes on when this is closed.") })
	r.Tap("Stop")
	r.Until(t, "the end", func() bool { return r.Has("1 of 2 failed") && r.Has("not done") })
	if len(r.failed) > 0 || !stage.Button(r.Window, "Try the failed ones again…").Visible() {
		t.Error(r.failed)
	}
}

// TestGroupForm: what is chosen becomes the order, and comes back as it was.
func TestGroupForm(t *testing.T) {
	stage.New(t)
	p := profile.Profile{Mapping: profile.TDMQ, ClusterID: "rocketmq-x", Namespace: "ns"}
	f := newSetupForm(p, orders.Setup{Of: orders.Groups, Act: orders.Alter, Names: []string{p.FullName("g")}}, func() {})
	if _, ok := f.read(); ok || f.names.Text != "g" {
		t.Error("nothing is changed", f.names.Text)
	}
	f.numbers[0].SetText("3")
	f.choices[0].SetSelectedIndex(2) // consuming: off
	f.choices[1].SetSelectedIndex(2) // in order
	f.brokers.SetText("broker-a, broker-b")
	o, ok := f.read()
	if !ok || *o.Wish.Retries != 3 || o.Wish.RetryQueues != nil || *o.Wish.Consume || !*o.Wish.Ordered || o.Wish.Broadcast != nil || !slices.Equal(o.Brokers, []string{"broker-a", "broker-b"}) || o.Names[0] != p.FullName("g") {
		t.Errorf("%+v, %v", o, ok)
	}
	again, ok := newSetupForm(p, o, func() {}).read()
	if !ok || *again.Wish.Retries != 3 || *again.Wish.Consume || !*again.Wish.Ordered || again.Wish.Broadcast != nil || !slices.Equal(again.Brokers, o.Brokers) {
		t.Errorf("%+v comes back as %+v", o, again)
	}
	d := newSetupForm(p, orders.Setup{Of: orders.Groups, Act: orders.Delete, Names: []string{p.FullName("g")}, Offsets: true}, func() {})
	if o, ok := d.read(); !ok || !o.Offsets || o.Letters {
		t.Errorf("%+v", o)
	}
}

// TestSetupsAreListed beside offsets, and a lifted connection too.
func TestSetupsAreListed(t *testing.T) {
	r := setupRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	at := time.Date(2026, 11, 30, 14, 0, 0, 0, time.Local)
	who := orders.Who{User: "wang", Profile: "t"}
	r.end.records = []orders.Record{
		{ID: "1", At: at, Ended: at, Who: who, Setup: &orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{"order-events", "refunds"}}, Queues: []orders.Done{
			{Name: "order-events", Broker: "a", Was: topicOf(4, 4, 6, ""), Put: topicOf(8, 8, 4, ""), State: orders.Set},
		}},
		{ID: "2", At: at, Ended: at, Who: who, Lifted: at.Add(15 * time.Minute)},
	}
	List(r.p, r.end)
	r.Until(t, "the list", func() bool { return r.Has("2 changes") })
	r.wants("order-events and 1 more", "Change topics", "4 / 4 · RW → 8 / 8 · R", "✓ 1 done", "read-only lifted", "until 14:15")
	r.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	r.Tap("Put back…")
	r.able("Put back…")
	if o := r.end.setups[len(r.end.setups)-1]; o.Back != "1" || len(o.Exact) != 1 {
		t.Errorf("%+v", o)
	}
}
