// Command measure is Gantry's window with probes: the benchmarks of package
// gui/e2e start it and print what it says. The program that ships has no probe.
//
//	measure -data DIR    Gantry, with its files under DIR
//	measure -empty       a Fyne window of the same size with nothing in it
//
// It prints "paint DURATION" when its first frame was painted, counted from the
// moment that GANTRY_MEASURE_START names (Unix nanoseconds). From then on, for
// each line of standard input, it prints "wait P50 P99 MAX COUNT": how long
// functions waited for the main goroutine since the line before. With -profile
// each such line also ends a CPU profile and begins the next.
//
// What follows repeats the wiring of the main package, which no other can
// import. A function for both would have to lie in a package that ships, for
// nothing but this command; what could come to differ is a field of two structs.
// The log goes to standard error, where the benchmarks show it if they fail.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"gantry/client"
	"gantry/client/vault"
	"gantry/client/worker"
	"gantry/gui"
)

// The size of the empty window, that of Gantry's at its first start.
const (
	width  float32 = 1440
	height float32 = 900
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == worker.Argument {
		os.Exit(worker.Main(os.Stdin, os.Stdout))
	}
	data := flag.String("data", "", "keep Gantry's files under `DIR`")
	empty := flag.Bool("empty", false, "open an empty window instead of Gantry")
	profiles := flag.String("profile", "", "write CPU profiles to `DIR`")
	flag.Parse()
	var err error
	switch {
	case *empty:
		showEmpty(newProbe(*profiles))
	case *data == "":
		err = fmt.Errorf("-data or -empty is needed")
	default:
		err = showGantry(*data, newProbe(*profiles))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// showGantry runs Gantry until its window is closed.
func showGantry(data string, p *probe) error {
	dir, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	client.LimitMemory()
	c, err := client.New(client.Params{Folders: client.FoldersIn(dir), Executable: exe, Log: log, Vault: vault.New()})
	if err != nil {
		return err
	}
	a := newApp()
	w := gui.New(gui.Params{App: a, Client: c, Log: log, Version: "measure", Exit: os.Exit})
	p.watch(a.Driver().AllWindows()[0])
	w.Run()
	return w.Finish()
}

// showEmpty runs a window with what Fyne puts into a new one, a rectangle of the
// background, until it is closed.
func showEmpty(p *probe) {
	w := newApp().NewWindow("Empty")
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	p.watch(w)
	w.ShowAndRun()
}

// newApp is the application of both windows: with the same name, icon and
// migrations.
func newApp() fyne.App {
	app.SetMetadata(gui.Metadata("measure"))
	return app.NewWithID(gui.ID)
}

// newProbe returns the probe that prints to standard output.
func newProbe(profiles string) *probe {
	start := time.Now()
	if n, err := strconv.ParseInt(os.Getenv("GANTRY_MEASURE_START"), 10, 64); err == nil {
		start = time.Unix(0, n)
	}
	return &probe{start: start, profiles: profiles, in: bufio.NewScanner(os.Stdin), out: os.Stdout}
}
