package browse

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/search"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// queryDead is the query for what was redelivered.
const queryDead = "redelivered"

// again is what to send again what is found is called: that of a retry or dead-letter topic,
// or of half messages that were given up, has names of its own.
func (s *Screen) again() msglist.Again {
	switch topic := s.p.Profile.FullName(s.query.Topic); {
	case s.found == nil || !message.Redeliverable(topic):
		return msglist.SendsAgain
	case topic == message.GivenUpTopic:
		return msglist.SendsNormal
	}
	return msglist.Redelivers
}

// deadLook is what stands above a list of dead letters; no words, nothing.
type deadLook struct {
	words  string
	hides  bool
	asking bool
	halves bool // half messages that were given up
}

func deadOf(s *Screen) deadLook {
	if s.again() == msglist.SendsAgain || s.st.Kept == 0 {
		return deadLook{}
	}
	l := deadLook{hides: s.hides, asking: s.scope.Running(queryDead)}
	topic := s.p.Profile.FullName(s.query.Topic)
	if l.halves = s.again() == msglist.SendsNormal; l.halves {
		l.words = words.Sentences(lang.L("Half messages that their broker gave up: no consumer gets them."),
			lang.L("Put back to checking, their producers are asked again. Sent as normal messages, consumers get them and nobody is asked."))
		return l
	}
	text := lang.L("Messages that {{.Group}} gave up. Send one again to edit it first, or redeliver many.", map[string]any{"Group": s.p.Profile.ShortName(message.DeadLetterGroup(topic))})
	if message.DeadLetterGroup(topic) == "" {
		text = lang.L("Messages that {{.Group}} gets again until it takes them.", map[string]any{"Group": s.p.Profile.ShortName(message.RetryGroup(topic))})
	}
	l.words = text
	return l
}

func (p *page) updateDead(l deadLook) {
	if l == p.drawnDead {
		return
	}
	p.drawnDead = l
	hide := widgets.Choice{Text: lang.L("Hide redelivered"), Kind: widgets.Quiet, Do: p.s.hideRedelivered}
	switch {
	case l.asking:
		hide = widgets.Choice{Text: lang.L("Looking for those…"), Kind: widgets.Quiet, Do: func() {}}
	case l.hides:
		hide = widgets.Choice{Text: lang.L("Show redelivered"), Kind: widgets.Quiet, Do: p.s.showRedelivered}
	}
	choices := []widgets.Choice{hide}
	if l.halves && p.s.p.Resume != nil {
		choices = []widgets.Choice{{Text: lang.L("Put back to checking…"), Kind: widgets.Normal, Do: p.s.resume}, hide}
	}
	p.dead.Set(false, l.words, choices...)
	if l.words != "" {
		p.dead.Show()
	} else {
		p.dead.Hide()
	}
	p.relayout()
}

// errEnough: no more are read.
var errEnough = errors.New("enough")

// queryResume is the query that reads what is put back to checking.
const queryResume = "resume"

// resume has the half messages that are selected, or all that the list shows, put back to
// checking; of too many the first are taken, and that is said.
func (s *Screen) resume() {
	from := s.list.Meant()
	type read struct {
		halves []orders.GivenUp
		more   bool
		others int // that are none, or of which it is not known where they lie
		left   msglist.Skipped
	}
	task.Ask(s.p.Tasks, s.scope, queryResume, func(ctx context.Context) (r read, err error) {
		r.left, err = from.Each(ctx, func(uint64) {}, func(m *message.Message) error {
			h, ok := orders.HalfGivenUp(m)
			switch {
			case !ok:
				r.others++
			case len(r.halves) == orders.MostResumed:
				r.more = true
				return errEnough
			default:
				r.halves = append(r.halves, h)
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			err = nil
		}
		return r, err
	}, func(r read, err error) {
		if err != nil {
			s.p.Fail(err)
			return
		}
		said := r.left.Words()
		switch {
		case r.more:
			said = append(said, lang.L("The first {{.Count}} are taken: more are put back one after the other.", map[string]any{"Count": widgets.Count(orders.MostResumed)}))
		case r.others > 0:
			said = append(said, lang.N("{{.Count}} messages are left out: they tell not what they were.", r.others, map[string]any{"Count": widgets.Count(r.others)}))
		}
		if text := words.Sentences(said...); text != "" {
			s.p.Say(text)
		}
		if len(r.halves) > 0 {
			s.p.Resume(r.halves)
		}
	})
}

// hideRedelivered looks for the messages of the list that were redelivered, here and in the
// topics that they lay in first, and hides them.
func (s *Screen) hideRedelivered() {
	conn, from, topic := s.p.Conn(), s.list.Shown(), s.p.Profile.FullName(s.query.Topic)
	if conn == nil {
		s.p.Fail(fault.NotConnected)
		return
	}
	found := s.found
	var left msglist.Skipped
	task.Ask(s.p.Tasks, s.scope, queryDead, func(ctx context.Context) (r *client.Redelivered, err error) {
		var since time.Time
		topics := map[string]bool{}
		left, err = from.Each(ctx, func(uint64) {}, func(m *message.Message) error {
			if since.IsZero() || m.StoredAt.Before(since) {
				since = m.StoredAt
			}
			topics[m.FirstTopic()] = true
			return nil
		})
		if err != nil {
			return nil, err
		}
		delete(topics, topic) // of which nothing tells what it was
		return conn.Redelivered(ctx, topic, since, slices.Sorted(maps.Keys(topics)))
	}, func(r *client.Redelivered, err error) {
		switch {
		case s.found != found:
		case err != nil:
			s.p.Fail(err)
		default:
			s.hide(r, left)
		}
		s.update()
	})
	s.update()
}

// hide hides what was redelivered for certain, and says what of the list it was not looked
// for.
func (s *Screen) hide(r *client.Redelivered, left msglist.Skipped) {
	places := maps.Clone(r.Sent)
	maps.Copy(places, r.Found)
	text := lang.L("None of these messages was redelivered, as far as that can be seen.")
	if s.hides = len(places) > 0; s.hides {
		text = lang.L("What was redelivered is hidden.")
	}
	for _, l := range r.Looked {
		if !l.Whole() {
			text = words.Sentences(text, lang.L("Not all of {{.Topic}} could be looked through.", map[string]any{"Topic": s.p.Profile.ShortName(l.Topic)}))
		}
	}
	s.list.Hide(places)
	s.p.Say(words.Sentences(append([]string{text}, left.Words()...)...))
}

func (s *Screen) showRedelivered() {
	s.list.Hide(nil)
	s.unhidden()
}

// unhidden says that all is shown again.
func (s *Screen) unhidden() {
	if s.hides {
		s.hides = false
		s.update()
	}
}

// unreadable tells whether a retry or dead-letter topic has messages that may not be read:
// brokers up to 4.9.1 make dead-letter topics so.
func unreadable(s *Screen) bool {
	if !message.Redeliverable(s.p.Profile.FullName(s.query.Topic)) {
		return false
	}
	return errors.Is(s.st.Err, fault.NotReadable) || missedUnread(s.st)
}

func missedUnread(st search.Status) bool {
	return slices.ContainsFunc(st.Missed, func(m cluster.Missed) bool { return errors.Is(m.Why, fault.NotReadable) })
}

// unreadableLook says so.
func unreadableLook(s *Screen) bannerLook {
	l := bannerLook{permit: s.p.Permit != nil}
	l.words = lang.L("The topic takes messages, but may not be read: its permission is write only, as brokers up to 4.9.1 make dead-letter topics.")
	return l
}
