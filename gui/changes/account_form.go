package changes

import (
	"crypto/rand"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// orderForm is what is filled in of an order; nothing of it is a question to anybody.
type orderForm interface {
	object() fyne.CanvasObject
	first() fyne.Focusable
	// entries are the fields in which something is typed.
	entries() []*widgets.Entry
	// read makes the order of what is typed; what is wrong stands at its field, and ok is false.
	read() (o orders.Setup, ok bool)
	take(names []string)
	// offer says which brokers there are.
	offer(brokers []string)
	// forget drops what nobody shall see again.
	forget()
}

var (
	_ orderForm = (*setupForm)(nil)
	_ orderForm = (*accountForm)(nil)
)

// accountForm is what is done to users, or to rights of theirs. Of an order whose parts are
// given it asks for the password alone.
type accountForm struct {
	seed orders.Setup

	names *widgets.Entry

	password      *widgets.Entry
	passwordField *widgets.Field
	choices       []*widgets.Select // type and state; decision and when it counts

	kind      *widgets.Select // of the resource; nil where it is given
	name      *widgets.Entry
	nameField *widgets.Field
	prefix    *widgets.Check
	actions   []*widgets.Check
	from      *widgets.Entry
	fromField *widgets.Field

	brokers     *widgets.Entry
	brokerField *widgets.Field
	content     fyne.CanvasObject
}

// needsPassword tells whether users get one by an order.
func needsPassword(o orders.Setup) bool {
	return o.Of == orders.Users && (o.Act == orders.Create || o.Act == orders.Alter && o.Wish.Password)
}

// newAccountForm fills a form with an order; changed runs when anything on it is, and copied
// when a password was made, which it puts where it is told.
func newAccountForm(o orders.Setup, changed func(), copied func(password string)) *accountForm {
	f := &accountForm{seed: o}
	f.names = widgets.NewEntry().Mono()
	f.names.SetText(strings.Join(o.Names, " "))
	f.brokers = widgets.NewEntry().Mono()
	f.brokers.SetPlaceHolder(lang.L("all"))
	f.brokers.SetText(strings.Join(o.Brokers, " "))
	f.brokerField = widgets.NewField(lang.L("Brokers"), f.brokers)
	users := widgets.NewField(lang.L("Users"), f.names)
	var rows []fyne.CanvasObject
	switch {
	case len(o.Exact) > 0:
		rows = append(rows, f.secret(copied))
	case o.Of == orders.Users && o.Act == orders.Delete:
		rows = append(rows, container.New(&arrange.Columns{Gap: 8, Shares: []float32{3, 2}}, users, f.brokerField))
	case o.Of == orders.Users:
		rows = append(rows, container.New(&arrange.Columns{Gap: 8, Shares: []float32{2, 3}}, users, f.secret(copied)), f.user())
	default:
		rows = append(rows, f.right(users)...)
	}
	f.fill()
	for _, e := range f.entries() {
		e.OnChanged = func(string) { changed() }
	}
	for _, s := range append(f.choices, f.kind) {
		if s != nil {
			s.OnChanged = func(string) { f.able(); changed() }
		}
	}
	for _, c := range append(f.actions, f.prefix) {
		if c != nil {
			c.OnChanged = func(bool) { changed() }
		}
	}
	f.able()
	f.content = container.New(&arrange.Rows{Gap: 12}, rows...)
	return f
}

// secret is the field of the password, with what makes one.
func (f *accountForm) secret(copied func(string)) fyne.CanvasObject {
	f.password = widgets.NewPasswordEntry()
	if f.seed.Act == orders.Alter && len(f.seed.Exact) == 0 {
		f.password.SetPlaceHolder(lang.L("as it is"))
	}
	f.passwordField = widgets.NewField(lang.L("Password"), f.password)
	f.passwordField.SetHint(lang.L("It goes to the brokers only. Nobody is shown it again."))
	f.password.SetText(f.seed.Password.Reveal())
	made := widgets.NewButton(lang.L("Generate and copy"), nil, widgets.Normal, func() {
		p := rand.Text()
		f.password.SetText(p)
		copied(p)
	})
	made.SetToolTip(lang.L("A random one of 26 signs, put into the clipboard"))
	return container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0}}, f.passwordField, beside(made))
}

// beside sets a control beside fields, below where they have their captions.
func beside(control fyne.CanvasObject) fyne.CanvasObject {
	return widgets.NewField(" ", container.New(&arrange.Rows{}, control))
}

// user are the fields of what a user may do at all.
func (f *accountForm) user() fyne.CanvasObject {
	kind := []string{lang.L("ordinary user"), lang.L("may do all")}
	state := []string{lang.L("may sign in"), lang.L("locked")}
	if f.seed.Act == orders.Alter {
		kind, state = append([]string{lang.L("as it is")}, kind...), append([]string{lang.L("as it is")}, state...)
	}
	f.choices = []*widgets.Select{widgets.NewSelect(kind...), widgets.NewSelect(state...)}
	return container.New(&arrange.Columns{Gap: 8, Shares: []float32{2, 2, 3}},
		widgets.NewField(lang.L("Type"), f.choices[0]), widgets.NewField(lang.L("State"), f.choices[1]), f.brokerField)
}

