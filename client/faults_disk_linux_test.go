package client_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"gantry/client/fault"
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
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid := os.Getuid(); uid != 0 { // who is not root becomes it in there
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	alone(t, attr, t.TempDir(), serverOf("sandbox").node(t).NameServer())
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

func fillDisk(t *testing.T, dir, nameServer string) {
	// What is mounted here must not be seen outside.
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	journals := filepath.Join(dir, "data", "journals")
	if err := os.MkdirAll(journals, 0o700); err != nil {
		t.Fatal(err)
	}
	mount(t, journals, smallDisk, 0)
	cl, log := newClient(t, dir, workerProgram(t))
	p := profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}
	conn, err := cl.Open(t.Context(), p, "")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: dir, log: log, client: cl, conn: conn, profile: p}
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
