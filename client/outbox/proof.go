package outbox

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// proofHeads are the columns of a proof. They are data: in no language.
func proofHeads() []string {
	return []string{
		"number", "state", "note", "id", "topic", "broker", "queue", "offset", "keys", "attempt",
		"sent", "answered ms", "due", "stored", "read back", "arrived ms",
	}
}

// ProofWritten is what WriteProof did.
type ProofWritten struct {
	// Rows were written; of Unread of them not everything could be read.
	Rows, Unread int64
}

// WriteProof writes what is known of each message of a run that was made, as a table: UTF-8
// with a mark at its start and CRLF, so that spreadsheets read it; fields are quoted where
// they must be (RFC 4180). progress is told how many rows were written, now and then.
//
// The state is one of: arrived (read back, to the byte), stored (no answer came, and it was
// found by its id, to the byte), differs (it is there, otherwise than it was sent), doubled
// (the broker has it more than once), missing (another message stands at its place), not
// found (see its note), unread (it could not be read back), acknowledged, handed over (neither
// was read back), taken back (before it was due, at the time in its note), half (of a
// transaction), failed, uncertain, under way, lost (it is not
// readable here). The note says why, and up to which offset of each queue it was looked for.
//
// A spreadsheet takes a text that begins with = + - or @ for a formula. Notes and keys may:
// they get a blank in front, which changes neither, as keys are separated by blanks. A topic
// stays as it is: of these it can begin with a minus only, and no signs that a formula needs
// can follow. Numbers are never below 0.
//
// With more there is one more column, of which more.Cell tells what stands in a row.
//
// It reads the disk. The error is the context's, or that of w.
func (r *Run) WriteProof(ctx context.Context, w io.Writer, more *ProofColumn, progress func(rows, of int64)) (did ProofWritten, err error) {
	b := bufio.NewWriterSize(w, 256<<10)
	if _, err := b.WriteString("\ufeff"); err != nil {
		return did, err
	}
	out := csv.NewWriter(b)
	out.UseCRLF = true
	if err := out.Write(more.head()); err != nil {
		return did, err
	}
	_, next := r.Range()
	for n := range next {
		if n%1000 == 0 {
			if ctx.Err() != nil {
				return did, errors.Join(context.Cause(ctx), b.Flush())
			}
			progress(did.Rows, int64(next))
		}
		x, err := r.Sent(n)
		if errors.Is(err, errNoRow) { // its record is damaged
			x, err = &Sent{Row: n}, fault.Damaged
		}
		if err != nil || x.Lost != nil {
			did.Unread++
		}
		if err := out.Write(more.with(proofRow(x, r.more(n), cmp.Or(err, lost(x)), n), n)); err != nil {
			return did, err
		}
		did.Rows++
	}
	out.Flush()
	return did, errors.Join(out.Error(), b.Flush())
}

// ProofColumn is one more column of a proof: what a group did with the messages.
type ProofColumn struct {
	Head string
	Cell func(row uint64) string
}

func (c *ProofColumn) head() []string {
	if c == nil {
		return proofHeads()
	}
	return append(proofHeads(), plainText(c.Head))
}

func (c *ProofColumn) with(row []string, n uint64) []string {
	if c == nil {
		return row
	}
	return append(row, plainText(c.Cell(n)))
}

func lost(x *Sent) error {
	if x == nil {
		return nil
	}
	return x.Lost
}

// more tells whether the broker has more than one of a row.
func (s *Sends) more(n uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return n < uint64(len(s.rows)) && s.rows[n].doubled()
}

