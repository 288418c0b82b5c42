package gui

import (
	"net"
	"path/filepath"
	"runtime"
	"testing"
)

func TestCheckDisplay(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system always has a display")
	}
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, "wayland-7"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, c := range map[string]struct {
		display, wayland string
		ok               bool
	}{
		"nothing":        {"", "", false},
		"stale":          {":4711", "", false},
		"no display":     {"nonsense", "", false},
		"far away":       {"127.0.0.1:59999", "", false},
		"too far":        {"127.0.0.1:99999", "", false},
		"wayland":        {"", "wayland-7", true},
		"wayland path":   {"", filepath.Join(dir, "wayland-7"), true},
		"stale wayland":  {"", "wayland-8", false},
		"bad after good": {":4711", "wayland-7", true},
	} {
		t.Setenv("DISPLAY", c.display)
		t.Setenv("WAYLAND_DISPLAY", c.wayland)
		t.Setenv("XDG_RUNTIME_DIR", dir)
		if err := CheckDisplay(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
