package profiles

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// with returns the good profile with another network.
func with(t profile.TLS, addresses map[string]string) profile.Profile {
	p := good()
	p.TLS, p.Addresses = t, addresses
	return p
}

func TestTLSFieldsFollowTheSwitch(t *testing.T) {
	s := newRig(t, good(), true, nil)
	net, form := s.editor.form.net, s.editor.form.content
	details := []string{"Whom to trust", "Server name (optional)", "Client certificate (PEM file, optional)", "Its private key (PEM file, optional)"}
	closed := form.MinSize().Height
	seen := func(want bool) {
		t.Helper()
		for _, d := range details {
			if s.Has(d) != want {
				t.Errorf("%q is shown: %v", d, !want)
			}
		}
	}
	seen(false)
	net.on.SetChecked(true)
	seen(true)
	if s.Has("Authority's certificate") {
		t.Error("an authority is asked for although the system's are trusted")
	}
	system := form.MinSize().Height
	net.trust.SetSelectedIndex(trustOwn)
	if !s.Has("Authority's certificate (PEM file)") {
		t.Error("the authority is not asked for")
	}
	if own := form.MinSize().Height; system <= closed || own != system {
		t.Errorf("heights: off %v, system %v, own %v", closed, system, own)
	}
	net.on.SetChecked(false)
	seen(false)
	if form.MinSize().Height != closed {
		t.Errorf("the form does not close up: %v, was %v", form.MinSize().Height, closed)
	}
}

func TestWhomToTrustIsSaved(t *testing.T) {
	full := profile.TLS{On: true, CAFile: abs("/ca.pem"), ServerName: "mq", CertFile: abs("/c.pem"), KeyFile: abs("/k.pem")}
	system, anyone := full, full
	system.CAFile, anyone.CAFile, anyone.Unverified = "", "", true
	for choice, want := range map[int]profile.TLS{trustSystem: system, trustOwn: full, trustAnyone: anyone} {
		s := newRig(t, good(), true, nil)
		net := s.editor.form.net
		net.on.SetChecked(true)
		for e, text := range map[*widgets.Entry]string{net.ca: "/ca.pem", net.cert: "/c.pem", net.key: "/k.pem", net.server: " mq "} {
			e.SetText(text)
		}
		net.trust.SetSelectedIndex(choice)
		s.editor.SaveNow()
		if len(s.saved) != 1 || s.saved[0].TLS != want {
			t.Errorf("choice %d saved %+v, want %+v", choice, s.saved, want)
		}
	}
}

// abs is a path as this system writes it.
func abs(path string) string {
	p, _ := filepath.Abs(path)
	return p
}

func TestAnUntouchedNetworkIsNoChange(t *testing.T) {
	for name, p := range map[string]profile.Profile{
		"system":    with(profile.TLS{On: true}, nil),
		"own":       with(profile.TLS{On: true, CAFile: abs("/ca.pem"), CertFile: abs("/c.pem"), KeyFile: abs("/k.pem"), ServerName: "mq"}, nil),
		"anyone":    with(profile.TLS{On: true, Unverified: true}, nil),
		"off":       with(profile.TLS{CAFile: abs("/ca.pem")}, nil),
		"addresses": with(profile.TLS{}, map[string]string{"b:1": "c:1", "172.17.0.3:10911": "10.2.20.9:10911", "host": "other"}),
	} {
		s := newRig(t, p, true, nil)
		if s.editor.Dirty() {
			t.Errorf("%s: dirty as opened", name)
		}
		s.editor.SaveNow()
		if len(s.saved) != 1 || !reflect.DeepEqual(s.saved[0], p) {
			t.Errorf("%s: saved %+v, was %+v", name, s.saved, p)
		}
		if s.editor.Dirty() {
			t.Errorf("%s: dirty after an untouched Save", name)
		}
	}
	// What the form would never write is no change either.
	for _, p := range []profile.Profile{
		with(profile.TLS{On: true, Unverified: true, CAFile: "/ca.pem"}, nil), with(profile.TLS{}, map[string]string{}),
	} {
		if s := newRig(t, p, true, nil); s.editor.Dirty() {
			t.Errorf("%+v is dirty as opened", p)
		}
	}
}

