package outbox

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"testing"
	"time"

	"gantry/client/worker"
)

// TestMain plays the worker that says that its run is complete and is gone with that.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == worker.Argument {
		for _, e := range []worker.Event{
			{Kind: worker.Started},
			{Kind: worker.Running, Ran: &worker.Ran{Ended: true, Complete: true}},
			{Kind: worker.Running, Ran: &worker.Ran{Ended: true, Complete: true, Proven: true}},
		} {
			if err := tell(&e); err != nil {
				os.Exit(2)
			}
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// tell writes an event as a worker does: the length of all, that of the header, the header.
func tell(e *worker.Event) error {
	h, err := json.Marshal(e)
	if err != nil {
		return err
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(h)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(h)))
	_, err = os.Stdout.Write(append(b, h...))
	return err
}

// TestEndIsTheOneTold: a run whose worker said that it is complete is complete, also where the
// worker was gone before that was noted.
func TestEndIsTheOneTold(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := runOf(t, 1, func(dst []byte) ([]byte, int) { return dst, 0 })
	var told []worker.Event
	proc, err := worker.Program{Path: exe, Folder: t.TempDir()}.Start(&worker.Job{}, func(e worker.Event) { told = append(told, e) })
	if err != nil {
		t.Fatal(err)
	}
	<-proc.Done()
	r.phase, r.proc, r.ended, r.overs = Sending, proc, make(chan struct{}), make(chan struct{})
	r.Sends.mu.Lock() // the rows are not counted yet
	r.mu.Lock()
	for _, e := range told {
		if e.Ran != nil {
			r.ran(e)
		}
	}
	r.mu.Unlock()
	ended := r.ended
	go r.follow(proc, ended)
	time.Sleep(50 * time.Millisecond) // who waits for the worker's end may go wrong meanwhile
	r.Sends.mu.Unlock()
	<-ended
	if st := r.Status(); st.Phase != Complete || st.Err != nil {
		t.Fatalf("%+v", st)
	}
}
