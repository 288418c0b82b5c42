package send

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/worker"
	"gantry/gui/msglist"
	"gantry/gui/stage"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

func TestReceiptStates(t *testing.T) {
	states := []message.Receipt{
		{Status: message.StatusFlushDiskTimeout, Broker: "b-a"},
		{Status: message.StatusFlushSlaveTimeout, Broker: "b-a"},
		{Status: message.StatusSlaveNotAvailable, Broker: "b-a"},
		{Status: message.StatusHandedOver},
		{Status: message.StatusUncertain, Fault: &fault.Fault{Raw: "timeout raw"}},
		{Status: message.StatusFailed, Fault: &fault.Fault{Code: fault.NotPermitted, Raw: "CODE: 16, DESC: no", Said: &fault.Answer{Code: 16, Remark: "no", Addr: "a broker"}}},
	}
	s := newRig(t, func(s *rig) {
		s.cluster.answer = func(n int, _ *message.Draft) (message.Receipt, error) { return states[n-1], nil }
	})
	for i, want := range [][]string{
		{"Disk slow", "FLUSH_DISK_TIMEOUT", "took longer than it may"},
		{"Replica slow", "FLUSH_SLAVE_TIMEOUT"},
		{"No replica", "SLAVE_NOT_AVAILABLE"},
		{"Handed over", "no broker says what became of it"},
		{"Uncertain", "No answer: the broker may have stored it.", "Look for the message before you send it again.", "Send again"},
		{"Failed", "No permission to send to this topic.", "Retry"},
	} {
		s.screen.Primary()
		s.done(i + 1)
		s.listed(i + 1)
		for _, text := range want {
			if !s.Has(text) {
				t.Errorf("%s: %q is not shown:\n%s", states[i].Status, text, stage.Texts(s.Window))
			}
		}
	}
	s.screen.sent.detail.fold()
	if !s.Has("CODE: 16, DESC: no") {
		t.Error("Details do not show the raw text")
	}
	s.Tap("Copy")
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.Contains(got, "CODE: 16") {
		t.Errorf("copied %q", got)
	}
}

func TestRetrySendsTheSameDraft(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.cluster.answer = func(n int, d *message.Draft) (message.Receipt, error) {
			if n == 1 {
				return message.Receipt{Status: message.StatusFailed, Fault: &fault.Fault{Code: fault.Unreachable, Raw: "dial tcp"}}, nil
			}
			return message.Receipt{Status: message.StatusOK, Topic: d.Topic}, nil
		}
	})
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	s.quiet(1) // only on press
	s.screen.body.set([]byte("changed meanwhile"), "")
	s.Tap("Retry")
	s.done(2)
	got := s.cluster.drafts()
	if d := cmp.Diff(got[0], got[1], cmpopts.EquateEmpty()); d != "" || string(got[1].Body) != "hello" {
		t.Errorf("another draft was sent: %s", d)
	}
	s.cluster.answer = func(int, *message.Draft) (message.Receipt, error) { return message.Receipt{}, fault.ReadOnly }
	s.screen.Primary()
	s.Until(t, "the error", func() bool { return len(s.failed) == 1 })
}

// TestSelectionStaysOnItsReceipt: who looks at an older one is not taken from it.
func TestSelectionStaysOnItsReceipt(t *testing.T) {
	s := newRig(t, nil)
	for n := range 2 {
		s.screen.Primary()
		s.done(n + 1)
		s.listed(n + 1)
	}
	p := s.screen.sent
	p.list.Select(1)
	first := p.selected
	s.screen.lookUp(attempt{draft: message.Draft{ProducerGroup: "g", Topic: "orders", Body: []byte("x")}, topic: "orders"})
	s.done(3)
	s.Until(t, "the third", func() bool { return p.shelf().Len() == 3 })
	p.follow = false // as the choice said, before the press
	press(p.list, fyne.KeyEscape)
	if p.selected != (rowKey{}) || p.detail.content.Visible() {
		t.Error("Escape did not close the facts")
	}
	if first.row != 0 {
		t.Errorf("row 1 is %+v", first)
	}
}

