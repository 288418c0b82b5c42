package gui

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/gui/confirm"
	"gantry/gui/widgets"
)

// closeAsked is the window's cross and Quit.
func (w *Window) closeAsked() {
	if w.closing {
		return
	}
	running := 0
	for _, s := range w.spaces {
		running += s.send.Sending()
	}
	var body []string
	if n := max(running, len(w.tasks.Jobs())); n > 0 {
		body = append(body, lang.N("{{.Count}} actions have not ended. What has left already may still take effect.", n, map[string]any{"Count": widgets.Count(n)}))
	}
	if n := len(w.client.Outbox.Working()); n > 0 {
		body = append(body, lang.N("{{.Count}} runs stop. What was sent stays listed, and they can go on later.", n, map[string]any{"Count": widgets.Count(n)}))
	}
	// The others of a group get its messages then. Who follows leaves nobody.
	if n := w.client.Sessions.Receiving(); n > 0 {
		body = append(body, lang.N("{{.Count}} subscriptions stop. Their lists stay.", n, map[string]any{"Count": widgets.Count(n)}))
	}
	leave := func() { w.leaveEditor(w.close) }
	if len(body) == 0 {
		leave()
		return
	}
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title:   lang.L("Quit while something is under way?"),
		Body:    strings.Join(body, "\n"),
		Cancel:  lang.L("Stay"),
		Choices: []widgets.Choice{{Text: lang.L("Quit"), Kind: widgets.Primary, Do: leave}},
	})
}

// close stops workers, saves settings, and quits, in this order and in bounded
// time. The window stays until it is done, and says so.
func (w *Window) close() {
	w.closing = true
	for _, s := range w.spaces {
		s.close()
	}
	w.scope.Close()
	w.say(lang.L("Closing…"))
	settings := w.set.snapshot()
	save := w.set.write
	w.tasks.Job(lang.L("Closing…"), func(context.Context, func(string)) error {
		// What was typed first: stopping takes seconds.
		return errors.Join(save(settings), w.client.Close())
	}, func(err error) {
		w.closed = true
		if err != nil {
			w.log.Error("closing", "error", err)
		}
		w.tasks.Close(time.Second)
		w.quit()
	})
}

// endBySignal ends the program where Fyne, which heeds signals by itself, waits for
// ever in its end (see quit); ended is closed when it does not. It runs beside the
// main goroutine, which does nothing any more then: else the loop would have ended.
func (w *Window) endBySignal(ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-time.After(signalLimit):
	}
	if err := errors.Join(w.set.write(w.set.snapshot()), w.client.Close()); err != nil {
		w.log.Error("closing", "error", err)
	}
	w.exit(0)
}

// quitLimit is how long Fyne may take to end its loop, signalLimit how long after a
// signal, when more may be under way.
const (
	quitLimit   = 2 * time.Second
	signalLimit = 5 * time.Second
)

// quit ends the program, after everything was stopped and saved. Fyne 2.8.1 now
// and then waits for ever in its own end: an event that is queued as the main
// loop drains waits for the loop, and Run waits for the event
// (internal/driver/glfw/loop.go, runOnMainWithWait). So the process ends by
// itself then.
func (w *Window) quit() {
	time.AfterFunc(quitLimit, func() { w.exit(0) })
	w.app.Quit()
}
