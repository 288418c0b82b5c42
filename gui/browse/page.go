package browse

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// page puts the parts of the screen in place: form and banner, list and inspector,
// and the foot, which says how far the search is.
type page struct {
	s       *Screen
	banner  *widgets.Banner
	dead    *widgets.Banner
	empty   *widgets.EmptyState
	top     *fyne.Container
	content *fyne.Container

	state, read, took *widgets.Word
	meter             *widgets.Meter
	more              *widgets.Button // reads on behind the limit
	foot              *fyne.Container

	drawnBanner bannerLook
	drawnDead   deadLook
	drawnEmpty  emptyLook
	drawnFoot   footLook
}

func newPage(s *Screen) *page {
	p := &page{s: s}
	p.banner = widgets.NewBanner(false, "")
	p.banner.Hide()
	p.dead = widgets.NewBanner(false, "")
	p.dead.Hide()
	p.top = container.New(&arrange.Rows{}, s.form.content, p.banner, p.dead, widgets.NewRule())
	p.empty = widgets.NewEmptyState("", "", nil)
	p.state, p.read, p.took = widgets.NewWord("", theme.Text).Small().Bold(), widgets.NewCaption(""), widgets.NewCaption("")
	p.meter = widgets.NewMeter(120, 4)
	p.more = widgets.NewButton(lang.L("Read on"), nil, widgets.Quiet, s.readOn)
	p.foot = container.New(&arrange.Columns{Gap: 12, Shares: []float32{0, 0, 1, 0, 0}},
		arrange.Middled(p.state), arrange.Middled(p.meter), arrange.Middled(p.read.Shrinks(60)), arrange.Middled(p.more), arrange.Middled(p.took))
	foot := container.New(&arrange.Rows{}, widgets.NewRule(), container.NewStack(widgets.NewGround(theme.Chrome).SetMin(0, 28).StatusLine(),
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14), p.foot)))
	p.content = container.New(&arrange.Rows{Grow: s.beside.Content()}, p.top, s.beside.Content(), foot)
	return p
}

// relayout follows a change of heights: what wraps knows its height only once it
// is placed, so it is done twice.
func (p *page) relayout() {
	for range 2 {
		p.top.Layout.Layout(p.top.Objects, p.top.Size())
		p.content.Layout.Layout(p.content.Objects, p.content.Size())
	}
}

// update shows the state of the search.
func (p *page) update() {
	p.updateBanner(bannerOf(p.s))
	p.updateDead(deadOf(p.s))
	bare := p.s.list.Len() == 0 && p.s.st.Kept == 0
	if e := emptyOf(p.s); bare && e != p.drawnEmpty {
		p.drawnEmpty = e
		var more []*widgets.Button
		if e.action != "" {
			more = append(more, widgets.NewButton(e.action, nil, widgets.Primary, func() { p.s.readMore(e.limit) }))
		}
		p.empty.Set(e.title, e.line, nil, more...)
	}
	if bare {
		p.s.beside.SetAlone(p.empty)
	} else {
		p.s.beside.SetAlone(nil)
	}
	p.updateFoot(footOf(p.s))
}

// bannerLook is what the banner says; no words, no banner.
type bannerLook struct {
	failed         bool
	words, details string
	permit         bool // the topic can be made readable
}

// bannerOf tells what is missing, or why there is nothing.
func bannerOf(s *Screen) bannerLook {
	err := s.failure()
	switch {
	case len(s.form.errs) > 0:
		return bannerLook{}
	case unreadable(s):
		return unreadableLook(s)
	case errors.Is(err, fault.TopicNotFound) && s.p.Profile.FullName(s.query.Topic) == message.GivenUpTopic:
		return bannerLook{words: lang.L("No broker has given up a half message: the first one makes this topic.")}
	case errors.Is(err, fault.TopicNotFound) && message.DeadLetterGroup(s.p.Profile.FullName(s.query.Topic)) != "":
		return bannerLook{words: lang.L("No dead letter of this group is known: the first one makes this topic.")}
	case errors.Is(err, fault.NotOffered) && (s.query.Kind == cluster.ByKey || s.query.Kind == cluster.ByID):
		return bannerLook{words: lang.L("This endpoint has no index to ask: it offers neither keys nor message ids. Search a time range instead.")}
	case err != nil:
		p := problem.Explain(err)
		return bannerLook{failed: true, words: p.Text(), details: p.Details}
	case s.st.Waiting != nil:
		return bannerLook{failed: true, words: lang.L("What is found cannot be written: {{.Reason}}", map[string]any{"Reason": fault.Words(s.st.Waiting)})}
	case len(s.st.Missed) > 0:
		return missedLook(s.st.Missed)
	}
	return bannerLook{words: words.Sentences(words.GaveUp(s.st.GaveUp), outdatedWords(s))}
}