func TestCopyingAFact(t *testing.T) {
	s := newRig(t, nil)
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	n := 0
	stage.Walk(s.screen.sent.detail.facts, func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.IconButton); ok {
			if n == 1 { // message id
				test.Tap(b)
			}
			n++
		}
	})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "7F0000013C2A18B4AAC2684F009D1C96" || n < 6 {
		t.Errorf("copied %q, %d facts", got, n)
	}
}

// TestHistoryOutlivesTheScreen: what was sent is there for the next one, also without a
// connection, and goes back into the form.
func TestHistoryOutlivesTheScreen(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.form.Tag, s.form.Keys, s.form.Kind, s.form.Deliver, s.form.Packed = "paid", "k1", profile.DelayedMessage, "10 min", true
	})
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	s.screen.Close()
	s.offline = true
	s.form = profile.SendForm{}
	s.screen = New(s.params())
	defer s.screen.Close()
	s.Show(s.screen.Content())
	s.screen.SetShown(true)
	p := s.screen.sent
	s.Until(t, "the row", func() bool { e := p.at(0); return e != nil && e.sent != nil })
	if p.detail.content.Visible() {
		t.Error("an old message is shown as if it was sent now")
	}
	p.list.Select(0)
	if !s.Has("SEND_OK") || s.Has("Send again") || s.Has("Where is it?") {
		t.Errorf("without a connection:\n%s", stage.Texts(s.Window))
	}
	s.Tap("Edit")
	s.Until(t, "the form", func() bool { return s.screen.form.tag.Text == "paid" && string(s.screen.body.bytes()) == "hello" })
	if f := s.screen.form.read(); !f.Literal || f.Kind != profile.DelayedMessage || f.Deliver != "10 min" || !f.Packed {
		t.Errorf("the form has %+v", f)
	}
}

// TestFilterOfTheHistory finds by words of what was sent.
func TestFilterOfTheHistory(t *testing.T) {
	s := newRig(t, nil)
	for n, body := range []string{"one", "two", "three"} {
		s.screen.body.set([]byte(body), "")
		s.screen.Primary()
		s.done(n + 1)
		s.listed(n + 1)
	}
	p := s.screen.sent
	p.field.SetText("two")
	s.Until(t, "what fits", func() bool { return p.shelf().Len() == 1 && s.Has("1 fit") })
	p.field.SetText("size>x")
	s.UntilText("“size>x” is no size: write size>10k or size<1M")
	if p.field.Wrong() != "size>x" {
		t.Errorf("underlined: %q", p.field.Wrong())
	}
	p.field.SetText("nothing like it")
	s.UntilText("Nothing fits the filter")
	p.field.SetText("")
	s.Until(t, "all", func() bool { return p.shelf().Len() == 3 })
}

// memory is what lists remember.
type memory struct {
	msglist.Memory
	recent []string
	saved  []profile.SavedFilter
}

func (m *memory) Recent() []string                   { return m.recent }
func (m *memory) Used(f string)                      { m.recent = append([]string{f}, m.recent...) }
func (m *memory) Saved() []profile.SavedFilter       { return m.saved }
func (m *memory) SetSaved(all []profile.SavedFilter) { m.saved = all }