func TestEveryPartOfTheNetworkIsAChange(t *testing.T) {
	for name, change := range map[string]func(*network){
		"switch":    func(n *network) { n.on.SetChecked(false) },
		"trust":     func(n *network) { n.trust.SetSelectedIndex(trustAnyone) },
		"authority": func(n *network) { n.ca.SetText("/other.pem") },
		"name":      func(n *network) { n.server.SetText("mq") },
		"pair":      func(n *network) { n.cert.SetText("/c.pem") },
		"key":       func(n *network) { n.key.SetText("/k.pem") },
		"addresses": func(n *network) { n.addresses.SetText("a:1 = b:2") },
	} {
		s := newRig(t, with(profile.TLS{On: true, CAFile: "/ca.pem"}, map[string]string{"a:1": "b:1"}), true, nil)
		change(s.editor.form.net)
		if !s.editor.Dirty() {
			t.Errorf("%s: no change", name)
		}
	}
}

func TestAddressesAreTidiedOnceTheyAreWhole(t *testing.T) {
	s := newRig(t, good(), true, nil)
	a := s.editor.form.net.addresses
	for typed, want := range map[string]string{
		" b:1->c:1；a = d ":      "a = d\nb:1 = c:1",
		"a:1 = b:1\nb:1 = ":     "a:1 = b:1\nb:1 = ", // not finished
		"a:1 = b:1\na:1 = c:1":  "a:1 = b:1\na:1 = c:1",
		"\n":                    "",
		"a:1 = nowhere and b:1": "a:1 = nowhere and b:1",
	} {
		a.SetText(typed)
		a.OnFocus(false)
		if a.Text != want {
			t.Errorf("%q became %q, want %q", typed, a.Text, want)
		}
	}
}

func TestPathsAreCompleted(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for typed, want := range map[string]string{
		"":                      "",
		"  ":                    "",
		`""`:                    "",
		"~":                     home,
		" ~/ca.pem ":            filepath.Join(home, "ca.pem"),
		`"` + abs("/a b") + `"`: abs("/a b"),
		"~other/ca.pem":         abs("~other/ca.pem"),
		"ca.pem":                abs("ca.pem"),
	} {
		if got := wholePath(typed); got != want {
			t.Errorf("%q is completed to %q, want %q", typed, got, want)
		}
	}
	s := newRig(t, with(profile.TLS{On: true, CAFile: "/ca.pem"}, nil), true, nil)
	net := s.editor.form.net
	net.cert.SetText("~/c.pem")
	net.key.SetText("~/k.pem")
	net.key.OnFocus(false)
	if net.key.Text != filepath.Join(home, "k.pem") {
		t.Errorf("left with %q", net.key.Text)
	}
	s.editor.SaveNow()
	if len(s.saved) != 1 || s.saved[0].TLS.CertFile != filepath.Join(home, "c.pem") || net.cert.Text != s.saved[0].TLS.CertFile {
		t.Errorf("saved %+v", s.saved)
	}
}

func TestAFileIsChosen(t *testing.T) {
	s := newRig(t, with(profile.TLS{On: true}, nil), true, nil)
	net := s.editor.form.net
	path := filepath.Join(t.TempDir(), "c.pem")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	net.key.SetText(path) // its folder is where the dialog begins
	var choose *widgets.IconButton
	stage.Walk(s.editor.form.net.details, func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.IconButton); ok && choose == nil {
			choose = b
		}
	})
	test.Tap(choose)
	s.Until(t, "the dialog", func() bool { return s.Window.Canvas().Overlays().Top() != nil })
	if !s.Has("c.pem") && !s.Has("c") {
		t.Errorf("the dialog is not open:\n%s", stage.Texts(s.Window))
	}
	s.Window.Canvas().Overlays().Remove(s.Window.Canvas().Overlays().Top())
	r, err := storage.Reader(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	net.chosen(net.cert, r)
	if net.cert.Text != path || s.Window.Canvas().Focused() != net.cert {
		t.Errorf("the field holds %q", net.cert.Text)
	}
}

