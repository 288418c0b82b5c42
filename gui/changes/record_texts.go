package changes

import (
	"fmt"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// recordSubject is what a record of the diary is about.
func recordSubject(r *orders.Record, short func(string) string) string {
	switch {
	case isOther(r):
		return short(r.Group())
	case !r.Lifted.IsZero():
		return lang.L("read-only lifted")
	case r.Resume != nil:
		return short(r.Group())
	case r.Setup == nil:
		return short(r.Order.Group)
	case len(r.Setup.Names) == 0:
		return ""
	case len(r.Setup.Names) == 1:
		return partText(r.Setup.Names[0], firstKey(r.Setup.Keys), short)
	}
	return lang.L("{{.Name}} and {{.Count}} more", map[string]any{"Name": short(r.Setup.Names[0]), "Count": widgets.Count(len(r.Setup.Names) - 1)})
}

// firstKey is the first of some rights, none where there is none.
func firstKey(keys []cluster.RightKey) (k cluster.RightKey) {
	if len(keys) > 0 {
		k = keys[0]
	}
	return k
}

// recordChange is what a record did.
func recordChange(r *orders.Record, short func(string) string) string {
	switch {
	case isOther(r):
		return otherWord(r)
	case !r.Lifted.IsZero():
		return lang.L("until {{.Time}}", map[string]any{"Time": r.Lifted.Local().Format("15:04")})
	case r.Resume != nil:
		return lang.L("back to checking")
	case r.Setup == nil:
		return targetText(r.Order.To, short)
	}
	return setupTitle(*r.Setup)
}

// doneCells are part i of a record.
func doneCells(r *orders.Record, i int, ended bool, short func(string) string) []widgets.Item {
	q := r.Queues[i]
	if r.Resume != nil {
		return []widgets.Item{{Text: q.Name}, {Text: short(r.Resume.Halves[i].Topic)}, {Text: q.Broker, Tint: theme.Muted}, {}, stateItem(q, ended)}
	}
	if r.Setup == nil {
		return []widgets.Item{{Text: fmt.Sprintf("%s · %d", q.Broker, q.Queue)}, {Text: offsetText(q.From)}, {Text: offsetText(q.To)}, {}, stateItem(q, ended)}
	}
	was, then := settingTexts(q.Was, q.Put)
	put := widgets.Item{Text: withPassword(then, q.Password)}
	if q.Put == nil {
		put = widgets.Item{Text: lang.L("deleted"), Tint: theme.Muted}
	}
	return []widgets.Item{
		{Text: partText(q.Name, q.Key, short)}, {Text: brokerText(q.Broker), Tint: theme.Muted}, {Text: was, Tint: theme.Muted}, put, stateItem(q, ended),
	}
}
