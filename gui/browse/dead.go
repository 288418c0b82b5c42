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
	"gantry/client/search"
	"gantry/gui/task"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// queryDead is the query for what was redelivered.
const queryDead = "redelivered"

// dead tells whether what is found lies in a retry or dead-letter topic.
func (s *Screen) dead() bool {
	return s.found != nil && message.Redeliverable(s.p.Profile.FullName(s.query.Topic))
}

// deadLook is what stands above a list of dead letters; no words, nothing.
type deadLook struct {
	words  string
	hides  bool
	asking bool
}

func deadOf(s *Screen) deadLook {
	if !s.dead() || s.st.Kept == 0 {
		return deadLook{}
	}
	topic := s.p.Profile.FullName(s.query.Topic)
	text := lang.L("Messages that {{.Group}} gave up. Send one again to edit it first, or redeliver many.", map[string]any{"Group": s.p.Profile.ShortName(message.DeadLetterGroup(topic))})
	if message.DeadLetterGroup(topic) == "" {
		text = lang.L("Messages that {{.Group}} gets again until it takes them.", map[string]any{"Group": s.p.Profile.ShortName(message.RetryGroup(topic))})
	}
	return deadLook{words: text, hides: s.hides, asking: s.scope.Running(queryDead)}
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
	p.dead.Set(false, l.words, hide)
	if l.words != "" {
		p.dead.Show()
	} else {
		p.dead.Hide()
	}
	p.relayout()
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
	task.Ask(s.p.Tasks, s.scope, queryDead, func(ctx context.Context) (*client.Redelivered, error) {
		var since time.Time
		topics := map[string]bool{}
		_, err := from.Each(ctx, func(uint64) {}, func(m *message.Message) error {
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
			s.hide(r)
		}
		s.update()
	})
	s.update()
}

// hide hides what was redelivered for certain.
func (s *Screen) hide(r *client.Redelivered) {
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
	s.p.Say(text)
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
