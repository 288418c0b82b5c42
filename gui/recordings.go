package gui

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/msglist"
	"gantry/gui/settings"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// others are the ids of the connections that there are.
func (w *Window) others() (ids []string) {
	for _, p := range w.all() {
		ids = append(ids, p.ID)
	}
	return ids
}

// keep keeps what a list of this connection shows as a recording.
func (s *workspace) keep(topic string, from msglist.Listed) {
	of := session.Recording{
		Name: strings.TrimSpace(topic + " " + time.Now().Format("2006-01-02 15:04")), Profile: s.profile.ID, ProfileName: s.profile.Name,
		Production: s.profile.Environment == profile.Production,
	}
	if topic != "" {
		of.Topic = s.profile.FullName(topic)
	}
	if o := from.Origin(); o.Profile != "" { // of a list from earlier, perhaps another one's
		of.Profile, of.Production = o.Profile, o.Production
	}
	s.shell.keep(of, from)
}

// keep asks for a name and keeps what a list shows as a recording.
func (w *Window) keep(of session.Recording, from msglist.Listed) {
	if from.Most() == 0 {
		w.say(lang.L("The list shows nothing that could be kept."))
		return
	}
	w.askRecording(lang.L("Keep as a recording"), of, func(of session.Recording) {
		var skipped msglist.Skipped
		w.record(of, func(ctx context.Context, progress func(string), to *session.Recorder) (err error) {
			skipped, err = from.Records(ctx, func(n uint64) {
				progress(widgets.Count(n) + " / " + widgets.Count(from.Most())) // no words: they are the main goroutine's
			}, func(rec *message.Record, _ *message.Message) error { return to.Add(rec) })
			return err
		}, func() []string { return skipped.Words() })
	}, nil)
}

// askRecording asks for a name, and of production whether it stays.
func (w *Window) askRecording(title string, of session.Recording, then func(session.Recording), cancel func()) {
	name := widgets.NewEntry()
	name.SetText(of.Name)
	fields := []fyne.CanvasObject{widgets.NewField(lang.L("Name"), name)}
	stays := widgets.NewCheck(lang.L("Keep it until I delete it"))
	if of.Production {
		about := widgets.NewParagraph(lang.L("Messages of production stay on this computer, in files that only you can read. They go after 7 days, unless they are kept."), theme.Muted)
		fields = append(fields, about.Object(), stays)
	}
	d := confirm.Show(w.win.Canvas(), confirm.Question{
		Title: title, Details: container.New(&arrange.Rows{Gap: 10, Width: 440}, fields...), Cancel: lang.L("Cancel"), OnCancel: cancel,
		Choices: []widgets.Choice{{Text: lang.L("Keep"), Kind: widgets.Primary, Do: func() {
			if typed := strings.TrimSpace(name.Text); typed != "" {
				of.Name = typed
			}
			of.Keep = stays.Checked
			then(of)
		}}},
	})
	name.OnEnter, name.OnEscape = d.Accept, d.Cancel
	w.win.Canvas().Focus(name)
}

// recordFrom adds what is to be recorded. It blocks.
type recordFrom func(ctx context.Context, progress func(string), to *session.Recorder) error

// errNothingKept: nothing was added to a recording, so that none is made.
var errNothingKept = errors.New("nothing to keep")

// record writes a recording, which can be cancelled, and says what came of it; left says
// what was left out.
func (w *Window) record(of session.Recording, from recordFrom, left func() []string) {
	var made session.Leftover
	w.tasks.Job(lang.L("Keep {{.Name}}", map[string]any{"Name": of.Name}), func(ctx context.Context, progress func(string)) error {
		r, err := w.client.Sessions.Record(of)
		if err != nil {
			return err
		}
		if err = from(ctx, progress, r); err == nil && r.Added() == 0 {
			err = errNothingKept
		}
		if err != nil {
			return errors.Join(err, r.Drop())
		}
		made, err = r.End()
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
			w.say(lang.L("Nothing was kept."))
		case errors.Is(err, errNothingKept):
			w.toasts.Say(words.Sentences(append([]string{lang.L("Nothing was kept.")}, left()...)...), true, "", nil)
		case err != nil:
			w.fail(err)
		default:
			w.recorded()
			kept := lang.N("Kept {{.Count}} messages as {{.Name}}.", int(made.Messages), map[string]any{"Count": widgets.Count(made.Messages), "Name": made.Name})
			w.toasts.Say(words.Sentences(append([]string{kept}, left()...)...), false, lang.L("Open"), func() { w.openRecording(made) })
		}
	})
}

// recorded tells the connections that there is another recording, or one less.
func (w *Window) recorded() {
	for _, s := range w.spaces {
		s.subscribe.Recorded()
	}
}

// openRecording shows a recording in its connection, or in this one where that is gone.
func (w *Window) openRecording(l session.Leftover) {
	if l.Profile != w.chosen && w.profile(l.Profile) != nil {
		w.choose(l.Profile)
	}
	if s := w.space(); s != nil {
		s.tabs.Select(tabSubscribe)
		s.subscribe.OpenRecording(l)
	}
}

// recordings counts the recordings of each connection, and the lists that are left from
// earlier.
func (w *Window) recordings(done func([]settings.Recorded)) {
	known := w.knownSubscriptions()
	task.Ask(w.tasks, w.scope, "recordings", func(context.Context) ([]session.Leftover, error) {
		return w.client.Sessions.Leftovers(known)
	}, func(all []session.Leftover, err error) {
		if err != nil {
			w.fail(err)
			return
		}
		by := map[string]settings.Recorded{}
		for _, l := range all {
			r := by[l.Profile]
			if r.Name = l.ProfileName; r.Name == "" {
				r.Name = l.Profile
			}
			if p := w.profile(l.Profile); p != nil {
				r.Name = p.Name
			}
			r.Profile, r.Lists, r.Messages, r.Bytes = l.Profile, r.Lists+1, r.Messages+l.Messages, r.Bytes+l.Bytes
			by[l.Profile] = r
		}
		done(slices.SortedFunc(maps.Values(by), func(a, b settings.Recorded) int { return strings.Compare(a.Name, b.Name) }))
	})
}

// askDeleteRecordings asks whether all recordings of a connection shall go; then runs when
// they have.
func (w *Window) askDeleteRecordings(of settings.Recorded, then func()) {
	known := w.knownSubscriptions()
	data := map[string]any{"Name": of.Name, "Count": widgets.Count(of.Lists), "Size": widgets.Bytes(of.Bytes)}
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title: lang.N("Delete {{.Count}} recordings of {{.Name}}?", of.Lists, data),
		Body:  lang.L("{{.Size}} go from this computer, also what was kept. The messages stay at the broker.", data), Cancel: lang.L("Cancel"), Danger: true,
		Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() {
			w.tasks.Job(lang.L("Delete recordings"), func(context.Context, func(string)) error {
				all, err := w.client.Sessions.Leftovers(known)
				for _, l := range all {
					if l.Profile == of.Profile {
						err = errors.Join(err, w.client.Sessions.DeleteLeftover(l.ID))
					}
				}
				return err
			}, func(err error) {
				w.fail(err)
				w.recorded()
				then()
			})
		}}},
	})
}
