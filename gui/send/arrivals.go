package send

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/message"
	"gantry/client/search"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// queryArrivals is the query that begins to follow, or ends it.
const queryArrivals = "arrivals"

// arrivalsTick is how often the state of the following is read while it changes.
const arrivalsTick = 250 * time.Millisecond

// arrivalsHeight is the height of the list while a topic is followed.
const arrivalsHeight float32 = 200

// Live is a topic that is followed, as search.Search is. Close blocks.
type Live interface {
	msglist.Source
	msglist.Changer
	Status() search.Status
	Close()
}

// arrivals is the pane below the receipts: what comes to the form's topic from now
// on, read without joining a group. In the sandbox it begins by itself.
type arrivals struct {
	s       *Screen
	topic   string // that is followed, or to be; as typed
	live    Live   // nil while none is
	begun   bool   // a start or an end is under way
	next    string // the topic to follow then; "" for none other
	failed  error
	shown   bool
	watch   *task.Watch // from a change on, while it is seen
	changed bool        // since the last tick
	list    *msglist.List
	empty   *widgets.EmptyState
	dot     *widgets.Dot
	title   *widgets.Word
	count   *widgets.Word
	toggle  *widgets.Button
	open    fyne.CanvasObject
	body    *fyne.Container
	content *fyne.Container
	drawn   string
}

func newArrivals(s *Screen) *arrivals {
	a := &arrivals{s: s, dot: widgets.NewDot(widgets.DotOff), title: widgets.NewWord("", theme.Text).Small().Bold().Shrinks(60), count: widgets.NewCaption("")}
	a.list = msglist.New(msglist.Params{
		Tasks: s.p.Tasks, Short: s.p.Profile.ShortName, OnCopied: func() { s.p.Say(lang.L("Copied.")) }, OnError: s.p.Fail,
		OnEscape: s.FocusFirst, OnChange: a.wake, Topic: func() string { return s.p.Profile.ShortName(a.topic) },
	})
	a.empty = widgets.NewEmptyState("", "", nil)
	a.toggle = widgets.NewButton("", nil, widgets.Quiet, a.press)
	a.open = arrange.Middled(widgets.NewButton(lang.L("Open in Subscribe"), nil, widgets.Quiet, func() {
		if s.p.OpenTopic != nil {
			s.p.OpenTopic(a.topic)
		}
	}))
	head := container.New(&arrange.Columns{Gap: 8, Shares: []float32{0, 1, 0, 0, 0}},
		arrange.Middled(a.dot), arrange.Middled(a.title), arrange.Middled(a.count), arrange.Middled(a.toggle), a.open)
	bar := container.NewStack(widgets.NewGround(theme.Chrome).SetMin(0, 34), container.New(layout.NewCustomPaddedLayout(0, 0, 14, 8), head))
	a.body = container.NewStack(widgets.NewGround(theme.Surface).SetMin(0, arrivalsHeight), a.list.Content(), a.empty)
	a.content = container.New(&arrange.Rows{Grow: a.body}, widgets.NewRule(), bar, widgets.NewRule(), a.body)
	a.watch = s.p.Tasks.Watch(s.scope, arrivalsTick, a.tick)
	a.update()
	return a
}

// setShown lists what arrives while the tab is seen.
func (a *arrivals) setShown(shown bool) {
	a.shown = shown
	a.list.SetShown(shown)
	a.watch.Set(false)
	a.update()
}

// wake notes that what is followed has changed: it is read with the next tick.
func (a *arrivals) wake() {
	a.changed = true
	a.watch.Set(a.shown)
}

// tick shows what has changed, and is the last where nothing had.
func (a *arrivals) tick() {
	a.watch.Set(a.changed)
	a.changed = false
	a.update()
}

// formTopic is the topic of the form, if it can be followed.
func (a *arrivals) formTopic() string {
	t := strings.TrimSpace(a.s.form.topic.Text)
	if message.CheckTopic(a.s.p.Profile.FullName(t)) != nil {
		return ""
	}
	return t
}

// press follows the form's topic, or ends it.
func (a *arrivals) press() {
	if a.live != nil && a.live.Status().Running {
		a.end()
		return
	}
	a.begin(a.formTopic())
}

// begin follows a topic instead of the one before.
func (a *arrivals) begin(topic string) {
	if topic == "" || a.s.p.Follow == nil || a.s.p.Conn() == nil {
		return
	}
	if a.begun {
		a.next = topic
		return
	}
	a.begun, a.topic, a.next, a.failed = true, topic, "", nil
	start := a.s.p.Follow(topic)
	old := a.live
	task.Ask(a.s.p.Tasks, a.s.scope, queryArrivals, func(ctx context.Context) (Live, error) {
		if old != nil {
			old.Close()
		}
		live, err := start()
		if err == nil && ctx.Err() != nil { // nobody waits for it any more
			live.Close()
			return nil, ctx.Err()
		}
		return live, err
	}, func(live Live, err error) {
		a.begun, a.failed, a.live = false, err, nil
		if err == nil {
			a.live = live
			a.list.SetSource(live)
		}
		switch {
		case a.s.p.Conn() == nil: // it was closed meanwhile
			a.end()
		case a.next != "" && a.next != topic:
			a.begin(a.next)
		}
		a.update()
	})
	a.update()
}

