package gui

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// errNoDisplay is one sentence with the remedy.
var errNoDisplay = errors.New("no display to open a window on; start it in a desktop session, or with: xvfb-run -a dbus-run-session gantry")

// CheckDisplay tells whether a window can be opened: on Linux and the BSDs
// without a display, or with a DISPLAY that nothing serves any more, Fyne would
// end with a stack.
func CheckDisplay() error {
	switch runtime.GOOS {
	case "windows", "darwin":
		return nil
	}
	if w := os.Getenv("WAYLAND_DISPLAY"); w != "" {
		if !filepath.IsAbs(w) {
			w = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), w)
		}
		if reachable("unix", w) {
			return nil
		}
	}
	if serves(os.Getenv("DISPLAY")) {
		return nil
	}
	return errNoDisplay
}

// serves tells whether an X server listens at a DISPLAY, "host:number.screen".
func serves(display string) bool {
	host, number, ok := strings.Cut(display, ":")
	if !ok {
		return false
	}
	number, _, _ = strings.Cut(number, ".")
	if host == "" || host == "unix" {
		path := "/tmp/.X11-unix/X" + number
		return reachable("unix", path) || reachable("unix", "@"+path)
	}
	if strings.HasPrefix(host, "/") {
		return reachable("unix", display) || reachable("unix", host)
	}
	// A forwarded display (ssh -X): port 6000 and up.
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > 59535 {
		return false
	}
	return reachable("tcp", net.JoinHostPort(host, strconv.Itoa(6000+n)))
}

func reachable(network, address string) bool {
	c, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
