package message

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"gantry/client/fault"
)

// TestSteps: what is written is read, and a draft that leaves as a half message is known by
// its record's head.
func TestSteps(t *testing.T) {
	at := time.UnixMilli(1_796_000_000_123)
	want := []*Step{
		{Of: 7, Kind: StepDecided, Choice: Commit, At: at},
		{Of: 1 << 31, Kind: StepAsked, Choice: Undecided, At: at, Broker: "broker-a", Record: 1 << 40, Offset: 12},
		{Of: 8, Kind: StepUntold, Choice: Rollback, At: at, Fault: &fault.Fault{Code: fault.Timeout, Raw: "raw"}},
		{Of: 8, Kind: StepEnded, At: at},
	}
	var all []byte
	for _, s := range want {
		all = AppendStep(all, s)
	}
	for _, w := range want {
		r, n, err := ParseRecord(all)
		if err != nil || !MayBeRecord(all) {
			t.Fatal(err)
		}
		all = all[n:]
		got, err := r.Step()
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := r.Outcome(); !errors.Is(err, fault.Damaged) {
			t.Errorf("taken for a receipt: %v", err)
		}
		r.Payload = r.Payload[:1]
		if _, err := r.Step(); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut short: %v", err)
		}
	}
	for what, half := range map[Transaction]bool{NoTransaction: false, Undecided: true, Commit: true} {
		b, err := AppendLeave(nil, &Leave{At: at, Row: -1, ID: "0A", Draft: &Draft{Topic: "t", Body: []byte("x"), Transaction: what}})
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := ParseRecord(b)
		if err != nil || !MayBeRecord(b) || r.Half != half {
			t.Errorf("%q: %+v, %v", what, r, err)
		}
		if l, err := r.Leave(); err != nil || l.Half != half || l.Draft.Transaction != what {
			t.Errorf("%q: %+v, %v", what, l, err)
		}
	}
}

func TestTransactionsThatCannotBe(t *testing.T) {
	for _, change := range []func(*Draft){
		func(d *Draft) { d.OneWay = true },
		func(d *Draft) { d.Deliver.After = time.Second },
		func(d *Draft) { d.Transaction = "perhaps" },
	} {
		d := &Draft{Topic: "t", Body: []byte("x"), Transaction: Commit}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		change(d)
		if err := d.Check(); !errors.Is(err, ErrTransaction) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

// TestReplies: what is written is read.
func TestReplies(t *testing.T) {
	at := time.UnixMilli(1_796_000_000_123)
	for _, want := range []*Reply{
		{Of: 7, At: at, From: "127.0.0.1:9", Properties: []Property{{"a", "b"}, {"地区", "华南"}}, Body: []byte("x\x00y")},
		{Of: 1 << 31, At: at, Body: []byte{}, Fault: &fault.Fault{Code: fault.Timeout, Raw: "raw"}},
	} {
		b := AppendReply(nil, want)
		r, _, err := ParseRecord(b)
		if err != nil || !MayBeRecord(b) {
			t.Fatal(err)
		}
		if got, err := r.Reply(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		r.Payload = r.Payload[:1]
		if _, err := r.Reply(); err == nil {
			t.Error("cut short, and read")
		}
	}
	for _, change := range []func(*Draft){
		func(d *Draft) { d.OneWay = true },
		func(d *Draft) { d.Deliver.After = time.Second },
		func(d *Draft) { d.Transaction = Commit },
		func(d *Draft) { d.Reply = -1 },
		func(d *Draft) { d.Reply = MaxReply + 1 },
	} {
		d := &Draft{Topic: "t", Body: []byte("x"), Reply: time.Second}
		if err := d.Check(); err != nil || !d.Called() {
			t.Fatal(err)
		}
		if change(d); !errors.Is(d.Check(), ErrReply) {
			t.Errorf("%+v: %v", d, d.Check())
		}
	}
}