// TestFilterOfTheHistoryRemembers: filters that were saved and used in lists are offered in
// the history too, and those of the history are kept with them.
func TestFilterOfTheHistoryRemembers(t *testing.T) {
	m := &memory{recent: []string{"size>10k"}, saved: []profile.SavedFilter{{Name: "Those of two", Filter: "two"}}}
	s := newRig(t, func(s *rig) { s.more = func(p *Params) { p.Memory = m } })
	for n, body := range []string{"one", "two"} {
		s.screen.body.set([]byte(body), "")
		s.screen.Primary()
		s.done(n + 1)
		s.listed(n + 1)
	}
	f := s.screen.sent.field
	s.Window.Canvas().Focus(f)
	f.ShowMenu()
	for _, text := range []string{"Those of two", "size>10k", "Saved filters and colours…"} {
		s.UntilText(text)
	}
	press(s.Window.Canvas().Focused(), fyne.KeyDown, fyne.KeyReturn) // the list has the keys
	s.Until(t, "what fits", func() bool { return f.Text == "two" && s.screen.sent.shelf().Len() == 1 })
	s.Window.Canvas().Focus(s.screen.sent.list)
	if len(m.recent) != 2 || m.recent[0] != "two" {
		t.Errorf("remembered are %q", m.recent)
	}
	f.OnEdit("two")
	s.UntilText("Add a filter")
	s.Tap("Cancel")
}

// TestArrivals: what reading back came to, in the row and in words.
func TestArrivals(t *testing.T) {
	newRig(t, nil)
	now := time.UnixMilli(1_796_000_000_000)
	r := func() *message.Receipt {
		return &message.Receipt{Status: message.StatusOK, SentAt: now, Took: time.Millisecond, Broker: "b"}
	}
	later := r()
	later.Due = now.Add(time.Minute)
	seen := func(p message.Proof, after time.Duration) *message.Arrival {
		return &message.Arrival{Proof: p, SeenAt: now.Add(after), Broker: "b", QueueID: 1, QueueOffset: 7, Fault: fault.From(fault.NotReadable)}
	}
	for i, c := range []struct {
		sent  outbox.Sent
		at    time.Duration
		row   string
		token theme.Token
		words string
	}{
		{outbox.Sent{Receipt: r(), Arrival: seen(message.ProofArrived, 6*time.Millisecond)}, 0, "+6 ms", theme.OK, "Read back after 6 ms, byte for byte"},
		{outbox.Sent{Receipt: later, Arrival: seen(message.ProofArrived, time.Minute+12*time.Millisecond)}, 0, "+12 ms", theme.OK, "12 ms after it was due"},
		{outbox.Sent{Receipt: later}, 56 * time.Second, "due in 4", theme.Muted, ""},
		{outbox.Sent{Receipt: r()}, time.Second, "…", theme.Muted, ""},
		{outbox.Sent{Receipt: r()}, time.Hour, "not read", theme.Muted, ""},
		{outbox.Sent{Receipt: r(), Arrival: seen(message.ProofDiffers, 0)}, 0, "differs", theme.Err, "b · 1 · 7 is not what was sent"},
		{outbox.Sent{Receipt: r(), Arrival: seen(message.ProofMissing, 0)}, 0, "not seen", theme.Warn, "stands at b · 1 · 7"},
		{outbox.Sent{Arrival: seen(message.ProofNotFound, 0)}, 0, "not seen", theme.Warn, "no message of this id"},
		{outbox.Sent{Receipt: r(), Arrival: seen(message.ProofUnread, 0)}, 0, "not read", theme.Muted, "could not be read back: The topic may not be read"},
	} {
		c.sent.State, c.sent.Leave.At = outbox.Stored, now
		row, token := arrivalText(&c.sent, now.Add(c.at))
		if !strings.HasPrefix(row, c.row) || token != c.token || !strings.Contains(proofText(&c.sent), c.words) {
			t.Errorf("%d: %q, %v, %q", i, row, token, proofText(&c.sent))
		}
	}
}

func TestSetProfileNamesTheButton(t *testing.T) {
	s := newRig(t, nil)
	for env, want := range map[profile.Environment]string{profile.Production: "Send to production", profile.Test: "Send"} {
		p := s.screen.p.Profile
		p.Environment = env
		s.screen.SetProfile(p)
		if s.screen.button.Text() != want {
			t.Errorf("%s: %q", env, s.screen.button.Text())
		}
	}
}

