//go:build long

package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gantry/client/testcluster"
)

// Places of a half message, in a window of 1440 x 900.
var (
	transactionType = place{572, 207}
	decideLater     = place{421, 267}
	commitHalf      = place{1065, 526}
	halfState       = place{1419, 707} // below what it says of itself while it waits
	committedState  = place{1419, 683}
)

// TestTransactionAsAPerson: a half message is sent, which nobody gets; then it is committed in
// the list, and a member of a group gets it, to the byte.
func TestTransactionAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := build(t)
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550})
	b := newBroker(t, c)
	b.createTopic(topic, 2)
	d.unlockKeyring()
	p := d.open(exe)
	d.plainConnection(c.NameServer())
	d.subscribe()
	b.waitMember(d.group())

	body := `{"订单": "ORD-` + random() + `",  "amount":268.40, "big":90071992547409931}` + "\n"
	d.writeMessage(body)
	d.at(transactionType)
	d.pause(500 * time.Millisecond)
	d.at(decideLater)
	d.pause(500 * time.Millisecond)
	d.picture("half")
	d.key("ctrl+Return")
	d.eventually(20*time.Second, func() error { return d.says(halfState, "Half, waiting") })
	d.picture("waits")
	b.waitMessages(0)
	if got, err := d.memberHas(); err == nil {
		t.Fatalf("nobody decided, and yet %q was read", got)
	}
	d.key("ctrl+1")
	d.pause(300 * time.Millisecond)
	d.at(commitHalf)
	d.eventually(20*time.Second, func() error { return d.says(committedState, "Committed") })
	d.picture("committed")
	stored := b.waitMessages(1)[0]
	if string(stored.Body) != body || stored.Tag() != "paid" || stored.Property("KEYS") != "K-1 K-2" {
		t.Errorf("the broker stores %q, tag %q, keys %q", stored.Body, stored.Tag(), stored.Keys())
	}
	d.eventually(20*time.Second, func() error {
		got, err := d.memberHas()
		if err == nil && got != body {
			err = fmt.Errorf("the member got %q", got)
		}
		return err
	})
	d.picture("consumed")
	p.quit("Return")
	p.checkThreads()
}

// plainConnection makes a connection to a cluster without accounts, and connects.
func (d *desktop) plainConnection(nameServer string) {
	d.t.Helper()
	d.key("ctrl+n")
	d.pause(time.Second)
	d.fill(nameField, "e2e cluster")
	d.fill(serversField, nameServer)
	d.key("ctrl+s")
	d.pause(2500 * time.Millisecond)
	d.key("ctrl+Return")
	d.pause(2500 * time.Millisecond)
}

// says copies what stands somewhere, and wants it to begin with a word.
func (d *desktop) says(at place, want string) error {
	d.t.Helper()
	c := exec.Command("xclip", "-selection", "clipboard", "-i")
	c.Env, c.Stdin = d.env, strings.NewReader("nothing was copied")
	if err := c.Run(); err != nil {
		return err
	}
	d.at(at)
	d.pause(300 * time.Millisecond)
	if got := d.clipboard(); !strings.HasPrefix(got, want) {
		return fmt.Errorf("%q is copied, not %q", got, want)
	}
	return nil
}

// memberHas reads the first message of the subscription's list.
func (d *desktop) memberHas() (string, error) {
	d.t.Helper()
	d.key("ctrl+2")
	d.pause(300 * time.Millisecond)
	return d.readBody(firstRow)
}
