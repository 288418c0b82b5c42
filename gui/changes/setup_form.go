package changes

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/widgets"
)

// setupForm is what is done to which topics or groups, and where.
type setupForm struct {
	profile profile.Profile
	seed    orders.Setup

	names       *widgets.Entry
	nameField   *widgets.Field
	numbers     [2]*widgets.Entry // queues to read and write; retries and their queues
	numberField [2]*widgets.Field
	choices     []*widgets.Select // type and permission; reading, order, broadcasting
	brokers     *widgets.Entry
	brokerField *widgets.Field
	offsets     *widgets.Check // deleted with a group
	letters     *widgets.Check
	content     fyne.CanvasObject
}

// types are those of the form, in its order, and perms what may be done with a topic.
func types() []string {
	return []string{cluster.TypeNormal, cluster.TypeFIFO, cluster.TypeDelay, cluster.TypeTransaction}
}

func perms() []int {
	return []int{cluster.PermRead | cluster.PermWrite, cluster.PermRead, cluster.PermWrite, 0}
}

// newSetupForm fills a form with an order; changed runs when anything on it is.
func newSetupForm(p profile.Profile, o orders.Setup, changed func()) *setupForm {
	f := &setupForm{profile: p, seed: o}
	f.names = widgets.NewMultiLineEntry(2).Mono()
	f.names.SetPlaceHolder(lang.L("One name, or several: one a line, or with blanks between"))
	f.nameField = widgets.NewField(nameCaption(o.Of), f.names)
	f.brokers = widgets.NewEntry().Mono()
	f.brokers.SetPlaceHolder(lang.L("all"))
	f.brokerField = widgets.NewField(lang.L("Brokers"), f.brokers)
	rows := []fyne.CanvasObject{f.nameField}
	switch {
	case o.Act == orders.Delete && o.Of == orders.Groups:
		f.offsets, f.letters = widgets.NewCheck(lang.L("With its offsets")), widgets.NewCheck(lang.L("With its retry and dead-letter topics"))
		f.offsets.SetChecked(o.Offsets)
		f.letters.SetChecked(o.Letters)
		for _, c := range []*widgets.Check{f.offsets, f.letters} {
			c.OnChanged = func(bool) { changed() }
		}
		rows = append(rows, container.NewHBox(f.offsets, f.letters))
	case o.Act != orders.Delete:
		rows = append(rows, f.settings(changed)...)
	}
	f.fill(o)
	for _, e := range f.entries() {
		e.OnChanged = func(string) { changed() }
	}
	f.content = container.New(&arrange.Rows{Gap: 12}, rows...)
	return f
}

// settings are the fields of what something is put to.
func (f *setupForm) settings(changed func()) []fyne.CanvasObject {
	captions := [2]string{lang.L("Queues to read"), lang.L("Queues to write")}
	choices := map[string][]string{}
	order := []string{lang.L("Type"), lang.L("Permission")}
	choices[order[0]] = []string{lang.L("normal"), lang.L("ordered"), lang.L("delayed"), lang.L("transactional")}
	choices[order[1]] = []string{lang.L("read and write"), lang.L("read only"), lang.L("write only"), lang.L("neither read nor write")}
	if f.seed.Of == orders.Groups {
		captions = [2]string{lang.L("Retries"), lang.L("Retry queues")}
		order = []string{lang.L("Consuming"), lang.L("Order"), lang.L("Broadcasting")}
		choices[order[0]] = []string{lang.L("on"), lang.L("off")}
		choices[order[1]] = []string{lang.L("any"), lang.L("in order (FIFO)")}
		choices[order[2]] = []string{lang.L("allowed"), lang.L("refused")}
	}
	above := []fyne.CanvasObject{}
	for i, caption := range captions {
		f.numbers[i] = widgets.NewEntry().Mono()
		f.numbers[i].SetPlaceHolder(f.open())
		f.numberField[i] = widgets.NewField(caption, f.numbers[i])
		above = append(above, f.numberField[i])
	}
	for _, name := range order {
		options := choices[name]
		if f.open() != "" {
			options = append([]string{f.open()}, options...)
		}
		s := widgets.NewSelect(options...)
		s.OnChanged = func(string) { changed() }
		f.choices = append(f.choices, s)
		above = append(above, widgets.NewField(name, s))
	}
	shares := []float32{2, 2, 3, 3}
	if f.seed.Of == orders.Groups {
		shares = []float32{2, 2, 2, 3, 3}
	}
	return []fyne.CanvasObject{container.New(&arrange.Columns{Gap: 8, Shares: shares}, above...), f.brokerField}
}

// open is what stands for a setting that is left as it is, "" where everything is said.
func (f *setupForm) open() string {
	switch {
	case f.seed.Like != "":
		return lang.L("as copied")
	case f.seed.Act == orders.Alter:
		return lang.L("as it is")
	}
	return ""
}

