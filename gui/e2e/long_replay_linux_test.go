//go:build long

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/testcluster"
)

// Places of what is exported and sent again, in a window of 1440 x 900.
var (
	lastOut      = place{600, 808} // the last row, which is taken out: the first of its queue it is not
	exportButton = place{974, 229} // with the inspector beside
	saveFile     = place{1087, 710}
	openedFile   = place{560, 335}
	openFile     = place{1087, 710}
	replayTopic  = place{900, 412}
	replaySend   = place{1060, 664}
)

// TestExportAndReplayAsAPerson: messages are chosen in a list of one connection, exported,
// and sent to a topic of another from the file. What its broker then stores is what was
// sent first, to the byte, and nothing that was not chosen.
func TestExportAndReplayAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := build(t)
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550})
	b := newBroker(t, c)
	b.createTopic(topic, 2)
	d.unlockKeyring()
	p := d.open(exe)

	body := `{"订单": "ORD-` + random() + `",  "amount":268.40, "big":90071992547409931}` + "\n"
	d.sendSome(body)
	d.key("ctrl+2", "ctrl+Return") // follow
	file := d.exportChosen()
	chosen := readExport(t, file)

	d.key("ctrl+n")
	d.pause(time.Second)
	d.fill(nameField, "e2e cluster")
	d.fill(serversField, c.NameServer())
	d.key("ctrl+s")
	d.pause(2500 * time.Millisecond)
	d.key("ctrl+Return") // connect
	d.pause(2500 * time.Millisecond)
	d.picture("connected")
	d.replayFile()
	stored := b.waitMessages(len(chosen))
	if got, want := contents(stored), contents(chosen); !slices.Equal(got, want) {
		t.Errorf("the second broker stores\n%q\nexported were\n%q", got, want)
	}
	if !slices.ContainsFunc(stored, func(m *message.Message) bool {
		return string(m.Body) == body && m.Tag() == "paid" && m.Property(message.PropertyKeys) == "K-1 K-2"
	}) {
		t.Errorf("what was typed is not among %q", contents(stored))
	}
	p.quit()
	p.checkThreads()
}

// sendSome sends one message, whose body is pasted, and a run of twenty.
func (d *desktop) sendSome(body string) {
	d.t.Helper()
	d.fill(sendTagField, "paid")
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
	d.key("ctrl+Return")
	d.pause(1500 * time.Millisecond)
	d.at(sendBody)
	d.key("ctrl+a")
	d.write(`{"n": {{seq}}, "id": "{{uuid}}"}`)
	d.key("Escape")
	d.at(sendMany)
	d.pause(500 * time.Millisecond)
	d.write("20")
	d.key("ctrl+Return")
	d.pause(1500 * time.Millisecond)
	d.key("Return") // a question that is no danger begins on its action
	d.pause(2 * time.Second)
	d.picture("sent")
}

// exportChosen chooses all rows of the list but one and exports them; it returns the file.
func (d *desktop) exportChosen() string {
	d.t.Helper()
	d.eventually(20*time.Second, func() error {
		_, err := d.readBody(firstFollowed)
		return err
	})
	d.eventually(20*time.Second, func() error {
		d.at(firstFollowed)
		d.key("ctrl+a")
		d.pause(300 * time.Millisecond)
		if rows := strings.Count(d.copied(func() { d.key("ctrl+c") }), "\n"); rows != 21 {
			return fmt.Errorf("%d rows are copied", rows)
		}
		return nil
	})
	d.must("", "xdotool", "keydown", "ctrl")
	d.at(lastOut)
	d.must("", "xdotool", "keyup", "ctrl")
	d.pause(300 * time.Millisecond)
	d.picture("chosen")
	return d.export("hello", 20)
}

// export writes what is chosen of a topic, that many messages, as lines of JSON, and returns the
// file.
func (d *desktop) export(topic string, want int) string {
	d.t.Helper()
	d.at(exportButton)
	d.pause(500 * time.Millisecond)
	d.picture("form")
	d.key("Return") // as lines of JSON
	d.pause(2 * time.Second)
	d.picture("export")
	d.at(saveFile)
	file := filepath.Join(d.home, topic+".jsonl")
	d.eventually(10*time.Second, func() error {
		b, err := os.ReadFile(file)
		if n := bytes.Count(b, []byte("\n")); err == nil && n != want {
			err = fmt.Errorf("%d messages are exported, not %d", n, want)
		}
		return err
	})
	return file
}

// replayFile sends what is in the exported file to the topic of the other connection.
func (d *desktop) replayFile() {
	d.t.Helper()
	d.key("ctrl+k")
	d.pause(500 * time.Millisecond)
	d.write("exported")
	d.pause(300 * time.Millisecond)
	d.key("Return")
	d.pause(2 * time.Second)
	d.picture("open")
	d.at(openedFile)
	d.pause(300 * time.Millisecond)
	d.at(openFile)
	d.pause(2 * time.Second)
	d.picture("sheet")
	d.key("Down", "Down", "Down", "Return") // it opens, and the second connection is chosen
	d.pause(500 * time.Millisecond)
	d.fill(replayTopic, topic)
	d.key("Tab")
	d.pause(2 * time.Second) // it is looked at
	d.picture("target")
	d.at(replaySend)
	d.pause(time.Second)
	d.picture("question")
	d.key("Return") // a question that is no danger begins on its action
	d.pause(2 * time.Second)
	d.picture("replayed")
}

// readExport reads an exported file.
func readExport(t *testing.T, file string) (all []*message.Message) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		m, _, err := message.FromJSON(bytes.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// contents are what a sender gave messages, in no order.
func contents(all []*message.Message) (out []string) {
	for _, m := range all {
		out = append(out, fmt.Sprintf("%q %q %q %q", m.Body, m.Tag(), m.Keys(), m.UserProperties()))
	}
	slices.Sort(out)
	return out
}
