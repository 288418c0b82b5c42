package worker

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/admin"
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
	j := job.Subscription
	return startSubscription(job, events, func(s *subscription) (consumer, error) {
		f := reader.NewFollower(reader.FollowConfig{
			Admin:        ask,
			Subscription: admin.Subscription{Topic: j.Topic, Group: job.Group, Expression: j.Expression, SQL92: j.SQL92},
			Start: func(q admin.Queue) (int64, bool) {
				n, known := j.Floors[FloorKey(q.Broker, q.ID)]
				return n, known
			},
			Handle: s.keep,
			Since:  j.Since,
			Failed: func(_ admin.Queue, err error) {
				if !errors.Is(err, journal.ErrClosed) { // else it is our own stop
					_ = events.send(failure(err, job.hide), nil)
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

// failure is the event that tells of an error; what no server said has code 0.
func failure(err error, hide func(string) string) Event {
	e := Event{Kind: Trouble, Text: hide(err.Error())}
	if said := (*remoting.ResponseError)(nil); errors.As(err, &said) {
		e.Code, e.Text = said.Code, hide(said.Remark)
	}
	return e
}

// keep appends stored messages as they came.
func (s *subscription) keep(q admin.Queue, stored []byte) error {
	now := time.Now()
	spare := s.buffer()
	defer s.spare.Put(spare)
	buf, n := (*spare)[:0], 0
	for rest := stored; len(rest) > 0; {
		var one []byte
		var err error
		if one, rest, err = message.CutStored(rest); err != nil {
			// What comes behind it cannot be found; the next answer is whole again.
			_ = s.events.send(Event{Kind: Trouble, Text: fmt.Sprintf("%s: %v", q, err)}, nil)
			break
		}
		if s.tagWanted(one) {
			buf = message.AppendRecord(buf, &message.Record{Kind: message.KindMessage, ArrivedAt: now, Broker: q.Broker, Payload: one})
			n++
		}
	}
	if cap(buf) <= spareSize {
		*spare = buf
	}
	if !s.gate.pass(n) {
		return journal.ErrClosed
	}
	if n == 0 {
		return nil
	}
	if err := s.log.Add(buf, n); err != nil {
		return err
	}
	s.received.Add(int64(n))
	return nil
}

// tagWanted tells whether a stored message has one of the tags that are kept.
func (s *subscription) tagWanted(stored []byte) bool {
	if len(s.job.Tags) == 0 {
		return true
	}
	m, _, err := message.ParseStored(stored)
	if err == nil && !slices.Contains(s.job.Tags, m.Tag()) {
		s.filtered.Add(1)
		return false
	}
	return true // also what cannot be read: it is shown as it is
}