// fill puts an order into the form.
func (f *setupForm) fill(o orders.Setup) {
	f.take(o.Names)
	f.brokers.SetText(strings.Join(o.Brokers, " "))
	if f.numbers[0] == nil {
		return
	}
	numbers := [2]*int{o.Wish.Read, o.Wish.Write}
	usual := [2]string{"8", "8"}
	if o.Of == orders.Groups {
		numbers, usual = [2]*int{o.Wish.Retries, o.Wish.RetryQueues}, [2]string{"16", "1"}
	}
	for i, n := range numbers {
		switch {
		case n != nil:
			f.numbers[i].SetText(strconv.Itoa(*n))
		case f.open() == "":
			f.numbers[i].SetText(usual[i])
		}
	}
	for i, at := range f.chosenIn(o.Wish) {
		if at >= 0 {
			f.choices[i].SetSelectedIndex(at + f.skip())
		}
	}
}

// skip is how many options stand before those that say something.
func (f *setupForm) skip() int {
	if f.open() != "" {
		return 1
	}
	return 0
}

// chosenIn are the places of a wish in the choices, below 0 where it leaves one open.
func (f *setupForm) chosenIn(w orders.Wish) []int {
	at := func(b *bool, yes int) int {
		switch {
		case b == nil:
			return -1
		case *b:
			return yes
		}
		return 1 - yes
	}
	if f.seed.Of == orders.Groups {
		return []int{at(w.Consume, 0), at(w.Ordered, 1), at(w.Broadcast, 0)}
	}
	kind, perm := -1, -1
	for i, t := range types() {
		if w.Type != nil && *w.Type == t {
			kind = i
		}
	}
	for i, p := range perms() {
		if w.Perm != nil && *w.Perm == p {
			perm = i
		}
	}
	return []int{kind, perm}
}

// take puts names into the form.
func (f *setupForm) take(names []string) {
	var short []string
	for _, n := range names {
		short = append(short, f.profile.ShortName(n))
	}
	f.names.SetText(strings.Join(short, "\n"))
}

// entries are the fields in which something is typed.
func (f *setupForm) entries() []*widgets.Entry {
	all := []*widgets.Entry{f.names, f.brokers}
	if f.numbers[0] != nil {
		all = append(all, f.numbers[0], f.numbers[1])
	}
	return all
}

// read makes the order of what is typed; what is wrong stands at its field, and ok is false.
// A field that is empty yet says nothing.
func (f *setupForm) read() (o orders.Setup, ok bool) {
	o = orders.Setup{Of: f.seed.Of, Act: f.seed.Act, Like: f.seed.Like}
	seen := map[string]bool{}
	for _, w := range splitNames(f.names.Text) {
		if n := f.profile.FullName(w); !seen[n] {
			seen[n] = true
			o.Names = append(o.Names, n)
		}
	}
	if f.offsets != nil {
		o.Offsets, o.Letters = f.offsets.Checked, f.letters.Checked
	}
	if f.numbers[0] == nil {
		return o, len(o.Names) > 0
	}
	o.Brokers = splitNames(f.brokers.Text)
	a, fits := f.number(0)
	b, also := f.number(1)
	if f.seed.Of == orders.Groups {
		o.Wish.Retries, o.Wish.RetryQueues = a, b
		o.Wish.Consume, o.Wish.Ordered, o.Wish.Broadcast = f.yes(0, 0), f.yes(1, 1), f.yes(2, 0)
	} else {
		o.Wish.Read, o.Wish.Write = a, b
		if i := f.chosen(0); i >= 0 {
			o.Wish.Type = &types()[i]
		}
		if i := f.chosen(1); i >= 0 {
			o.Wish.Perm = &perms()[i]
		}
	}
	return o, fits && also && len(o.Names) > 0 && (o.Act != orders.Alter || o.Wish != orders.Wish{})
}

// mostTyped bounds the numbers of the form.
const mostTyped = 10_000

// number is what stands in a field, nil where nothing does and nothing need.
func (f *setupForm) number(i int) (n *int, ok bool) {
	text := strings.TrimSpace(f.numbers[i].Text)
	f.numberField[i].SetError("")
	if text == "" {
		return nil, f.open() != ""
	}
	least := 1
	if f.seed.Of == orders.Groups {
		least = 0
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < least || v > mostTyped {
		f.numberField[i].SetError(lang.L("{{.Least}} to 10,000", map[string]any{"Least": widgets.Count(least)}))
		return nil, false
	}
	return &v, true
}

// chosen is the place of what is chosen, below 0 where it is left open.
func (f *setupForm) chosen(i int) int { return f.choices[i].SelectedIndex() - f.skip() }

// yes reads a choice of two, of which one place says yes.
func (f *setupForm) yes(i, yes int) *bool {
	at := f.chosen(i)
	if at < 0 {
		return nil
	}
	is := at == yes
	return &is
}

// splitNames reads names as they are typed or pasted.
func splitNames(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;，、；", r) })
}
