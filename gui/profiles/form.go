package profiles

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// form is the fields of a profile but for its token.
type form struct {
	e       *Editor
	content *fyne.Container

	name, servers, role, cluster, space *widgets.Entry
	fields                              map[profile.Field]*widgets.Field
	env                                 *widgets.Segments
	mapping                             *widgets.Select     // the kind of cluster
	sign, names                         []fyne.CanvasObject // what some kinds have only
	named                               bool                // it has a cluster ID or namespace, of whatever kind it is
	net                                 *network
	readOnly                            *widgets.Check
	values                              *widgets.Entry
	masks                               *masks
	schemas                             *schemas
	full                                *widgets.Paragraph
}

func environments() []profile.Environment {
	return []profile.Environment{profile.Development, profile.Test, profile.Production}
}

func newForm(e *Editor) *form {
	f := &form{e: e, fields: map[profile.Field]*widgets.Field{}}
	p := e.p.Profile
	f.name = f.entry(profile.FieldName, lang.L("Name"), p.Name)
	f.role = f.entry(profile.FieldRole, lang.L("Role name"), p.Role)
	f.cluster = f.entry(profile.FieldClusterID, lang.L("Cluster ID"), p.ClusterID).Mono()
	f.space = f.entry(profile.FieldNamespace, lang.L("Namespace"), p.Namespace).Mono()
	f.servers = widgets.NewMultiLineEntry(2).Mono()
	f.servers.SetPlaceHolder("host:9876")
	f.servers.SetText(strings.Join(p.NameServers, "\n"))
	f.put(profile.FieldNameServers, lang.L("Name servers, one per line"), f.servers)
	f.values = widgets.NewMultiLineEntry(2).Mono()
	f.values.SetPlaceHolder("host = shop.example")
	f.values.SetText(profile.FormatValues(p.Env))
	f.put(profile.FieldValues, lang.L("Values, one per line"), f.values)
	f.fields[profile.FieldValues].SetHint(lang.L("{{.Example}} in a message stands for the value.", map[string]any{"Example": `{{env "host"}}`}))
	f.passTab(f.values)
	f.fields[profile.FieldSecrets] = f.e.secrets.field
	f.masks, f.schemas = newMasks(f, p), newSchemas(f, p)
	f.hooks()
	f.choices(p)
	f.net = newNetwork(f, p)
	f.full = widgets.NewParagraph("", theme.Muted)
	f.build()
	return f
}

func (f *form) entry(field profile.Field, caption, text string) *widgets.Entry {
	e := widgets.NewEntry()
	e.SetText(text)
	f.put(field, caption, e)
	return e
}

func (f *form) put(field profile.Field, caption string, e *widgets.Entry) {
	w := widgets.NewField(caption, e)
	f.fields[field] = w
	e.OnChanged = func(string) { w.SetError(""); f.e.changed() }
	e.OnFocus = func(on bool) {
		if on {
			f.e.reveal(w)
		}
	}
}

// left runs do whenever the focus leaves an entry.
func (f *form) left(e *widgets.Entry, do func()) {
	first := e.OnFocus
	e.OnFocus = func(on bool) {
		first(on)
		if !on {
			do()
		}
	}
}

// hooks clean what was typed when the focus leaves.
func (f *form) hooks() {
	f.left(f.servers, f.cleanServers)
	f.passTab(f.servers)
	f.left(f.cluster, f.cleanNames)
	f.left(f.space, f.cleanNames)
}

// passTab moves on with Tab, which an entry of several lines would take.
func (f *form) passTab(e *widgets.Entry) {
	e.OnKey = func(k *fyne.KeyEvent) bool {
		if k.Name != fyne.KeyTab {
			return false
		}
		canvas := f.e.p.Window.Canvas()
		if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0 {
			canvas.FocusPrevious()
		} else {
			canvas.FocusNext()
		}
		return true
	}
}

