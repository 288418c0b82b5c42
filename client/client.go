// Package client is the door to everything of Gantry that is not a window. A Client
// holds what is open in this run: the lock of the data folder, profiles, connections,
// sessions and searches. Whatever changes a cluster or takes messages from anybody goes
// through a method of Connection, which asks the guards (guard.go); the rooms below know
// none.
//
// Methods may be called from any goroutine. Those that take a context or return
// an error may block (network, disk, keyring) and must not be called on the
// window's main goroutine, except those of Guard; Profile, Via and the like take a short
// lock at most.
package client

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"

	"gantry/client/admin"
	"gantry/client/atomicfile"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/schema"
	"gantry/client/search"
	"gantry/client/session"
	"gantry/client/tail"
	"gantry/client/vault"
	"gantry/client/worker"
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

// LimitMemory sets what the process of a window should keep to. Call it once, before New.
//
// What servers answer at once is bounded, and within 256 MiB garbage does not take as much
// again. Below that it takes half of what is in use: most of that are the tables of fonts,
// 30 MB, 80 where a Chinese font is among them, which a collection does not look into, so
// that twice as many cost nothing that can be measured.
func LimitMemory() {
	debug.SetMemoryLimit(256 << 20)
	debug.SetGCPercent(50)
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

	folders Folders
	program worker.Program
	log     *slog.Logger
	lock    *flock.Flock

	// Sessions are the subscriptions and follows, and their journals.
	Sessions *session.Set
	// Outbox is what was sent. What sends goes through Connection.
	Outbox *outbox.Store
	// Templates are named drafts.
	Templates *template.Store
	// Schemas are descriptions of messages that were read.
	Schemas schema.Store
	// Diary is what was ordered. What orders goes through Connection.
	Diary *orders.Diary

	room    *tail.Room
	answers *remoting.Room
	jq      *worker.Jq

	masking sync.Mutex // while the key of masks is read or made

	// mu is held for no longer than a look: no disk, network or process under it.
	mu     sync.Mutex
	conns  map[*Connection]struct{}
	finds  map[*search.Search]struct{} // open
	closed bool
	door   net.Listener // of Front, nil without

	local local
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
		Vault: p.Vault, folders: p.Folders, program: worker.Program{Path: p.Executable, Folder: filepath.Join(p.Folders.Data, "workers")}, log: p.Log, lock: lock,
		conns: map[*Connection]struct{}{}, finds: map[*search.Search]struct{}{},
		answers: admin.NewRoom(),
		room:    tail.NewRoom(filepath.Join(p.Folders.Data, "journals"), filepath.Join(p.Folders.Data, "searches")),
	}
	c.jq = worker.NewJq(c.program)
	c.Sessions = session.NewSet(session.Params{
		Program: c.program, Dir: filepath.Join(p.Folders.Data, "journals"), Room: c.room, Log: p.Log,
	})
	c.Outbox = outbox.New(outbox.Params{Program: c.program, Dir: filepath.Join(p.Folders.Data, "sends"), Log: p.Log})
	c.Diary = orders.NewDiary(filepath.Join(p.Folders.Data, "changes"))
	c.Outbox.Prune(time.Now())
	c.Templates = template.New(filepath.Join(p.Folders.Config, "templates"))
	// What a crash left: searches are not kept.
	if err := os.RemoveAll(c.searchesDir()); err != nil {
		c.log.Warn("old search results were not deleted", "error", err)
	}
	if err := c.Sessions.Sweep(); err != nil {
		c.log.Warn("recordings that did not end were not deleted", "error", err)
	}
	if err := c.Outbox.Sweep(); err != nil {
		c.log.Warn("copies for runs that never began were not deleted", "error", err)
	}
	if err := c.program.Sweep(); err != nil {
		c.log.Warn("what workers left was not deleted", "error", err)
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
func (c *Client) SetCaps(caps profile.Caps) { c.room.SetCaps(caps) }

func (c *Client) searchesDir() string { return filepath.Join(c.folders.Data, "searches") }

// LogFile is where the window's log goes.
func (c *Client) LogFile() string { return filepath.Join(c.folders.State, "gantry.log") }

// Jq runs the expressions of jq of a filter, in processes of their own: until a time, or for as
// long as it takes where that is zero, and no longer than ctx.
func (c *Client) Jq(ctx context.Context, until time.Time) filter.Judge { return c.jq.Judge(ctx, until) }

// Close stops every subscription and connection, all at once, and gives the
// data folder back. Workers that do not end in time are killed, so it takes
// little more than two seconds, and at most two more for the sandbox.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	finds, conns := slices.Collect(maps.Keys(c.finds)), slices.Collect(maps.Keys(c.conns))
	door := c.door
	c.door = nil
	c.mu.Unlock()
	if door != nil {
		_ = door.Close()
	}
	var group sync.WaitGroup
	group.Go(c.Sessions.CloseAll)
	group.Go(c.Outbox.Stop)
	for _, s := range finds {
		group.Go(s.Close)
	}
	for _, conn := range conns {
		group.Go(func() { _ = conn.Close() })
	}
	group.Wait()
	c.Outbox.Close()
	c.jq.Close()
	c.local.stop() // after those who still tell it that they leave
	return c.lock.Unlock()
}
