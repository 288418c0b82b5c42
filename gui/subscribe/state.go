package subscribe

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/problem"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// stateWords says what a subscription does.
func stateWords(st session.Status, spec profile.Subscription) (string, widgets.DotState) {
	switch st.State {
	case session.Checking:
		return lang.L("Asking the broker"), widgets.DotBusy
	case session.Joining:
		if spec.Follow {
			return lang.L("Starting to read"), widgets.DotBusy
		}
		return lang.L("Joining the group"), widgets.DotBusy
	case session.Receiving:
		if spec.Follow {
			return lang.L("Following · no group is joined"), widgets.DotOn
		}
		return lang.L("Receiving"), widgets.DotOn
	case session.Skipping:
		return lang.L("Skipping to the start, {{.Count}} to go", count(st.ToGo)), widgets.DotBusy
	case session.Paused:
		return pausedWords(st, spec), widgets.DotWarn
	case session.Blocked:
		return blockedWords(st, spec), widgets.DotError
	case session.Troubled:
		return lang.L("Trying again…"), widgets.DotError
	case session.Restarting:
		return lang.L("Starting again…"), widgets.DotError
	case session.Stopping:
		return lang.L("Stopping…"), widgets.DotBusy
	}
	return lang.L("Stopped"), widgets.DotOff
}

// pausedWords says what waits, as far as that is known: the worker holds few of the
// messages, how many more the broker has nobody tells.
func pausedWords(st session.Status, spec profile.Subscription) string {
	switch {
	case spec.Follow && st.Waiting > 0:
		return lang.L("Paused · {{.Count}} or more wait", count(st.Waiting))
	case spec.Follow:
		return lang.L("Paused · reading waits")
	case spec.Broadcast:
		return lang.L("Paused · messages wait at the broker")
	}
	return lang.L("Paused · messages wait at the broker · other members do not get these queues")
}

func blockedWords(st session.Status, spec profile.Subscription) string {
	full := errors.Is(st.Err, fault.JournalFull)
	switch {
	case spec.Follow && full:
		return lang.L("List full · reading waits")
	case spec.Follow:
		return lang.L("Disk full · reading waits")
	case full:
		return lang.L("List full · messages wait at the broker")
	}
	return lang.L("Disk full · messages wait at the broker")
}

func count(n int64) map[string]any { return map[string]any{"Count": widgets.Count(uint64(max(n, 0)))} }

// bannerLook is what the banner says; no words, no banner.
type bannerLook struct {
	failed  bool
	follow  bool // following instead is offered
	skip    bool // setting the group past a message is offered
	words   string
	details string // what its button copies
}

// bannerOf tells what must be said above the list.
func bannerOf(b *sub) bannerLook {
	err := b.failed
	switch b.st.State {
	case session.Troubled, session.Restarting, session.Blocked:
		err = b.st.Err
	case session.Stopped:
		// What ended it, unless a field says so.
		if err == nil && b.st.Err != nil && !b.placed && !b.starting {
			err = b.st.Err
		}
	}
	if err != nil {
		p := problem.Explain(err)
		if b.st.State == session.Blocked {
			p.What = lang.L("New messages cannot be written and wait unanswered: {{.Reason}}", map[string]any{"Reason": fault.Words(err)})
			if b.spec.Follow {
				p.What = lang.L("New messages cannot be written; reading waits: {{.Reason}}", map[string]any{"Reason": fault.Words(err)})
			}
			p.Do = lang.L("Free some space; it goes on by itself.")
		}
		return bannerLook{failed: true, skip: b.stuck(), words: p.Text(), details: p.Details}
	}
	if b.archive {
		return bannerLook{}
	}
	if b.forbidden() != nil {
		return bannerLook{follow: true, words: lang.L("This connection is read-only: it joins no group.")}
	}
	if said := followWords(b); said != "" {
		return bannerLook{words: said}
	}
	if b.st.Gap > 0 {
		return bannerLook{follow: true, words: lang.N("{{.Count}} messages from the start on are missing: the cluster began later than it was asked to, or had deleted them. Following reads what is still there.", int(b.st.Gap), count(b.st.Gap))}
	}
	return groupBanner(b)
}

// followWords say what a follow has left out, or goes on with; "" for nothing.
func followWords(b *sub) string {
	var said []string
	if b.spec.Follow && b.st.Missed > 0 {
		said = append(said, lang.N("{{.Count}} messages were deleted by the broker before they could be read.", int(b.st.Missed), count(b.st.Missed)))
	}
	if b.st.GaveUp.Count > 0 {
		said = append(said, words.GaveUp(b.st.GaveUp))
	}
	if b.outdated && b.running() {
		said = append(said, lang.L("The format of these bodies has changed: the filter reads them as before until it is started again."))
	}
	return words.Sentences(said...)
}

