package profiles

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// The choices of whom to trust, in their order.
const (
	trustSystem = iota
	trustOwn
	trustAnyone
)

// network is the section of the form about TLS and about where brokers are
// reached.
type network struct {
	f       *form
	content *fyne.Container

	on                    *widgets.Check
	plain                 *widgets.Paragraph
	plainNote             fyne.CanvasObject // plain under its switch
	trust                 *widgets.Select
	anyone                *widgets.Paragraph
	ca, server, cert, key *widgets.Entry
	caRow                 fyne.CanvasObject
	details               *fyne.Container // seen while TLS is on
	addresses             *widgets.Entry
}

func newNetwork(f *form, p profile.Profile) *network {
	n := &network{f: f}
	n.choices(p.TLS)
	n.server = f.entry(profile.FieldServerName, lang.L("Server name (optional)"), p.TLS.ServerName).Mono()
	n.server.SetPlaceHolder(lang.L("as in the address"))
	var certRow, keyRow fyne.CanvasObject
	n.ca, n.caRow = n.file(profile.FieldCAFile, lang.L("Authority's certificate (PEM file)"), p.TLS.CAFile)
	n.cert, certRow = n.file(profile.FieldCertFile, lang.L("Client certificate (PEM file, optional)"), p.TLS.CertFile)
	n.key, keyRow = n.file(profile.FieldKeyFile, lang.L("Its private key (PEM file, optional)"), p.TLS.KeyFile)
	n.addressField(p.Addresses)

	n.plain = widgets.NewParagraph("", theme.Warn)
	n.plainNote = container.New(layout.NewCustomPaddedLayout(0, 0, 26, 0), n.plain.Object())
	n.anyone = widgets.NewParagraph(lang.L("The server is not verified: whoever stands in between can read and change everything."), theme.Warn)
	trust := container.New(&arrange.Rows{Gap: 3}, widgets.NewField(lang.L("Whom to trust"), n.trust), n.anyone.Object())
	n.trust.OnFocus = func() { f.e.reveal(trust) }
	n.details = container.New(&arrange.Rows{Gap: 10},
		trust,
		two(n.caRow, f.fields[profile.FieldServerName]),
		two(certRow, keyRow))
	n.content = container.New(&arrange.Rows{Gap: 10},
		container.New(&arrange.Rows{}, n.on, n.plainNote), n.details, f.fields[profile.FieldAddresses])
	return n
}

// choices makes the switch and the select.
func (n *network) choices(t profile.TLS) {
	n.on = widgets.NewCheck(lang.L("Use TLS"))
	n.on.SetChecked(t.On)
	n.on.OnChanged = func(on bool) {
		n.f.e.changed()
		if on {
			n.f.e.revealTop(n.content, n.details.Position().Y+n.details.Size().Height)
		}
	}
	n.on.OnFocus = func() { n.f.e.reveal(n.on) }
	n.trust = widgets.NewSelect(
		lang.L("Authorities that the system trusts"),
		lang.L("An authority of my own"),
		lang.L("Anyone: encrypted, but whoever stands in between can read it"),
	)
	switch {
	case t.Unverified:
		n.trust.SetSelectedIndex(trustAnyone)
	case t.CAFile != "":
		n.trust.SetSelectedIndex(trustOwn)
	}
	n.trust.OnChanged = func(string) {
		n.f.fields[profile.FieldCAFile].SetError("")
		n.f.e.changed()
	}
}

// addressField makes the address map.
func (n *network) addressField(m map[string]string) {
	n.addresses = widgets.NewMultiLineEntry(2).Mono()
	n.addresses.SetText(profile.FormatAddresses(m))
	n.addresses.SetPlaceHolder("172.17.0.3:10911 = 10.2.20.9:10911")
	n.f.put(profile.FieldAddresses, lang.L("Address map, one entry per line"), n.addresses)
	n.f.fields[profile.FieldAddresses].SetHint(lang.L("Where brokers are reached whose own address cannot be: behind a port forward, a VPN, or in Docker. Hosts without ports map all ports."))
	n.f.left(n.addresses, n.tidy)
	n.f.passTab(n.addresses)
}

// read returns what is typed, not cleaned. A file of an authority counts only
// where it is to be trusted: what is not seen must not fail.
func (n *network) read() (profile.TLS, map[string]string) {
	t := profile.TLS{
		On: n.on.Checked, Unverified: n.trust.SelectedIndex() == trustAnyone,
		ServerName: n.server.Text, CertFile: n.cert.Text, KeyFile: n.key.Text,
	}
	if n.trust.SelectedIndex() == trustOwn {
		t.CAFile = n.ca.Text
	}
	return t, profile.ParseAddresses(n.addresses.Text)
}

