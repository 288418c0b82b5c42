package vault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// ring is a keyring in memory that can fail or hang.
type ring struct {
	err     error
	hang    chan struct{}
	secrets map[string]string
}

func (r *ring) wait() error {
	if r.hang != nil {
		<-r.hang
	}
	return r.err
}

func (r *ring) Set(_, user, secret string) error {
	if err := r.wait(); err != nil {
		return err
	}
	r.secrets[user] = secret
	return nil
}

func (r *ring) Get(_, user string) (string, error) {
	if err := r.wait(); err != nil {
		return "", err
	}
	s, ok := r.secrets[user]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return s, nil
}

func (r *ring) Delete(_, user string) error {
	if err := r.wait(); err != nil {
		return err
	}
	if _, ok := r.secrets[user]; !ok {
		return keyring.ErrNotFound
	}
	delete(r.secrets, user)
	return nil
}

func TestStoreReadDelete(t *testing.T) {
	ctx := t.Context()
	v := NewWith(&ring{secrets: map[string]string{}})
	if _, err := v.Secret(ctx, "p"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("nothing stored: %v", err)
	}
	if err := v.Store(ctx, "p", "token"); err != nil {
		t.Fatal(err)
	}
	if s, err := v.Secret(ctx, "p"); err != nil || s.Reveal() != "token" {
		t.Fatalf("%v, %v", s, err)
	}
	for range 2 {
		if err := v.Delete(ctx, "p"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Secret(ctx, "p"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("deleted: %v", err)
	}
}

func TestMissingKeyringAndMemory(t *testing.T) {
	ctx := t.Context()
	r := &ring{err: errors.New("failed to unlock correct collection"), secrets: map[string]string{}}
	v := NewWith(r)
	err := v.Store(ctx, "p", "token")
	if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "token\"") {
		t.Fatalf("locked: %v", err)
	}
	v.Remember("p", "token")
	if s, err := v.Secret(ctx, "p"); err != nil || s.Reveal() != "token" || !v.Remembered("p") {
		t.Fatalf("in memory: %v, %v", s, err)
	}
	r.err = nil
	if err := v.Store(ctx, "p", "token"); err != nil || v.Remembered("p") {
		t.Fatalf("once it is unlocked: %v", err)
	}
}

func TestUnansweredPromptDoesNotBlock(t *testing.T) {
	r := &ring{hang: make(chan struct{}), secrets: map[string]string{}}
	defer close(r.hang)
	v := NewWith(r)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := v.Secret(ctx, "p"); !errors.Is(err, ErrNoAnswer) {
		t.Fatalf("%v", err)
	}
	if time.Since(start) > 5*time.Second {
		t.Error("the call went on after its context had ended")
	}
}

func TestTooLong(t *testing.T) {
	v := NewWith(&ring{err: keyring.ErrSetDataTooBig})
	if err := v.Store(t.Context(), "p", "x"); !errors.Is(err, ErrTooLong) {
		t.Fatalf("%v", err)
	}
}