// end follows no longer; what came goes.
func (a *arrivals) end() {
	if a.live == nil || a.begun {
		return
	}
	old := a.live
	a.begun, a.next = true, ""
	task.Ask(a.s.p.Tasks, a.s.scope, queryArrivals, func(context.Context) (struct{}, error) {
		old.Close()
		return struct{}{}, nil
	}, func(struct{}, error) {
		a.begun, a.live = false, nil
		a.list.SetSource(nil)
		a.begin(a.next)
		a.update()
	})
	a.update()
}

// sending follows the topic of a send that begins, where that goes by itself.
func (a *arrivals) sending(topic string) {
	if a.s.p.AutoFollow && (a.live == nil || topic != a.topic || !a.live.Status().Running) {
		a.begin(topic)
	}
}

// connected begins where that goes by itself, and ends without a connection.
func (a *arrivals) connected() {
	switch {
	case a.s.p.Conn() == nil:
		a.end()
	case a.s.p.AutoFollow && a.live == nil:
		a.begin(a.formTopic())
	}
	a.update()
}

// arrivalsLook is what the head of the pane says.
type arrivalsLook struct {
	title, count, toggle string
	dot                  widgets.DotState
	wrong                string // why nothing comes; "" for nothing wrong
}

// look tells what there is to say.
func (a *arrivals) look(st *search.Status, err error) arrivalsLook {
	data := map[string]any{"Topic": a.topic, "Count": widgets.Count(uint64(st.Found))}
	l := arrivalsLook{title: lang.L("Arrivals"), toggle: lang.L("Follow the topic"), dot: widgets.DotOff}
	if a.begun || a.live != nil {
		l.title = lang.L("Following {{.Topic}}", data)
	}
	switch {
	case a.begun:
		l.dot, l.toggle = widgets.DotBusy, lang.L("Stop")
	case a.live != nil && st.Running:
		l.count, l.dot, l.toggle = lang.L("{{.Count}} received", data), widgets.DotOn, lang.L("Stop")
	case a.live != nil: // it ended by itself
		l.count = lang.L("{{.Count}} received", data)
	}
	if err != nil {
		l.dot, l.wrong = widgets.DotError, problem.Explain(err).What
		if st.Kept > 0 { // else it stands in the list's place
			l.count = l.wrong
		}
	}
	return l
}

// status is how the following stands, and what is wrong with it.
func (a *arrivals) status() (st search.Status, err error) {
	if a.live != nil {
		st = a.live.Status()
	}
	switch {
	case a.failed != nil:
		err = a.failed
	case st.Err != nil:
		err = st.Err
	case len(st.Missed) > 0:
		err = st.Missed[0].Why
	}
	return st, err
}

// update shows the state.
func (a *arrivals) update() {
	if a.s.closed {
		return
	}
	st, err := a.status()
	l, following := a.look(&st, err), a.live != nil || a.begun
	a.dot.Set(l.dot)
	a.title.SetText(l.title)
	a.count.SetText(l.count)
	a.toggle.SetText(l.toggle)
	widgets.Able(!a.begun && (a.live != nil || a.s.p.Conn() != nil && a.formTopic() != ""), a.toggle)
	draw.Show(a.open, following && a.s.p.OpenTopic != nil)
	draw.Show(a.empty, st.Kept == 0)
	draw.Show(a.list.Content(), st.Kept > 0)
	a.drawEmpty(l)
	if shown := following || err != nil; shown != a.body.Visible() {
		draw.Show(a.body, shown)
		if a.s.split != nil {
			a.s.split.Refresh()
		}
	}
}

// drawEmpty says why no message stands there.
func (a *arrivals) drawEmpty(l arrivalsLook) {
	look := l.title + l.wrong
	if look == a.drawn {
		return
	}
	a.drawn = look
	if l.wrong != "" {
		a.empty.Set(lang.L("Following failed"), l.wrong, nil)
		return
	}
	a.empty.Set(lang.L("Waiting for messages on {{.Topic}}", map[string]any{"Topic": a.topic}), lang.L("They appear here as they arrive. No group is joined."), nil)
}

// close ends the following with the screen.
func (a *arrivals) close() {
	if live := a.live; live != nil {
		a.s.p.Tasks.Job(lang.L("Stop following"), func(context.Context, func(string)) error {
			live.Close()
			return nil
		}, nil)
	}
	a.list.Close()
}