// right are the fields of what is permitted, or refused.
func (f *accountForm) right(users fyne.CanvasObject) []fyne.CanvasObject {
	above := container.New(&arrange.Columns{Gap: 8, Shares: []float32{3, 2, 3, 0}}, users)
	if f.seed.Act == orders.Create {
		f.kind = widgets.NewSelect(lang.L("all there is"), lang.L("cluster"), lang.L("topic"), lang.L("group"))
		f.name = widgets.NewEntry().Mono()
		f.name.SetPlaceHolder(lang.L("all"))
		f.nameField = widgets.NewField(lang.L("Name"), f.name)
		f.prefix = widgets.NewCheck(lang.L("names that begin so"))
		above.Objects = append(above.Objects, widgets.NewField(lang.L("Resource"), f.kind), f.nameField, beside(f.prefix))
	} else {
		given := widgets.NewEntry().Mono()
		given.SetText(keyText(f.seed.Keys))
		field := widgets.NewField(lang.L("Resource"), given)
		field.Disable()
		above.Objects = append(above.Objects, field)
		above.Layout = &arrange.Columns{Gap: 8, Shares: []float32{2, 3}}
		f.names.Disable()
	}
	if f.seed.Act == orders.Delete {
		above.Objects = append(above.Objects, f.brokerField)
		above.Layout = &arrange.Columns{Gap: 8, Shares: []float32{2, 3, 2}}
		return []fyne.CanvasObject{above}
	}
	actions := container.NewHBox()
	for _, a := range cluster.Actions() {
		c := widgets.NewCheck(a)
		f.actions = append(f.actions, c)
		actions.Add(c)
	}
	f.from = widgets.NewEntry().Mono()
	f.from.SetPlaceHolder(lang.L("any, or 10.0.0.0/8 192.168.1.7"))
	f.fromField = widgets.NewField(lang.L("From addresses"), f.from)
	f.choices = []*widgets.Select{widgets.NewSelect(lang.L("allow"), lang.L("deny"))}
	below := []fyne.CanvasObject{widgets.NewField(lang.L("Decision"), f.choices[0])}
	if f.seed.Act == orders.Create {
		f.choices = append(f.choices, widgets.NewSelect(lang.L("always"), lang.L("where no other does")))
		below = append(below, widgets.NewField(lang.L("Counts"), f.choices[1]))
	}
	shares := []float32{2, 3, 4, 3}
	if f.seed.Act == orders.Alter {
		shares = []float32{2, 4, 3}
	}
	below = append(below, f.fromField, f.brokerField)
	return []fyne.CanvasObject{above, widgets.NewField(lang.L("Actions"), actions), container.New(&arrange.Columns{Gap: 8, Shares: shares}, below...)}
}

// fill puts the order's wish into the fields.
func (f *accountForm) fill() {
	w := f.seed.Wish
	if f.seed.Of == orders.Users {
		for i, b := range []*bool{w.Super, w.Disabled} {
			if i < len(f.choices) {
				f.choices[i].SetSelectedIndex(f.place(b))
			}
		}
		return
	}
	var key cluster.RightKey
	if len(f.seed.Keys) > 0 {
		key = f.seed.Keys[0]
	}
	if f.kind != nil {
		kind, name, prefix, ok := cluster.SplitResource(key.Resource)
		if !ok {
			kind = "Topic"
		}
		f.kind.SetSelectedIndex(slices.Index(cluster.ResourceTypes(), kind))
		f.name.SetText(name)
		f.prefix.SetChecked(prefix)
		f.choices[1].SetSelectedIndex(oneIf(key.Default))
	}
	if len(f.actions) == 0 {
		return
	}
	r := cluster.Right{}
	if w.Right != nil {
		r = *w.Right
	}
	for i, a := range cluster.Actions() {
		f.actions[i].SetChecked(slices.Contains(r.Actions, a))
	}
	f.from.SetText(strings.Join(r.From, " "))
	f.choices[0].SetSelectedIndex(oneIf(r.Denied))
}

