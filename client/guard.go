package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/reader"
	"gantry/client/schema"
	"gantry/client/search"
	"gantry/client/session"
)

// Action is what a connection may be asked to do beside reading.
type Action int

// The actions.
const (
	// ActionSend puts a message into a topic.
	ActionSend Action = iota
	// ActionJoin takes messages from a consumer group.
	ActionJoin
	// ActionOrder changes what a cluster keeps: where a group is, topics and groups.
	ActionOrder
)

// Guard tells whether a profile permits an action: nil, or why not. The window asks it
// before it offers something; the methods of Connection ask it again.
func Guard(p profile.Profile, _ Action) error {
	if p.ReadOnly {
		return fault.ReadOnly
	}
	return nil
}

// may tells whether this connection can be used for an action now.
func (c *Connection) may(a Action) error {
	if c == nil {
		return fault.NotConnected
	}
	if a == ActionOrder && !c.Lifted().IsZero() {
		return c.open()
	}
	return errors.Join(c.open(), Guard(c.profile, a))
}

// open tells whether the connection is not closed.
func (c *Connection) open() error {
	if c == nil {
		return fault.NotConnected
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fault.NotConnected
	}
	return nil
}

// Start starts a session: it joins the group of the form, or follows its topic, which
// needs no permission. See session.Session.Start. A nil Connection is not connected.
func (c *Connection) Start(ctx context.Context, s *session.Session, spec profile.Subscription) error {
	if c == nil {
		return fault.NotConnected
	}
	if !spec.Follow {
		if err := Guard(c.profile, ActionJoin); err != nil {
			return err
		}
	}
	to := session.Endpoint{Profile: c.profile, Admin: c.admin, Access: c.access}
	if spec.Follow && spec.Any {
		var err error
		if to.Bodies, err = c.bodies(ctx, c.profile.FullName(spec.Topic)); err != nil {
			return err
		}
	}
	return s.Start(ctx, to, spec)
}

// Skip has a group go past the message that ended a session, see session.Session.Skip.
func (c *Connection) Skip(ctx context.Context, s *session.Session) error {
	if err := c.may(ActionJoin); err != nil {
		return err
	}
	return s.Skip(ctx, session.Endpoint{Profile: c.profile, Admin: c.admin, Access: c.access})
}

// ProductionPace is how many bytes a second a search reads of each broker of production at
// most.
const ProductionPace = 10 << 20

// question is a query as it is put: with full names, and of production paced and read from
// replicas.
func (c *Connection) question(q cluster.Query) (cluster.Query, error) {
	if err := c.open(); err != nil {
		return q, err
	}
	p := c.profile
	q.Topic, q.Group, q.Key = p.FullName(q.Topic), p.FullName(q.Group), strings.TrimSpace(q.Key)
	if q.Topic != "" || q.Kind != cluster.ByID {
		if err := message.CheckTopic(q.Topic); err != nil {
			return q, fmt.Errorf("topic: %w", err)
		}
	}
	q.Known = c.KnownBrokers()
	if p.Environment == profile.Production {
		q.Pace, q.Replica = ProductionPace, true
	}
	return q, nil
}

// Foresee tells what a search would read, and reads some messages to know it.
func (c *Connection) Foresee(ctx context.Context, q cluster.Query) (cluster.Cost, error) {
	q, err := c.question(q)
	if err != nil {
		return cluster.Cost{}, err
	}
	return reader.Foresee(ctx, c.admin, q)
}

// Search begins a question for messages in a worker of its own. Names are made full; the
// error says that it did not begin. A nil Connection is not connected.
func (c *Connection) Search(q cluster.Query) (*search.Search, error) {
	q, err := c.question(q)
	if err != nil {
		return nil, err
	}
	var bodies *schema.Bodies
	if q.Filter != "" {
		if bodies, err = c.bodies(context.Background(), q.Topic); err != nil {
			return nil, err
		}
	}
	s, err := search.Begin(search.Params{
		Program: c.client.program, Dir: c.client.searchesDir(), Room: c.client.room, Log: c.client.log,
		Closed: c.client.forget,
	}, c.access, q, bodies)
	if err != nil {
		return nil, err
	}
	if !c.client.keep(s) {
		s.Close()
		return nil, fault.NotConnected
	}
	return s, nil
}

// keep has a search closed with the client; false says that the client is closed.
func (c *Client) keep(s *search.Search) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.finds[s] = struct{}{}
	return true
}

func (c *Client) forget(s *search.Search) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.finds, s)
}

// SetFormats says in which formats the bodies of topics are from now on, for filters; at
// first it is as the profile has it.
func (c *Connection) SetFormats(all []profile.Schema) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.formats = slices.Clone(all)
}

// bodies is how bodies of a topic are read, nil for as they are. It reads files.
func (c *Connection) bodies(ctx context.Context, topic string) (*schema.Bodies, error) {
	c.mu.Lock()
	p := c.profile
	p.Schemas = c.formats
	c.mu.Unlock()
	f := p.Schema(topic)
	if f == nil {
		return nil, nil
	}
	return c.client.Schemas.Bodies(ctx, f.Format, f.File, f.Type)
}
