package profiles

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

const typedToken = "eyJ-the-token"

func TestEveryErrorStandsAtItsField(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Editor)
		field  profile.Field
		want   string
	}{
		"no name":        {func(e *Editor) { e.form.name.SetText(" ") }, profile.FieldName, "Must not be empty."},
		"taken":          {func(e *Editor) { e.form.name.SetText("taken") }, profile.FieldName, "Another connection has this name."},
		"no server":      {func(e *Editor) { e.form.servers.SetText("") }, profile.FieldNameServers, "Enter at least one name server, as host:port."},
		"no port":        {func(e *Editor) { e.form.servers.SetText("mq.corp") }, profile.FieldNameServers, "mq.corp: needs a port, as host:9876"},
		"bad port":       {func(e *Editor) { e.form.servers.SetText("a:99999") }, profile.FieldNameServers, "a:99999: the port must be a number from 1 to 65535"},
		"twice":          {func(e *Editor) { e.form.servers.SetText("a:1\na:1") }, profile.FieldNameServers, "a:1: is there twice"},
		"bad cluster":    {func(e *Editor) { e.form.cluster.SetText("a b") }, profile.FieldClusterID, "Only letters, digits and % | _ - are allowed."},
		"bad space":      {func(e *Editor) { e.form.space.SetText("a/b") }, profile.FieldNamespace, "Only letters, digits and % | _ - are allowed."},
		"no authority":   {func(e *Editor) { e.form.net.on.SetChecked(true); e.form.net.trust.SetSelectedIndex(trustOwn) }, profile.FieldCAFile, "Choose the file with the authority's certificate."},
		"bad name":       {func(e *Editor) { e.form.net.on.SetChecked(true); e.form.net.server.SetText("a b") }, profile.FieldServerName, "a b: is no host name or address"},
		"no key":         {func(e *Editor) { e.form.net.on.SetChecked(true); e.form.net.cert.SetText("/c.pem") }, profile.FieldKeyFile, "The certificate needs its private key."},
		"no certificate": {func(e *Editor) { e.form.net.on.SetChecked(true); e.form.net.key.SetText("/k.pem") }, profile.FieldCertFile, "The private key needs its certificate."},
		"no target":      {func(e *Editor) { e.form.net.addresses.SetText("a:1 = ") }, profile.FieldAddresses, "a:1: needs the address to use instead, after ="},
		"mixed":          {func(e *Editor) { e.form.net.addresses.SetText("a:1 = b") }, profile.FieldAddresses, "a:1 = b: either both sides need a port or neither"},
		"bad target":     {func(e *Editor) { e.form.net.addresses.SetText("a:1 = b:0") }, profile.FieldAddresses, "b:0: the port must be a number from 1 to 65535"},
		"mapped twice":   {func(e *Editor) { e.form.net.addresses.SetText("a:1 = b:1\na:1 -> c:1") }, profile.FieldAddresses, "a:1: is there twice"},
		"token alone":    {func(e *Editor) { e.form.role.SetText(""); e.token.entry.SetText(typedToken) }, profile.FieldRole, "A token needs a role name."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRig(t, good(), true, nil)
			c.change(s.editor)
			s.editor.SaveNow()
			if got := s.editor.form.fields[c.field].Error(); got != c.want {
				t.Errorf("at %s stands %q, want %q", c.field, got, c.want)
			}
			for field, w := range s.editor.form.fields {
				if field != c.field && w.Error() != "" {
					t.Errorf("at %s stands %q", field, w.Error())
				}
			}
			s.Settle(20 * time.Millisecond)
			if len(s.saved) > 0 || s.ring.secret("p1") != "" {
				t.Error("something was saved")
			}
		})
	}
}

func TestPastedAddressesAndNamesAreCleaned(t *testing.T) {
	s := newRig(t, good(), true, nil)
	f := s.editor.form
	f.servers.SetText("http://10.0.0.1:9876/; 10.0.0.2:9876，mq.corp:1")
	f.servers.OnFocus(false)
	if f.servers.Text != "10.0.0.1:9876\n10.0.0.2:9876\nmq.corp:1" {
		t.Errorf("servers %q", f.servers.Text)
	}
	f.space.SetText("rocketmq-1｜ns")
	f.space.OnFocus(false)
	if f.cluster.Text != "rocketmq-1" || f.space.Text != "ns" || len(s.said) != 1 {
		t.Errorf("%q, %q, said %q", f.cluster.Text, f.space.Text, s.said)
	}
	if !s.Has("Full names are built for you: rocketmq-1|ns%topic") {
		t.Errorf("the full name is not shown:\n%s", stage.Texts(s.Window))
	}
	s.editor.SaveNow()
	if len(s.saved) != 1 || s.saved[0].ClusterID != "rocketmq-1" || len(s.saved[0].NameServers) != 3 {
		t.Errorf("saved %+v", s.saved)
	}
}