func TestAFailedFileIsSaidAtItsField(t *testing.T) {
	for field, path := range map[profile.Field]string{
		profile.FieldCAFile: abs("/ca.pem"), profile.FieldCertFile: abs("/c.pem"), profile.FieldKeyFile: abs("/k.pem"),
	} {
		s := newRig(t, with(profile.TLS{On: true, CAFile: abs("/ca.pem"), CertFile: abs("/c.pem"), KeyFile: abs("/k.pem")}, nil), true, func(s *rig) {
			s.steps = func(_ context.Context, p profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
				err := &client.FileError{Field: field, Path: path, Err: &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}}
				report(client.Check{ID: 1, Kind: client.CheckFiles, Subject: p.TLS.CAFile + ", " + p.TLS.CertFile, Done: true, Err: err})
			}
		})
		s.editor.Primary()
		s.UntilText("The check failed")
		for f, w := range s.editor.form.fields {
			want := ""
			if f == field {
				want = "The file does not exist. Check the path."
			}
			if w.Error() != want {
				t.Errorf("%s: at %s stands %q, want %q", field, f, w.Error(), want)
			}
		}
		for _, want := range []string{"A certificate cannot be used", abs("/ca.pem") + ", " + abs("/c.pem"), path + ": The file does not exist. Check the path."} {
			if !s.Has(want) {
				t.Errorf("%q is not shown:\n%s", want, stage.Texts(s.Window))
			}
		}
		entry := s.editor.form.fields[field].Control().(*widgets.Entry)
		entry.SetText(path + "x")
		if s.editor.form.fields[field].Error() != "" {
			t.Error("the error outlives a change")
		}
		s.editor.form.net.fileFailed(&client.FileError{Field: field, Path: path, Err: fs.ErrNotExist})
		if s.editor.form.fields[field].Error() != "" {
			t.Error("the error stands at another file")
		}
	}
}

// unreachable reports brokers whose addresses cannot be reached.
func unreachable(addrs ...string) func(*rig) {
	return func(s *rig) {
		s.steps = func(_ context.Context, _ profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
			for i, addr := range addrs {
				report(client.Check{ID: i + 1, Kind: client.CheckBroker, Subject: "broker", Addr: addr, Done: true, Err: fmt.Errorf("%w: dial", fault.Unresolvable)})
			}
		}
	}
}

func TestMapThisAddress(t *testing.T) {
	const addr = "172.17.0.3:10911"
	for name, c := range map[string]struct {
		have, want, why string
		row, column     int
	}{
		"first":   {"", addr + " = ", "The broker tells clients to use " + addr + ", which this computer cannot reach.", 0, 19},
		"another": {"a:1 = b:1\n", "a:1 = b:1\n" + addr + " = ", "which this computer cannot reach.", 1, 19},
		"mapped": {
			addr + " = 10.0.0.9:1\nb:1 = c:1", addr + " = 10.0.0.9:1\nb:1 = c:1",
			"It is mapped to 10.0.0.9:1, which cannot be reached either.", 0, 29,
		},
		"host": {
			"172.17.0.3 = 10.0.0.9\nb:1 = c:1", "172.17.0.3 = 10.0.0.9\nb:1 = c:1",
			"It is mapped to 10.0.0.9:10911, which cannot be reached either.", 0, 21,
		},
	} {
		s := newRig(t, good(), true, unreachable(addr))
		s.Window.Resize(fyne.NewSize(968, 400)) // the field is below
		net := s.editor.form.net
		net.addresses.SetText(c.have)
		s.editor.Primary()
		s.UntilText("The check failed")
		if !s.Has(c.why) {
			t.Errorf("%s: %q is not said:\n%s", name, c.why, stage.Texts(s.Window))
		}
		if inView(s.editor, net.f.fields[profile.FieldAddresses]) {
			t.Errorf("%s: the window is too high for this test", name)
		}
		s.Tap("Map this address…")
		if net.addresses.Text != c.want || net.addresses.CursorRow != c.row || net.addresses.CursorColumn != c.column {
			t.Errorf("%s: %q with the cursor at %d:%d", name, net.addresses.Text, net.addresses.CursorRow, net.addresses.CursorColumn)
		}
		if s.Window.Canvas().Focused() != net.addresses {
			t.Errorf("%s: the focus is elsewhere", name)
		}
		if !inView(s.editor, net.f.fields[profile.FieldAddresses]) {
			t.Errorf("%s: the field is out of sight", name)
		}
		before, _, _ := strings.Cut(c.want[len(lineStart(c.want, c.row)):], "\n")
		test.Type(net.addresses, "x")
		if !strings.Contains(net.addresses.Text, before+"x") {
			t.Errorf("%s: typing gives %q", name, net.addresses.Text)
		}
	}
}

