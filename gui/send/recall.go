package send

import (
	"context"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// canRecall tells whether a message waits for its time and can be taken back now.
func (s *Screen) canRecall(e *entry) bool {
	return e != nil && e.sent != nil && e.sent.Recallable(time.Now()) && s.forbidden() == nil && s.p.Conn() != nil && !s.p.Profile.Tencent(e.sent.Draft.Topic)
}

// recall asks whether a message that waits for its time is taken back, and does so.
func (s *Screen) recall(e *entry) {
	conn := s.needConnection()
	if conn == nil || s.asking || e == nil || e.sent == nil {
		return
	}
	if r := e.sent.Receipt; r != nil && !r.Due.After(time.Now()) { // since it was shown
		s.p.Fail(fault.TooLate)
		s.sent.draw()
		return
	}
	if !s.canRecall(e) {
		return
	}
	topic, of, row := e.sent.Draft.Topic, e.key.of, e.key.row
	now := time.Now()
	data := map[string]any{"Topic": s.p.Profile.ShortName(topic), "Time": words.Clock(e.sent.Receipt.Due, now), "Left": words.Span(e.sent.Receipt.Due.Sub(now))}
	body := words.Sentences(lang.L("It is due {{.Time}}, in {{.Left}}. Taken back, no consumer gets it.", data), lang.L("Whether that was in time is seen when it was due."))
	s.agreed(lang.L("Take back one message to {{.Topic}}?", data), body, lang.L("Take back"), 1, topic,
		func(ctx context.Context, yes client.Confirmed) error { return conn.Recall(ctx, of, row, yes) })
}

// recallState puts a message that was taken back into words; ok is false for others, and
// where it came nevertheless.
func recallState(x *outbox.Sent) (_ state, ok bool) {
	r := x.Recall
	came := x.Arrival != nil && (x.Arrival.Proof == message.ProofArrived || x.Arrival.Proof == message.ProofDiffers)
	switch {
	case r == nil:
		return state{}, false
	case came:
		return state{lang.L("Arrived after all"), theme.Warn, theme.WarnSoft, problem.Problem{What: lang.L("It was taken back too late: it came when it was due.")}}, true
	case r.Fault != nil:
		why := problem.Explain(r.Fault)
		why.Do = lang.L("Whether it was taken back is seen when it was due, or try again.")
		return state{lang.L("Taking back not confirmed"), theme.Warn, theme.WarnSoft, why}, true
	}
	what := lang.L("The broker has taken it back: no consumer gets it.")
	if a := x.Arrival; a != nil && a.Proof == message.ProofNotFound {
		what = lang.L("It was taken back, and did not come when it was due.")
	}
	return state{lang.L("Taken back"), theme.Muted, theme.Hover, problem.Problem{What: what}}, true
}

// recallFacts are what is known of a message that was taken back.
func recallFacts(x *outbox.Sent) []widgets.Fact {
	if x.Recall == nil {
		return nil
	}
	label := lang.L("Taken back")
	if x.Recall.Fault != nil {
		label = lang.L("Taking back tried")
	}
	return []widgets.Fact{fact(label, x.Recall.At.Local().Format(time.DateOnly+" "+clock))}
}
