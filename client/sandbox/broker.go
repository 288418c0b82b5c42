package sandbox

import (
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"gantry/client/sandbox/store"
)

// broker answers requests, those to a name server too: it knows who is there and
// what is kept, and of connections only whom an answer goes to.
type broker struct {
	log        *slog.Logger
	dir        string
	nameServer string
	addr       netip.AddrPort
	born       time.Time
	store      *store.Store
	clients    *clients
	answers    *memory
	buffers    chan []byte     // for pulls that read several messages together
	made       atomic.Uint32   // ids of messages that came without one
	quit       <-chan struct{} // closed when the sandbox ends
}

func newBroker(o Options, log *slog.Logger, nameServer string, addr netip.AddrPort, quit <-chan struct{}) (*broker, error) {
	kept, err := store.Open(store.Options{
		Dir: o.Dir, MaxMessages: o.MaxMessages, MaxBytes: o.MaxBytes, DelayLevels: o.DelayLevels,
		CheckAfter: o.CheckAfter, CheckAgain: o.CheckAgain, CheckMax: o.CheckMax,
		Broker: brokerName, Host: addr, Log: log,
	})
	if err != nil {
		return nil, err
	}
	buffers := make(chan []byte, aheadBuffers)
	for range aheadBuffers {
		buffers <- make([]byte, aheadBytes)
	}
	return &broker{
		log: log, buffers: buffers, dir: o.Dir, nameServer: nameServer, addr: addr, born: time.Now(),
		store: kept, clients: newClients(kept.Groups), answers: newMemory(answersMost, answersAside, 0), quit: quit,
	}, nil
}
