package changes

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// kinds are those of the form, in its order.
var kinds = [...]orders.Kind{orders.ToNewest, orders.ToEarliest, orders.ToTime, orders.ToOffset, orders.ByCount, orders.LikeGroup}

// form is where to: a topic, a kind of place with what it needs, and which queues.
type form struct {
	profile profile.Profile
	group   string
	topics  []string // offered, by their full names

	kind       *widgets.Segments
	topic      *widgets.Completion
	topicField *widgets.Field
	value      *widgets.Entry
	valueField *widgets.Field
	queues     *widgets.Entry
	queueField *widgets.Field
	content    fyne.CanvasObject
}

// newForm fills a form with an order; changed runs when anything on it is.
func newForm(p profile.Profile, o orders.Offsets, topics []string, changed func()) *form {
	f := &form{profile: p, group: o.Group, topics: topics}
	f.kind = widgets.NewSegments(func(int) { f.value.SetText(""); f.showKind(); changed() },
		lang.L("Newest"), lang.L("Earliest"), lang.L("A time"), lang.L("An offset"), lang.L("By a number"), lang.L("Like a group"))
	var short []string
	for _, t := range topics {
		short = append(short, p.ShortName(t))
	}
	f.topic = widgets.NewCompletion(short)
	f.topic.Mono()
	f.topic.SetText(p.ShortName(o.Topic))
	f.topicField = widgets.NewField(lang.L("Topic"), f.topic)
	f.value = widgets.NewEntry().Mono()
	f.valueField = widgets.NewField("", f.value)
	f.queues = widgets.NewEntry().Mono()
	f.queues.SetPlaceHolder(lang.L("all, or 0 2 broker-a/3"))
	f.queueField = widgets.NewField(lang.L("Queues"), f.queues)
	f.fill(o)
	f.showKind()
	for _, e := range []*widgets.Entry{&f.topic.Entry, f.value, f.queues} {
		e.OnChanged = func(string) { changed() }
	}
	f.content = container.New(&arrange.Rows{Gap: 12},
		widgets.NewField(lang.L("Go on from"), f.kind),
		container.New(&arrange.Columns{Gap: 8, Shares: []float32{3, 2, 2}}, f.topicField, f.valueField, f.queueField))
	return f
}

// fill puts an order's place and queues into the form.
func (f *form) fill(o orders.Offsets) {
	f.kind.Set(max(slices.Index(kinds[:], o.To.Kind), 0))
	switch o.To.Kind {
	case orders.ToTime:
		f.value.SetText(o.To.At.Local().Format(time.DateTime))
	case orders.ToOffset, orders.ByCount:
		f.value.SetText(strconv.FormatInt(o.To.Count, 10))
	case orders.LikeGroup:
		f.value.SetText(f.profile.ShortName(o.To.Group))
	}
	var names []string
	for _, q := range o.Queues {
		names = append(names, strings.TrimPrefix(q.String(), "/"))
	}
	f.queues.SetText(strings.Join(names, " "))
}

// showKind shows the field that the kind needs.
func (f *form) showKind() {
	caption, holder := "", ""
	switch kinds[f.kind.Selected()] {
	case orders.ToTime:
		caption, holder = lang.L("Time, or how long ago"), lang.L("15 min, or 2026-11-30 14:00")
	case orders.ToOffset:
		caption, holder = lang.L("Offset"), "0"
	case orders.ByCount:
		caption, holder = lang.L("Messages on, or back"), "+1, -100"
	case orders.LikeGroup:
		caption = lang.L("Group")
	}
	f.valueField.SetCaption(caption)
	f.value.SetPlaceHolder(holder)
	draw.Show(f.valueField, caption != "")
}

// read makes the order of what is typed; what is wrong stands at its field, and ok is
// false. A field that is empty yet says nothing.
func (f *form) read(now time.Time) (o orders.Offsets, ok bool) {
	o = orders.Offsets{Group: f.group, Topic: f.profile.FullName(strings.TrimSpace(f.topic.Text)), To: orders.Target{Kind: kinds[f.kind.Selected()]}}
	text, wrong := strings.TrimSpace(f.value.Text), ""
	f.topicField.SetError("")
	f.queueField.SetError("")
	switch o.To.Kind {
	case orders.ToTime:
		if o.To.At, ok = readTime(text, now); !ok {
			wrong = lang.L("Write 15 min or 2026-11-30 14:00:00.")
		}
	case orders.ToOffset:
		if o.To.Count, ok = readNumber(text); !ok || o.To.Count < 0 {
			ok, wrong = false, lang.L("Enter a number from 0 on.")
		}
	case orders.ByCount:
		if o.To.Count, ok = readNumber(text); !ok || o.To.Count == 0 {
			ok, wrong = false, lang.L("Enter a number such as +1 or -100.")
		}
	case orders.LikeGroup:
		o.To.Group, ok = f.profile.FullName(text), text != ""
	default:
		ok = true
	}
	if text == "" {
		wrong = ""
	}
	f.valueField.SetError(wrong)
	queues, fits := readQueues(f.queues.Text)
	if !fits {
		f.queueField.SetError(lang.L("Write numbers, or broker/number."))
	}
	o.Queues = queues
	return o, ok && fits && o.Topic != ""
}

// readTime reads a moment that has been, or one by the clock.
func readTime(text string, now time.Time) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04:05.000", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, true
		}
	}
	return words.ParsePast(text, now)
}

func readNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "", "−", "-", "＋", "+").Replace(text), 10, 64)
	return n, err == nil
}

// readQueues reads queues as they are typed: a number is that queue of every broker, whose
// name is "" then. None are all.
func readQueues(text string) (all []cluster.Queue, ok bool) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;，、", r) }) {
		broker, number, both := strings.Cut(w, "/")
		if !both {
			broker, number = "", w
		}
		id, err := strconv.Atoi(number)
		if err != nil || id < 0 {
			return nil, false
		}
		all = append(all, cluster.Queue{Broker: broker, ID: id})
	}
	return all, true
}
