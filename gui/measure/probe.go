package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// probe sees when a window is first painted, and then how long others wait for
// the main goroutine.
type probe struct {
	start    time.Time
	profiles string // folder; "" for none
	in       *bufio.Scanner
	out      io.Writer
	waits    waits
}

// watch lays a point over the content of a window that is not shown yet. Fyne
// asks for its picture while it paints the first frame, after everything that
// lies below.
func (p *probe) watch(w fyne.Window) {
	var once sync.Once
	point := canvas.NewRaster(func(w, h int) image.Image {
		once.Do(p.painted)
		return image.NewNRGBA(image.Rect(0, 0, w, h))
	})
	point.Resize(fyne.NewSize(1, 1))
	w.SetContent(container.NewStack(w.Content(), container.NewWithoutLayout(point)))
}

// painted runs on the main goroutine. Before the first frame functions are not
// queued, so the probing begins here.
func (p *probe) painted() {
	fmt.Fprintln(p.out, "paint", time.Since(p.start))
	go p.waits.collect(fyne.Do)
	go p.answer()
}

// answer answers each line of the input until it ends.
func (p *probe) answer() {
	stop := p.profile(0)
	for n := 1; p.in.Scan(); n++ {
		w := p.waits.take()
		stop()
		fmt.Fprintln(p.out, "wait", w.p50, w.p99, w.max, w.count)
		stop = p.profile(n)
	}
	stop()
}

// profile begins the CPU profile of that number, which stop ends.
func (p *probe) profile(n int) (stop func()) {
	if p.profiles == "" {
		return func() {}
	}
	f, err := os.Create(filepath.Join(p.profiles, fmt.Sprintf("cpu-%d.pprof", n)))
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no profile:", errors.Join(err, f.Close()))
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}
}
