package tail

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/profile"
)

// Room is what the journals of one data folder may take, each and together. It may be
// used from any goroutine.
type Room struct {
	dirs []string // that hold journals
	caps atomic.Pointer[profile.Caps]

	mu   sync.Mutex
	open map[*Tail]struct{}

	// sizes is what journals take on disk, measured now and then.
	sizes struct {
		sync.Mutex
		at time.Time
		by map[string]int64
	}
}

// NewRoom returns the room of the journals in these folders, with the default caps.
func NewRoom(dirs ...string) *Room {
	return &Room{dirs: dirs, open: map[*Tail]struct{}{}}
}

// SetCaps bounds journals from now on; zero values mean the defaults.
func (r *Room) SetCaps(caps profile.Caps) {
	r.caps.Store(&caps)
	r.mu.Lock()
	defer r.mu.Unlock()
	for t := range r.open {
		t.Wake() // a lower cap evicts, a higher one lets a writer go on
	}
}

// Caps are the bounds that hold now.
func (r *Room) Caps() profile.Caps {
	if caps := r.caps.Load(); caps != nil {
		return caps.WithDefaults()
	}
	return profile.Caps{}.WithDefaults()
}

func (r *Room) add(t *Tail) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[t] = struct{}{}
}

func (r *Room) remove(t *Tail) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, t)
}

// Left is how much of the cap for all journals together is not taken, in bytes. It reads the disk.
func (r *Room) Left() int64 {
	r.sizes.Lock()
	r.sizes.at = time.Time{}
	r.sizes.Unlock()
	return max(r.Caps().TotalBytes-r.beside(""), 0)
}

// beside is what all other journals take on disk. The sum is made anew after some
// seconds: eviction has whole segments to spare.
func (r *Room) beside(id string) int64 {
	const keep = 5 * time.Second
	r.sizes.Lock()
	defer r.sizes.Unlock()
	if time.Since(r.sizes.at) > keep {
		r.sizes.at, r.sizes.by = time.Now(), map[string]int64{}
		for _, dir := range r.dirs {
			files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
			if err != nil {
				return 0
			}
			for _, f := range files {
				if info, err := os.Stat(f); err == nil {
					r.sizes.by[filepath.Base(filepath.Dir(f))] += info.Size()
				}
			}
		}
	}
	var sum int64
	for other, n := range r.sizes.by {
		if other != id {
			sum += n
		}
	}
	return sum
}
