package send

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

func TestReceiptStates(t *testing.T) {
	states := []message.Receipt{
		{Status: message.StatusFlushDiskTimeout, Broker: "b-a"},
		{Status: message.StatusFlushSlaveTimeout, Broker: "b-a"},
		{Status: message.StatusSlaveNotAvailable, Broker: "b-a"},
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
		{"Uncertain", "No answer: the broker may have stored it.", "Look for the message before you send it again.", "Send again"},
		{"Failed", "No permission to send to this topic.", "Retry"},
	} {
		s.screen.Primary()
		s.done(i + 1)
		for _, text := range want {
			if !s.Has(text) {
				t.Errorf("%s: %q is not shown:\n%s", states[i].Status, text, stage.Texts(s.Window))
			}
		}
	}
	s.screen.detail().fold()
	if !s.Has("CODE: 16, DESC: no") {
		t.Error("Details do not show the raw text")
	}
	s.Tap("Copy")
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.Contains(got, "CODE: 16") {
		t.Errorf("copied %q", got)
	}
}

func (s *Screen) detail() *detail { return s.receipts.detail }

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
	s.quiet(1) // only on press
	s.screen.body.entry.SetText("changed meanwhile")
	s.Tap("Retry")
	s.done(2)
	got := s.cluster.drafts()
	if d := cmp.Diff(got[0], got[1]); d != "" || string(got[1].Body) != "hello" {
		t.Errorf("another draft was sent: %s", d)
	}
	s.cluster.answer = func(int, *message.Draft) (message.Receipt, error) { return message.Receipt{}, fault.ReadOnly }
	s.screen.Primary()
	s.UntilText("Not sent")
}

func TestReceiptsAreBounded(t *testing.T) {
	s := newRig(t, nil)
	r := s.screen.receipts
	big := message.Draft{Body: make([]byte, 10<<20)}
	for range keptReceipts {
		r.all = append(r.all, &sent{topic: "t"})
	}
	for range 5 {
		r.add(message.Draft{Topic: "t"}, "t").pending = false
	}
	if len(r.all) != keptReceipts {
		t.Errorf("%d receipts kept", len(r.all))
	}
	for range 10 {
		r.done(r.add(big, "t"), message.Receipt{Status: message.StatusFailed}, nil)
	}
	total := 0
	for _, x := range r.all {
		if x.draft != nil {
			total += len(x.draft.Body)
		}
	}
	if total > keptBodies || !r.at(0).again() || r.at(9).again() {
		t.Errorf("%d MB of bodies are held", total>>20)
	}
}

func TestSelectionStaysOnItsReceipt(t *testing.T) {
	s := newRig(t, nil)
	r := s.screen.receipts
	first := r.add(message.Draft{Topic: "t"}, "t")
	r.add(message.Draft{Topic: "t"}, "t")
	r.list.Select(1)
	if r.selected != first {
		t.Fatal("row 1 is not the first send")
	}
	r.add(message.Draft{Topic: "t"}, "t")
	if r.selected != first || r.list.Selected() != 2 {
		t.Errorf("the selection moved to row %d", r.list.Selected())
	}
	press(r.list, fyne.KeyEscape)
	if r.selected != nil || r.detail.content.Visible() {
		t.Error("Escape did not close the facts")
	}
}

func TestCopyingAFact(t *testing.T) {
	s := newRig(t, nil)
	s.screen.Primary()
	s.done(1)
	n := 0
	stage.Walk(s.screen.detail().facts, func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.IconButton); ok {
			if n == 1 { // message id
				test.Tap(b)
			}
			n++
		}
	})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "7F0000013C2A18B4AAC2684F009D1C96" || n != 9 {
		t.Errorf("copied %q, %d facts", got, n)
	}
}

// TestReceiptsOutliveAnEdit: those of a screen that was closed, and that of a send which
// ended meanwhile.
func TestReceiptsOutliveAnEdit(t *testing.T) {
	wait := make(chan struct{})
	s := newRig(t, func(s *rig) {
		s.cluster.answer = func(n int, d *message.Draft) (message.Receipt, error) {
			if n == 2 {
				<-wait
			}
			return message.Receipt{Status: message.StatusOK, Topic: d.Topic, MessageID: "1D", Broker: "b"}, nil
		}
		s.more = func(p *Params) { p.Locate = func(string, string, int, int64) {} }
	})
	s.screen.Primary()
	s.Until(t, "a receipt", func() bool { return len(s.screen.receipts.all) == 1 && !s.screen.receipts.at(0).pending })
	s.screen.Primary()
	s.Until(t, "a send", func() bool { return len(s.screen.receipts.all) == 2 })
	before := s.screen
	before.Close()
	p := before.p
	next := New(p)
	defer next.Close()
	next.Adopt(before)
	s.Show(next.Content())
	close(wait)
	s.Until(t, "its receipt", func() bool { return !next.receipts.at(0).pending })
	if len(next.receipts.all) != 2 || !s.Has("1D") || !s.Has("Where is it?") {
		t.Errorf("the receipts are lost:\n%s", stage.Texts(s.Window))
	}
	// Of another cluster they stay, but lead nowhere.
	p.Profile.NameServers = []string{"elsewhere:1"}
	other := New(p)
	defer other.Close()
	other.Adopt(next)
	s.Show(other.Content())
	other.receipts.choose(other.receipts.at(0))
	if !s.Has("1D") || s.Has("Where is it?") || other.receipts.at(0).again() {
		t.Errorf("what went elsewhere is offered here:\n%s", stage.Texts(s.Window))
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
