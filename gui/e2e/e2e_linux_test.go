package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/testcluster"
)

const (
	topic = "e2e-orders"
	role  = "usersecret" // the secret key of the test cluster's account
	token = "userkey1"   // its access key, which TDMQ's mapping makes the token
)

// Places in a window of 1440 x 900.
var (
	kindField       = place{300, 118}
	nameField       = place{300, 177}
	serversField    = place{300, 244}
	roleField       = place{300, 370}
	tokenField      = place{680, 370}
	tryTopicField   = place{1100, 170}
	copyReport      = place{1000, 225}
	sendTopicField  = place{300, 150}
	sendBody        = place{500, 500}
	copyReceiptID   = place{1419, 577}
	copyReceiptRest = place{1419, 598}
	firstRow        = place{600, 346} // of a group's subscription
	firstFollowed   = place{600, 288}
	connect         = place{1313, 49}
	cancelPrompt    = place{434, 130} // of the keyring, in the corner without a window manager
)

type place struct{ x, y int }

func TestAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := build(t)
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550, ACL: true})
	b := newBroker(t, c)
	b.createTopic(topic, 2)
	d.unlockKeyring()

	p := d.open(exe)
	d.key("ctrl+n")
	d.pause(time.Second)
	d.makeConnection(c.NameServer())
	d.testConnection()
	d.key("ctrl+s")
	d.pause(2500 * time.Millisecond)
	d.key("ctrl+Return") // connect
	d.pause(2500 * time.Millisecond)

	d.subscribe()
	b.waitMember(d.group())
	// The control: while nothing was sent there is nothing to read.
	if got, err := d.readBody(firstRow); err == nil {
		t.Fatalf("the list is empty, and yet %q was read from it", got)
	}
	body := `{"orderId":"ORD-` + random() + `","amount":268.40,"big":90071992547409931,"name":"张三"}`
	d.writeMessage(body)
	d.key("ctrl+Return") // send
	stored := b.waitMessages(1)[0]
	if string(stored.Body) != body || stored.Tag() != "paid" || stored.Property(message.PropertyKeys) != "K-1 K-2" {
		t.Fatalf("the broker stored %q, tag %q, keys %q", stored.Body, stored.Tag(), stored.Keys())
	}
	d.checkReceipt(stored)
	d.key("ctrl+2")
	d.checkList(stored)
	d.picture("subscribed")
	d.searchToken(p)
	p.quit("Return")
	p.checkThreads()

	t.Run("again without typing the token", func(t *testing.T) {
		d := d.in(t)
		p := d.open(exe)
		d.key("ctrl+2")
		d.checkList(stored) // the list is there, stopped
		d.key("ctrl+1", "ctrl+Return")
		d.pause(2 * time.Second)
		d.key("ctrl+Return")
		if again := b.in(t).waitMessages(2); string(again[1].Body) != body {
			t.Errorf("the form came back as %q", again[1].Body)
		}
		d.pause(time.Second) // its receipt
		p.quit()
		p.checkThreads()
	})
	t.Run("with a locked keyring", func(t *testing.T) {
		d := d.in(t)
		d.lockKeyring()
		p := d.open(exe)
		d.key("ctrl+2")
		d.checkList(stored)
		d.at(connect)
		// The keyring's prompt takes keyboard and mouse, and nobody answers it. The
		// window goes on meanwhile: it offers another way, which the steps below
		// need. Only then is the prompt sent away, because it would take what is
		// typed.
		d.pause(17 * time.Second)
		d.at(cancelPrompt)
		d.pause(time.Second)
		d.focusWindow()
		d.picture("locked")
		d.write(token)
		d.key("Tab", "Tab", "Tab", "space")
		d.pause(2500 * time.Millisecond)
		d.key("ctrl+1", "ctrl+Return")
		b.in(t).waitMessages(3)
		d.pause(time.Second)
		d.searchToken(p)
		p.quit()
		p.checkThreads()
	})
}

// in returns the same desktop for a subtest.
func (d *desktop) in(t *testing.T) *desktop {
	c := *d
	c.t = t
	return &c
}

