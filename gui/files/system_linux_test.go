package files

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/godbus/dbus/v5"

	"gantry/gui/stage"
	"gantry/gui/task"
)

// privateBus starts a session bus of the test's own and makes it the process's.
func privateBus(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("dbus-daemon is missing")
		}
		t.Skip("install dbus-daemon (package dbus)")
	}
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:dir="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(line))
}

// asked is a question as the portal got it.
type asked struct {
	Save    bool
	Title   string
	Options map[string]dbus.Variant
	Request dbus.ObjectPath
}

// portal is a desktop's file chooser. It answers as it is told.
type portal struct {
	bus    *dbus.Conn
	got    chan asked
	closed chan dbus.ObjectPath
	answer func(p *portal, a asked)
}

func newPortal(t *testing.T, answer func(*portal, asked)) *portal {
	t.Helper()
	privateBus(t)
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	p := &portal{bus: bus, got: make(chan asked, 4), closed: make(chan dbus.ObjectPath, 4), answer: answer}
	if err := bus.Export(p, portalPath, "org.freedesktop.portal.FileChooser"); err != nil {
		t.Fatal(err)
	}
	if r, err := bus.RequestName(portalName, 0); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(r, err)
	}
	return p
}

func (p *portal) OpenFile(sender dbus.Sender, _, title string, o map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return p.ask(sender, false, title, o)
}

func (p *portal) SaveFile(sender dbus.Sender, _, title string, o map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return p.ask(sender, true, title, o)
}

// request is where a question is cancelled.
type request struct {
	p  *portal
	at dbus.ObjectPath
}

func (r request) Close() *dbus.Error { r.p.closed <- r.at; return nil }

func (p *portal) ask(sender dbus.Sender, save bool, title string, o map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	name := strings.ReplaceAll(strings.TrimPrefix(string(sender), ":"), ".", "_")
	a := asked{save, title, o, portalPath + "/request/" + dbus.ObjectPath(name+"/"+o["handle_token"].Value().(string))}
	if err := p.bus.Export(request{p, a.Request}, a.Request, requestOf); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	p.got <- a
	p.answer(p, a) // at once, before the question's call returns
	return a.Request, nil
}

func (p *portal) say(a asked, status uint32, uris ...string) {
	_ = p.bus.Emit(a.Request, requestAnswer, status, map[string]dbus.Variant{"uris": dbus.MakeVariant(uris)})
}

type rig struct {
	w     fyne.Window
	loop  *stage.Loop
	tasks *task.Runner
	err   error
}

func newRig(t *testing.T) *rig {
	test.NewTempApp(t)
	r := &rig{loop: stage.NewLoop(), w: test.NewTempWindow(t, nil)}
	r.w.Resize(fyne.NewSize(1000, 700))
	r.tasks = task.New(r.loop.Do)
	t.Cleanup(func() { r.tasks.Close(5 * time.Second) })
	return r
}

func (r *rig) question(q Question) Question {
	q.Tasks, q.Fail = r.tasks, func(err error) { r.err = err }
	return q
}

// TestF1SystemDialog reads a file and writes one, chosen in the desktop's own
// dialog, whose names have what a URI escapes.
func TestF1SystemDialog(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a+b %41 中.json")
	if err := os.WriteFile(path, []byte("body"), 0o600); err != nil {
		t.Fatal(err)
	}
	uri := "file://" + filepath.ToSlash(dir) + "/a+b%20%2541%20%E4%B8%AD.json"
	p := newPortal(t, func(p *portal, a asked) { p.say(a, portalChosen, uri) })
	r := newRig(t)
	read := ""
	AskOpen(r.w, r.question(Question{Title: "T", At: path, Endings: []string{".json"}}), func(f fyne.URIReadCloser) {
		b, err := io.ReadAll(f)
		if err != nil {
			t.Error(err)
		}
		read = string(b) + " " + f.URI().Path()
		_ = f.Close()
	})
	r.loop.Until(t, "the file", func() bool { return read != "" || r.err != nil })
	if read != "body "+filepath.ToSlash(path) || r.err != nil {
		t.Errorf("read %q, %v", read, r.err)
	}
	a := <-p.got
	if got := string(a.Options["current_folder"].Value().([]byte)); a.Save || a.Title != "T" || got != dir+"\x00" {
		t.Errorf("asked %+v in %q", a, got)
	}
	if s := a.Options["filters"].String(); !strings.Contains(s, "*.json") || !strings.Contains(s, "*.JSON") {
		t.Errorf("filters %s", s)
	}
	done := false
	AskSave(r.w, r.question(Question{Name: "n.json"}), func(f fyne.URIWriteCloser) {
		_, err := f.Write([]byte("new"))
		if err = errors.Join(err, f.Close()); err != nil {
			t.Error(err)
		}
		done = true
	})
	r.loop.Until(t, "the file", func() bool { return done || r.err != nil })
	if a = <-p.got; !a.Save || a.Options["current_name"].Value() != "n.json" {
		t.Errorf("asked %+v", a)
	}
	if b, _ := os.ReadFile(path); string(b) != "new" {
		t.Errorf("written %q, %v", b, r.err)
	}
	if r.w.Canvas().Overlays().Top() != nil {
		t.Error("Fyne's dialog is open too")
	}
}

