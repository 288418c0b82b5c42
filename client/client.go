// Package client is everything of Gantry that is not a window: the one door
// that the window uses. A Client holds what is open in this run: connections,
// subscriptions, journals, the lock of the data folder.
//
// Methods may be called from any goroutine. Those that take a context or return
// an error may block (network, disk, keyring) and must not be called on the
// window's main goroutine; Status, Range, Profile and the like only take a short
// lock and may.
package client

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"

	"gantry/client/atomicfile"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/vault"
)

// Folders say where Gantry keeps its files.
type Folders struct {
	Config string // profiles and settings
	Data   string // journals
	State  string // logs
}

// DefaultFolders are the user's, as the system places them.
func DefaultFolders() Folders {
	return Folders{
		Config: filepath.Join(xdg.ConfigHome, "gantry"),
		Data:   filepath.Join(xdg.DataHome, "gantry"),
		State:  filepath.Join(xdg.StateHome, "gantry"),
	}
}

// FoldersIn puts everything under one folder.
func FoldersIn(dir string) Folders {
	return Folders{Config: filepath.Join(dir, "config"), Data: filepath.Join(dir, "data"), State: filepath.Join(dir, "state")}
}

// Params are what New needs.
type Params struct {
	Folders Folders
	// Executable is this program, which is started again as a worker.
	Executable string
	Log        *slog.Logger
	Vault      *vault.Vault
}

// Client is the open state of one run. New makes it, Close ends it.
type Client struct {
	Profiles *profile.Store
	Settings *profile.SettingsStore
	Vault    *vault.Vault

	folders    Folders
	executable string
	log        *slog.Logger
	lock       *flock.Flock

	caps atomic.Pointer[profile.Caps]

	mu     sync.Mutex
	conns  map[*Connection]struct{}
	subs   map[string]*Subscription // open, by id
	finds  map[*Search]struct{}     // open
	groups map[string]string        // group on a cluster: id of the subscription that has joined it
	closed bool

	local local

	// sizes is what journals take on disk, measured now and then.
	sizes struct {
		sync.Mutex
		at time.Time
		by map[string]int64
	}
}

// New takes the data folder (fault.FolderInUse) and makes its folders.
func New(p Params) (*Client, error) {
	for _, d := range []string{p.Folders.Config, p.Folders.Data, p.Folders.State} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	lock, err := lockFolder(p.Folders.Data)
	if err != nil {
		return nil, err
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{
		Profiles: profile.NewStore(p.Folders.Config), Settings: profile.NewSettingsStore(p.Folders.Config),
		Vault: p.Vault, folders: p.Folders, executable: p.Executable, log: p.Log, lock: lock,
		conns: map[*Connection]struct{}{}, subs: map[string]*Subscription{}, finds: map[*Search]struct{}{}, groups: map[string]string{},
	}
	// What a crash left: searches are not kept.
	if err := os.RemoveAll(c.searchesDir()); err != nil {
		c.log.Warn("old search results were not deleted", "error", err)
	}
	return c, nil
}

// lockFolder takes the folder for this process; the operating system gives it
// back when the process dies.
func lockFolder(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, "gantry.lock"), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	holder := filepath.Join(dir, "gantry.pid")
	if !ok {
		who, _ := os.ReadFile(holder)
		return nil, fmt.Errorf("%w: %s, process %s", fault.FolderInUse, dir, who)
	}
	// Only for the words of a second start, so a failure is no reason to stop.
	_ = atomicfile.Write(holder, fmt.Append(nil, os.Getpid()))
	return lock, nil
}

// SetCaps bounds journals from now on; zero values mean the defaults.
func (c *Client) SetCaps(caps profile.Caps) {
	c.caps.Store(&caps)
}

func (c *Client) currentCaps() profile.Caps {
	if caps := c.caps.Load(); caps != nil {
		return caps.WithDefaults()
	}
	return profile.Caps{}.WithDefaults()
}

func (c *Client) journalsDir() string { return filepath.Join(c.folders.Data, "journals") }

func (c *Client) journalDir(id string) string { return filepath.Join(c.journalsDir(), id) }

// LogFile is where the window's log goes.
func (c *Client) LogFile() string { return filepath.Join(c.folders.State, "gantry.log") }

// Close stops every subscription and connection, all at once, and gives the
// data folder back. Workers that do not end in time are killed, so it takes
// little more than two seconds, and at most two more for the sandbox.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	var group sync.WaitGroup
	for _, s := range c.subs {
		group.Go(s.close)
	}
	for s := range c.finds {
		group.Go(s.end)
	}
	for conn := range c.conns {
		group.Go(func() { _ = conn.Close() })
	}
	c.mu.Unlock()
	group.Wait()
	c.local.stop() // after those who still tell it that they leave
	return c.lock.Unlock()
}

// Pause between an operation's tries, growing from the first to the last.
const (
	firstBackOff = 500 * time.Millisecond
	lastBackOff  = 30 * time.Second
)

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
