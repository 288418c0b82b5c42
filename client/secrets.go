package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/vault"
)

// keyringLimit is how long the keyring may take for the values of a send; it may show a
// prompt.
const keyringLimit = 15 * time.Second

// SecretError says which secret value of a connection is not at hand.
type SecretError struct {
	Name string
	Err  error
}

// Error says which and why.
func (e *SecretError) Error() string { return fmt.Sprintf("secret value %s: %v", e.Name, e.Err) }

// Unwrap is why: of package vault, or plan.ErrSecret where nobody stored it.
func (e *SecretError) Unwrap() error { return e.Err }

// secrets returns the secret values that the texts of a plan name, nil for none. It asks
// the keyring for each.
func (c *Connection) secrets(ctx context.Context, p *plan.Plan) (map[string]string, error) {
	var out map[string]string
	ctx, cancel := context.WithTimeout(ctx, keyringLimit)
	defer cancel()
	for _, name := range p.Hidden() {
		if c.client.Vault == nil {
			return nil, &SecretError{name, plan.ErrSecret}
		}
		s, err := c.client.Vault.Secret(ctx, c.profile.ValueID(name))
		if errors.Is(err, vault.ErrNotFound) {
			err = plan.ErrSecret
		}
		if err != nil {
			return nil, &SecretError{name, err}
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = s.Reveal()
	}
	return out, nil
}

// SendMade is Send for the message that a plan makes for a place, as of a time, where it has
// secret values. shown is that message as it was shown, with them hidden; so it is written
// down. fault.NotConfirmed: the plan makes another.
func (c *Connection) SendMade(ctx context.Context, p *plan.Plan, seq int64, at time.Time, shown *message.Draft) (message.Receipt, error) {
	if err := c.may(ActionSend); err != nil {
		return message.Receipt{}, err
	}
	secrets, err := c.secrets(ctx, p)
	if err != nil {
		return message.Receipt{}, err
	}
	kept, err := makeOne(p, seq, at, nil)
	if err != nil {
		return message.Receipt{}, err
	}
	if secrets == nil || !reflect.DeepEqual(kept, shown) {
		return message.Receipt{}, fault.NotConfirmed
	}
	d, err := makeOne(p, seq, at, secrets)
	if err != nil {
		return message.Receipt{}, err
	}
	return c.send(ctx, d, kept)
}

// makeOne makes one message of a plan.
func makeOne(p *plan.Plan, seq int64, at time.Time, secrets map[string]string) (*message.Draft, error) {
	m, err := p.Maker("", secrets)
	if err != nil {
		return nil, err
	}
	if err := m.GoOn(seq, -1); err != nil {
		return nil, err
	}
	made, err := m.Next(at)
	return made.Draft, err
}

// Forget deletes the token of a profile and its secret values from the keyring.
func (c *Client) Forget(ctx context.Context, p profile.Profile) error {
	err := c.Vault.Delete(ctx, p.ID)
	for _, name := range p.SecretEnv {
		err = errors.Join(err, c.Vault.Delete(ctx, p.ValueID(name)))
	}
	return err
}
