package profiles

import (
	"slices"
	"strings"
	"testing"

	"gantry/gui/stage"
)

// TestSecretValues: they go to the keyring and out of sight, and are replaced and removed
// there.
func TestSecretValues(t *testing.T) {
	p := good()
	p.Role, p.SecretEnv = "", []string{"old", "kept"}
	s := newRig(t, p, false, func(s *rig) {
		s.ring.secrets["p1/value/old"], s.ring.secrets["p1/value/kept"] = "secret-a", "secret-b"
	})
	e := s.editor
	s.Until(t, "the keyring", func() bool {
		return e.secrets.rows[0].value.state == tokenStored && e.secrets.rows[1].value.state == tokenStored
	})
	if e.Dirty() || strings.Contains(stage.Texts(s.Window), "secret-") {
		t.Errorf("it shows:\n%s", stage.Texts(s.Window))
	}
	s.Tap("Add a secret value")
	added := e.secrets.rows[2]
	if e.SaveNow(); len(s.saved) != 1 || !slices.Equal(s.saved[0].SecretEnv, p.SecretEnv) {
		t.Fatalf("an empty row: %+v", s.saved)
	}
	added.value.entry.SetText(" secret-c ")
	if e.SaveNow(); len(s.saved) != 1 || e.secrets.field.Error() == "" {
		t.Errorf("a value without a name: %q", e.secrets.field.Error())
	}
	added.name.SetText("kept")
	if e.SaveNow(); len(s.saved) != 1 || e.secrets.field.Error() == "" {
		t.Errorf("a name twice: %q", e.secrets.field.Error())
	}
	added.name.SetText("new")
	e.secrets.rows[1].value.replace()
	e.secrets.rows[1].value.entry.SetText("secret-d")
	e.secrets.remove(e.secrets.rows[0])
	if !e.Dirty() {
		t.Error("nothing to save")
	}
	e.SaveNow()
	s.Until(t, "the save", func() bool { return len(s.saved) == 2 })
	if got := s.saved[1].SecretEnv; !slices.Equal(got, []string{"kept", "new"}) {
		t.Errorf("%v", got)
	}
	if s.ring.secret("p1/value/old") != "" || s.ring.secret("p1/value/kept") != "secret-d" || s.ring.secret("p1/value/new") != "secret-c" {
		t.Errorf("%v", s.ring.secrets)
	}
}

// TestSecretValuesWithoutAKeyring: they can be kept in memory, and go with the connection.
func TestSecretValuesWithoutAKeyring(t *testing.T) {
	p := good()
	p.Role = ""
	s := newRig(t, p, false, nil)
	e := s.editor
	s.Tap("Add a secret value")
	e.secrets.rows[0].name.SetText("token")
	e.secrets.rows[0].value.entry.SetText("secret")
	s.ring.set(true, false)
	e.SaveNow()
	s.Until(t, "the notice", func() bool { return e.notice.Visible() && s.Has("Keep in memory until quit") && e.job == nil })
	s.notice("Keep in memory until quit")
	if len(s.saved) != 1 || !s.vault.Remembered("p1/value/token") {
		t.Fatalf("%+v", s.saved)
	}
	// What is chosen at a value that cannot be read asks the keyring no more.
	again := newRig(t, s.saved[0], false, func(s *rig) { s.ring.set(true, false) })
	value := again.editor.secrets.rows[0].value
	again.Until(t, "the keyring", func() bool { return value.state == tokenUnreadable })
	value.keepInMemory()
	value.entry.SetText("other")
	again.editor.SaveNow()
	if got, err := again.vault.Secret(t.Context(), "p1/value/token"); err != nil || got.Reveal() != "other" || len(again.saved) != 1 {
		t.Errorf("%v, %+v", err, again.saved)
	}
	e.p.Profile = s.saved[0]
	if err := e.forget(t.Context()); err == nil || s.vault.Remembered("p1/value/token") {
		t.Errorf("%v", err)
	}
}