func random() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func (d *desktop) at(p place) { d.t.Helper(); d.click(p.x, p.y) }

// fill clicks into a field and types.
func (d *desktop) fill(p place, text string) {
	d.t.Helper()
	d.at(p)
	d.key("ctrl+a")
	d.write(text)
}

func (d *desktop) makeConnection(nameServer string) {
	d.t.Helper()
	d.at(kindField)
	d.key("Down", "Return") // TDMQ, whose mapping the test cluster's account is made for
	d.fill(nameField, "e2e cluster")
	d.fill(serversField, nameServer)
	d.fill(roleField, role)
	d.fill(tokenField, token)
	d.picture("editor")
}

// testConnection runs the check with a topic and reads its report.
func (d *desktop) testConnection() {
	d.t.Helper()
	d.fill(tryTopicField, topic)
	d.key("ctrl+Return")
	d.pause(2500 * time.Millisecond)
	d.picture("checked")
	report := d.copied(func() { d.at(copyReport) })
	if strings.Contains(report, token) {
		d.t.Errorf("the report shows the token")
	}
	for _, want := range []string{"4", topic, "broker-a"} {
		if !strings.Contains(report, want) {
			d.t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func (d *desktop) subscribe() {
	d.t.Helper()
	d.key("ctrl+2")
	d.pause(500 * time.Millisecond)
	d.write(topic)
	// Behind the topic stand the kind of filter, the expression, and how it is read.
	d.key("Escape", "Tab", "Tab", "Tab", "Right")
	d.key("ctrl+Return")
}

// group reads the name of the subscription's group from the settings.
func (d *desktop) group() string {
	d.t.Helper()
	group := ""
	d.eventually(10*time.Second, func() error {
		b, err := os.ReadFile(filepath.Join(d.data(), "config", "settings.json"))
		if err != nil {
			return err
		}
		var s struct {
			Subscriptions []struct{ Topic, Group string }
		}
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		if len(s.Subscriptions) != 1 || s.Subscriptions[0].Topic != topic || s.Subscriptions[0].Group == "" {
			return fmt.Errorf("the settings have %+v", s)
		}
		group = s.Subscriptions[0].Group
		return nil
	})
	return group
}

// writeMessage fills the send form. The body is pasted, because a keyboard under
// a virtual display has no Chinese.
func (d *desktop) writeMessage(body string) {
	d.t.Helper()
	d.key("ctrl+1")
	d.pause(300 * time.Millisecond)
	d.fill(sendTopicField, topic)
	d.key("Escape", "Tab")
	d.write("paid")
	d.key("Tab")
	d.write("K-1 K-2")
	c := exec.Command("xclip", "-selection", "clipboard", "-i")
	c.Env, c.Stdin = d.env, strings.NewReader(body)
	if err := c.Run(); err != nil {
		d.t.Fatal(err)
	}
	d.at(sendBody)
	d.key("ctrl+a", "ctrl+v")
	d.pause(300 * time.Millisecond)
	d.picture("written")
}

func (d *desktop) checkReceipt(m *message.Message) {
	d.t.Helper()
	d.pause(500 * time.Millisecond)
	d.picture("receipt")
	if got := d.copied(func() { d.at(copyReceiptID) }); got != m.ID() {
		d.t.Errorf("the receipt's message id is %q, the broker's %q", got, m.ID())
	}
	if got := d.copied(func() { d.at(copyReceiptRest) }); got != m.OffsetID() {
		d.t.Errorf("the receipt's offset message id is %q, the broker's %q", got, m.OffsetID())
	}
}

// readBody copies the body of the message in a row of the list.
func (d *desktop) readBody(row place) (string, error) {
	d.t.Helper()
	const before = "nothing was copied"
	c := exec.Command("xclip", "-selection", "clipboard", "-i")
	c.Env, c.Stdin = d.env, strings.NewReader(before)
	if err := c.Run(); err != nil {
		return "", err
	}
	d.at(row)
	d.pause(400 * time.Millisecond)
	d.key("ctrl+shift+c")
	d.pause(400 * time.Millisecond)
	if got := d.clipboard(); got != before {
		return got, nil
	}
	return "", fmt.Errorf("%s", before)
}

// checkList reads the first message from the list and from its details.
func (d *desktop) checkList(m *message.Message) {
	d.t.Helper()
	d.eventually(20*time.Second, func() error {
		got, err := d.readBody(firstRow)
		if err == nil && got != string(m.Body) {
			err = fmt.Errorf("the body reads %q, the broker has %q", got, m.Body)
		}
		return err
	})
	row := d.copied(func() {
		d.rightClick(firstRow.x, firstRow.y)
		d.picture("menu")
		d.click(firstRow.x+30, firstRow.y+18) // Copy row
	})
	fields := strings.Split(row, "\t")
	for _, want := range []string{topic, "paid", "K-1 K-2", fmt.Sprintf("broker-a/%d", m.QueueID), fmt.Sprint(m.QueueOffset), m.ID()} {
		found := false
		for _, f := range fields {
			found = found || f == want
		}
		if !found {
			d.t.Errorf("the row lacks %q: %q", want, fields)
		}
	}
}

// searchToken looks for the token in every file that Gantry wrote, and in the
// arguments and environments of its processes.
func (d *desktop) searchToken(p *program) {
	d.t.Helper()
	needle := []byte(token)
	err := filepath.WalkDir(d.data(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, needle) {
			d.t.Errorf("the token stands in %s", path)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	searched := 0
	for _, pid := range family(p.cmd.Process.Pid) {
		for _, f := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), f))
			if err == nil {
				searched++
			}
			if bytes.Contains(b, needle) {
				d.t.Errorf("the token stands in %s of process %d", f, pid)
			}
		}
	}
	if searched < 4 {
		d.t.Errorf("only %d files of processes were there to search", searched)
	}
	if strings.Contains(p.said.String(), token) {
		d.t.Errorf("the token was printed:\n%s", p.said)
	}
}

// family lists a process and its descendants.
func family(pid int) []int {
	out := []int{pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, t := range tasks {
		b, err := os.ReadFile(t)
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(f); err == nil {
				out = append(out, family(child)...)
			}
		}
	}
	return out
}

func TestWithoutADisplay(t *testing.T) {
	need(t, "go")
	exe := build(t)
	for name, display := range map[string]string{"none": "", "stale": ":4711"} {
		cmd := exec.Command(exe, "-data", t.TempDir())
		cmd.Env = append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v", name, err)
		}
		if n := bytes.Count(out, []byte("\n")); n != 1 || !bytes.Contains(out, []byte("xvfb-run")) {
			t.Errorf("%s: it says %q", name, out)
		}
	}
	out, err := exec.Command(exe, "-version").Output()
	if err != nil || !bytes.HasPrefix(out, []byte("gantry ")) {
		t.Errorf("-version: %q, %v", out, err)
	}
}