// TestRunIsShownBeforeItBegins: the first messages, the pace, and what is agreed to.
func TestRunIsShownBeforeItBegins(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = `{"n":{{seq}}}` })
	s.Tap("Send many")
	f := s.screen.form
	f.repeat.times.SetText("1,000")
	f.repeat.rate.SetText("200")
	f.repeat.atOnce.SetText("999")
	s.screen.Primary()
	if got := f.repeat.atOnceField.Error(); !strings.Contains(got, "1 to 64") {
		t.Fatalf("%q", got)
	}
	f.repeat.atOnce.SetText("8")
	s.screen.Primary()
	s.UntilText("Send 1,000 messages to orders?")
	for _, text := range []string{`{"n":1}`, `{"n":3}`, "200 a second", "8 under way at most", "takes 5 s"} {
		if !s.Has(text) {
			t.Errorf("%q is not shown:\n%s", text, stage.Texts(s.Window))
		}
	}
	s.Tap("Cancel")
	s.screen.Primary()
	s.UntilText("Send 1,000 messages to orders?")
	s.Tap("Send 1,000")
	s.Until(t, "the run", func() bool { return len(s.cluster.begins()) == 1 && s.screen.Sending() == 0 })
	if yes := s.cluster.begins()[0]; yes.Topic != "orders" || yes.Count != 1000 || yes.Name != "" {
		t.Errorf("%+v", yes)
	}
	if len(s.cluster.drafts()) > 0 {
		t.Error("a single message was sent too")
	}
}

// TestRunInProductionWantsTheName, and is told what its pace means.
func TestRunInProductionWantsTheName(t *testing.T) {
	s := newRig(t, func(s *rig) { s.profile.Environment, s.profile.Name = profile.Production, "live" })
	s.Tap("Send many")
	s.screen.form.repeat.times.SetText("50")
	s.screen.Primary()
	s.UntilText("Type live to confirm")
	if !s.Has("more than 100 a second on production") {
		t.Errorf("no warning:\n%s", stage.Texts(s.Window))
	}
	field := s.Window.Canvas().Focused().(*widgets.Entry)
	field.SetText("live")
	press(field, fyne.KeyReturn)
	s.Until(t, "the run", func() bool { return len(s.cluster.begins()) == 1 })
	if yes := s.cluster.begins()[0]; yes.Name != "live" || yes.Count != 50 {
		t.Errorf("%+v", yes)
	}
}

// TestWrongValuesStandAtTheirFields, of a single message and of a run.
func TestWrongValuesStandAtTheirFields(t *testing.T) {
	for i, c := range []struct {
		change func(*form)
		at     func(*form) string
		want   string
	}{
		{func(f *form) { f.tag.SetText("{{seqq}}") }, func(f *form) string { return f.tagField.Error() }, "{{seqq}}"},
		{func(f *form) { f.keys.SetText("{{rand 1}}") }, func(f *form) string { return f.keysField.Error() }, "{{rand 1 100}}"},
		{func(f *form) { f.s.body.set([]byte("{{env \"x\"}}"), "") }, func(f *form) string { return f.s.body.count.Text() }, "no value “x”"},
	} {
		for _, many := range []bool{false, true} {
			t.Run(fmt.Sprint(i, many), func(t *testing.T) {
				s := newRig(t, nil)
				if many {
					s.screen.form.repeat.fold(true)
				}
				c.change(s.screen.form)
				s.screen.Primary()
				s.Until(t, "the error", func() bool { return strings.Contains(c.at(s.screen.form), c.want) })
				s.quiet(0)
			})
		}
	}
}

// TestSinglesHaveValues: each press its own.
func TestSinglesHaveValues(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body, s.form.Keys = `{"n":{{seq}},"id":"{{uuid}}"}`, "K-{{seq}} {{uuid}}" })
	for n := range 2 {
		s.screen.Primary()
		s.done(n + 1)
	}
	got := s.cluster.drafts()
	for i, d := range got {
		if want := fmt.Sprint("K-", i+1); d.Keys[0] != want || !strings.Contains(string(d.Body), d.Keys[1]) || !strings.Contains(string(d.Body), fmt.Sprintf(`"n":%d`, i+1)) {
			t.Errorf("%d: %+v, %s", i, d, d.Body)
		}
	}
	s.screen.form.values.SetChecked(false)
	s.screen.Primary()
	s.done(3)
	if d := s.cluster.drafts()[2]; string(d.Body) != `{"n":{{seq}},"id":"{{uuid}}"}` {
		t.Errorf("literal: %s", d.Body)
	}
}

