package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// desktop is a person's: a display, a session bus, perhaps a keyring, a home
// folder, and programs that type, click and read the clipboard.
type desktop struct {
	t       testing.TB
	home    string
	env     []string
	keyring *exec.Cmd
}

// need fails the test where a program is missing in CI, and skips it elsewhere.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing", p)
			}
			t.Skipf("%s is missing: run sh .ci/setup test", p)
		}
	}
}

func newDesktop(t testing.TB) *desktop {
	t.Helper()
	need(t, "Xvfb", "dbus-daemon", "gnome-keyring-daemon", "xdotool", "xclip", "go")
	d := &desktop{t: t, home: t.TempDir()}
	run := filepath.Join(d.home, "run")
	if err := os.Mkdir(run, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "HOME", "LANG", "LC_ALL", "LANGUAGE",
			"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR":
		default:
			d.env = append(d.env, e)
		}
	}
	d.env = append(d.env, "HOME="+d.home, "XDG_RUNTIME_DIR="+run, "LANG=C.UTF-8")
	d.env = append(d.env, "DISPLAY=:"+d.display())
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+d.bus())
	return d
}

// start runs a program in the background until the test ends.
func (d *desktop) start(c *exec.Cmd) {
	d.t.Helper()
	c.Env = d.env
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { end(c) })
}

func end(c *exec.Cmd) {
	_ = c.Process.Kill()
	_ = c.Wait()
}

func (d *desktop) display() string {
	r, w, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	c := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp")
	c.ExtraFiles = []*os.File{w}
	d.start(c)
	_ = w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		d.t.Fatalf("the display does not start: %v", err)
	}
	return strings.TrimSpace(line)
}

