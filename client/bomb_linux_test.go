package client_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
)

// zeros gives nothing but zeros.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// peakOf is the most that a process has had in memory, in bytes; 0 where it is gone.
func peakOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, is := strings.CutPrefix(line, "VmHWM:"); is {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// TestE1ABombInAGroup: a message of a megabyte that unpacks to a gigabyte ends the worker at
// the bound of its memory. It is named and kept as it is stored, nothing runs on, and once
// it is ordered, with nobody in the group, the group goes past it.
func TestE1ABombInAGroup(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	d := on.desk(t)
	top := on.topic(t, 1)
	var bomb bytes.Buffer
	w := zlib.NewWriter(&bomb)
	if _, err := io.CopyN(w, zeros{}, 1<<30); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	d.send(top, "", "before")
	on.call(t, &remoting.Command{Code: remoting.SendMessage, Body: bomb.Bytes(), ExtFields: map[string]string{
		"producerGroup": "bomb", "topic": top, "defaultTopic": "TBW102", "defaultTopicQueueNums": "4",
		"queueId": "0", "sysFlag": strconv.Itoa(0x301), "bornTimestamp": fmt.Sprint(time.Now().UnixMilli()),
		"flag": "0", "properties": "", "reconsumeTimes": "0", "unitMode": "false", "maxReconsumeTimes": "0", "batch": "false",
	}})
	d.send(top, "", "behind")
	s := on.spec(t, top)
	s.From = profile.FromEarliest
	sub := d.subscribe(s)
	changed := make(chan struct{}, 1000)
	sub.OnChange(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	var peak int64
	for end := time.Now().Add(90 * time.Second); sub.Status().State != session.Stopped; {
		if pid := sub.PID(); pid > 0 {
			peak = max(peak, peakOf(pid))
		}
		if time.Now().After(end) {
			t.Fatalf("%+v", sub.Status())
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond): // its memory is looked at
		}
	}
	st := sub.Status()
	if !errors.Is(st.Err, fault.UnpacksTooLarge) || fault.Arg(st.Err, fault.ArgOffset) != "1" || fault.Arg(st.Err, fault.ArgTopic) != top || st.Restarts != 0 {
		t.Fatalf("%+v: %v", st, st.Err)
	}
	if peak > 768<<20 {
		t.Errorf("the worker took %d MB", peak>>20)
	}
	found := false
	for _, m := range messages(t, sub) {
		found = found || m.QueueOffset == 1 && bytes.Equal(m.Body, bomb.Bytes()) && !m.Inflated
	}
	if !found {
		t.Error("the message is not kept as it is stored")
	}
	if err := d.conn.Skip(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
	if st := sub.Status(); st.State != session.Stopped || st.Err != nil {
		t.Errorf("after it was skipped: %+v", st)
	}
	d.start(sub, s)
	eventually(t, 60*time.Second, func() string {
		for _, b := range bodies(t, sub) {
			if b == "behind" {
				return ""
			}
		}
		return fmt.Sprintf("%+v", sub.Status())
	})
	if err := d.conn.Skip(t.Context(), sub); !errors.Is(err, fault.NotFound) {
		t.Errorf("with nothing to skip: %v", err)
	}
}