// TestRunOpensAndCloses: a run is one row, opens into its messages, and is the selected row
// when it was left.
func TestRunOpensAndCloses(t *testing.T) {
	s := newRig(t, nil)
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "g", Topic: "orders", Body: []byte("x")}, Count: 7, AtOnce: 1}
	if _, err := s.cluster.store.Begin(outbox.For{Profile: "p"}, p, worker.Access{}, nil, nil); err == nil {
		t.Fatal("there is no worker")
	}
	pane := s.screen.sent
	s.Until(t, "the run", func() bool { return pane.shelf().Len() == 2 })
	pane.list.Select(0)
	for _, text := range []string{"7 to orders", "Interrupted", "Run"} {
		if !s.Has(text) {
			t.Errorf("%q is not shown:\n%s", text, stage.Texts(s.Window))
		}
	}
	press(pane.list, fyne.KeyReturn)
	s.UntilText("0 of 7")
	if !s.Has("Go on") || s.Has("Pause") || s.Has("Stop") {
		t.Errorf("of an interrupted run:\n%s", stage.Texts(s.Window))
	}
	pane.closeRun()
	if pane.list.Selected() != 0 || !pane.detail.content.Visible() || !s.Has("7 to orders") {
		t.Errorf("row %d is selected:\n%s", pane.list.Selected(), stage.Texts(s.Window))
	}
	s.Tap("Delete")
	s.UntilText("Delete this run from the history?")
	s.Tap("Delete")
	s.Until(t, "its end", func() bool { return pane.shelf().Len() == 1 })
}

// TestF8OneListNewestFirst: a send and its arrival are one row, the newest is the first, and
// a row that is chosen opens, with what was sent below its receipt.
func TestF8OneListNewestFirst(t *testing.T) {
	s := newRig(t, nil)
	for n, body := range []string{"first", "second", "third"} {
		s.screen.body.set([]byte(body), "")
		s.screen.Primary()
		s.done(n + 1)
		s.listed(n + 1)
	}
	p := s.screen.sent
	for i, want := range []string{"third", "second", "first"} {
		p.list.Select(i)
		s.Until(t, "the row", func() bool { e := p.look(); return e != nil && e.sent != nil })
		if got := string(p.look().sent.Draft.Body); got != want || !p.detail.content.Visible() || !s.Has("SEND_OK") || !s.Has(want) {
			t.Errorf("row %d is %q:\n%s", i, got, stage.Texts(s.Window))
		}
	}
}

// TestRowsThatChangeAreNotSent: a file that became another since its first rows were shown,
// with as many of them.
func TestRowsThatChangeAreNotSent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.txt")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newRig(t, func(s *rig) { s.form.Body = "{{line}}" })
	s.screen.form.repeat.fold(true)
	s.screen.form.repeat.setFile(file)
	write("one\ntwo\n")
	s.screen.Primary()
	s.UntilText("Send 2 messages to orders?")
	write("six\nten\n")
	s.Tap("Send 2")
	s.Until(t, "the error", func() bool { return len(s.failed) == 1 })
	if !errors.Is(s.failed[0], plan.ErrNoRow) {
		t.Errorf("%v", s.failed[0])
	}
	if runs, err := s.cluster.store.Runs("p"); err != nil || len(runs) > 0 {
		t.Errorf("%+v, %v", runs, err)
	}
}

// TestBadgesHaveCommas: the tabs count as everything else does.
func TestBadgesHaveCommas(t *testing.T) {
	s := newRig(t, nil)
	s.screen.side.count(sideSent, 2000)
	if !s.Has("2,000") {
		t.Error(stage.Texts(s.Window))
	}
}
