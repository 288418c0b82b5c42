package gui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/sandbox"
	"gantry/gui/profiles"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// TestFirstStartShowsTheSandbox with a message that is ready, and the way to a
// connection of one's own. Here no program is there to start it with.
func TestFirstStartShowsTheSandbox(t *testing.T) {
	r := newRig(t)
	if r.chosen != profile.SandboxID || r.space() == nil || !r.has("hello") || !r.has("Nothing sent yet") || !r.has("LOCAL") || !r.has("Add a connection") {
		t.Errorf("at the start:\n%s", r.texts())
	}
	r.until(func() bool { return r.space().err != nil })
	if !r.has("The Sandbox did not start.") || r.sidebar.rows[0].View().Dot != widgets.DotError {
		t.Errorf("it did not say that the sandbox is not there:\n%s", r.texts())
	}
	// It is nobody's to edit, copy or delete.
	r.edit(r.space().profile, false)
	r.duplicate(profile.SandboxID)
	r.askDelete(profile.SandboxID)
	r.move(profile.SandboxID, 1)
	if r.editing != nil || r.win.Canvas().Overlays().Top() != nil {
		t.Errorf("the sandbox can be changed:\n%s", r.texts())
	}
	for _, item := range r.menu.needOwn {
		if !item.Disabled {
			t.Errorf("%s is offered", item.Label)
		}
	}
	r.edit(profile.Profile{}, true)
	if r.editing == nil || !r.has("New connection") {
		t.Errorf("no way to another connection:\n%s", r.texts())
	}
	r.closeEditor()
	if r.chosen != profile.SandboxID || r.editing != nil {
		t.Error("the editor does not lead back")
	}
}

func TestChoosingConnections(t *testing.T) {
	r := newRig(t, someProfiles()...)
	if r.chosen != "a" || r.space() == nil || r.has("PRODUCTION") {
		t.Fatalf("chosen %q at the start:\n%s", r.chosen, r.texts())
	}
	test.Tap(r.sidebar.rows[3])
	if r.chosen != "c" || !r.has("PRODUCTION") || !r.sidebar.rows[3].View().Chosen || r.sidebar.rows[1].View().Chosen {
		t.Errorf("chosen %q:\n%s", r.chosen, r.texts())
	}
	r.until(func() bool { s, _ := r.client.Settings.Load(); return s.Selected == "c" })
	// Each keeps its own form.
	first := r.spaces["a"]
	test.Tap(r.sidebar.rows[1])
	if r.space() != first {
		t.Error("the workspace was made anew")
	}
}

func TestConnectErrorStandsInBannerAndSidebar(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.space().toggle()
	if r.space().dot() != widgets.DotBusy {
		t.Error("not connecting")
	}
	r.until(func() bool { return r.space().err != nil })
	const words = "Cannot be reached"
	if !r.space().banner.Visible() || !r.has("The server cannot be reached.") || !r.has(words) {
		t.Errorf("banner and sidebar do not say it:\n%s", r.texts())
	}
	if v := r.sidebar.rows[1].View(); v.Dot != widgets.DotError || v.Problem != words {
		t.Errorf("the row shows %+v", v)
	}
	// Connecting again takes it away at once; Cancel leaves nothing behind.
	r.space().toggle()
	if r.space().banner.Visible() {
		t.Error("the old error stands there while connecting")
	}
	r.space().toggle()
	if r.space().dot() != widgets.DotOff || r.space().busy != "" {
		t.Error("Cancel did not cancel")
	}
}

func TestConnectWithoutATokenAsksForIt(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.choose("c")
	r.space().toggle()
	r.until(func() bool { return r.has("Keep in memory until quit") })
	entry, ok := r.win.Canvas().Focused().(*widgets.Entry)
	if !ok || !entry.Password {
		t.Fatalf("the focus is on %T", r.win.Canvas().Focused())
	}
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.has("Keep in memory until quit") {
		t.Fatal("Escape does not cancel")
	}
	r.space().toggle()
	r.until(func() bool { return r.has("Keep in memory until quit") })
	entry = r.win.Canvas().Focused().(*widgets.Entry)
	entry.SetText("a-token")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.until(func() bool { return r.space().err != nil }) // it went on to connect
	if !r.client.Vault.Remembered("c") || entry.Text != "" || r.has("a-token") {
		t.Error("the token is not kept in memory only")
	}
}

