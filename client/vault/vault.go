// Package vault keeps the secrets of profiles in the operating system's
// keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on
// Windows. Where there is none, or it stays locked, a secret can be kept in
// memory until the program ends.
//
// A Vault may be used from any goroutine. Every call may block on a prompt of
// the system for as long as the user leaves it unanswered; a call whose context
// ends returns at once and leaves the system's prompt to itself.
package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/zalando/go-keyring"

	"gantry/client/profile"
)

// service is the name under which all entries stand in the keyring.
const service = "Gantry"

// Errors of this package. All may come wrapped, with what the keyring said.
var (
	// ErrNotFound says that no secret is stored for the profile.
	ErrNotFound = errors.New("no token is stored")
	// ErrUnavailable says that there is no keyring, or that it is locked.
	ErrUnavailable = errors.New("the system's keyring cannot be used")
	// ErrNoAnswer says that the keyring did not answer in time; a prompt of the
	// system may be waiting for the user.
	ErrNoAnswer = errors.New("the system's keyring has not answered")
	// ErrTooLong says that the keyring takes no secret of this length.
	ErrTooLong = errors.New("the token is too long for the system's keyring")
)

// Keyring is what Vault needs of a keyring.
type Keyring interface {
	Set(service, user, secret string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// Vault keeps secrets by profile id.
type Vault struct {
	ring Keyring

	mu     sync.Mutex
	memory map[string]profile.Secret
}

// New returns a vault over the system's keyring.
func New() *Vault { return NewWith(system{}) }

// NewWith returns a vault over another keyring.
func NewWith(ring Keyring) *Vault {
	return &Vault{ring: ring, memory: map[string]profile.Secret{}}
}

// Secret returns the secret of a profile: from memory if it is kept there, else
// from the keyring. ErrNotFound, ErrUnavailable or ErrNoAnswer say why not.
func (v *Vault) Secret(ctx context.Context, id string) (profile.Secret, error) {
	v.mu.Lock()
	s, ok := v.memory[id]
	v.mu.Unlock()
	if ok {
		return s, nil
	}
	got, err := call(ctx, func() (string, error) { return v.ring.Get(service, id) })
	return profile.Secret(got), err
}

// Store puts the secret of a profile into the keyring, and out of memory.
func (v *Vault) Store(ctx context.Context, id string, s profile.Secret) error {
	_, err := call(ctx, func() (string, error) { return "", v.ring.Set(service, id, s.Reveal()) })
	if err == nil {
		v.forget(id)
	}
	return err
}

// Remember keeps the secret of a profile in memory until the program ends.
func (v *Vault) Remember(id string, s profile.Secret) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.memory[id] = s
}

// Remembered tells whether the secret of a profile is kept in memory only.
func (v *Vault) Remembered(id string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.memory[id]
	return ok
}

// Delete removes the secret of a profile from memory and from the keyring. That
// there was none is no error.
func (v *Vault) Delete(ctx context.Context, id string) error {
	v.forget(id)
	_, err := call(ctx, func() (string, error) { return "", v.ring.Delete(service, id) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

func (v *Vault) forget(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.memory, id)
}

// call runs f on a goroutine of its own, because the system may show a prompt
// and wait for the user without an end.
func call(ctx context.Context, f func() (string, error)) (string, error) {
	type result struct {
		s   string
		err error
	}
	done := make(chan result, 1)
	go func() {
		s, err := f()
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		return r.s, explain(r.err)
	case <-ctx.Done():
		return "", fmt.Errorf("%w: %w", ErrNoAnswer, context.Cause(ctx))
	}
}

func explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return fmt.Errorf("%w: %w", ErrTooLong, err)
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

// system is the operating system's keyring.
type system struct{}

func (system) Set(service, user, secret string) error   { return keyring.Set(service, user, secret) }
func (system) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (system) Delete(service, user string) error        { return keyring.Delete(service, user) }
