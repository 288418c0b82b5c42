package client_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/session"
)

// TestDiskFull fills the disk of the journals while messages come, and makes it
// larger: nothing is answered meanwhile, that is said, and then it goes on by
// itself, without a loss and without a message twice. The disk is a small one of
// the memory, in a world of mounts of its own.
func TestDiskFull(t *testing.T) {
	if args := aloneWith(); args != nil {
		fillDisk(t, args[0], args[1])
		return
	}
	t.Parallel()
	alone(t, ownMounts(), t.TempDir(), serverOf("sandbox").node(t).NameServer())
}

// ownMounts gives a process a world of mounts of its own.
func ownMounts() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid := os.Getuid(); uid != 0 { // who is not root becomes it in there
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return attr
}

const (
	smallDisk = "size=6m"
	roomyDisk = "size=200m"
)

func mount(t *testing.T, dir, options string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Fatal(err)
	}
}

// deskOnDisk connects a client whose named part of the data folder is a disk of its own,
// which is also returned. What is mounted is not seen outside.
func deskOnDisk(t *testing.T, dir, nameServer, part, options string) (*desk, string) {
	t.Helper()
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(dir, "data", part)
	if err := os.MkdirAll(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	mount(t, disk, options, 0)
	cl, log := newClient(t, dir, workerProgram(t))
	p := profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}
	conn, err := cl.Open(t.Context(), p, "")
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, dir: dir, log: log, client: cl, conn: conn, profile: p}, disk
}