func TestTLSIsSaidHonestly(t *testing.T) {
	s := newRig(t, good(), true, nil)
	f := s.editor.form
	if !s.Has("Without TLS the access key travels readable in every request; with TDMQ that is the token.") {
		t.Error("TDMQ without TLS is not warned of")
	}
	f.mapping.SetSelectedIndex(1)
	if !s.Has("Without TLS the access key travels readable in every request.") || s.Has("that is the token") || !s.Has("Password") || !s.Has("User name") {
		t.Errorf("the ACL mapping reads:\n%s", stage.Texts(s.Window))
	}
	f.net.on.SetChecked(true)
	if s.Has("Without TLS") || s.Has("not verified") {
		t.Error("a warning although the server is verified")
	}
	f.net.trust.SetSelectedIndex(trustAnyone)
	if !s.Has("The server is not verified: whoever stands in between can read and change everything.") {
		t.Error("that nobody is verified is not said")
	}
	f.net.on.SetChecked(false)
	f.role.SetText("")
	if s.Has("Without TLS") {
		t.Error("a warning although nothing is signed")
	}
}

func TestTokenGoesToTheKeyringAndOutOfSight(t *testing.T) {
	s := newRig(t, good(), true, nil)
	s.editor.token.entry.SetText(" " + typedToken + " ")
	if !s.editor.Dirty() {
		t.Error("a typed token is no change")
	}
	old := s.editor.token.entry
	s.editor.SaveNow()
	if old.Text != "" || s.Has(typedToken) {
		t.Error("the token is still in a widget while it is being stored")
	}
	s.Until(t, "save", func() bool { return len(s.saved) == 1 })
	if s.ring.secret("p1") != typedToken {
		t.Errorf("the keyring holds %q", s.ring.secret("p1"))
	}
	if s.Has(typedToken) || !s.Has("Stored") || s.editor.token.taken != "" {
		t.Errorf("after Save:\n%s", stage.Texts(s.Window))
	}
	b, err := profile.Export(s.saved)
	if err != nil || strings.Contains(string(b), typedToken) {
		t.Errorf("the export holds the token: %s %v", b, err)
	}
}

func hold(s *rig) { s.ring.secrets["p1"] = typedToken }

func TestStoredTokenIsReplacedOrCleared(t *testing.T) {
	s := newRig(t, good(), false, hold)
	s.UntilText("Stored")
	if s.Has(typedToken) || s.editor.Dirty() {
		t.Error("the stored token shows, or the page is dirty")
	}
	s.Tap("Replace")
	s.Tap("Keep the one before")
	s.UntilText("Stored")
	s.Tap("Replace")
	s.editor.token.entry.SetText("new-token")
	s.editor.SaveNow()
	s.Until(t, "save", func() bool { return len(s.saved) == 1 && s.ring.secret("p1") == "new-token" })

	s.Tap("Clear")
	if !s.Has("Removed when you save") || !s.editor.Dirty() {
		t.Error("Clear is not said")
	}
	s.Tap("Undo")
	s.UntilText("Stored")
	s.Tap("Clear")
	s.editor.SaveNow()
	s.Until(t, "save", func() bool { return len(s.saved) == 2 })
	if s.ring.secret("p1") != "" || s.editor.token.state != tokenEntering {
		t.Error("the token was not removed")
	}
}

func TestStoredTokenNeedsItsRole(t *testing.T) {
	s := newRig(t, good(), false, hold)
	s.UntilText("Stored")
	s.editor.form.role.SetText("")
	s.editor.SaveNow()
	if s.editor.form.fields[profile.FieldRole].Error() == "" || len(s.saved) > 0 {
		t.Error("saved a token without a role")
	}
}