// fill puts cleaned values back into the fields.
func (n *network) fill(p profile.Profile) {
	texts := map[*widgets.Entry]string{n.server: p.TLS.ServerName, n.cert: p.TLS.CertFile, n.key: p.TLS.KeyFile}
	if n.trust.SelectedIndex() == trustOwn {
		texts[n.ca] = p.TLS.CAFile
	}
	for e, s := range texts {
		if e.Text != s {
			e.SetText(s)
		}
	}
	n.tidy()
}

// tidy writes the address map as it is kept, once each of its lines is an entry:
// a line that is not finished stays as it is.
func (n *network) tidy() {
	p := profile.Profile{Addresses: profile.ParseAddresses(n.addresses.Text)}
	if len(wrongAddresses(p)) > 0 || twice(n.addresses.Text) != "" {
		return
	}
	if s := profile.FormatAddresses(p.Addresses); s != n.addresses.Text {
		n.addresses.SetText(s)
	}
}

// wrongAddresses returns what Validate finds wrong with the address map.
func wrongAddresses(p profile.Profile) (wrong []*profile.FieldError) {
	for _, err := range p.Validate(nil) {
		if err.Field == profile.FieldAddresses {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// twice returns the first address that stands in two lines of a map, or "": the
// later would take the earlier's place without a word.
func twice(text string) string {
	seen := map[string]bool{}
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\r\n;,；，", r) }) {
		for from := range profile.ParseAddresses(line) {
			if seen[from] {
				return from
			}
			seen[from] = true
		}
	}
	return ""
}

// validate finds what only the form knows: an authority that was not chosen, and
// addresses that stand there twice.
func (n *network) validate(p profile.Profile) (errs []*profile.FieldError) {
	if p.TLS.On && n.trust.SelectedIndex() == trustOwn && p.TLS.CAFile == "" {
		errs = append(errs, &profile.FieldError{Field: profile.FieldCAFile, Err: profile.ErrEmpty})
	}
	if from := twice(n.addresses.Text); from != "" {
		errs = append(errs, &profile.FieldError{Field: profile.FieldAddresses, Text: from, Err: profile.ErrDuplicate})
	}
	return errs
}

// explain shows the fields that count, and says what the absence of TLS or of a
// verified server means.
func (n *network) explain(p profile.Profile) {
	words := ""
	switch {
	case p.TLS.On || strings.TrimSpace(p.Role) == "":
	case p.Mapping == profile.TDMQ:
		words = lang.L("Without TLS the access key travels readable in every request; with TDMQ that is the token.")
	default:
		words = lang.L("Without TLS the access key travels readable in every request.")
	}
	n.plain.Set(words, theme.Warn)
	draw.Show(n.plainNote, words != "")
	draw.Show(n.details, p.TLS.On)
	draw.Show(n.anyone.Object(), p.TLS.Unverified)
	draw.Show(n.caRow, n.trust.SelectedIndex() == trustOwn)
}

// fileFailed shows at its field why a file cannot be used, if it still stands
// there.
func (n *network) fileFailed(err *client.FileError) {
	e := map[profile.Field]*widgets.Entry{
		profile.FieldCAFile: n.ca, profile.FieldCertFile: n.cert, profile.FieldKeyFile: n.key,
	}[err.Field]
	if e != nil && e.Text == err.Path {
		n.f.fields[err.Field].SetError(problem.File(err).Text())
		n.f.content.Refresh() // the lines below move down
	}
}

// mapAddress begins the line of the address map that says where addr is reached,
// or goes on with the one that does.
func (n *network) mapAddress(addr string) {
	row, lines := lineOf(n.addresses.Text, addr)
	n.addresses.SetText(strings.Join(lines, "\n"))
	n.addresses.CursorRow, n.addresses.CursorColumn = row, len([]rune(lines[row]))
	n.f.e.p.Window.Canvas().Focus(n.addresses)
	n.addresses.Refresh()
}

// lineOf returns the lines of an address map with one for addr among them, and
// its index.
func lineOf(text, addr string) (int, []string) {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		if _, ok := mapped(profile.ParseAddresses(line), addr); ok {
			return i, lines
		}
	}
	return len(lines), append(lines, addr+" = ")
}
