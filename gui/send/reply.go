package send

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/outbox"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// lateReply is how much later than said it may be known that no reply came.
const lateReply = 2 * time.Second

// request tells whether a message waits, or has waited, for a reply.
func request(x *outbox.Sent) bool { return x.Draft != nil && x.Draft.Reply > 0 }

// replied tells whether there is a reply.
func replied(x *outbox.Sent) bool { return x.Reply != nil && x.Reply.Fault == nil }

// replyDue is when it is known at the latest what came of a request.
func replyDue(x *outbox.Sent) time.Time {
	at := x.Leave.At
	if x.Receipt != nil {
		at = x.Receipt.SentAt.Add(x.Receipt.Took)
	}
	return at.Add(x.Draft.Reply + lateReply)
}

// replyText says in a row what came of a request.
func replyText(x *outbox.Sent, now time.Time) (string, theme.Token) {
	switch {
	case x.Reply == nil && now.Before(replyDue(x)):
		return lang.L("waits for a reply"), theme.Muted
	case x.Reply == nil:
		return lang.L("reply not known"), theme.Warn
	case x.Reply.Fault != nil && x.Reply.Fault.Code == fault.Timeout:
		return lang.L("no reply in {{.Time}}", map[string]any{"Time": words.Exact(x.Draft.Reply)}), theme.Warn
	case x.Reply.Fault != nil:
		return problem.Explain(x.Reply.Fault).What, theme.Warn
	}
	return lang.L("reply +{{.After}}", map[string]any{"After": milliseconds(x.Reply.At.Sub(sentAt(x)))}), theme.OK
}

// replyFacts are what is known of a reply.
func replyFacts(x *outbox.Sent, now time.Time) []widgets.Fact {
	if !request(x) {
		return nil
	}
	text, _ := replyText(x, now)
	stands := fact(lang.L("Reply"), text)
	stands.Mono = false
	out := []widgets.Fact{stands}
	if r := x.Reply; replied(x) {
		out = append(out, fact(lang.L("Replied at"), r.At.Local().Format(time.DateOnly+" "+clock)), fact(lang.L("Replied from"), r.From),
			fact(lang.L("Size"), widgets.Bytes(int64(len(r.Body)))))
	}
	return out
}