func TestLockedKeyringWhenStoring(t *testing.T) {
	s := newRig(t, good(), true, func(s *rig) { s.ring.locked = true })
	s.editor.token.entry.SetText(typedToken)
	s.editor.SaveNow()
	s.UntilText("The system's keyring is missing or locked.")
	if len(s.saved) > 0 || s.Has(typedToken) {
		t.Error("saved, or the token shows")
	}
	s.Tap("Try again")
	s.UntilText("The system's keyring is missing or locked.")
	s.ring.set(false, false)
	s.Tap("Try again")
	s.Until(t, "save", func() bool { return len(s.saved) == 1 })
	if s.ring.secret("p1") != typedToken {
		t.Error("the second try did not store it")
	}
}

func TestLockedKeyringThenMemory(t *testing.T) {
	s := newRig(t, good(), true, func(s *rig) { s.ring.locked = true })
	s.editor.token.entry.SetText(typedToken)
	s.editor.SaveNow()
	s.UntilText("The system's keyring is missing or locked.")
	s.Tap("Keep in memory until quit")
	if len(s.saved) != 1 || !s.vault.Remembered("p1") || s.Has(typedToken) || !s.Has("In memory until you quit") {
		t.Errorf("saved %v:\n%s", s.saved, stage.Texts(s.Window))
	}
}

func TestLockedKeyringWhenReading(t *testing.T) {
	s := newRig(t, good(), false, func(s *rig) { hold(s); s.ring.locked = true })
	s.UntilText("The system's keyring is missing or locked.")
	s.ring.set(false, false)
	s.Tap("Try again")
	s.UntilText("Stored")

	s.ring.set(true, false)
	s.editor.token.ask()
	s.UntilText("The system's keyring is missing or locked.")
	s.Tap("Keep in memory until quit")
	s.editor.token.entry.SetText("other")
	s.editor.SaveNow()
	if len(s.saved) != 1 || !s.vault.Remembered("p1") {
		t.Error("not kept in memory")
	}
}

func TestUnansweredPromptIsCancelled(t *testing.T) {
	s := newRig(t, good(), true, func(s *rig) { s.ring.silent = true })
	s.editor.token.entry.SetText(typedToken)
	s.editor.SaveNow()
	s.UntilText("Waiting for the system's keyring.")
	s.editor.SaveNow() // does nothing meanwhile
	s.notice("Cancel")
	s.Settle(50 * time.Millisecond)
	if len(s.saved) > 0 || s.Has("Waiting for") || !s.Has("Entered, not stored yet") || s.Has(typedToken) {
		t.Errorf("after Cancel:\n%s", stage.Texts(s.Window))
	}
	s.editor.SaveNow()
	s.UntilText("Waiting for the system's keyring.")
	s.Tap("Keep in memory until quit")
	if len(s.saved) != 1 || !s.vault.Remembered("p1") {
		t.Error("not saved with the token in memory")
	}
}

func TestDeleteAsksAndTakesTheToken(t *testing.T) {
	s := newRig(t, good(), false, hold)
	s.UntilText("Stored")
	s.Tap("Delete…")
	if s.deleted > 0 || !s.Has("Delete the connection orders?") {
		t.Fatal("it did not ask")
	}
	s.Tap("Delete")
	s.Until(t, "delete", func() bool { return s.deleted == 1 })
	if s.ring.secret("p1") != "" {
		t.Error("the token is still there")
	}
	if stage.Button(newRig(t, good(), true, nil).Window, "Delete…") != nil {
		t.Error("a new connection can be deleted")
	}
}

func TestDeleteWithALockedKeyring(t *testing.T) {
	s := newRig(t, good(), false, func(s *rig) { hold(s); s.ring.locked = true })
	s.editor.deleteAll()
	s.UntilText("The token is still there.")
	s.Tap("Delete without the token")
	if s.deleted != 1 {
		t.Error("not deleted")
	}
}

func TestDirty(t *testing.T) {
	s := newRig(t, good(), true, nil)
	if s.editor.Dirty() {
		t.Error("dirty at the start")
	}
	s.editor.form.env.Select(2)
	if !s.editor.Dirty() || !s.Has("PROD") {
		t.Error("another environment is no change, or the chip did not follow")
	}
	s.editor.form.env.Select(1)
	if s.editor.Dirty() {
		t.Error("changed back is a change")
	}
	if n := newRig(t, profile.Profile{}, true, nil); n.editor.Dirty() || n.editor.p.Profile.ID == "" {
		t.Error("an empty new profile is dirty or has no id")
	}
}

