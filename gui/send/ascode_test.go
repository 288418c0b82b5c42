package send

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/fault"
	"gantry/client/profile"
)

// codeOf chooses a language in the menu that is open, and returns what is copied.
func (s *rig) codeOf(language string) string {
	s.t.Helper()
	fyne.CurrentApp().Clipboard().SetContent("")
	said, failed := len(s.said), len(s.failed)
	s.Choose(language)
	s.Until(s.t, "the code", func() bool { return len(s.said) > said || len(s.failed) > failed })
	return fyne.CurrentApp().Clipboard().Content()
}

// TestFormAsCode: the form as it is typed, with dynamic values as they are.
func TestFormAsCode(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.form = profile.SendForm{Topic: "orders", Tag: "{{pick a b}}", Body: `{"id":"{{uuid}}"}`}
		s.profile.NameServers = []string{"10.0.0.1:9876"}
	})
	if s.Has("As code") {
		t.Fatal("it is there before More was pressed")
	}
	s.screen.form.fold(true)
	s.Tap("As code")
	got := s.codeOf("Java")
	for _, want := range []string{"Dynamic values, {{...}}, are sent as they stand.", `"{{pick a b}}"`, `"{\"id\":\"{{uuid}}\"}"`, `"10.0.0.1:9876"`, `"gantry-producer"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if last := s.said[len(s.said)-1]; last != "Copied as code for Java." {
		t.Errorf("it says %q", last)
	}
	s.screen.form.values.SetChecked(false)
	s.Tap("As code")
	if got := s.codeOf("Go"); strings.Contains(got, "Dynamic values") || !strings.Contains(got, `"{{pick a b}}"`) {
		t.Errorf("%s", got)
	}
	s.screen.form.packing.SetSelectedIndex(packedOnItsWay)
	s.Tap("As code")
	if got := s.codeOf("mqadmin"); got != "" {
		t.Errorf("copied %s", got)
	}
	if last := s.said[len(s.said)-1]; last != "Not copied. mqadmin cannot carry: packing below 4 KB. Java or Go may." {
		t.Errorf("it says %q", last)
	}
	if len(s.cluster.drafts()) > 0 {
		t.Error("something was sent")
	}
}

// TestWrongFormIsNoCode: what is wrong stands at its field.
func TestWrongFormIsNoCode(t *testing.T) {
	s := newRig(t, nil)
	s.screen.form.fold(true)
	s.screen.form.group.SetText("组")
	s.Tap("As code")
	s.Choose("Go")
	if s.screen.form.groupField.Error() == "" || len(s.said) > 0 {
		t.Errorf("%q, it says %q", s.screen.form.groupField.Error(), s.said)
	}
}

// TestMoreOpensAgain: what stands under More is there each time.
func TestMoreOpensAgain(t *testing.T) {
	s := newRig(t, nil)
	for range 3 {
		s.Tap("More")
		if !s.Has("Producer group") || !s.Has("Packing of the body") {
			t.Fatal("it is empty")
		}
		s.screen.form.packing.SetSelectedIndex(packedOnItsWay)
		s.Tap("More")
		if s.Has("Producer group") || s.screen.form.packing.SelectedIndex() != packedOnItsWay {
			t.Fatal("it is still there, or forgets")
		}
	}
}

// TestNowhereIsNoCode: the sandbox has an address once it runs.
func TestNowhereIsNoCode(t *testing.T) {
	s := newRig(t, func(s *rig) { s.offline = true })
	s.screen.form.fold(true)
	s.Tap("As code")
	if got := s.codeOf("Go"); got != "" || len(s.failed) != 1 || !errors.Is(s.failed[0], fault.NotConnected) {
		t.Errorf("%q, %v", got, s.failed)
	}
}

// TestSentAsCode: a message of the history.
func TestSentAsCode(t *testing.T) {
	s := newRig(t, func(s *rig) { s.profile.Role, s.profile.Mapping = "alice", profile.OpenSource })
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	s.Tap("As code")
	if got := s.codeOf("mqadmin"); !strings.Contains(got, "--topic='orders'") || !strings.Contains(got, "--body='hello'") {
		t.Errorf("%s", got)
	}
	if !strings.Contains(fyne.CurrentApp().Clipboard().Content(), "--namesrvAddr='127.0.0.1:9876'") {
		t.Error("it does not say where the connection leads")
	}
	if last := s.said[len(s.said)-1]; last != "Copied as code for mqadmin. Set ROCKETMQ_SECRET to the password of alice before it runs." {
		t.Errorf("it says %q", last)
	}
}
