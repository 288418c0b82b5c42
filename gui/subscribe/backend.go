package subscribe

import (
	"context"
	"time"

	"gantry/client"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/msglist"
)

// subscription is what the screen needs of a session.Session.
type subscription interface {
	msglist.Source
	Spec() profile.Subscription
	Status() session.Status
	Start(context.Context, *client.Connection, profile.Subscription) error
	// Skip sets the group past the message at which it ended, see session.Session.Skip.
	Skip(context.Context, *client.Connection) error
	Pause() error
	Resume() error
	AnswerLater(bool) error
	Stop()
}

// backend is what the screen needs of a client.Client. All of it may block.
type backend interface {
	open(profile.Subscription) (subscription, error)
	close(s subscription, keepAs string) error
	// leave closes a list and leaves it as it is.
	leave(s subscription)
	group(ctx context.Context, conn *client.Connection, topic, group string) (insight.GroupState, error)
	// saved are the ids of all subscriptions in the settings file; ok is false
	// if it cannot be read.
	saved() (ids []string, ok bool)
	leftovers(known []string) ([]session.Leftover, error)
	expire(known []string, now time.Time) ([]session.Leftover, error)
	keep(id, name string) error
	remove(id string) error
}

var _ backend = (*real)(nil)

// real is the backend of the program.
type real struct{ client *client.Client }

func (r *real) group(ctx context.Context, conn *client.Connection, topic, group string) (insight.GroupState, error) {
	return conn.Group(ctx, topic, group)
}

func (r *real) open(spec profile.Subscription) (subscription, error) {
	s, err := r.client.Sessions.Open(spec)
	if err != nil {
		return nil, err
	}
	return &guarded{s}, nil
}

// guarded is a session that starts through its connection, which asks the guards.
type guarded struct{ *session.Session }

func (g *guarded) Start(ctx context.Context, conn *client.Connection, spec profile.Subscription) error {
	return conn.Start(ctx, g.Session, spec)
}

func (g *guarded) Skip(ctx context.Context, conn *client.Connection) error {
	return conn.Skip(ctx, g.Session)
}

func (r *real) close(s subscription, keepAs string) error {
	return r.client.Sessions.Close(s.(*guarded).Session, keepAs)
}

func (r *real) leave(s subscription) { r.client.Sessions.Leave(s.(*guarded).Session) }

func (r *real) saved() ([]string, bool) {
	v, loaded := r.client.Settings.Load()
	ids := make([]string, 0, len(v.Subscriptions))
	for _, s := range v.Subscriptions {
		ids = append(ids, s.ID)
	}
	return ids, loaded.Err == nil
}

func (r *real) leftovers(known []string) ([]session.Leftover, error) {
	return r.client.Sessions.Leftovers(known)
}

func (r *real) expire(known []string, now time.Time) ([]session.Leftover, error) {
	return r.client.Sessions.Expire(known, now)
}

func (r *real) keep(id, name string) error { return r.client.Sessions.KeepLeftover(id, name) }

func (r *real) remove(id string) error { return r.client.Sessions.DeleteLeftover(id) }