func fillDisk(t *testing.T, dir, nameServer string) {
	d, journals := deskOnDisk(t, dir, nameServer, "journals", smallDisk)
	top := fmt.Sprintf("disk-%d", time.Now().UnixNano())
	d.send(top, "", "makes the topic")
	s := profile.Subscription{ID: "s", Profile: "p", Topic: top, Group: session.NewGroupName(), OwnGroup: true, From: profile.FromEarliest}
	sub := d.subscribe(s)
	wait(t, sub, 1, 20*time.Second)
	stop := d.load(top, 8)
	eventually(t, 3*time.Minute, func() string {
		if st := sub.Status(); st.State != session.Blocked || !errors.Is(st.Err, fault.DiskFull) {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	time.Sleep(time.Second) // what was written at last is counted
	full := sub.Status().Received
	time.Sleep(3 * time.Second)
	if st := sub.Status(); st.State != session.Blocked || st.Received != full {
		t.Errorf("on a full disk %d more messages were kept, %+v", st.Received-full, st)
	}
	// Settings and forms lie on another disk; the window can be used, and paused.
	if err := sub.Pause(); err != nil {
		t.Error(err)
	}
	if err := sub.Resume(); err != nil {
		t.Error(err)
	}
	mount(t, journals, roomyDisk, syscall.MS_REMOUNT)
	waitState(t, sub, 20*time.Second, session.Receiving)
	time.Sleep(time.Second)
	stored := stop()
	eventually(t, 40*time.Second, func() string {
		if n := sub.Status().Received; n < uint64(len(stored)+1) {
			return fmt.Sprintf("%d of %d, %+v", n, len(stored)+1, sub.Status())
		}
		return ""
	})
	times := map[string]int{}
	for _, m := range messages(t, sub) {
		times[m.ID()]++
	}
	for _, id := range stored {
		if times[id] != 1 {
			t.Errorf("%s is there %d times", id, times[id])
		}
	}
	if st := sub.Status(); st.Restarts > 0 || st.DamagedBytes > 0 || st.TornBytes > 0 || st.Err != nil {
		t.Errorf("%+v", st)
	}
	t.Logf("%d messages, %d of them before the disk was full", len(stored), full)
}

// TestDiskFullInARun: what cannot be written down is not sent; the run says why it waits
// and goes on by itself once there is room. A single message is refused meanwhile.
func TestDiskFullInARun(t *testing.T) {
	if args := aloneWith(); args != nil {
		fillDiskOfRun(t, args[0], args[1])
		return
	}
	t.Parallel()
	alone(t, ownMounts(), t.TempDir(), serverOf("sandbox").node(t).NameServer())
}

func fillDiskOfRun(t *testing.T, dir, nameServer string) {
	d, sends := deskOnDisk(t, dir, nameServer, "sends", "size=256k")
	top := fmt.Sprintf("disk-of-run-%d", time.Now().UnixNano())
	d.send(top, "", "makes the topic")
	pl := planned(top, 4_000)
	pl.AtOnce, pl.Prove = 4, false
	r := d.begin(pl)
	eventually(t, time.Minute, func() string {
		if st := r.Status(); !errors.Is(st.Blocked, fault.DiskFull) {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	count := func() (n int64) {
		_, all := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top})
		return int64(len(all)) - 1
	}
	full := count()
	if st := r.Status(); st.Phase.Over() || full < st.Counts.Stored || full > st.Counts.Left() || full >= pl.Count {
		t.Errorf("the broker holds %d, %+v", full, st)
	}
	// What is left of its last page takes one or two more.
	var refused message.Receipt
	var taken int64
	var err error
	for range 50 {
		if refused, err = d.conn.Send(t.Context(), draft(top, strings.Repeat("single", 200))); err != nil || !refused.Status.Stored() {
			break
		}
		taken++
	}
	if err != nil || refused.Status != message.StatusFailed || !errors.Is(refused.Fault, fault.DiskFull) {
		t.Errorf("a single message on a full disk: %+v, %v", refused, err)
	}
	if again := count(); again != full+taken {
		t.Errorf("%d messages were sent that are not written down", again-full-taken)
	}
	mount(t, sends, roomyDisk, syscall.MS_REMOUNT)
	st := over(t, r, 3*time.Minute)
	if st.Phase != outbox.Complete || st.Counts.Stored != pl.Count || st.Blocked != nil || st.Err != nil {
		t.Errorf("%+v", st)
	}
}

// TestDiskFullForAnOrder: what cannot be written into the diary is not ordered.
func TestDiskFullForAnOrder(t *testing.T) {
	if args := aloneWith(); args != nil {
		fillDiskOfOrder(t, args[0], args[1])
		return
	}
	t.Parallel()
	alone(t, ownMounts(), t.TempDir(), serverOf("sandbox").node(t).NameServer())
}

func fillDiskOfOrder(t *testing.T, dir, nameServer string) {
	d, changes := deskOnDisk(t, dir, nameServer, "changes", "size=64k")
	top, group := fmt.Sprintf("disk-of-order-%d", time.Now().UnixNano()), session.NewGroupName()
	d.send(top, "", "makes the topic")
	cfg := admin.New(admin.Config{NameServers: []string{nameServer}})
	defer cfg.Close()
	l, err := cfg.Cluster(t.Context())
	if err == nil {
		err = cfg.CreateGroup(t.Context(), l.Masters(), group)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.order(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}})
	if err := os.WriteFile(filepath.Join(changes, "fill"), make([]byte, 60<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	back := orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToEarliest}}
	refused := false
	for range 40 { // what is left of the last page takes some
		pre := d.preview(back)
		if pre.Moves() == 0 {
			back.To.Kind = map[orders.Kind]orders.Kind{orders.ToEarliest: orders.ToNewest, orders.ToNewest: orders.ToEarliest}[back.To.Kind]
			continue
		}
		r, err := d.conn.ChangeOffsets(t.Context(), pre, agreed(pre), nil)
		if err != nil && r.ID == "" {
			if refused = errors.Is(err, fault.DiskFull); !refused {
				t.Error(err)
			}
			break
		}
	}
	before, now := d.preview(back), d.preview(back)
	if !refused || before.Moves() == 0 || now.Lines[0].From != before.Lines[0].From {
		t.Errorf("refused %v: %+v", refused, now)
	}
	fresh := orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{top + "-unrecorded"}}
	look := d.previewSetup(fresh)
	if r, err := d.conn.ChangeSetup(t.Context(), look, d.agreedSetup(look), nil); !errors.Is(err, fault.DiskFull) || r.ID != "" {
		t.Errorf("a topic: %+v, %v", r, err)
	}
	if again := d.previewSetup(fresh); again.Moves() != 1 {
		t.Errorf("it was made unrecorded: %+v", again)
	}
	copied, redelivery := d.copyOf(markedDead(group, top, 3)...), &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-redeliver", Topic: top}, AtOnce: 1}
	copied.Replay(redelivery, nil)
	redelivery.Replay.Redelivers = message.DeadLetterTopic(group)
	if r, err := d.conn.Begin(redelivery, client.Confirmed{Topic: top, Count: 3}, copied.Fill); !errors.Is(err, fault.DiskFull) || r != nil {
		t.Errorf("redelivered unrecorded: %v, %v", r, err)
	}
	if runs, err := d.client.Outbox.Runs(d.profile.ID); err != nil || len(runs) > 0 {
		t.Errorf("%+v, %v", runs, err)
	}
	if err := copied.Close(); err != nil {
		t.Error(err)
	}
	listed, err := d.client.Diary.List()
	if err != nil || len(listed) == 0 {
		t.Errorf("%d records, %v", len(listed), err)
	}
	if err := os.Remove(filepath.Join(changes, "fill")); err != nil {
		t.Fatal(err)
	}
	d.order(back)
}