func (d *desktop) bus() string {
	c := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := c.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	d.start(c)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		d.t.Fatalf("the session bus does not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// unlockKeyring starts the keyring's daemon with the user's password, which
// makes the login keyring at the first time.
func (d *desktop) unlockKeyring() {
	d.startKeyring("password", "--unlock")
}

// lockKeyring starts it anew without a password: it is there, and locked.
func (d *desktop) lockKeyring() {
	end(d.keyring)
	d.startKeyring("")
}

func (d *desktop) startKeyring(password string, more ...string) {
	d.t.Helper()
	c := exec.Command("gnome-keyring-daemon", append([]string{"--foreground", "--components=secrets"}, more...)...)
	c.Stdin = strings.NewReader(password)
	d.start(c)
	d.keyring = c
	d.eventually(10*time.Second, func() error {
		out, err := d.run("", "dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		if err != nil || !strings.Contains(out, "true") {
			return fmt.Errorf("the keyring is not on the bus: %v %s", err, out)
		}
		return nil
	})
}

// run runs a program to its end with in on its standard input.
func (d *desktop) run(in, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(d.t.Context(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Env, c.Stdin = d.env, strings.NewReader(in)
	out, err := c.Output()
	return string(out), err
}

func (d *desktop) must(in, name string, args ...string) string {
	d.t.Helper()
	out, err := d.run(in, name, args...)
	if err != nil {
		d.t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return out
}

func (d *desktop) eventually(limit time.Duration, f func() error) {
	d.t.Helper()
	var err error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	d.picture("failed")
	d.t.Fatalf("after %v: %v", limit, err)
}

// quick is how long a command takes on a machine with time.
const quick = 15 * time.Millisecond

// pause gives the window time to show what comes next, as long as a person takes to look,
// and more the slower the machine is now: up to four times as long.
func (d *desktop) pause(usual time.Duration) {
	d.t.Helper()
	const asked = 3
	begin := time.Now()
	for range asked {
		d.must("", "xdotool", "getmouselocation")
	}
	slow := min(max(float64(time.Since(begin))/asked/float64(quick), 1), 4)
	time.Sleep(time.Duration(float64(usual) * slow))
}

// key presses keys one after the other, such as "ctrl+Return".
func (d *desktop) key(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.must("", "xdotool", "key", "--clearmodifiers", k)
		time.Sleep(40 * time.Millisecond)
	}
}

// write types text as a person does. It goes by standard input, so that a
// secret stands in no argument list.
func (d *desktop) write(text string) {
	d.t.Helper()
	d.must(text, "xdotool", "type", "--clearmodifiers", "--delay", "4", "--file", "-")
	time.Sleep(60 * time.Millisecond)
}

// click presses the left button at a place of the window.
func (d *desktop) click(x, y int) {
	d.t.Helper()
	d.must("", "xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "1")
	time.Sleep(80 * time.Millisecond)
}

// rightClick presses the right button at a place of the window.
func (d *desktop) rightClick(x, y int) {
	d.t.Helper()
	d.must("", "xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "3")
	time.Sleep(150 * time.Millisecond)
}

// clipboard reads the X clipboard; "" if it is empty.
func (d *desktop) clipboard() string {
	out, _ := d.run("", "xclip", "-selection", "clipboard", "-o")
	return out
}

// copied does what copies something and returns what was copied.
func (d *desktop) copied(do func()) string {
	d.t.Helper()
	const before = "nothing was copied"
	// xclip stays in the background to serve the selection; its output must not
	// be waited for.
	c := exec.Command("xclip", "-selection", "clipboard", "-i")
	c.Env, c.Stdin = d.env, strings.NewReader(before)
	if err := c.Run(); err != nil {
		d.t.Fatal(err)
	}
	got := before
	d.eventually(20*time.Second, func() error {
		do() // once more where nothing was there to be copied yet
		for range 20 {
			if got = d.clipboard(); got != before && got != "" {
				return nil
			}
			time.Sleep(100 * time.Millisecond)
		}
		return fmt.Errorf("%s", before)
	})
	return got
}

// picture saves what is on the screen beside the test's other files, and says
// where.
func (d *desktop) picture(name string) {
	dir := os.Getenv("GANTRY_E2E_PICTURES")
	if dir == "" {
		return
	}
	if _, err := d.run("", "import", "-window", "root", filepath.Join(dir, name+".png")); err != nil {
		d.t.Logf("no picture: %v", err)
	}
}

// program is a running Gantry.
type program struct {
	d    *desktop
	cmd  *exec.Cmd
	said *lockedBuffer
	done chan error
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// data is the folder that Gantry is given.
func (d *desktop) data() string { return filepath.Join(d.home, "gantry") }

// open starts Gantry and waits for its window.
func (d *desktop) open(exe string) *program {
	d.t.Helper()
	p := d.launch(exec.Command(exe, "-data", d.data()))
	p.waitWindow()
	return p
}

// launch starts a program with the desktop's environment and that of cmd.
func (d *desktop) launch(cmd *exec.Cmd) *program {
	d.t.Helper()
	p := &program{d: d, cmd: cmd, said: &lockedBuffer{}, done: make(chan error, 1)}
	cmd.Stderr = p.said
	cmd.Env = slices.Concat(d.env, cmd.Env)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go func() { p.done <- cmd.Wait() }()
	d.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return p
}

// waitWindow waits for Gantry's window and gives it the keyboard.
func (p *program) waitWindow() {
	d := p.d
	d.t.Helper()
	d.eventually(20*time.Second, func() error {
		select {
		case err := <-p.done:
			d.t.Fatalf("Gantry ended: %v\n%s", err, p.said)
		default:
		}
		return d.focus()
	})
	// The first frame is painted after the window is mapped.
	time.Sleep(2500 * time.Millisecond)
}

// focus gives Gantry's window the keyboard: there is no window manager.
func (d *desktop) focus() error {
	id, err := d.run("", "xdotool", "search", "--onlyvisible", "--name", "^Gantry$")
	if err != nil || strings.TrimSpace(id) == "" {
		return fmt.Errorf("no window: %w", err)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(id), "\n")
	_, err = d.run("", "xdotool", "windowfocus", first)
	return err
}

func (d *desktop) focusWindow() {
	d.t.Helper()
	if err := d.focus(); err != nil {
		d.t.Fatal(err)
	}
}

// quit closes the window as a person does, and waits for the process. answer are the
// keys that answer its question; it asks while a group is read.
func (p *program) quit(answer ...string) {
	p.d.t.Helper()
	p.d.key("ctrl+q")
	if len(answer) > 0 {
		time.Sleep(time.Second)
		p.d.key(answer...)
	}
	select {
	case err := <-p.done:
		if err != nil {
			p.d.t.Errorf("Gantry ended with %v\n%s", err, p.said)
		}
	case <-time.After(15 * time.Second):
		p.d.picture("not-closed")
		p.d.t.Fatalf("Gantry does not close\n%s", p.said)
	}
}

// wrongThread is what Fyne prints of a call from a wrong goroutine.
const wrongThread = "Error in Fyne call thread"

// checkThreads fails the test where Fyne found a call from a wrong goroutine.
func (p *program) checkThreads() {
	p.d.t.Helper()
	if strings.Contains(p.said.String(), wrongThread) {
		p.d.t.Errorf("calls from a wrong goroutine:\n%s", p.said)
	}
}

// build builds the program of the repository, with the tags that the
// environment names and other flags of go build.
func build(t *testing.T, flags ...string) string {
	t.Helper()
	return buildPackage(t, ".", flags...)
}

// buildPackage is build for another main package.
func buildPackage(t testing.TB, pkg string, flags ...string) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "gantry")
	args := []string{"build", "-o", exe}
	if tags := os.Getenv("GANTRY_E2E_TAGS"); tags != "" {
		args = append(args, "-tags", tags)
	}
	args = append(args, flags...)
	c := exec.Command("go", append(args, pkg)...)
	c.Dir = filepath.Join("..", "..")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exe
}
