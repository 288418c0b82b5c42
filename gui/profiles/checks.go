package profiles

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/arrange"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// testKey is the query of a test; tick is how often its reports are shown.
const (
	testKey = "test"
	tick    = 80 * time.Millisecond
)

// mailbox takes reports from the goroutines of a test. It is the only thing here
// that they share with the page.
type mailbox struct {
	mu  sync.Mutex
	got []client.Check
}

func (m *mailbox) put(c client.Check) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, c)
}

func (m *mailbox) take() []client.Check {
	m.mu.Lock()
	defer m.mu.Unlock()
	got := m.got
	m.got = nil
	return got
}

// checks is the pane at the right: what to try, and each step as it happens.
type checks struct {
	e       *Editor
	content fyne.CanvasObject

	title, when *widgets.Word
	line        *widgets.Paragraph
	topic       *widgets.Entry
	head, rows  *fyne.Container
	actions     *fyne.Container

	tested  profile.Profile
	signed  bool // the test had a token
	started time.Time
	steps   []client.Check
	ticker  *task.Ticker

	// asked is the form as it was tested, typed whether the token changed since; title
	// and line are what the test came to. stale: what is shown was true of another form.
	asked       profile.Profile
	typed       bool
	ended, said string
	stale       bool
}

func newChecks(e *Editor) *checks {
	c := &checks{e: e}
	c.title = widgets.NewTitle(lang.L("Test connection"))
	c.when = widgets.NewWord("", theme.Muted)
	c.line = widgets.NewParagraph(lang.L("Asks name servers and brokers. Nothing is sent, and no group is joined."), theme.Muted)
	c.topic = widgets.NewEntry()
	topic := widgets.NewField(lang.L("Topic to try (optional)"), c.topic)
	topic.SetHint(lang.L("With a topic its route is tried too."))
	c.topic.OnEnter = c.run
	c.topic.OnChanged = func(string) { c.edited() }
	c.rows = container.New(&arrange.Rows{})
	c.actions = container.New(layout.NewCustomPaddedHBoxLayout(4))
	c.head = container.New(&arrange.Rows{Gap: 6},
		container.NewBorder(nil, nil, c.title, c.when), c.line.Object(), topic, c.actions)
	head := container.New(layout.NewCustomPaddedLayout(14, 12, 16, 16), c.head)
	c.actions.Hide()
	rows := container.NewVScroll(c.rows)
	c.content = container.NewStack(widgets.NewGround(theme.Sunken),
		container.New(&arrange.Rows{Grow: rows}, head, widgets.NewRule(), rows))
	return c
}

// run tests what is typed; a test that still runs is superseded.
func (c *checks) run() {
	c.e.form.cleanServers()
	p, ok := c.e.form.valid(false)
	if !ok || c.e.closed {
		return
	}
	c.begin(p)
	secret, ask := c.e.token.secret(), p.Role != "" && c.e.token.inVault()
	box, test, v, topic := &mailbox{}, c.e.p.Test, c.e.p.Vault, p.FullName(c.topic.Text)
	task.Ask(c.e.p.Tasks, c.e.scope, testKey, func(ctx context.Context) (bool, error) {
		if secret == "" && ask {
			var err error
			if secret, err = stored(ctx, v, p.ID); err != nil {
				return false, err
			}
		}
		test(ctx, p, secret, topic, box.put)
		return secret != "" && p.Role != "", nil
	}, func(signed bool, err error) {
		c.signed = signed
		c.testEnded(box, err)
	})
	c.ticker = c.e.p.Tasks.Every(c.e.scope, tick, func() { c.add(box.take()) })
}

// stored reads the token from the vault; that there is none is no error.
func stored(ctx context.Context, v Vault, id string) (profile.Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	s, err := v.Secret(ctx, id)
	if errors.Is(err, vault.ErrNotFound) {
		return "", nil
	}
	return s, err
}

func (c *checks) begin(p profile.Profile) {
	if c.ticker != nil {
		c.ticker.Stop()
	}
	c.tested, c.started, c.steps, c.signed = p, time.Now(), nil, true
	c.asked, c.typed, c.stale, c.ended = c.what(), false, false, ""
	c.title.Set(lang.L("Testing…"), theme.Text)
	c.when.Set(c.started.Format(time.TimeOnly), theme.Muted)
	c.line.Set(lang.L("Nothing is sent, and no group is joined."), theme.Muted)
	c.setActions(widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, c.cancel))
	c.draw()
}

