package client

import (
	"time"

	"gantry/client/fault"
	"gantry/client/orders"
)

// LiftFor is how long a read-only connection takes orders where somebody lifts that.
const LiftFor = 15 * time.Minute

// Lift has a read-only connection take orders for LiftFor, and nothing else that it refuses;
// name is the profile's, typed. It stands in the diary, or is not done. It returns until
// when.
func (c *Connection) Lift(name string) (until time.Time, err error) {
	if err := c.open(); err != nil {
		return time.Time{}, err
	}
	if !c.profile.ReadOnly || name == "" || name != c.profile.Name {
		return time.Time{}, fault.NotConfirmed
	}
	until = time.Now().Add(LiftFor).Round(0) // by the wall's clock: it goes on while the computer sleeps
	rec, err := c.clerk.NoteLift(orders.Record{Lifted: until})
	if err != nil {
		return time.Time{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lifted = rec
	return until, nil
}

// Lower takes back what Lift did before its time.
func (c *Connection) Lower() error {
	c.mu.Lock()
	rec := c.lifted
	c.lifted = orders.Record{}
	c.mu.Unlock()
	if !time.Now().Before(rec.Lifted) {
		return nil
	}
	rec.Lifted = time.Now().Round(0)
	_, err := c.clerk.NoteLift(rec)
	return err
}

// Lifted is until when this read-only connection takes orders; zero where it does not.
func (c *Connection) Lifted() time.Time {
	if c == nil {
		return time.Time{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && time.Now().Round(0).Before(c.lifted.Lifted) {
		return c.lifted.Lifted
	}
	return time.Time{}
}
