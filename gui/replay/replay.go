// Package replay sends messages again that lie somewhere: what a list shows, or what was
// exported. It copies them, shows on a sheet where they come from and where they go, asks,
// and begins a run. What lies in a retry or dead-letter topic is redelivered: each message is
// marked with where it lay, who gets them is said, and those that were redelivered before are
// left out.
//
// Everything here runs on Fyne's main goroutine. Copying is a job, which Cancel ends;
// looking at a target is a query of the sheet, which each change of it supersedes: nothing
// can be agreed to that was not looked at as it stands.
package replay

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Connection is what a replay needs of an open connection. All calls block.
type Connection interface {
	Lookup(ctx context.Context, topic string) (exists, creates bool, err error)
	Prepare(ctx context.Context, p *plan.Plan) error
	Begin(p *plan.Plan, yes client.Confirmed, fill func(name string) error) (*outbox.Run, error)
	// GroupsOfTopic and Redelivered are asked where dead letters are redelivered.
	GroupsOfTopic(ctx context.Context, topic string) ([]string, cluster.Missing, error)
	Redelivered(ctx context.Context, from string, since time.Time, targets []string) (*client.Redelivered, error)
	// RetriesOf is asked where only the group is to have them.
	RetriesOf(ctx context.Context, group string) (insight.Retries, error)
}

// Target is an open connection that may send.
type Target struct {
	Profile profile.Profile
	Conn    Connection
	Topics  []string // that are known, by their full names
	Group   string   // the producer group
}

// Source are messages that are to be sent again.
type Source struct {
	// Name says what they are: a topic, a file.
	Name string
	// Profile is that of the connection over which they came; nil where nobody knows.
	Profile *profile.Profile
	// Picked: somebody chose them one by one; else they are all that there is.
	Picked bool
	// Origin, if set, says once Each has ended where they come from as far as they know it:
	// Profile is nil then.
	Origin func() message.Export
	// Most is how many there are at most, 0 where that is not known.
	Most uint64
	// Each hands them over, as msglist.Listed has it.
	Each func(ctx context.Context, progress func(looked uint64), do func(*message.Message) error) (msglist.Skipped, error)
}

// Params are what Open needs.
type Params struct {
	Tasks  *task.Runner
	Window fyne.Window
	// Copy copies messages, see outbox.Store.
	Copy func(each func(add func(*message.Message) error) error) (*outbox.Copied, error)
	// Targets are the connections that may send now.
	Targets func() []Target
	// Profiles are the user's.
	Profiles func() []profile.Profile
	// EnvWord is the word of an environment.
	EnvWord func(profile.Environment) string
	// Begun shows a run over the connection of a profile.
	Begun func(profileID string, r *outbox.Run)
	Fail  func(error)
	Say   func(string)
}

// Open copies messages and shows the sheet, or says why nothing can be sent.
func Open(p Params, from Source) {
	if len(p.Targets()) == 0 {
		p.Say(lang.L("No open connection may send. Connect first."))
		return
	}
	var copied *outbox.Copied
	var skipped msglist.Skipped
	var lie lies
	p.Tasks.Job(lang.L("Copy messages to send them again"), func(ctx context.Context, progress func(string)) (err error) {
		copied, err = p.Copy(func(add func(*message.Message) error) (err error) {
			skipped, err = from.Each(ctx, func(n uint64) {
				text := widgets.Count(n) // no words: they are the main goroutine's
				if from.Most > 0 {
					text += " / " + widgets.Count(from.Most)
				}
				progress(text)
			}, func(m *message.Message) error { return lie.add(m, add) })
			return err
		})
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			p.Fail(err)
		case copied.Messages == 0:
			p.Say(nothing(copied, skipped))
			discard(p, copied)
		default:
			from.know(p.Profiles)
			show(p, from, lie, copied, skipped)
		}
	})
}

// know finds the profile of messages of production that say so themselves: what they are is
// what they were when they were exported, whatever became of the profile.
func (s *Source) know(profiles func() []profile.Profile) {
	if s.Profile != nil || s.Origin == nil || !s.Origin().Production {
		return
	}
	s.Profile = &profile.Profile{ID: s.Origin().Profile}
	if profiles != nil {
		for _, p := range profiles() {
			if p.ID == s.Profile.ID {
				s.Profile = &p
			}
		}
	}
	s.Profile.Environment = profile.Production
}

// named is the source as people know it.
func (s *Source) named() string {
	if s.Profile == nil || s.Profile.Name == "" {
		return s.Name
	}
	return s.Profile.Name + " · " + s.Name
}

// nothing says why there is nothing to send.
func nothing(c *outbox.Copied, s msglist.Skipped) string {
	n := uint64(c.Out) + s.Gone + s.Damaged + s.Hidden
	if n == 0 {
		return lang.L("There is no message to send again.")
	}
	text := lang.N("{{.Count}} messages cannot be sent again.", int(n), map[string]any{"Count": widgets.Count(n)})
	if len(c.First) > 0 {
		text = words.Sentences(text, reason(c.First[0].Why))
	}
	return text
}

// discard deletes a copy that no run has taken.
func discard(p Params, c *outbox.Copied) {
	p.Tasks.Job(lang.L("Delete the copy"), func(context.Context, func(string)) error { return c.Close() }, func(err error) {
		if err != nil {
			p.Fail(err)
		}
	})
}