// TestThreadCheckSeesAWrongCall plants a call from a wrong goroutine: the check
// that CI relies on must find it.
func TestThreadCheckSeesAWrongCall(t *testing.T) {
	d := newDesktop(t)
	src, err := os.ReadFile(filepath.Join("..", "gui.go"))
	if err != nil {
		t.Fatal(err)
	}
	const run = "\tw.win.ShowAndRun()\n"
	if bytes.Count(src, []byte(run)) != 1 {
		t.Fatal("the place to plant it is gone")
	}
	wrong := bytes.Replace(src, []byte(run), []byte(`	go func() {
		time.Sleep(time.Second)
		w.sidebar.content.Refresh()
	}()
`+run), 1)
	dir := t.TempDir()
	planted := filepath.Join(dir, "gui.go")
	if err := os.WriteFile(planted, wrong, 0o600); err != nil {
		t.Fatal(err)
	}
	original, err := filepath.Abs(filepath.Join("..", "gui.go"))
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: planted}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	p := d.open(build(t, "-overlay", file, "-tags", "threadcheck"))
	d.eventually(10*time.Second, func() error {
		if !strings.Contains(p.said.String(), wrongThread) {
			return fmt.Errorf("the wrong call went unseen:\n%s", p.said)
		}
		return nil
	})
}
