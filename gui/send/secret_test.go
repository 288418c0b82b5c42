package send

import (
	"slices"
	"strings"
	"testing"

	"gantry/client/message"
	"gantry/gui/stage"
)

// TestSecretValuesAreHidden: the window never has one; a message with one is made at the
// door, is kept with *** in its place, and is not sent again from there.
func TestSecretValuesAreHidden(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.profile.SecretEnv = []string{"token"}
		s.form.Body = `{{seq}} {{env "token"}}`
	})
	if got := s.screen.valueNames(); !slices.Equal(got, []string{"token"}) {
		t.Errorf("%v are offered", got)
	}
	s.screen.Primary()
	s.done(1)
	if d := s.cluster.drafts()[0]; !d.Hides || string(d.Body) != "1 ***" || !slices.Equal(s.cluster.hidden, []string{"token"}) {
		t.Fatalf("%q, %+v, %v", d.Body, d, s.cluster.hidden)
	}
	s.listed(1)
	if s.screen.canAgain(s.screen.sent.look()) {
		t.Error("*** could be sent")
	}
	if !s.Has(hiddenWords()) {
		t.Errorf("it does not say so:\n%s", stage.Texts(s.Window))
	}
	s.screen.body.editor.SetText("no secret")
	s.screen.Primary()
	s.done(2)
	if d := s.cluster.drafts()[1]; d.Hides || len(s.cluster.hidden) != 1 {
		t.Errorf("%+v", d)
	}
	s.screen.body.editor.SetText(`{{env "token"}}`)
	s.screen.form.repeat.fold(true)
	s.screen.form.repeat.times.SetText("2")
	s.screen.Primary()
	s.UntilText("The first of them")
	if all := stage.Texts(s.Window); !strings.Contains(all, message.Hidden) {
		t.Errorf("the preview shows:\n%s", all)
	}
}
