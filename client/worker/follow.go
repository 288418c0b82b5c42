package worker

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/reader"
	"gantry/client/remoting"
)

// newAdmin is the client that a job asks its cluster with.
func newAdmin(job *Job) (*admin.Client, error) {
	conf := admin.Config{
		NameServers: job.NameServers, Addresses: job.Addresses,
		Credentials: remoting.Credentials{AccessKey: job.AccessKey, SecretKey: job.SecretKey, Name: job.shown()},
		Account:     job.Account,
	}
	if job.TLS != nil {
		var err error
		if conf.TLS, err = job.TLS.Config(); err != nil {
			return nil, err
		}
	}
	return admin.New(conf), nil
}

// startFollow starts a subscription that joins no group: what it reads goes the
// same way, but that nothing is answered.
func startFollow(job *Job, events *writer) (runner, error) {
	ask, err := newAdmin(job)
	if err != nil {
		return nil, err
	}
	j := job.Receive
	return startReceiver(job, events, func(s *receiver) (consumer, error) {
		f := reader.NewFollower(reader.FollowConfig{
			Admin:     ask,
			Selection: cluster.Selection{Topic: j.Topic, Group: job.Group, Expression: j.Expression, SQL92: j.SQL92},
			Start: func(q cluster.Queue) (int64, bool) {
				n, known := j.Floors[q.String()]
				return n, known
			},
			Handle: s.keep,
			Since:  j.Since,
			Gap:    s.changed,
			Failed: func(_ cluster.Queue, err error) {
				if !errors.Is(err, journal.ErrClosed) { // else it is our own stop
					_ = events.send(trouble(err, job.hide), nil)
				}
			},
		})
		s.missed = f.Missed
		return follower{f, ask}, nil
	})
}

// follower ends the connections with the following.
type follower struct {
	*reader.Follower
	ask *admin.Client
}

// Stop stops following, within grace.
func (f follower) Stop(grace time.Duration) error {
	return errors.Join(f.Follower.Stop(grace), f.ask.Close())
}

// trouble is the event that tells of an error.
func trouble(err error, hide func(string) string) Event {
	return Event{Kind: Trouble, Fault: fault.From(err).Hide(hide)}
}

// keep appends stored messages as they came.
func (s *receiver) keep(q cluster.Queue, stored []byte) error {
	defer s.changed()
	now := time.Now()
	wanted, damaged, err := s.cut(stored)
	if err != nil { // it stops
		return journal.ErrClosed
	}
	if damaged != nil {
		// What comes behind it cannot be found; the next answer is whole again.
		_ = s.events.send(trouble(fmt.Errorf("%s: %w", q, damaged), func(s string) string { return s }), nil)
	}
	if !s.gate.pass(len(wanted)) {
		return journal.ErrClosed
	}
	if len(wanted) == 0 {
		return nil
	}
	return s.log.Add(func(dst []byte) ([]byte, int) {
		for _, one := range wanted {
			dst = message.AppendRecord(dst, &message.Record{Kind: message.KindMessage, ArrivedAt: now, Broker: q.Broker, Payload: one})
		}
		return dst, len(wanted)
	})
}

// cut returns the messages that are kept, up to where stored is damaged. The error is that of
// jq, which was cancelled.
func (s *receiver) cut(stored []byte) (wanted [][]byte, damaged, err error) {
	wanted = make([][]byte, 0, 32) // as many as are asked for
	var one []byte
	for len(stored) > 0 && damaged == nil {
		if one, stored, damaged = message.CutStored(stored); damaged == nil {
			wanted = append(wanted, one)
		}
	}
	all := len(wanted)
	if s.fits.Jq() {
		fits, err := s.fits.Fit(wanted)
		if err != nil {
			return nil, nil, err
		}
		i := -1
		wanted = slices.DeleteFunc(wanted, func([]byte) bool { i++; return !fits[i] })
	} else {
		wanted = slices.DeleteFunc(wanted, func(one []byte) bool { return !s.fits.MatchStored(one) })
	}
	s.filtered.Add(int64(all - len(wanted)))
	return wanted, damaged, nil
}
