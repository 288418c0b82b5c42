package outbox

import (
	"slices"
	"testing"

	"gantry/client/message"
	"gantry/client/worker"
)

// TestGaps: what was made and never left, though others behind it did, is sent first when the
// run goes on, and is not counted as made.
func TestGaps(t *testing.T) {
	r := runOf(t, 20, func(dst []byte) ([]byte, int) {
		w := &note{t: t, buf: dst}
		for _, seq := range []int64{3, 1, 2, 8, 6, 2} { // the last one once more
			w.receipt(w.leave(seq, 0), message.StatusOK, nil)
		}
		return w.buf, w.n
	})
	want := []worker.Gap{{Seq: 0, After: -1, Count: 1}, {Seq: 4, After: -1, Count: 2}, {Seq: 7, After: -1, Count: 1}}
	if got := r.gaps(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if seq, _ := r.next(); seq != 9 || r.Made() != 5 || r.Counts().Left() != 5 {
		t.Errorf("goes on at %d, %d made: %+v", seq, r.Made(), r.Counts())
	}
	whole := runOf(t, 2, func(dst []byte) ([]byte, int) {
		w := &note{t: t, buf: dst}
		w.leave(1, 0)
		w.leave(0, 0)
		return w.buf, w.n
	})
	if got := whole.gaps(); len(got) > 0 || whole.Made() != 2 {
		t.Errorf("%+v, %d made", got, whole.Made())
	}
}
