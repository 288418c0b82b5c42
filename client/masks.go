package client

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"gantry/client/atomicfile"
	"gantry/client/mask"
	"gantry/client/outbox/change"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
)

// maskKey is the key of a profile's masks, out of the data folder's, which is made once: equal
// values become equal ones in all runs that begin here. It uses the disk.
func (c *Client) maskKey(profileID string) ([]byte, error) {
	c.masking.Lock()
	defer c.masking.Unlock()
	name := filepath.Join(c.folders.Data, "masks.key")
	key, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, mask.KeySize)
		_, _ = rand.Read(key) // never fails
		err = atomicfile.Write(name, key)
	}
	if err == nil && len(key) != mask.KeySize {
		err = fmt.Errorf("%s has %d bytes", filepath.Base(name), len(key))
	}
	if err != nil {
		return nil, err
	}
	return mask.Key(key, profileID), nil
}

// source is what is known of the profile over whose connection the messages of a replay came:
// whether it is one of production, and what is masked then. One that is gone masks as if
// nothing was said.
func (c *Client) source(r *plan.Replay) (production bool, rules mask.Rules) {
	saved, _ := c.Profiles.Load()
	i := slices.IndexFunc(saved, func(p profile.Profile) bool { return p.ID == r.From })
	if i < 0 {
		gone := profile.Profile{Environment: profile.Production}
		return r.Production, gone.MaskRules()
	}
	from := saved[i]
	if r.Production {
		from.Environment = profile.Production // as it was when they were copied
	}
	return from.Environment == profile.Production, from.MaskRules()
}

// leaves tells whether a replay takes messages of production elsewhere, and by which rules
// they are masked unless somebody agreed to send them as they are.
func (c *Connection) leaves(r *plan.Replay) (bool, mask.Rules) {
	if r == nil || c.profile.Environment == profile.Production {
		return false, mask.Rules{}
	}
	return c.client.source(r)
}

// prepareMasks completes a replay with the masks of its source and with the key of whatever is
// masked.
func (c *Connection) prepareMasks(r *plan.Replay) (err error) {
	if r == nil {
		return nil
	}
	r.Masks, r.Key = nil, nil
	if leaves, rules := c.leaves(r); leaves {
		r.Production = true
		if rules.Any() && !r.Unmasked {
			r.Masks = &rules
		}
	}
	if r.Masks != nil || change.Masks(r.Changes) {
		r.Key, err = c.client.maskKey(r.From)
	}
	return err
}

// masked tells whether a replay that leaves production does so as somebody agreed to: by the
// masks that hold now and with their key, or, if that was typed, as it is. It uses the disk.
func (c *Connection) masked(r *plan.Replay, unmasked bool) bool {
	leaves, rules := c.leaves(r)
	switch {
	case !leaves:
		return true
	case r.Unmasked || r.Masks == nil:
		return r.Unmasked && unmasked
	}
	key, err := c.client.maskKey(r.From)
	return err == nil && rules.Any() && r.Masks.Equal(rules) && bytes.Equal(r.Key, key)
}