// cancel ends the test; what has been found out stays.
func (c *checks) cancel() {
	c.e.scope.Cancel(testKey)
	c.steps = slices.DeleteFunc(c.steps, func(s client.Check) bool { return !s.Done })
	c.finish(lang.L("Cancelled"), lang.L("The steps below were done before."))
}

// add takes reports; a later one of a step replaces the earlier.
func (c *checks) add(got []client.Check) {
	if len(got) == 0 {
		return
	}
	for _, s := range got {
		if i := slices.IndexFunc(c.steps, func(o client.Check) bool { return o.ID == s.ID }); i >= 0 {
			c.steps[i] = s
		} else {
			c.steps = append(c.steps, s)
		}
		var file *client.FileError
		if errors.As(s.Err, &file) {
			c.e.form.net.fileFailed(file)
		}
	}
	slices.SortStableFunc(c.steps, func(a, b client.Check) int { return a.ID - b.ID })
	c.draw()
}

func (c *checks) testEnded(box *mailbox, err error) {
	c.add(box.take())
	if err != nil {
		c.finish(lang.L("The token could not be read"), keyringProblem(err).Text())
		c.title.Set(c.title.Text(), theme.Err)
		return
	}
	all, failed := len(c.steps), c.failed()
	count := map[string]any{"Count": widgets.Count(all), "Failed": widgets.Count(failed)}
	switch {
	case all == 0:
		c.finish(lang.L("Nothing was tested"), "")
	case failed > 0:
		c.finish(lang.N("{{.Failed}} of {{.Count}} checks failed", all, count), lang.L("It can be saved all the same."))
	default:
		c.finish(lang.N("All {{.Count}} checks passed", all, count), c.passedLine())
	}
}

func (c *checks) passedLine() string {
	if strings.TrimSpace(c.topic.Text) == "" && c.tested.Role != "" {
		return lang.L("The sign-in was not tried: name servers do not check it. Enter a topic to try it.")
	}
	return lang.L("Nothing was sent, and no group was joined.")
}

func (c *checks) failed() int {
	n := 0
	for _, s := range c.steps {
		if s.Err != nil {
			n++
		}
	}
	return n
}

// finish shows the result and what can be done with it.
func (c *checks) finish(title, line string) {
	if c.ticker != nil {
		c.ticker.Stop()
	}
	c.ended, c.said = title, line
	c.sayEnd()
	c.setActions(
		widgets.NewButton(lang.L("Copy report"), fynetheme.ContentCopyIcon(), widgets.Quiet, c.copy),
		widgets.NewButton(lang.L("Try again"), fynetheme.ViewRefreshIcon(), widgets.Quiet, c.run))
	c.draw()
}

// sayEnd shows the result: as one of another form once that was changed.
func (c *checks) sayEnd() {
	switch {
	case c.stale:
		c.title.Set(lang.L("Tested before the last change"), theme.Muted)
		c.line.Set(lang.L("Test again to see how it is now."), theme.Muted)
		return
	case c.failed() > 0:
		c.title.Set(c.ended, theme.Err)
	default:
		c.title.Set(c.ended, theme.Text)
	}
	c.line.Set(c.said, theme.Muted)
}

// what is the part of the form that a test depends on; the topic stands in its name's
// place.
func (c *checks) what() profile.Profile {
	p := c.e.form.read()
	p.Name, p.Environment, p.ReadOnly = c.topic.Text, "", false
	return p
}

// edited greys the result of a test once the form says something else, and no longer
// when it says the same again.
func (c *checks) edited() {
	if c.ended == "" {
		return // nothing was tested, or a test runs
	}
	if stale := c.typed || !reflect.DeepEqual(c.what(), c.asked); stale != c.stale {
		c.stale = stale
		c.sayEnd()
		c.draw()
		c.head.Refresh() // the title has another width
	}
}

// tokenEdited is edited for the token, which is not kept to be compared.
func (c *checks) tokenEdited() {
	c.typed = c.ended != ""
	c.edited()
}

func (c *checks) setActions(buttons ...fyne.CanvasObject) {
	c.actions.Objects = buttons
	c.actions.Show()
	c.actions.Refresh()
	c.content.Refresh()
}

func (c *checks) draw() {
	c.rows.Objects = nil
	for _, s := range c.steps {
		c.rows.Add(c.row(s))
		c.rows.Add(widgets.NewRule())
	}
	c.rows.Refresh()
}

// copy puts the result on the clipboard, without the token, which it never had.
func (c *checks) copy() {
	fyne.CurrentApp().Clipboard().SetContent(c.report())
	c.e.p.Say(lang.L("The report was copied."))
}