func (f *form) choices(p profile.Profile) {
	var segments []widgets.Segment
	chosen := 0
	for i, v := range environments() {
		dot, _ := theme.Env(string(v))
		word := lang.L("Development")
		switch v {
		case profile.Test:
			word = lang.X("environment.test", "Test")
		case profile.Production:
			word = lang.L("Production")
		}
		segments = append(segments, widgets.Segment{Text: word, Dot: dot})
		if v == p.Environment {
			chosen = i
		}
	}
	f.env = widgets.NewDotSegments(func(int) { f.e.changed() }, segments...)
	f.env.Set(chosen)
	f.mapping = widgets.NewSelect(
		lang.L("Tencent TDMQ, with role and token"),
		lang.L("Apache RocketMQ, with user and password"),
		lang.L("Apache RocketMQ, without sign-in"),
	)
	f.named = p.ClusterID != "" || p.Namespace != ""
	switch {
	case p.Mapping == profile.OpenSource && p.Role == "":
		f.mapping.SetSelectedIndex(kindOpen)
	case p.Mapping == profile.OpenSource:
		f.mapping.SetSelectedIndex(kindUser)
	}
	f.mapping.OnChanged = func(string) { f.e.changed() }
	f.readOnly = widgets.NewCheck(lang.L("Read-only: no sends, joins, resets or deletes"))
	f.readOnly.SetChecked(p.ReadOnly)
	f.readOnly.OnChanged = func(bool) { f.e.changed() }
	f.readOnly.OnFocus = func() { f.e.reveal(f.readOnly) }
}

// two puts two fields side by side.
func two(a, b fyne.CanvasObject) *fyne.Container {
	return container.New(&arrange.Columns{Gap: 12, Shares: []float32{1, 1}}, a, b)
}

// The kinds of cluster, in the order of their words.
const (
	kindTDMQ = iota
	kindUser
	kindOpen
)

// open tells whether the cluster asks for no sign-in.
func (f *form) open() bool { return f.mapping.SelectedIndex() == kindOpen }

func (f *form) build() {
	kind := widgets.NewField(lang.L("Kind of cluster"), f.mapping)
	f.mapping.OnFocus = func() { f.e.reveal(kind) }
	f.sign = []fyne.CanvasObject{
		widgets.NewRule(), widgets.NewWord(lang.L("Sign in"), theme.Text).Bold(), two(f.fields[profile.FieldRole], f.e.token.content),
	}
	f.names = []fyne.CanvasObject{two(f.fields[profile.FieldClusterID], f.fields[profile.FieldNamespace]), f.full.Object()}
	f.content = container.New(&arrange.Rows{Gap: 10},
		kind,
		container.New(&arrange.Columns{Gap: 12, Shares: []float32{1, 0}}, f.fields[profile.FieldName], widgets.NewField(lang.L("Environment"), f.env)),
		f.fields[profile.FieldNameServers],
		f.sign[0], f.sign[1], f.sign[2],
		f.names[0], f.names[1],
		widgets.NewRule(),
		widgets.NewWord(lang.L("Network"), theme.Text).Bold(),
		f.net.content,
		widgets.NewRule(),
		widgets.NewWord(lang.L("Messages"), theme.Text).Bold(),
		f.fields[profile.FieldValues],
		f.e.secrets.content,
		f.schemas.content,
		f.masks.content,
		widgets.NewRule(),
		widgets.NewWord(lang.L("Safety"), theme.Text).Bold(),
		f.readOnly,
	)
}

// read returns the profile as it is typed, not cleaned.
func (f *form) read() profile.Profile {
	p := f.e.p.Profile
	p.Name, p.Role = f.name.Text, f.role.Text
	p.ClusterID, p.Namespace = f.cluster.Text, f.space.Text
	p.NameServers = profile.SplitAddresses(f.servers.Text)
	p.Environment = environments()[f.env.Selected()]
	p.Mapping = profile.TDMQ
	if f.mapping.SelectedIndex() != kindTDMQ {
		p.Mapping = profile.OpenSource
		if !f.named {
			p.ClusterID, p.Namespace = "", ""
		}
	}
	if f.open() {
		p.Role = ""
	}
	p.TLS, p.Addresses = f.net.read()
	p.ReadOnly = f.readOnly.Checked
	p.Env = profile.ParseValues(f.values.Text)
	p.SecretEnv = f.e.secrets.names()
	p.Masks = f.masks.read(p.Environment)
	p.Schemas = f.schemas.read()
	return p
}

// fill puts what Clean corrected back into the fields.
func (f *form) fill(p profile.Profile) {
	for e, s := range map[*widgets.Entry]string{
		f.name: p.Name, f.role: p.Role, f.cluster: p.ClusterID, f.space: p.Namespace,
		f.servers: strings.Join(p.NameServers, "\n"),
	} {
		// What another kind has stays for when that is chosen again.
		hidden := e == f.role && f.open() || (e == f.cluster || e == f.space) && !f.names[0].Visible()
		if e.Text != s && !hidden {
			e.SetText(s)
		}
	}
	f.net.fill(p)
}

