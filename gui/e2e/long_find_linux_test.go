//go:build long

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/testcluster"
)

// What is searched: orders, so many in each of the topic's queues.
const (
	orderQueues = 4
	ordersEach  = 50_000
	orders      = orderQueues * ordersEach
	// every vipEvery-th order of a queue is exported.
	vipEvery = 5_000
)

// Places of a followed list, in a window of 1440 x 900.
var (
	compareItem  = place{40, 50} // of the menu of two rows, from where it was opened
	firstFound   = place{600, 338}
	openImported = place{506, 848} // of the toast
	foundFile    = place{560, 302} // of the dialog, before the folders
)

// orderID names an order.
func orderID(queue, n int) string { return fmt.Sprintf("ORD-%d-%06d", queue, n) }

// order makes the orders: no two are alike, and each says so in its keys, in its body, in a
// field of that, and in a property.
func order(queue, n int) *message.Message {
	tag, id := "paid", orderID(queue, n)
	if n%vipEvery == vipEvery/2 {
		tag = "vip"
	}
	return &message.Message{
		Body: fmt.Appendf(nil, `{"orderId": "%s", "buyer": {"name": "张三", "city": "深圳"},  "items": [{"sku": "SKU-%06d", "qty": %d}], "amount": %d.40, "big": 90071992547409931, "note": "%s"}`+"\n",
			id, queue*ordersEach+n, n%7+1, n%1000, strings.Repeat("as it was written; ", 20)),
		Properties: []message.Property{
			{Name: message.PropertyTags, Value: tag}, {Name: message.PropertyKeys, Value: id}, {Name: "trace", Value: fmt.Sprintf("t%d=%d\t末", queue, n)},
		},
	}
}

// TestFindAsAPerson: of 200,000 orders that are followed one is found by each kind of filter,
// two are compared, and some are exported and imported: what the recording has is what the
// broker stores, to the byte.
func TestFindAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := build(t)
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550, FullSpeed: true})
	b := newBroker(t, c)
	b.createTopic(topic, orderQueues)
	p := d.connected(exe, c)
	d.key("ctrl+2")
	d.pause(500 * time.Millisecond)
	d.write(topic)
	d.key("Escape", "ctrl+Return") // follow
	d.pause(2 * time.Second)
	sendOrders(t, c)
	list := d.list("")
	list.wait(orders)
	d.picture("find-list")

	for _, s := range []struct {
		by, filter string
		queue, n   int
	}{
		{"key", "key:ORD-2-012345", 2, 12_345},
		{"regex", `/"ORD-3-0?4567[8]"/`, 3, 45_678},
		{"path", ".items[0].sku:SKU-056789", 1, 6_789},
		{"jq", `jq: .items[0].sku == "SKU-000042"`, 0, 42},
	} {
		d.findOne(t, s.by, s.filter, order(s.queue, s.n))
	}
	d.compareTwo(t)
	file, keys := d.exportVIP(t)
	d.importFile(keys)
	checkImported(t, b, readExport(t, file), d.recording(), keys)
	p.quit("Return")
	p.checkThreads()
}

// compareTwo compares two orders, and reads what differs difference by difference.
func (d *desktop) compareTwo(t *testing.T) {
	t.Helper()
	d.rows("key:ORD-2-012345 OR key:ORD-2-012352", 2)
	d.rightClick(firstFound.x, firstFound.y)
	d.picture("find-menu")
	d.click(firstFound.x+compareItem.x, firstFound.y+compareItem.y)
	d.pause(700 * time.Millisecond)
	d.picture("find-compare")
	var said []string
	for range 20 {
		d.key("F7")
		got := d.copied(func() { d.key("ctrl+c") })
		if len(said) > 0 && got == said[len(said)-1] {
			break
		}
		said = append(said, got)
	}
	d.key("Escape")
	for _, want := range []string{
		"KEYS\tORD-2-012345\tORD-2-012352", "trace\tt2=12345\t末\tt2=12352\t末", "Queue\tbroker-a · 2 · 12345\tbroker-a · 2 · 12352",
	} {
		if !slices.Contains(said, want) {
			t.Errorf("what differs lacks %q: %q", want, said)
		}
	}
	body := slices.DeleteFunc(said, func(s string) bool { return !strings.HasPrefix(s, " ") })
	want := []string{
		"  \"amount\": 345.40,\t  \"amount\": 352.40,", "      \"sku\": \"SKU-112345\"\t      \"sku\": \"SKU-112352\"",
		"  \"orderId\": \"ORD-2-012345\"\t  \"orderId\": \"ORD-2-012352\"",
	}
	if !slices.Equal(body, want) {
		t.Errorf("of the bodies differ\n%q\nand not\n%q", body, want)
	}
}

// exportVIP exports the orders of one tag but for the first that is shown, and returns the
// file and which those are.
func (d *desktop) exportVIP(t *testing.T) (file string, keys []string) {
	t.Helper()
	d.rows("tag:vip", orders/vipEvery)
	d.must("", "xdotool", "keydown", "ctrl")
	d.click(firstFound.x, firstFound.y+26)
	d.must("", "xdotool", "keyup", "ctrl")
	d.pause(300 * time.Millisecond)
	var rows []string
	d.eventually(10*time.Second, func() error {
		if rows = d.copiedRows(); len(rows) != orders/vipEvery-1 {
			return fmt.Errorf("%d rows are left when one is taken out", len(rows))
		}
		return nil
	})
	for _, r := range rows {
		keys = append(keys, strings.Split(r, "\t")[3])
	}
	d.picture("find-chosen")
	return d.export(topic, len(keys)), keys
}