// outdatedWords say that the filter of a search read bodies otherwise than now.
func outdatedWords(s *Screen) string {
	if !s.outdated {
		return ""
	}
	return lang.L("The format of these bodies has changed: the filter has read them as before. Search again to use the new one.")
}

// missedLook names whose messages are missing.
func missedLook(missed []cluster.Missed) bannerLook {
	first := problem.Explain(missed[0].Why)
	details := ""
	for _, m := range missed {
		details += m.Subject + ": " + fault.Words(m.Why) + "\n"
	}
	what := first.What
	if errors.Is(missed[0].Why, fault.Crowded) {
		what = lang.L("Its index answers 64 messages of one second at most.")
	}
	if errors.Is(missed[0].Why, fault.Deleted) {
		what = lang.L("The broker deleted them before they could be read.")
	}
	names := missed[0].Subject
	if len(missed) > 1 {
		names = strings.Join(brokersOf(missed), lang.L(", "))
	}
	return bannerLook{words: lang.L("Messages of {{.Name}} are missing from this result. {{.What}}", map[string]any{"Name": names, "What": what}), details: details}
}

// brokersOf are the brokers whose messages, of one queue or of all, are missing.
func brokersOf(missed []cluster.Missed) []string {
	var names []string
	for _, m := range missed {
		name, _, _ := strings.Cut(m.Subject, "/")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// silentBrokers is how many brokers did not answer: one that answers may have deleted
// messages, or found too many.
func silentBrokers(missed []cluster.Missed) int {
	return len(brokersOf(slices.DeleteFunc(slices.Clone(missed), func(m cluster.Missed) bool {
		return errors.Is(m.Why, fault.Deleted) || errors.Is(m.Why, fault.Crowded)
	})))
}

func (p *page) updateBanner(l bannerLook) {
	if l == p.drawnBanner {
		return
	}
	p.drawnBanner = l
	var actions []widgets.Choice
	if l.details != "" {
		actions = append(actions, widgets.Choice{Text: lang.L("Copy details"), Kind: widgets.Quiet, Do: func() {
			fyne.CurrentApp().Clipboard().SetContent(l.details)
			p.s.p.Say(lang.L("Copied."))
		}}, widgets.Choice{Text: lang.L("Try again"), Kind: widgets.Quiet, Do: p.s.Primary})
	}
	if l.permit {
		topic := p.s.p.Profile.FullName(p.s.query.Topic)
		actions = append(actions, widgets.Choice{Text: lang.L("Make it readable…"), Kind: widgets.Normal, Do: func() { p.s.p.Permit(topic) }},
			widgets.Choice{Text: lang.L("Try again"), Kind: widgets.Quiet, Do: p.s.Primary})
	}
	p.banner.Set(l.failed, l.words, actions...)
	if l.words != "" {
		p.banner.Show()
	} else {
		p.banner.Hide()
	}
	p.relayout()
}

// emptyLook is what stands where no message is.
type emptyLook struct {
	title, line string
	action      string // reads on, up to limit; "" for none
	limit       int64
}

func emptyOf(s *Screen) emptyLook {
	switch {
	case s.Running():
		return emptyLook{title: lang.L("Searching"), line: lang.L("Messages appear here as they are found.")}
	case s.failed != nil || s.st.Err != nil:
		if bannerOf(s).words == "" {
			return emptyLook{title: lang.L("Nothing could be read"), line: lang.L("The field that is marked says why.")}
		}
		return emptyLook{title: lang.L("Nothing could be read"), line: lang.L("The reason stands above.")}
	case s.found == nil:
		return emptyLook{title: lang.L("Look messages up"), line: lang.L("Choose a topic and what to look for. Reading does not consume anything.")}
	case silentBrokers(s.st.Missed) > 0:
		return emptyLook{title: lang.L("Nothing found on the brokers that answered"), line: lang.L("It may lie where nobody answered: the reason stands above.")}
	case s.query.Kind == cluster.ByID:
		return emptyLook{title: lang.L("Nothing found"), line: lang.L("Brokers keep messages for some days only, and find ids within their topic.")}
	case s.query.Kind == cluster.ByOffset:
		return emptyLook{title: lang.L("Nothing found"), line: lang.L("The broker no longer keeps it, or has nothing at this place yet.")}
	case s.st.Read > 0 && s.st.Read < s.st.Total && (s.st.Limited || s.st.Stopped):
		return partlyRead(s)
	case s.st.Read > 0:
		return emptyLook{title: lang.L("Nothing found"), line: lang.N("{{.Count}} messages were read.", int(s.st.Read), map[string]any{"Count": widgets.Count(uint64(s.st.Read))})}
	}
	return emptyLook{title: lang.L("Nothing found"), line: lang.L("There is no such message.")}
}

// partlyRead says that nothing was found in a part only, and offers more of it.
func partlyRead(s *Screen) emptyLook {
	e := emptyLook{title: lang.L("Nothing found in the first {{.Read}} of about {{.Total}}", map[string]any{
		"Read": widgets.Count(uint64(s.st.Read)), "Total": widgets.Count(uint64(s.st.Total)),
	})}
	if s.st.Stopped {
		e.line = lang.L("It was stopped before the end.")
		return e
	}
	e.line = lang.L("The others were not read, because of the limit.")
	for _, l := range limits {
		switch {
		case l > s.query.Limit && l < s.st.Total:
			e.action, e.limit = lang.L("Read up to {{.Count}}", map[string]any{"Count": widgets.Count(uint64(l))}), l
			return e
		case l == 0:
			e.action, e.limit = lang.L("Read all"), 0
		}
	}
	return e
}

// footLook is what the foot says.
type footLook struct {
	state, read, took string
	part              float64
	meter, more       bool
}

func footOf(s *Screen) footLook {
	st := s.st
	if s.found == nil {
		return footLook{}
	}
	data := map[string]any{
		"Read": widgets.Count(uint64(st.Read)), "Total": widgets.Count(uint64(st.Total)), "Found": widgets.Count(uint64(st.Found)),
	}
	l := footLook{read: lang.L("Found {{.Found}}", data), took: lang.L("{{.Count}} s", map[string]any{"Count": seconds(st.Took)})}
	if st.Total > 0 {
		l.read = lang.L("Read {{.Read}} of about {{.Total}} · Found {{.Found}}", data)
		if st.Bytes > 0 {
			l.read += " · " + widgets.Bytes(st.Bytes)
		}
		if st.Replicas > 0 {
			l.read += " · " + lang.N("{{.Count}} brokers read at a replica", st.Replicas, map[string]any{"Count": widgets.Count(st.Replicas)})
		}
		l.part = float64(st.Read) / float64(st.Total)
		l.meter = st.Running
	}
	if silent := silentBrokers(st.Missed); silent > 0 && st.Brokers > 1 {
		l.read += " · " + lang.L("{{.Count}} of {{.All}} brokers answered", map[string]any{"Count": widgets.Count(max(st.Brokers-silent, 0)), "All": widgets.Count(st.Brokers)})
	}
	if st.Evicted > 0 {
		l.read += " · " + lang.L("the first {{.Count}} are no longer kept", map[string]any{"Count": widgets.Count(st.Evicted)})
	}
	switch {
	case st.Running && s.stopping:
		l.state = lang.L("Stopping…")
	case st.Running:
		l.state = lang.L("Searching")
	case st.Stopped:
		l.state = lang.L("Stopped")
	case st.Err != nil:
		l.state = lang.L("Failed")
	case st.Limited || st.Enough:
		l.state = lang.L("Stopped at the limit")
		if st.Enough {
			l.state = lang.N("Stopped after {{.Count}} found", int(st.Found), map[string]any{"Count": widgets.Count(uint64(st.Found))})
		}
		if st.Through.IsZero() { // nothing matched: nobody knows how far it is in time
			break
		}
		l.more = s.query.Kind == cluster.ByTime
		l.read += " · " + lang.L("not read: what was stored after {{.Time}}", map[string]any{"Time": st.Through.Local().Format("2006-01-02 15:04:05.000")})
		if s.query.Kind == cluster.ByKey {
			l.read = lang.L("The newest {{.Found}} were found; there may be older ones.", data)
		}
	case len(st.Missed) > 0, st.GaveUp.Count > 0:
		l.state = lang.L("Not complete")
	default:
		l.state = lang.L("Done")
	}
	return l
}

// seconds writes a duration with one decimal.
func seconds(d time.Duration) string {
	tenths := uint64(max(d, 0) / (100 * time.Millisecond))
	return widgets.Count(tenths/10) + "." + string(rune('0'+tenths%10))
}

func (p *page) updateFoot(l footLook) {
	if l == p.drawnFoot && p.drawnFoot != (footLook{}) {
		return
	}
	p.drawnFoot = l
	p.state.SetText(l.state)
	p.read.SetText(l.read)
	p.took.SetText(l.took)
	p.meter.Set(l.part, theme.Accent)
	for o, on := range map[fyne.CanvasObject]bool{p.foot.Objects[1]: l.meter, p.foot.Objects[3]: l.more} {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	p.foot.Refresh()
}