// place is where a choice of two stands, behind "as it is" where there is that.
func (f *accountForm) place(b *bool) int {
	switch {
	case f.seed.Act != orders.Alter:
		return oneIf(b != nil && *b)
	case b == nil:
		return 0
	}
	return 1 + oneIf(*b)
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// able switches off what means nothing for the resource.
func (f *accountForm) able() {
	if f.kind == nil {
		return
	}
	if f.kind.SelectedIndex() <= 0 { // all there is has no name
		f.nameField.Disable()
		f.prefix.Disable()
		return
	}
	f.nameField.Enable()
	f.prefix.Enable()
}

func (f *accountForm) object() fyne.CanvasObject { return f.content }

func (f *accountForm) first() fyne.Focusable {
	switch {
	case len(f.seed.Exact) > 0:
		return f.password
	case f.seed.Of == orders.Users && len(f.seed.Names) == 0, f.kind != nil && len(f.seed.Names) == 0:
		return f.names
	case f.password != nil:
		return f.password
	case f.name != nil:
		return f.name
	case f.from != nil:
		return f.from
	}
	return f.brokers
}

func (f *accountForm) entries() []*widgets.Entry {
	var all []*widgets.Entry
	for _, e := range []*widgets.Entry{f.names, f.password, f.name, f.from, f.brokers} {
		if e != nil {
			all = append(all, e)
		}
	}
	return all
}

func (f *accountForm) take(names []string) { f.names.SetText(strings.Join(names, " ")) }

func (f *accountForm) offer(brokers []string) { f.brokerField.SetHint(strings.Join(brokers, " ")) }

// forget empties the password's field, also of what can be undone.
func (f *accountForm) forget() {
	if f.password != nil {
		f.password.OnChanged = nil
		f.password.SetText("")
	}
}

func (f *accountForm) read() (o orders.Setup, ok bool) {
	o = f.seed
	o.Password = ""
	if f.password != nil {
		o.Password = profile.Secret(f.password.Text)
	}
	if len(o.Exact) > 0 { // who is put back may be there already, and then needs none
		return o, o.Password != "" || o.Back != ""
	}
	o.Names, o.Brokers = nil, splitNames(f.brokers.Text)
	for _, n := range splitNames(f.names.Text) {
		if !slices.Contains(o.Names, n) {
			o.Names = append(o.Names, n)
		}
	}
	ok = len(o.Names) > 0
	switch {
	case o.Of == orders.Users && o.Act == orders.Create:
		return f.readUser(o, ok && o.Password != "")
	case o.Of == orders.Users && o.Act == orders.Alter:
		o, ok = f.readUser(o, ok)
		return o, ok && o.Wish != orders.Wish{}
	case o.Of == orders.Rights:
		return f.readRight(o, ok)
	}
	return o, ok
}

// lacks says what else is needed of an order that names its users, "" for nothing that no field
// says by itself.
func (f *accountForm) lacks() string {
	switch o := f.seed; {
	case len(splitNames(f.names.Text)) == 0:
		return ""
	case o.Of == orders.Users && o.Act == orders.Create && f.password.Text == "":
		return problem.Explain(fault.NeedPassword).Text()
	case o.Of == orders.Rights && o.Act != orders.Delete && !slices.ContainsFunc(f.actions, func(c *widgets.Check) bool { return c.Checked }):
		return lang.L("Choose at least one action.")
	}
	return ""
}

// readUser reads what users become.
func (f *accountForm) readUser(o orders.Setup, ok bool) (orders.Setup, bool) {
	o.Wish = orders.Wish{Password: o.Act == orders.Alter && o.Password != ""}
	for i, to := range []**bool{&o.Wish.Super, &o.Wish.Disabled} {
		at := f.choices[i].SelectedIndex()
		if o.Act == orders.Alter {
			at--
		}
		if at >= 0 {
			yes := at == 1
			*to = &yes
		}
	}
	return o, ok
}

// readRight reads which right becomes what.
func (f *accountForm) readRight(o orders.Setup, ok bool) (orders.Setup, bool) {
	if f.kind != nil {
		kind, name := cluster.ResourceTypes()[max(f.kind.SelectedIndex(), 0)], strings.TrimSpace(f.name.Text)
		if kind == cluster.AnyResource {
			name = ""
		}
		resource, err := cluster.Resource(kind, name, f.prefix.Checked && name != "")
		wrong := ""
		if err != nil {
			ok, wrong = false, lang.L("No blanks and no *: a name, or its beginning.")
		}
		f.nameField.SetError(wrong)
		o.Keys = []cluster.RightKey{{Default: f.choices[1].SelectedIndex() == 1, Resource: resource}}
	}
	if o.Act == orders.Delete {
		return o, ok
	}
	r := cluster.Right{From: splitNames(f.from.Text), Denied: f.choices[0].SelectedIndex() == 1}
	for i, a := range cluster.Actions() {
		if f.actions[i].Checked {
			r.Actions = append(r.Actions, a)
		}
	}
	wrong := ""
	if slices.ContainsFunc(r.From, func(a string) bool { return !cluster.Address(a) }) {
		ok, wrong = false, lang.L("Write addresses such as 10.0.0.7 or 10.0.0.0/8.")
	}
	f.fromField.SetError(wrong)
	o.Wish = orders.Wish{Right: &r}
	return o, ok && len(r.Actions) > 0
}

// copyPassword puts a password into the clipboard.
func (p Params) copyPassword(password string) {
	fyne.CurrentApp().Clipboard().SetContent(password)
	p.Say(lang.L("The password was made and copied. Keep it now: it is not shown again."))
}

// object, first, offer and forget make a setupForm an orderForm.
func (f *setupForm) object() fyne.CanvasObject { return f.content }

func (f *setupForm) first() fyne.Focusable { return f.names }

func (f *setupForm) offer(brokers []string) { f.brokerField.SetHint(strings.Join(brokers, " ")) }

func (f *setupForm) forget() {}