// importFile imports the exported file into a recording, and opens that.
func (d *desktop) importFile(keys []string) {
	d.t.Helper()
	d.key("ctrl+k")
	d.pause(500 * time.Millisecond)
	d.write("Import messages")
	d.pause(300 * time.Millisecond)
	d.key("Return")
	d.pause(2 * time.Second)
	d.picture("find-import")
	d.at(foundFile)
	d.pause(300 * time.Millisecond)
	d.at(openFile)
	d.pause(1500 * time.Millisecond)
	d.picture("find-name")
	d.key("Return")
	d.pause(2 * time.Second)
	d.picture("find-imported")
	d.at(openImported)
	d.pause(1500 * time.Millisecond)
	d.key("Home")
	d.pause(500 * time.Millisecond)
	d.picture("find-recording")
	first := d.copied(func() { d.key("ctrl+shift+c") })
	d.key("ctrl+a")
	d.pause(300 * time.Millisecond)
	if rows := d.copiedRows(); len(rows) != len(keys) || first != string(orderOf(keys[0]).Body) {
		d.t.Errorf("the recording shows %d rows, the first %q", len(rows), first)
	}
}

// orderOf makes the order of an id.
func orderOf(id string) *message.Message {
	queue, n := 0, 0
	_, _ = fmt.Sscanf(id, "ORD-%d-%d", &queue, &n)
	return order(queue, n)
}

// checkImported compares what was exported and imported with what was chosen, with what the
// broker stores there, and with what was sent.
func checkImported(t *testing.T, b *broker, exported, imported []*message.Message, keys []string) {
	t.Helper()
	if len(exported) != len(keys) || len(imported) != len(keys) {
		t.Fatalf("%d are exported and %d imported, not %d", len(exported), len(imported), len(keys))
	}
	r, err := b.a.Route(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	// An answer does not say the broker, and the form of an export neither size nor checksum
	// of what the broker has, nor in which order properties stood, which means nothing.
	exact := []cmp.Option{
		cmpopts.IgnoreFields(message.Message{}, "Broker", "StoreSize", "BodyCRC", "ArrivedAt"), cmpopts.EquateComparable(netip.AddrPort{}), cmpopts.EquateEmpty(),
		cmpopts.SortSlices(func(a, b message.Property) bool { return a.Name < b.Name }),
	}
	for i, m := range imported {
		got, err := b.a.Pull(t.Context(), r, topic, cluster.Queue{Broker: "broker-a", ID: m.QueueID}, m.QueueOffset, 1)
		if err != nil {
			t.Fatal(err)
		}
		stored, _, err := message.ParseStored(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		if m.Property(message.PropertyKeys) != keys[i] {
			t.Errorf("%d is %q, and %q was chosen", i, m.Property(message.PropertyKeys), keys[i])
		}
		if diff := cmp.Diff(stored, m, exact...); diff != "" {
			t.Errorf("%s, stored and imported: %s", keys[i], diff)
		}
		if diff := cmp.Diff(stored, exported[i], exact...); diff != "" {
			t.Errorf("%s, stored and exported: %s", keys[i], diff)
		}
		sent := order(m.QueueID, int(m.QueueOffset))
		if !bytes.Equal(m.Body, sent.Body) || m.Property("trace") != sent.Property("trace") || m.Tag() != sent.Tag() {
			t.Errorf("%s, sent and imported: %s", keys[i], cmp.Diff(sent, m, exact...))
		}
	}
}

// sendOrders stores the orders, past any client.
func sendOrders(t *testing.T, c *testcluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	l, err := testcluster.NewLoader(ctx, c.BrokerAddr(0), topic, orderQueues, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Make = order
	begin := time.Now()
	if err := l.Fill(ctx, ordersEach); err != nil {
		t.Fatal(err)
	}
	t.Logf("sent %.0f/s", orders/time.Since(begin).Seconds())
}

// rows filters the list and copies all rows that fit, of which there are so many once all was
// looked at, and no more a while later.
func (d *desktop) rows(filter string, want int) (rows []string) {
	d.t.Helper()
	d.key("ctrl+f", "ctrl+a")
	d.write(filter)
	twice := 0
	d.eventually(30*time.Second, func() error {
		d.pause(700 * time.Millisecond)
		d.key("ctrl+f", "Down", "ctrl+a")
		rows = d.copiedRows()
		if twice++; len(rows) != want {
			twice = 0
			return fmt.Errorf("%d rows fit %s, not %d", len(rows), filter, want)
		}
		if twice < 2 {
			return fmt.Errorf("that %d rows fit is seen once", want)
		}
		return nil
	})
	return rows
}

// copiedRows copies the rows that are chosen; none where that takes long.
func (d *desktop) copiedRows() []string {
	d.t.Helper()
	c := exec.Command("xclip", "-selection", "clipboard", "-i")
	c.Env, c.Stdin = d.env, strings.NewReader("none")
	if err := c.Run(); err != nil {
		d.t.Fatal(err)
	}
	d.key("ctrl+c")
	for range 10 {
		d.pause(100 * time.Millisecond)
		if got := d.clipboard(); got != "none" && got != "" {
			return strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		}
	}
	return nil
}

// findOne finds one order of all, reads it, and sees that nothing else is shown.
func (d *desktop) findOne(t *testing.T, by, filter string, want *message.Message) {
	t.Helper()
	begin := time.Now()
	rows := d.rows(filter, 1)
	d.picture("find-" + by)
	if !slices.Contains(strings.Split(rows[0], "\t"), want.Property(message.PropertyKeys)) {
		t.Errorf("by %s is found %q", by, rows[0])
	}
	body, err := d.readBody(firstFound)
	if err != nil || body != string(want.Body) {
		t.Errorf("by %s is read %q, %v", by, body, err)
	}
	t.Logf("by %s: within %v", by, time.Since(begin).Round(100*time.Millisecond))
}