// groupBanner says who else reads in the group, and what a start waits for.
func groupBanner(b *sub) bannerLook {
	if b.static() {
		return bannerLook{follow: !b.running(), words: lang.L("This is a static topic, whose queues move between brokers: members of a group here cannot take them. Follow reads it.")}
	}
	n, held := b.others(), b.isHeld()
	if n == 0 && !held {
		return bannerLook{}
	}
	data := map[string]any{"Count": widgets.Count(n)}
	var said []string
	broadcast := b.group.state.Broadcast && n > 0 && !b.running() // to each of them, whoever else reads
	switch {
	case broadcast:
		said = append(said, lang.N("{{.Count}} other members read in this group.", n, data))
	case n > 0 && b.running():
		said = append(said, lang.N("{{.Count}} other members read in this group; you take messages from them.", n, data))
	case n > 0:
		said = append(said, lang.N("{{.Count}} other members read in this group; you would take messages from them.", n, data))
	case b.hasPosition():
		said = append(said, lang.L("This group has read here before: it goes on from its own position, and where to start cannot be chosen."))
	}
	if names := b.otherNames(); n > 0 && names != "" {
		said = append(said, lang.L("Members: {{.Members}}.", map[string]any{"Members": names}))
	}
	switch theirs, differs := b.differ(); {
	case broadcast:
		said = append(said, lang.L("They receive by broadcasting, and this form does not: all members of a group must use the same model, or messages are lost."))
	case n > 0 && differs:
		data["Theirs"] = theirs
		said = append(said, lang.L("They subscribe differently ({{.Theirs}}): all members of a group must subscribe the same, or messages are lost.", data))
	}
	if held {
		said = append(said, lang.L("Nothing is joined yet. Press Start again to join."))
	}
	return bannerLook{follow: !b.running(), words: words.Sentences(said...)}
}

// emptyLook is what stands where no message is.
type emptyLook struct{ title, line string }

func emptyOf(b *sub) emptyLook {
	switch st := b.st; {
	case b.archive:
		return emptyLook{lang.L("Nothing is kept in this list"), ""}
	case b.running() && (st.State == session.Receiving || st.State == session.Skipping) && b.filter() != "":
		return emptyLook{lang.L("Connected, no message fits the filter yet"), lang.L("Only messages that fit “{{.Filter}}” come. Stop to change it, send such a message, or start from an earlier time.", map[string]any{"Filter": b.filter()})}
	case b.running() && (st.State == session.Receiving || st.State == session.Skipping):
		return emptyLook{lang.L("Connected, no message yet"), lang.L("Send one from the Send tab, or start from an earlier time.")}
	case b.running() && st.State == session.Paused:
		return emptyLook{lang.L("Paused, no message yet"), lang.L("Resume lets in what waits.")}
	case b.running() && b.spec.Follow && (st.State == session.Checking || st.State == session.Joining):
		return emptyLook{lang.L("Starting to read"), lang.L("Messages appear here as they arrive.")}
	case b.running() && (st.State == session.Checking || st.State == session.Joining):
		return emptyLook{lang.L("Joining the group"), lang.L("Messages appear here as they arrive.")}
	case b.running():
		return emptyLook{lang.L("No message yet"), lang.L("It goes on by itself once the trouble above is over.")}
	case b.spec.Follow && b.live != nil && st.Received > 0 && b.spec.From == profile.FromNow:
		return emptyLook{lang.L("Stopped, no message kept"), lang.L("Start reads what comes from then on.")}
	case b.spec.Follow && b.live != nil && st.Received > 0:
		return emptyLook{lang.L("Stopped, no message kept"), lang.L("Start goes on where it stopped.")}
	case b.spec.Follow:
		return emptyLook{lang.L("Watch a topic"), lang.L("Following reads without joining a group, so nobody loses a message.")}
	case b.live != nil && st.Received > 0, b.st.OwnPosition:
		return emptyLook{lang.L("Stopped, no message kept"), lang.L("Start goes on where the group stopped.")}
	case b.spec.OwnGroup:
		return emptyLook{lang.L("Watch a topic"), lang.L("Starting joins a group of its own; other groups lose nothing.")}
	}
	return emptyLook{lang.L("Watch a topic"), lang.L("Starting joins the group; its members share the messages.")}
}

// filter is the expression, cut to what a line has room for; "" where all messages
// fit.
func (b *sub) filter() string {
	const most = 60
	e := strings.TrimSpace(b.spec.Expression)
	if e == "*" && !b.spec.Any {
		return ""
	}
	if r := []rune(e); len(r) > most {
		return string(r[:most]) + "…"
	}
	return e
}