func TestWithoutARoleTheKeyringIsNotAsked(t *testing.T) {
	p := good()
	p.Role = ""
	s := newRig(t, p, false, func(s *rig) { s.ring.locked = true })
	s.Until(t, "the focus", func() bool { return s.Window.Canvas().Focused() == s.editor.form.name })
	if s.Has("keyring is missing") || s.editor.token.entry == nil {
		t.Errorf("it shows:\n%s", stage.Texts(s.Window))
	}
}

// TestSaveAsksTheShellFirst: before the token goes anywhere.
func TestSaveAsksTheShellFirst(t *testing.T) {
	s := newRig(t, good(), false, nil)
	var goOn func()
	var token bool
	s.editor.p.Ask = func(_ profile.Profile, t bool, then func()) { token, goOn = t, then }
	s.editor.SaveNow()
	if goOn == nil || token || len(s.saved) != 0 {
		t.Fatalf("asked %v, token %v, saved %d", goOn != nil, token, len(s.saved))
	}
	s.Until(t, "the keyring's answer", func() bool { return s.editor.token.state == tokenEntering })
	s.editor.token.entry.SetText("a-token")
	s.editor.SaveNow()
	if !token || s.ring.secret("p1") != "" {
		t.Fatal("the token was stored before the answer, or not said to change")
	}
	goOn()
	s.Until(t, "the save", func() bool { return len(s.saved) == 1 })
	if s.ring.secret("p1") != "a-token" {
		t.Error("the token was not stored")
	}
}

// TestF13DeleteWithTheTokenInMemory: the keyring is locked, and was never given the
// token, so nothing is in the way; what may be left there is said.
func TestF13DeleteWithTheTokenInMemory(t *testing.T) {
	s := newRig(t, good(), false, func(s *rig) { hold(s); s.ring.locked = true })
	s.vault.Remember("p1", "token")
	s.editor.deleteAll()
	s.Until(t, "delete", func() bool { return s.deleted == 1 })
	if s.vault.Remembered("p1") || !strings.Contains(strings.Join(s.said, ""), "may be left in the system's keyring") {
		t.Errorf("said %q", s.said)
	}
}

// TestF17KindComesFirst: a new connection begins with the kind of cluster that asks for
// least, and each kind shows its own fields only.
func TestF17KindComesFirst(t *testing.T) {
	s := newRig(t, profile.Profile{}, true, nil)
	f := s.editor.form
	if f.content.Objects[0].(*widgets.Field).Control() != fyne.CanvasObject(f.mapping) || !f.open() || f.servers.PlaceHolder != "host:9876" {
		t.Error("the kind does not come first, or asks for a sign-in")
	}
	all := []string{"Sign in", "Role name", "User name", "Token", "Password", "Namespace", "Tencent's console"}
	for kind, want := range map[int]string{
		kindOpen: "", kindUser: "Sign in, User name, Password", kindTDMQ: "Sign in, Role name, Token, Namespace, Tencent's console",
	} {
		f.mapping.SetSelectedIndex(kind)
		var got []string
		for _, w := range all {
			if s.Has(w) && (w != "Token" || kind == kindTDMQ) {
				got = append(got, w)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("kind %d shows %q", kind, got)
		}
	}
	// What was typed for another kind is not saved, and comes back with it.
	f.name.SetText("orders")
	f.servers.SetText("10.0.0.1:9876")
	f.role.SetText("tester")
	f.cluster.SetText("rocketmq-1")
	s.editor.token.entry.SetText("secret")
	f.mapping.SetSelectedIndex(kindOpen)
	s.editor.SaveNow()
	s.Until(t, "the save", func() bool { return len(s.saved) == 1 })
	if p := s.saved[0]; p.Role != "" || p.ClusterID != "" || p.Mapping != profile.OpenSource || s.ring.secret(p.ID) != "" {
		t.Errorf("saved %+v", p)
	}
	if f.mapping.SetSelectedIndex(kindTDMQ); f.role.Text != "tester" || f.cluster.Text != "rocketmq-1" {
		t.Error("what was typed is gone")
	}
}

// TestF17SignInIsTakenAway: a connection that needs no sign-in any more keeps no token.
func TestF17SignInIsTakenAway(t *testing.T) {
	s := newRig(t, good(), false, hold)
	s.UntilText("Stored")
	s.editor.form.mapping.SetSelectedIndex(kindOpen)
	s.editor.SaveNow()
	s.Until(t, "the save", func() bool { return len(s.saved) == 1 })
	if s.ring.secret("p1") != "" || s.saved[0].Role != "" {
		t.Errorf("the token is still there, or the role: %+v", s.saved[0])
	}
}
