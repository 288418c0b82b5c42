package worker

import (
	"fmt"
	"sync"

	"gantry/client/fault"
	"gantry/client/message"
)

// alikeLeast is how many requests of a run must fail in a row, each for the same cause,
// before it pauses by itself. It is more than a moment's trouble costs: twice what may be
// under way, if that is more.
const alikeLeast = 20

// alike notices that nothing is stored any more, each time for the same cause: what stands
// behind that would fail as well. It may be used from any goroutine.
type alike struct {
	most int // requests in a row

	mu       sync.Mutex
	cause    string
	requests int
	messages int64
}

func newAlike(atOnce int) *alike { return &alike{most: max(alikeLeast, 2*atOnce)} }

// note takes what came of a request. It returns the cause, and how many messages in a row
// failed for it, with the request that makes it enough, and only with that one.
func (a *alike) note(receipts []message.Receipt) (n int64, why *fault.Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range receipts {
		r := &receipts[i]
		if r.Status.Stored() || r.Status == message.StatusHandedOver {
			a.cause, a.requests, a.messages = "", 0, 0
			return 0, nil
		}
		if c := causeOf(r.Fault); c != a.cause {
			a.cause, a.requests, a.messages = c, 0, 0
		}
		a.messages++
		why = r.Fault
	}
	if a.requests++; a.requests != a.most {
		return 0, nil
	}
	return a.messages, why
}

// again counts from the beginning.
func (a *alike) again() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cause, a.requests, a.messages = "", 0, 0
}

// causeOf is what two faults have in common that are the same: words differ by queues, times
// and addresses.
func causeOf(f *fault.Fault) string {
	switch {
	case f == nil:
		return "none"
	case f.Code != fault.Unknown:
		return string(f.Code)
	case f.Said != nil:
		return fmt.Sprint("answer ", f.Said.Code)
	}
	return f.Raw
}
