package client_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/session"
)

// TestStartsAndStops starts and stops a subscription again and again while
// messages come, 20 times or as often as GANTRY_CYCLES says: no worker crashes,
// and neither a process nor memory nor a file is left.
func TestStartsAndStops(t *testing.T) {
	if args := aloneWith(); args != nil {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			t.Fatal(err)
		}
		startAndStop(t, n, args[1])
		return
	}
	t.Parallel()
	alone(t, &syscall.SysProcAttr{}, cmp.Or(os.Getenv("GANTRY_CYCLES"), "20"), serverOf("sandbox").node(t).NameServer())
}

// usage is what this process holds.
type usage struct {
	heap                         int64 // bytes
	goroutines, files, processes int
	temporary                    int // files and folders
}

func used(temp string) usage {
	var u usage
	for range 2 { // the second takes what finalizers freed
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.heap, u.goroutines = int64(m.HeapAlloc), runtime.NumGoroutine()
	fds, _ := os.ReadDir("/proc/self/fd")
	u.files, u.processes = len(fds), len(descendants(os.Getpid()))
	_ = filepath.WalkDir(temp, func(string, os.DirEntry, error) error { u.temporary++; return nil })
	return u
}

func startAndStop(t *testing.T, n int, nameServer string) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	d := deskAt(t, profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}, "")
	top := fmt.Sprintf("cycles-%d", time.Now().UnixNano())
	d.send(top, "", "makes the topic")
	s := profile.Subscription{ID: "s", Profile: "p", Topic: top, Group: session.NewGroupName(), OwnGroup: true}
	sub, err := d.client.Sessions.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	stop := d.load(top, 2)
	cycle := func() {
		t.Helper()
		d.start(sub, s)
		waitState(t, sub, 20*time.Second, session.Receiving, session.Skipping)
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		if st := sub.Status(); st.Restarts > 0 || st.Err != nil {
			t.Fatalf("%+v", st)
		}
		sub.Stop()
	}
	cycle() // what is made once is there now
	before := used(temp)
	slowest := time.Duration(0)
	for range n {
		begin := time.Now()
		cycle()
		slowest = max(slowest, time.Since(begin))
	}
	stored := len(stop()) // their ids are not what is looked for
	var after usage
	eventually(t, 20*time.Second, func() string { // connections of the window end by themselves
		after = used(temp)
		if after.goroutines > before.goroutines+2 || after.files > before.files+2 || after.processes != before.processes || after.temporary != before.temporary {
			return fmt.Sprintf("%+v became %+v", before, after)
		}
		return ""
	})
	// What a window keeps in memory for each message, with a quarter more as a slice grows: of
	// one received its place and its time; of one sent a row, its leaf, and the place and time
	// of three records (its leaving, its receipt, its proof).
	const place, row, leaf = 4 + 8, 40, 8
	received := int64(sub.Status().Received)
	index := (place*received + (row+leaf+3*place)*int64(stored)) * 5 / 4
	if grown := after.heap - before.heap - index; grown > 4<<20 {
		t.Errorf("%d bytes of memory are left: %+v became %+v", grown, before, after)
	}
	t.Logf("%d cycles, the slowest %v; %d messages received of %d stored; %+v became %+v", n, slowest, received, stored, before, after)
	if received == 0 {
		t.Error("nothing was received meanwhile")
	}
}
