package profiles

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/mask"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// masks is the section of the form about what is masked where messages leave production. It is
// seen for a profile of production only.
type masks struct {
	f                     *form
	content               *fyne.Container
	phone, identity, card *widgets.Check
	paths, properties     *widgets.Entry
}

func newMasks(f *form, p profile.Profile) *masks {
	m := &masks{f: f}
	rules := mask.All()
	if p.Masks != nil {
		rules = *p.Masks
	}
	check := func(text string, on bool) *widgets.Check {
		c := widgets.NewCheck(text)
		c.SetChecked(on)
		c.OnChanged = func(bool) { f.e.changed() }
		c.OnFocus = func() { f.e.reveal(c) }
		return c
	}
	m.phone = check(lang.L("Phone numbers"), rules.Phone)
	m.identity = check(lang.L("Chinese identity numbers"), rules.Identity)
	m.card = check(lang.L("Bank cards"), rules.Card)
	entry := func(field profile.Field, caption, holder string, names []string) *widgets.Entry {
		e := widgets.NewMultiLineEntry(2).Mono()
		e.SetPlaceHolder(holder)
		e.SetText(strings.Join(names, "\n"))
		f.put(field, caption, e)
		f.passTab(e)
		return e
	}
	m.paths = entry(profile.FieldMaskPaths, lang.L("JSON paths, one per line"), ".order.buyer.name", rules.Paths)
	m.properties = entry(profile.FieldMaskProperties, lang.L("Properties, one per line"), "customer", rules.Properties)
	note := widgets.NewParagraph(lang.L("Where messages are sent again to another environment, these become others of the same form, equal ones the same. It needs no word to be typed then."), theme.Muted)
	m.content = container.New(&arrange.Rows{Gap: 10},
		widgets.NewRule(), widgets.NewWord(lang.L("Masked on the way out of production"), theme.Text).Bold(),
		container.New(&arrange.Columns{Gap: 12}, m.phone, m.identity, m.card),
		two(f.fields[profile.FieldMaskPaths], f.fields[profile.FieldMaskProperties]), note.Object())
	return m
}

// read returns what is typed, nil where nothing is to be masked by it.
func (m *masks) read(of profile.Environment) *mask.Rules {
	if of != profile.Production {
		return nil
	}
	return &mask.Rules{
		Phone: m.phone.Checked, Identity: m.identity.Checked, Card: m.card.Checked,
		Paths: profile.ParseNames(m.paths.Text), Properties: profile.ParseNames(m.properties.Text),
	}
}

// explain follows the environment.
func (m *masks) explain(of profile.Environment) { draw.Show(m.content, of == profile.Production) }