func TestLeavingTheEditorAsks(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.edit(r.profiles[0], false)
	r.choose("b") // nothing was changed
	if r.chosen != "b" || r.editing != nil {
		t.Fatal("the editor stays although nothing was changed")
	}
	r.edit(r.profiles[1], false)
	r.name("renamed")
	r.choose("a")
	if r.chosen != "b" || !r.has("Leave without saving?") {
		t.Fatalf("left without a question:\n%s", r.texts())
	}
	r.tap("Stay")
	if r.editing == nil {
		t.Fatal("Stay left")
	}
	r.closeAsked()
	if r.closing || !r.has("Leave without saving?") {
		t.Fatal("closing does not ask")
	}
	r.tap("Stay")
	r.tap("Cancel")
	if r.editing == nil || !r.has("Leave without saving?") {
		t.Fatal("Cancel does not ask")
	}
	r.tap("Stay")
	r.choose("a")
	r.tap("Leave")
	if r.chosen != "a" || r.editing != nil {
		t.Error("Leave stayed")
	}
	if _, stored := r.names(); strings.Contains(stored, "renamed") {
		t.Error("it was saved")
	}
}

// name types into the first field of the editor, the connection's name.
func (r *rig) name(s string) {
	r.t.Helper()
	var first *widgets.Entry
	stage.Walk(r.editing.Content(), func(o fyne.CanvasObject) {
		if e, ok := o.(*widgets.Entry); ok && first == nil {
			first = e
		}
	})
	first.SetText(s)
}

func TestSaveDuplicateMoveDelete(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.ring.kept["b"] = "token-of-b"

	r.edit(r.profiles[0], false)
	r.name("orders-local")
	r.saveEditor()
	r.untilNames("orders-local orders-test orders-prod")
	r.until(func() bool { return r.editing == nil })

	r.duplicate("a")
	if _, ok := r.editing.(*profiles.Editor); !ok || !r.has("New connection") {
		t.Fatalf("duplicating shows:\n%s", r.texts())
	}
	r.saveEditor()
	r.until(func() bool { return len(r.profiles) == 4 && r.editing == nil })
	copied := r.profiles[3]
	if copied.ID == "a" || copied.Name == "orders-local" || copied.NameServers[0] != "127.0.0.1:1" || r.chosen != copied.ID {
		t.Errorf("the copy is %+v, chosen %q", copied, r.chosen)
	}

	r.move("a", 1)
	r.untilNames("orders-test orders-local orders-prod " + copied.Name)
	test.Tap(r.sidebar.rows[2])
	if r.chosen != "a" {
		t.Errorf("the second row chooses %q after a move", r.chosen)
	}
	r.move("b", -1) // it is the first: nothing happens

	r.askDelete("b")
	r.tap("Cancel")
	if len(r.profiles) != 4 {
		t.Fatal("Cancel deleted")
	}
	r.askDelete("b")
	r.tap("Delete")
	r.untilNames("orders-local orders-prod " + copied.Name)
	if len(r.ring.kept) != 0 {
		t.Errorf("the keyring still holds %d tokens", len(r.ring.kept))
	}
}