// TestF1Cancelled runs nothing when the user cancels, and closes the desktop's
// dialog with the window.
func TestF1Cancelled(t *testing.T) {
	p := newPortal(t, func(p *portal, a asked) {
		if a.Title == "cancelled" {
			p.say(a, portalCancelled)
		}
	})
	r := newRig(t)
	scope := r.tasks.Scope()
	var path string
	ended := false
	ask := func(title string) {
		task.Ask(r.tasks, scope, title, func(ctx context.Context) (string, error) {
			return system(ctx, "", Question{Title: title}, false)
		}, func(s string, err error) { path, ended, r.err = s, true, err })
	}
	ask("cancelled")
	r.loop.Until(t, "the answer", func() bool { return ended })
	if path != "" || r.err != nil {
		t.Errorf("%q, %v", path, r.err)
	}
	<-p.got
	ask("open")
	a := <-p.got
	r.tasks.Close(5 * time.Second)
	if at := <-p.closed; at != a.Request {
		t.Errorf("%s was closed, not %s", at, a.Request)
	}
}

// TestF1NoSystemDialog falls back to Fyne's, which Escape closes.
func TestF1NoSystemDialog(t *testing.T) {
	for name, bus := range map[string]func(*testing.T){
		"no portal": privateBus,
		"no bus":    func(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none") },
	} {
		t.Run(name, func(t *testing.T) {
			bus(t)
			r := newRig(t)
			for _, save := range []bool{false, true} {
				if q := r.question(Question{Name: "n"}); save {
					AskSave(r.w, q, func(fyne.URIWriteCloser) { t.Error("saved") })
				} else {
					AskOpen(r.w, q, func(fyne.URIReadCloser) { t.Error("opened") })
				}
				top := r.w.Canvas().Overlays().Top
				r.loop.Until(t, "Fyne's dialog", func() bool { return top() != nil })
				r.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
				if top() != nil || r.w.Canvas().OnTypedKey() != nil || r.err != nil {
					t.Errorf("save %v: still open, or the keys are not given back (%v)", save, r.err)
				}
			}
		})
	}
}

// TestSystemFolder: a folder is asked for in the desktop's own dialog, and in ours.
func TestSystemFolder(t *testing.T) {
	dir := t.TempDir()
	p := newPortal(t, func(p *portal, a asked) {
		if a.Title == "none" {
			p.say(a, portalCancelled)
			return
		}
		p.say(a, portalChosen, "file://"+dir+"/a%20b")
	})
	r := newRig(t)
	got := ""
	AskFolder(r.w, r.question(Question{}), func(d string) { got = d })
	r.loop.Until(t, "the folder", func() bool { return got != "" })
	a := <-p.got
	if folder, _ := a.Options["directory"].Value().(bool); !folder || a.Save || got != dir+"/a b" || r.err != nil {
		t.Errorf("%q, asked %+v, %v", got, a, r.err)
	}
	got = ""
	AskFolder(r.w, r.question(Question{Title: "none"}), func(d string) { got = d })
	<-p.got
	r.loop.Settle(50 * time.Millisecond)
	if got != "" || r.err != nil {
		t.Error(got, r.err)
	}
	stage.NoDesktop(t)
	AskFolder(r.w, r.question(Question{}), func(d string) { got = d })
	r.loop.Until(t, "our dialog", func() bool { return r.w.Canvas().Overlays().Top() != nil })
}
