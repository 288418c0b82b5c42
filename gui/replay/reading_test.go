package replay

import (
	"context"
	"strings"
	"testing"

	"gantry/client/outbox/plan"
	"gantry/gui/stage"
)

// TestReading: a look that reads all messages says how far it is, and can be ended; then
// nothing can be sent until it was done to its end.
func TestReading(t *testing.T) {
	r := newRig(t)
	var s *sheet
	r.opened(of(&r.targets[0].Profile, sample("orders", `{"a":1}`)), &s)
	whole := s.try
	ended := make(chan struct{})
	s.try = func(ctx context.Context, _ *plan.Plan, _ int, tell func(int64)) (plan.Tried, error) {
		tell(1234)
		<-ctx.Done()
		close(ended)
		return plan.Tried{}, context.Cause(ctx)
	}
	s.copied.Messages = 400_000
	s.changed()
	r.Until(t, "how far it is", func() bool { return r.Has("1,234 of 400,000") })
	if !r.disabled() || !s.reading.content.Visible() {
		t.Error(stage.Texts(r.Window))
	}
	r.Tap("Stop")
	<-ended
	if !r.disabled() || !r.Has("it is not known what would leave") || r.Has("1,234 of") {
		t.Error(stage.Texts(r.Window))
	}
	s.try, s.copied.Messages = whole, 1
	r.Tap("Read them")
	r.ready()
	if text := stage.Texts(r.Window); s.reading.content.Visible() || strings.Contains(text, "not known what would leave") {
		t.Error(text)
	}
	// What somebody changes ends it too.
	ended = make(chan struct{})
	s.try = func(ctx context.Context, _ *plan.Plan, _ int, tell func(int64)) (plan.Tried, error) {
		tell(5)
		<-ctx.Done()
		close(ended)
		return plan.Tried{}, context.Cause(ctx)
	}
	s.changed()
	r.Until(t, "how far it is", func() bool { return r.Has("5 of 1") })
	s.try = whole
	s.topic.SetText("stock")
	<-ended
	r.ready()
	if s.reading.content.Visible() || s.ready.plan.Topic != "stock" {
		t.Error(stage.Texts(r.Window))
	}
}