func (f *form) cleanServers() {
	if s := strings.Join(profile.SplitAddresses(f.servers.Text), "\n"); s != f.servers.Text {
		f.servers.SetText(s)
	}
}

// cleanNames splits "clusterID|namespace" and corrects the full-width bar.
func (f *form) cleanNames() {
	p := f.read()
	corrected := p.Clean()
	for e, s := range map[*widgets.Entry]string{f.cluster: p.ClusterID, f.space: p.Namespace} {
		if e.Text != s {
			e.SetText(s)
		}
	}
	f.sayCorrected(corrected)
}

func (f *form) sayCorrected(corrected bool) {
	if corrected {
		f.e.p.Say(lang.L("The full-width bar was corrected to |."))
	}
}

// explain shows the hints that fit what is chosen.
func (f *form) explain(p profile.Profile) {
	for _, o := range f.sign {
		draw.Show(o, !f.open())
	}
	for _, o := range f.names {
		draw.Show(o, p.Mapping == profile.TDMQ || f.named)
	}
	hints := map[profile.Field]string{}
	role := lang.L("User name")
	if p.Mapping == profile.TDMQ {
		role = lang.L("Role name")
		hints[profile.FieldNameServers] = lang.L("Tencent's console: cluster list, Operation column, \"Access Address\".")
		hints[profile.FieldRole] = lang.L("Tencent's console: Role Management page.")
		hints[profile.FieldNamespace] = lang.L("Tencent's console: cluster details, Namespace tab. The full name can be pasted as it is.")
	}
	f.fields[profile.FieldRole].SetCaption(role)
	for _, field := range []profile.Field{profile.FieldNameServers, profile.FieldRole, profile.FieldNamespace} {
		f.fields[field].SetHint(hints[field])
	}
	cleaned := p
	cleaned.Clean()
	if prefix := cleaned.Prefix(); prefix != "" {
		f.full.Set(lang.L("Full names are built for you: {{.Prefix}}topic", map[string]any{"Prefix": prefix}), theme.Muted)
	} else {
		f.full.Set(lang.L("Without cluster ID and namespace, names go to the broker as they are typed."), theme.Muted)
	}
	f.net.explain(p)
	f.masks.explain(p.Environment)
	f.content.Refresh()
}

// valid cleans what is typed and checks it; errors stand at their fields and
// the first of them gets the focus. needName is off for a test, which a nameless
// profile may run.
func (f *form) valid(needName bool) (profile.Profile, bool) {
	p := f.read()
	wholePaths(&p.TLS)
	f.sayCorrected(p.Clean())
	f.fill(p)
	errs := append(p.Validate(f.e.p.Others), f.net.validate(p)...)
	if p.Role == "" && f.e.token.will() && !f.open() {
		errs = append(errs, &profile.FieldError{Field: profile.FieldRole, Err: profile.ErrNoRole})
	}
	said := map[profile.Field][]string{}
	for _, err := range errs {
		if needName || err.Field != profile.FieldName {
			said[err.Field] = append(said[err.Field], problem.Field(err))
		}
	}
	for field, w := range f.fields {
		w.SetError(strings.Join(said[field], "\n"))
	}
	f.content.Refresh() // the lines below move down
	f.focus(said)
	return p, len(said) == 0
}

// focus goes to the first field that is wrong.
func (f *form) focus(said map[profile.Field][]string) {
	for _, x := range []struct {
		field profile.Field
		entry *widgets.Entry
	}{
		{profile.FieldName, f.name},
		{profile.FieldNameServers, f.servers},
		{profile.FieldRole, f.role},
		{profile.FieldClusterID, f.cluster},
		{profile.FieldNamespace, f.space},
		{profile.FieldCAFile, f.net.ca},
		{profile.FieldServerName, f.net.server},
		{profile.FieldCertFile, f.net.cert},
		{profile.FieldKeyFile, f.net.key},
		{profile.FieldAddresses, f.net.addresses},
		{profile.FieldValues, f.values},
		{profile.FieldSecrets, f.e.secrets.focusable()},
		{profile.FieldSchemas, f.schemas.entry},
		{profile.FieldMaskPaths, f.masks.paths},
		{profile.FieldMaskProperties, f.masks.properties},
	} {
		if len(said[x.field]) > 0 && x.entry != nil {
			f.e.p.Window.Canvas().Focus(x.entry)
			return
		}
	}
}
