package browse

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// What a search of production reads without a question: so many messages and bytes.
const (
	littleMessages = 1_000
	littleBytes    = 10 << 20
)

func foreseen(ctx context.Context, conn *client.Connection, q cluster.Query) (cluster.Cost, error) {
	return conn.Foresee(ctx, q)
}

// weighs tells whether it is said before a search what it reads: of production, where what
// is asked for does not bound it.
func (s *Screen) weighs(q cluster.Query) bool {
	return s.p.Profile.Environment == profile.Production && (q.Kind == cluster.ByTime || q.Kind == cluster.Newest)
}

// weigh asks what a search would read, says it, and begins the search once that is agreed
// to; a small one begins at once.
func (s *Screen) weigh(conn *client.Connection, q cluster.Query, locate bool) {
	task.Ask(s.p.Tasks, s.scope, "search", func(ctx context.Context) (cluster.Cost, error) {
		return s.foresee(ctx, conn, q)
	}, func(cost cluster.Cost, err error) {
		switch {
		case err != nil:
			s.notBegun(err)
		case cost.Messages <= littleMessages && cost.Bytes <= littleBytes && len(cost.Missed) == 0:
			s.put(conn, q, locate)
		default:
			s.askCost(cost, func() {
				if s.p.Conn() != conn { // it was closed meanwhile
					s.notBegun(nil)
					return
				}
				s.put(conn, q, locate)
				s.update()
			})
		}
		s.update()
	})
}

// notBegun says why a search did not begin, nil where the user gave it up. What was found
// before stays.
func (s *Screen) notBegun(err error) {
	s.starting, s.failed = false, err
	if err != nil {
		s.form.put(err)
	}
	s.update()
}

// askCost says what a search will read.
func (s *Screen) askCost(cost cluster.Cost, agreed func()) {
	data := map[string]any{
		"Count": widgets.Count(uint64(cost.Messages)), "Size": widgets.Bytes(cost.Bytes), "Queues": widgets.Count(cost.Queues), "Brokers": widgets.Count(cost.Brokers),
		"Pace": widgets.Bytes(client.ProductionPace),
	}
	said := []string{lang.N("That is about {{.Size}} from {{.Queues}} queues of {{.Brokers}} brokers.", cost.Brokers, data)}
	if atPace := time.Duration(float64(cost.Bytes) / float64(client.ProductionPace*max(cost.Brokers, 1)) * float64(time.Second)); atPace >= time.Second {
		data["Time"] = words.Span(atPace.Round(time.Second))
		said = append(said, lang.L("At most {{.Pace}} a second are read of each broker, so it takes {{.Time}} or more.", data))
	} else {
		said = append(said, lang.L("At most {{.Pace}} a second are read of each broker.", data))
	}
	said = append(said, lang.L("A replica is read where one is there and takes pulls. Nothing is consumed."))
	var missing fyne.CanvasObject
	if len(cost.Missed) > 0 {
		missing = widgets.NewParagraph(lang.L("Messages of {{.Name}} will be missing: they do not tell what they have.", map[string]any{
			"Name": strings.Join(brokersOf(cost.Missed), lang.L(", ")),
		}), theme.Warn).Object()
	}
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title: lang.N("Read about {{.Count}} messages of production?", int(cost.Messages), data), Body: words.Sentences(said...), Details: missing,
		Cancel: lang.L("Cancel"), OnCancel: func() { s.notBegun(nil) },
		Choices: []widgets.Choice{{Text: lang.L("Search"), Kind: widgets.Primary, Do: agreed}},
	})
}
