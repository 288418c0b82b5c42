package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"gantry/client/remoting"
)

// ErrNotOurs says that what is where a folder's sandbox should be is none, or that of
// another folder.
var ErrNotOurs = errors.New("there is no sandbox of this folder")

// askPatience is how long one has to say who it is.
const askPatience = 3 * time.Second

// dirKey is what a broker says of where it keeps its data (BrokerConfig.java).
const dirKey = "storePathRootDir"

// Running returns where the name server of the sandbox is that runs in a folder now,
// on this computer: it is asked who it is, as another server may have the address that
// one had which died. ErrNotOurs where none answers so.
func Running(ctx context.Context, dir string) (nameServer string, err error) {
	addr, err := netip.ParseAddrPort(Address(dir))
	if err != nil || !addr.Addr().IsLoopback() {
		return "", fmt.Errorf("%w: it says no address", ErrNotOurs)
	}
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	conn, err := remoting.Dial(ctx, addr.String(), remoting.Config{})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	defer func() { _ = conn.Close() }()
	// A name server answers no such question, and a broker of another kind says other
	// things.
	a, err := conn.Call(ctx, &remoting.Command{Code: remoting.BrokerConfig})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	said := map[string]string{}
	for line := range strings.Lines(string(a.Body)) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		said[key] = value
	}
	if _, is := said[MaxMessagesKey]; !is || said[dirKey] != inProperties(realPath(dir)) || said["namesrvAddr"] != addr.String() {
		return "", ErrNotOurs
	}
	return addr.String(), nil
}

// realPath is a folder's path as both sides know it.
func realPath(dir string) string {
	path, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// inProperties is a path as a value in Java's properties (MixAll
// .adjustConfigForPlatform, which does so on Windows).
func inProperties(path string) string { return strings.ReplaceAll(path, `\`, `\\`) }
