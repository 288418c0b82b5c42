package message

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
)

func TestLeaveAndWhatCameOfIt(t *testing.T) {
	at := time.UnixMilli(1_796_000_000_123)
	leaves := []*Leave{
		{Row: -1, At: at, ID: "0A02", Draft: &Draft{
			ProducerGroup: "g", Topic: "t", Tag: "付款", Keys: []string{"a", "b"}, Properties: []Property{{"n", "v"}}, Body: []byte("x\x00y"),
			Deliver: Delivery{After: time.Minute}, To: &Target{"b", 3}, OneWay: true, Packed: true, ID: "0A02",
		}},
		{Seq: 1 << 40, Attempt: 3, Row: 12345, At: at, ID: "1D"},
		{Row: -1, At: at, Draft: &Draft{Topic: "t", Body: []byte{}}},
	}
	var all []byte
	for _, l := range leaves {
		var err error
		if all, err = AppendLeave(all, l); err != nil {
			t.Fatal(err)
		}
	}
	outcomes := []*Outcome{
		{Of: 7, Receipt: Receipt{Status: StatusOK, MessageID: "0A02", OffsetMessageID: "FF", Broker: "broker-a", QueueID: 3, QueueOffset: 1 << 50, SentAt: at, Took: 1234 * time.Microsecond}},
		{Of: 1 << 31, Receipt: Receipt{Status: StatusFailed, SentAt: at, Fault: &fault.Fault{Code: fault.Busy, Raw: "raw", Said: &fault.Answer{Code: 2, Remark: "r", Addr: "a"}}}},
		{Receipt: Receipt{Status: StatusHandedOver, SentAt: at, Due: at.Add(time.Hour)}},
	}
	for _, o := range outcomes {
		all = AppendOutcome(all, o)
	}
	arrivals := []*Arrival{
		{Of: 9, Proof: ProofArrived, SeenAt: at, StoredAt: at.Add(-time.Second), Broker: "b", QueueID: 1, QueueOffset: 5},
		{Proof: ProofUnread, SeenAt: at, Fault: &fault.Fault{Code: fault.Timeout}},
		{Proof: ProofUnread, SeenAt: at, Fault: &fault.Fault{Code: fault.Unknown}},
		{Proof: ProofNotFound, SeenAt: at, UpTo: "broker-a/0:120 broker-a/1:98"},
		{Proof: ProofArrived, SeenAt: at, StoredAt: at, Copies: 2},
	}
	for _, a := range arrivals {
		all = AppendArrival(all, a)
	}
	all = AppendBegin(all, at)
	next := func() *Record {
		t.Helper()
		r, n, err := ParseRecord(all)
		if err != nil {
			t.Fatal(err)
		}
		all = all[n:]
		return r
	}
	for _, want := range leaves {
		r := next()
		got, err := r.Leave()
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Error(err, d)
		}
		head, err := r.LeaveHead()
		short := *want
		short.Draft, short.ID = nil, ""
		if d := cmp.Diff(&short, head); d != "" || err != nil {
			t.Error(err, d)
		}
		if _, err := r.Outcome(); err == nil {
			t.Error("a draft is read as a receipt")
		}
	}
	for _, want := range outcomes {
		got, err := next().Outcome()
		if !reflect.DeepEqual(want, got) || err != nil {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	for _, want := range arrivals {
		got, err := next().Arrival()
		if !reflect.DeepEqual(want, got) || err != nil {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	if r := next(); r.Kind != KindBegin || !r.ArrivedAt.Equal(at) || len(all) > 0 {
		t.Errorf("%+v", r)
	}
}

// FuzzSent: no payload makes the decoders fail, and what they read they write again.
func FuzzSent(f *testing.F) {
	seed, _ := AppendLeave(nil, &Leave{Row: -1, ID: "1D", Draft: &Draft{Topic: "t", Body: []byte("b")}})
	f.Add(uint8(KindDraft), seed[RecordHeader:])
	f.Add(uint8(KindReceipt), AppendOutcome(nil, &Outcome{Of: 3, Receipt: Receipt{Status: StatusOK, MessageID: "1D"}})[RecordHeader:])
	f.Add(uint8(KindArrival), AppendArrival(nil, &Arrival{Of: 3, Proof: ProofArrived})[RecordHeader:])
	f.Add(uint8(KindReply), AppendReply(nil, &Reply{Of: 3, Body: []byte("b")})[RecordHeader:])
	f.Add(uint8(KindStep), AppendStep(nil, &Step{Of: 3, Kind: StepAsked, Choice: Commit})[RecordHeader:])
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		r := &Record{Kind: Kind(kind), ArrivedAt: time.UnixMilli(5), Payload: payload}
		if l, err := r.Leave(); err == nil {
			again, err := AppendLeave(nil, l)
			if err != nil {
				t.Fatal(err)
			}
			back, _, err := ParseRecord(again)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := back.Leave(); err != nil || cmp.Diff(l, got) != "" {
				t.Fatal(err, cmp.Diff(l, got))
			}
		}
		if o, err := r.Outcome(); err == nil && o.QueueID >= 0 {
			back, _, err := ParseRecord(AppendOutcome(nil, o))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := back.Outcome(); err != nil || got.Of != o.Of || got.Status != o.Status || got.MessageID != o.MessageID {
				t.Fatalf("%+v, %v; want %+v", got, err, o)
			}
		}
		_, _ = r.Arrival()
		_, _ = r.Step()
		_, _ = r.Reply()
	})
}