// lineStart returns the text before a line.
func lineStart(text string, row int) string {
	return strings.Join(strings.SplitAfter(text, "\n")[:row], "")
}

// inView tells whether a field of the form is seen whole.
func inView(e *Editor, o fyne.CanvasObject) bool {
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(e.scroll).Y
	return top >= 0 && top+o.Size().Height <= e.scroll.Size().Height
}

func TestFocusIsNeverOutOfSight(t *testing.T) {
	s := newRig(t, with(profile.TLS{On: true, CAFile: "/ca.pem"}, nil), true, nil)
	s.Window.Resize(fyne.NewSize(968, 400))
	canvas := s.Window.Canvas()
	f := s.editor.form
	for _, w := range []fyne.CanvasObject{
		f.readOnly, f.name, f.values, f.net.addresses, f.mapping, f.net.key, f.net.ca, f.net.on, f.servers, f.net.trust, f.space, f.e.token.entry, f.net.server,
	} {
		canvas.Focus(w.(fyne.Focusable))
		if !inView(s.editor, w) {
			t.Errorf("%T is out of sight with the focus", w)
		}
	}
	canvas.Focus(f.net.addresses)
	f.net.addresses.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
	if canvas.Focused() != f.values {
		t.Errorf("Tab leads to %T", canvas.Focused())
	}
	f.net.on.SetChecked(false)
	s.editor.scroll.ScrollToTop()
	f.net.on.SetChecked(true)
	if !inView(s.editor, f.net.details) {
		t.Error("what the switch shows is out of sight")
	}
}

func TestOnlyAnUnreachedBrokerCanBeMapped(t *testing.T) {
	s := newRig(t, with(profile.TLS{On: true}, map[string]string{"a:1": "b:1"}), true, func(s *rig) {
		s.steps = func(_ context.Context, _ profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
			report(client.Check{ID: 1, Kind: client.CheckFiles, Subject: "/ca.pem", Done: true})
			report(client.Check{ID: 2, Kind: client.CheckNameServer, Addr: "n:1", Done: true, Err: fault.Unreachable})
			report(client.Check{ID: 3, Kind: client.CheckBroker, Subject: "t", Addr: "t:1", Done: true, Err: fmt.Errorf("t:1: %w", fault.Untrusted)})
			report(client.Check{ID: 4, Kind: client.CheckBroker, Subject: "a", Addr: "a:1", Done: true})
			report(client.Check{ID: 5, Kind: client.CheckCredentials, Subject: "a", Addr: "a:1", Done: true, Err: fault.Unreachable})
		}
	})
	s.editor.Primary()
	s.UntilText("3 of 5 checks failed")
	if stage.Button(s.Window, "Map this address…") != nil {
		t.Error("something else can be mapped")
	}
	for _, want := range []string{"Certificates can be used", "/ca.pem", "not trusted here. Choose the file of its authority", "a:1 = b:1"} {
		if !s.Has(want) {
			t.Errorf("%q is not shown:\n%s", want, stage.Texts(s.Window))
		}
	}
}
