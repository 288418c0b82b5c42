package browse

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/gui/problem"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// read makes the query of what is typed; where something is wrong, errs say so.
func (f *form) read(now time.Time) (cluster.Query, bool) {
	clear(f.errs)
	q := cluster.Query{Topic: strings.TrimSpace(f.topic.Text)}
	switch err := message.CheckTopic(f.s.p.Profile.FullName(q.Topic)); {
	case q.Topic == "" && f.kind() == cluster.ByID:
	case q.Topic == "":
		f.errs[f.topic] = lang.L("Enter a topic.")
	case err != nil:
		f.errs[f.topic] = problem.Explain(err).What
	}
	switch f.kind() {
	case cluster.ByTime:
		q.Kind = cluster.ByTime
		f.readTimes(&q, now)
		q.Tags, q.Filter = cluster.Tags(f.tag.Text), strings.TrimSpace(f.fits.Text)
		_, err := filter.Parse(f.fits.Text, now)
		if f.fits.MarkWrong(err); err != nil {
			f.errs[f.fits] = words.Filter(err)
		}
		q.Limit, q.Most = limits[max(f.limit.SelectedIndex(), 0)], mosts[max(f.most.SelectedIndex(), 0)]
	case cluster.ByKey:
		q.Kind, q.Key = cluster.ByKey, f.need(f.key, lang.L("Enter a key."))
	case cluster.ByID:
		q.Kind, q.Key = cluster.ByID, f.need(f.id, lang.L("Enter a message id."))
	case cluster.ByOffset:
		q.Kind, q.Count = cluster.ByOffset, counts[max(f.count.SelectedIndex(), 0)]
		f.readPlace(&q)
	default:
		q.Kind, q.Count = cluster.Newest, counts[max(f.count.SelectedIndex(), 0)]
	}
	if f.pulls() {
		q.Group = strings.TrimSpace(f.group.Text)
		if err := message.CheckGroup(f.s.p.Profile.FullName(q.Group)); q.Group != "" && err != nil {
			f.errs[f.group] = problem.Explain(err).What
		}
	}
	return q, len(f.errs) == 0
}

func (f *form) need(e *widgets.Entry, missing string) string {
	text := strings.TrimSpace(e.Text)
	if text == "" {
		f.errs[e] = missing
	}
	return text
}

// fill puts a query into the form.
func (f *form) fill(q cluster.Query) {
	f.filling = true
	defer func() { f.filling = false }()
	clear(f.errs)
	f.own = true
	f.topic.Close()
	f.topic.SetText(f.s.p.Profile.ShortName(q.Topic))
	if q.Group != "" {
		f.group.SetText(f.s.p.Profile.ShortName(q.Group))
	}
	for i, k := range kinds {
		if k == q.Kind {
			f.mode.Set(i)
			f.showCount()
		}
	}
	switch q.Kind {
	case cluster.ByTime:
		f.from.SetText(timeText(q.From))
		f.to.SetText(timeText(q.To))
		f.tag.SetText(strings.Join(q.Tags, " || "))
		f.fits.SetText(q.Filter)
	case cluster.ByKey:
		f.key.SetText(q.Key)
	case cluster.ByID:
		f.id.SetText(q.Key)
	case cluster.ByOffset:
		f.queue.SetText(q.Queue.String())
		f.start.SetText(strconv.FormatInt(q.Offset, 10))
	}
	for i, n := range counts {
		if n == q.Count {
			f.count.SetSelectedIndex(i)
		}
	}
	for i, n := range limits {
		if n == q.Limit {
			f.limit.SetSelectedIndex(i)
		}
	}
	if i := slices.Index(mosts[:], q.Most); i >= 0 {
		f.most.SetSelectedIndex(i)
	}
}
