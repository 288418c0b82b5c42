package worker

import (
	"testing"

	"gantry/client/fault"
	"gantry/client/message"
)

// TestAlike: a run pauses once where all fails for one cause, and not where something is
// stored in between, or where causes differ.
func TestAlike(t *testing.T) {
	stored := message.Receipt{Status: message.StatusOK}
	failed := func(why error) message.Receipt {
		return message.Receipt{Status: message.StatusFailed, Fault: fault.From(why)}
	}
	refused, lost := failed(fault.SignInRefused), failed(fault.ConnectionLost)
	lost.Status = message.StatusUncertain
	unnamed := func(code int) message.Receipt { return failed(&fault.Answer{Code: code, Remark: "of " + t.Name()}) }

	a := newAlike(1)
	say := func(times int, what ...message.Receipt) (paused []int64) {
		for range times {
			if n, why := a.note(what); n > 0 {
				if want := what[len(what)-1].Fault; why != want {
					t.Errorf("paused for %v, want %v", why, want)
				}
				paused = append(paused, n)
			}
		}
		return paused
	}
	expect := func(what string, got []int64, want ...int64) {
		t.Helper()
		if len(got) != len(want) || len(got) == 1 && got[0] != want[0] {
			t.Errorf("%s: paused at %v, want %v", what, got, want)
		}
	}
	expect("one less than enough", say(alikeLeast-1, refused))
	expect("something is stored", say(1, stored))
	expect("one less again", say(alikeLeast-1, refused))
	expect("another cause", say(alikeLeast-1, lost))
	expect("enough, and what is under way", say(10, lost), alikeLeast)
	a.again()
	expect("once more", say(alikeLeast, lost), alikeLeast)
	a.again()
	expect("batches", say(alikeLeast, refused, refused, refused), 3*alikeLeast)
	a.again()
	expect("a part of each batch is stored", say(3*alikeLeast, refused, stored, refused))
	expect("handed over", say(3*alikeLeast, message.Receipt{Status: message.StatusHandedOver}))
	for code := range 3 * alikeLeast {
		expect("answers that differ", say(1, unnamed(5000+code)))
	}
	a.again()
	expect("answers without a name", say(alikeLeast, unnamed(5000)), alikeLeast)
	if a = newAlike(64); a.most != 128 {
		t.Errorf("%d with 64 under way", a.most)
	}
}