func TestSaveThatFailsIsTakenBack(t *testing.T) {
	r := newRig(t, someProfiles()...)
	config := client.FoldersIn(r.dir).Config
	if err := errors.Join(os.RemoveAll(config), os.WriteFile(config, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	r.move("a", 1)
	r.until(func() bool { return r.has("Details") })
	if shown, _ := r.names(); len(r.profiles) != 3 || shown != "orders-dev orders-test orders-prod" {
		t.Errorf("after a save that failed: %s", shown)
	}
}

// file is what a file dialog hands over.
type file struct {
	bytes.Buffer
	err    error
	closed bool
}

func (f *file) Write(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(b)
}

func (f *file) Close() error { f.closed = true; return nil }

func TestExportAndImport(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.ring.kept["c"] = "the-token"
	b, err := profile.Export(r.profiles)
	if err != nil {
		t.Fatal(err)
	}
	out := &file{}
	r.exportTo(out, b)
	r.until(func() bool { return r.has("Connections were exported.") })
	if !out.closed || strings.Contains(out.String(), "the-token") {
		t.Errorf("closed %v:\n%s", out.closed, out.String())
	}
	r.exportTo(&file{err: errors.New("the disk is full")}, b)
	r.until(func() bool { return r.has("Details") })

	to := newRig(t, someProfiles()[0])
	to.importFrom(io.NopCloser(strings.NewReader(out.String())))
	to.until(func() bool { return len(to.profiles) == 4 && to.has("were imported") })
	seen := map[string]bool{}
	for _, p := range to.profiles {
		if seen[p.ID] || seen[p.Name] {
			t.Errorf("%q stands there twice", p.Name)
		}
		seen[p.ID], seen[p.Name] = true, true
	}
	to.importFrom(io.NopCloser(strings.NewReader("not a file of ours")))
	to.until(func() bool { return to.has("Details") })
	if len(to.profiles) != 4 {
		t.Error("something was imported from rubbish")
	}
}

func TestShortcuts(t *testing.T) {
	r := newRig(t, someProfiles()...)
	taken := map[string]key{}
	for k := keyNew; k <= keyQuit; k++ {
		b := bindingOf(k)
		if other, ok := taken[b.words()]; ok {
			t.Errorf("%s is both %d and %d", b.words(), other, k)
		}
		taken[b.words()] = k
		if b.mod == ctrl && strings.Contains("CVXAZ", string(b.name)) {
			t.Errorf("%s belongs to fields", b.words())
		}
	}
	// Each stands on one menu item, and the list of keys has it.
	for k := keyNew; k <= keyQuit; k++ {
		n := 0
		for _, other := range r.menu.keys {
			if other == k {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s stands on %d menu items", bindingOf(k).words(), n)
		}
	}
	r.showKeys()
	for words := range taken {
		if !r.has(words) {
			t.Errorf("the list of keys lacks %s", words)
		}
	}
}

func TestMenuIsOffWithoutAWorkspace(t *testing.T) {
	r := newRig(t)
	r.edit(profile.Profile{}, true)
	for _, item := range append(r.menu.needSpace, r.menu.needOwn...) {
		if !item.Disabled {
			t.Errorf("%q can be chosen while no connection is shown", item.Label)
		}
	}
	full := newRig(t, someProfiles()...)
	for _, item := range append(full.menu.needSpace, full.menu.needOwn...) {
		if item.Disabled {
			t.Errorf("%q cannot be chosen", item.Label)
		}
	}
}

func TestNarrowWindowHasARail(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.win.Resize(fyne.NewSize(1440, 900))
	if r.sidebar.content.Size().Width != sidebarWidth || !r.has("orders-dev") {
		t.Errorf("wide: %v", r.sidebar.content.Size())
	}
	r.win.Resize(fyne.NewSize(minWidth, minHeight))
	if r.sidebar.content.Size().Width != railWidth || !r.has("OD") {
		t.Errorf("narrow: %v\n%s", r.sidebar.content.Size(), r.texts())
	}
	for _, row := range r.sidebar.rows {
		if row.Size().Width > railWidth {
			t.Errorf("a row of %v in the rail: its dot is cut off", row.Size())
		}
	}
	if least := r.frame.content.MinSize(); least.Width > minWidth || least.Height > minHeight {
		t.Errorf("the window asks for %v", least)
	}
}

// TestHeaderSaysWhatIsGone: of the sandbox, once it has dropped messages, and of no
// other broker.
func TestHeaderSaysWhatIsGone(t *testing.T) {
	r := newRig(t, someProfiles()...)
	s := r.space()
	s.conn = &client.Connection{}
	defer func() { s.conn = nil }()
	for _, x := range []struct {
		table map[string]string
		more  string
	}{
		{nil, ""},
		{map[string]string{sandbox.MaxMessagesKey: "200000"}, ""},
		{map[string]string{sandbox.MaxMessagesKey: "200000", sandbox.EvictedKey: "12345"}, " · keeps the newest 200,000 messages, 12,345 older ones are gone"},
	} {
		want := "Connected · 1 broker · 5.5.0 · 1 ms" + x.more
		s.heard.Brokers = []insight.BrokerState{{Name: "b", Runtime: cluster.Runtime{Version: "5.5.0", Table: x.table}}}
		if s.stateWords() != want {
			t.Errorf("%q, want %q", s.stateWords(), want)
		}
	}
}

// TestF13DeleteWithALockedKeyring deletes a connection whose token is in memory only, and
// asks where the keyring has the only one.
func TestF13DeleteWithALockedKeyring(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.ring.err = errors.New("locked")
	r.client.Vault.Remember("b", "token-of-b")
	r.deleteProfile("b")
	r.untilNames("orders-dev orders-prod")
	r.until(func() bool { return r.has("may be left in the system's keyring") })
	r.deleteProfile("c")
	r.until(func() bool { return r.has("The token is still there.") })
	r.tap("Delete without the token")
	r.untilNames("orders-dev")
}

// TestSidebarListsFewJobs: of many jobs the first are listed, and how many more there are: each
// of a thousand sends drew all the others anew.
func TestSidebarListsFewJobs(t *testing.T) {
	r := newRig(t, someProfiles()...)
	leave := make(chan struct{})
	for range 2000 {
		r.tasks.Job("a job", func(context.Context, func(string)) error { <-leave; return nil }, nil)
	}
	if n := strings.Count(r.texts(), "a job\n"); n != mostJobs || !r.has("and 1,995 more") || len(r.sidebar.jobs.Objects) != mostJobs+1 {
		t.Errorf("%d are listed:\n%s", n, r.texts())
	}
	r.sidebar.setRail(true)
	if !r.has("+1,995") || len(r.sidebar.jobs.Objects) != mostJobs+1 {
		t.Errorf("%d objects in the rail", len(r.sidebar.jobs.Objects))
	}
	close(leave)
	r.until(func() bool { return len(r.tasks.Jobs()) == 0 && len(r.sidebar.jobs.Objects) == 0 })
}
