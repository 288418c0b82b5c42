package subscribe

import (
	"slices"
	"time"

	"gantry/client/profile"
)

// changed saves the forms soon.
func (s *Screen) changed() {
	if !s.unsaved {
		s.unsaved = true
		s.p.Tasks.After(s.scope, tick, s.flush)
	}
}

func (s *Screen) flush() {
	if !s.unsaved || s.p.Save == nil {
		return
	}
	s.unsaved = false
	var specs []profile.Subscription
	for _, b := range s.subs {
		if !b.archive && b.spec.Topic != "" {
			specs = append(specs, b.spec)
		}
	}
	s.p.Save(specs)
}

// tick reads every state, and shows what changed.
func (s *Screen) tick() {
	s.ticks++
	s.recount()
	now := time.Now()
	for _, b := range s.subs {
		b.sample(now)
	}
	if s.ticks%int(time.Second/tick) == 0 && s.p.OnRate != nil {
		s.p.OnRate()
	}
	if s.ticks%60 == 0 && s.current.running() {
		s.askGroup(s.current)
	}
	s.flush()
	if s.shown && s.ticks-s.drawn > 1 {
		s.update()
	}
}

// recount reads every state anew and tells how many run, if it was another number
// before.
func (s *Screen) recount() {
	for _, b := range s.subs {
		b.read()
	}
	s.tellCount()
	ticked := s.watch.On()
	if s.look(); ticked && !s.watch.On() && s.shown {
		s.update() // nothing moves any more, so no tick will show it
	}
}

// tellCount tells how many run, if it was another number before.
func (s *Screen) tellCount() {
	if n := s.Running(); n != s.count {
		s.count = n
		if s.p.OnCount != nil {
			s.p.OnCount(n)
		}
	}
}

// look lets the ticker run while what is seen may change by itself.
func (s *Screen) look() {
	s.watch.Set(s.shown && slices.ContainsFunc(s.subs, (*sub).moves))
}

// drawWith shows the state together with what the list has just shown, so that
// both are one frame: each costs the main loop some 20 to 80 ms without a GPU.
// The screen's own tick draws where a list takes longer, or has none.
func (s *Screen) drawWith(b *sub) {
	if s.shown && b == s.current {
		b.read()
		s.drawn = s.ticks
		s.update()
	}
}

// update shows the state of everything.
func (s *Screen) update() {
	s.tellCount()
	s.look()
	for _, b := range s.subs {
		b.drawChip(b == s.current)
	}
	if s.current == nil {
		return
	}
	s.form.update(s.current)
	s.status.show(s.current)
	s.page.update(s.current)
}