// proofRow is one row; unread is why not everything of it is known.
func proofRow(x *Sent, doubled bool, unread error, n uint64) []string {
	if x == nil {
		x = &Sent{}
	}
	d, o, a := x.Draft, x.Receipt, x.Arrival
	if d == nil {
		d = &message.Draft{}
	}
	state, note := proofState(x, doubled, unread)
	row := []string{
		strconv.FormatUint(n+1, 10), state, plainText(note), x.Leave.ID, d.Topic, "", "", "", plainText(strings.Join(d.Keys, " ")),
		"", moment(x.Leave.At), "", "", "", "", "",
	}
	if !x.Leave.At.IsZero() {
		row[9] = strconv.Itoa(x.Leave.Attempt + 1)
	}
	where := func(broker string, queue int, offset int64) {
		if broker != "" && queue >= 0 && offset >= 0 {
			row[5], row[6], row[7] = broker, strconv.Itoa(queue), strconv.FormatInt(offset, 10)
		}
	}
	since := x.Leave.At
	if o != nil {
		if o.Status.Stored() {
			row[11] = inMilliseconds(o.Took)
		}
		if row[12] = moment(o.Due); o.Due.IsZero() && o.Status.Stored() && x.Half == nil {
			where(o.Broker, o.QueueID, o.QueueOffset)
		}
		since = o.SentAt
		if !o.Due.IsZero() {
			since = o.Due
		}
	}
	if a != nil && (a.Proof == message.ProofArrived || a.Proof == message.ProofDiffers) {
		where(a.Broker, a.QueueID, a.QueueOffset)
		row[13], row[14] = moment(a.StoredAt), moment(a.SeenAt)
		row[15] = inMilliseconds(max(a.SeenAt.Sub(since), 0))
	}
	return row
}

// proofState names how a message stands, and says why.
func proofState(x *Sent, doubled bool, unread error) (state, note string) {
	why := func(f *fault.Fault) string {
		if f == nil {
			return ""
		}
		return cutNote(strings.Join(strings.Fields(f.Error()), " "))
	}
	var receipt, arrival string
	if x.Receipt != nil {
		receipt = why(x.Receipt.Fault)
	}
	a := x.Arrival
	if a != nil {
		arrival = why(a.Fault)
	}
	switch {
	case x.Leave.At.IsZero():
		return "lost", why(fault.From(unread))
	case doubled && a != nil && a.Copies > 1:
		return "doubled", fmt.Sprintf("%d messages have its id", a.Copies)
	case doubled:
		return "doubled", "it was stored, and was sent again"
	case x.State == Failed:
		return "failed", receipt
	case x.State == UnderWay:
		return "under way", ""
	case x.Half != nil && a == nil && x.State == Stored:
		return "half", "it waits at the broker, or was committed or rolled back: see the history"
	case x.Back() && (a == nil || a.Proof == message.ProofNotFound || a.Proof == message.ProofUnread):
		return "taken back", moment(x.Recall.At)
	case a == nil && x.State == Stored:
		return "acknowledged", ""
	case a == nil && x.State == HandedOver:
		return "handed over", ""
	case a == nil:
		return "uncertain", receipt
	}
	switch a.Proof {
	case message.ProofArrived:
		if x.State == Uncertain {
			return "stored", receipt
		}
		return "arrived", ""
	case message.ProofDiffers:
		return "differs", ""
	case message.ProofMissing:
		return "missing", fmt.Sprintf("looked for at %s/%d:%d", a.Broker, a.QueueID, a.QueueOffset)
	case message.ProofNotFound:
		if a.UpTo == "" {
			return "not found", ""
		}
		return "not found", "not found up to " + a.UpTo
	}
	return "unread", arrival
}

// plainText is a text that no spreadsheet takes for a formula: see WriteProof.
func plainText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return " " + s
	}
	return s
}

// mostNote bounds a note, in bytes.
const mostNote = 1000

func cutNote(s string) string {
	if len(s) <= mostNote {
		return s
	}
	return strings.ToValidUTF8(s[:mostNote], "") + "…"
}

// moment is a time to the millisecond with its zone, "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02T15:04:05.000Z07:00")
}

func inMilliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', -1, 64)
}

// Cells is what is known of a row, as WriteProof has it. It reads the disk.
func (s *Sends) Cells(n uint64) []string {
	x, err := s.Sent(n)
	return proofRow(x, s.more(n), cmp.Or(err, lost(x)), n)
}

// Cells is what a run is, in the columns of WriteProof.
func (i *Info) Cells() []string {
	row := make([]string, len(proofHeads()))
	row[1], row[2], row[3], row[4], row[10] = string(i.Phase), fmt.Sprintf("run of %d", i.Planned), i.ID, i.Topic, moment(i.Begun)
	return row
}
