package profiles

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/fault"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// row shows one step: mark, title, where, how long, and why it failed.
func (c *checks) row(s client.Check) fyne.CanvasObject {
	back, mark := theme.Sunken, widgets.NewIcon(fynetheme.MoreHorizontalIcon(), theme.Muted)
	switch {
	case s.Done && s.Err != nil:
		back, mark = theme.ErrSoft, widgets.NewIcon(fynetheme.ErrorIcon(), theme.Err)
	case s.Done:
		mark = widgets.NewIcon(fynetheme.ConfirmIcon(), theme.OK)
	}
	ink := theme.Text
	if c.stale {
		back, ink = theme.Sunken, theme.Muted
		if s.Done && s.Err == nil {
			mark = widgets.NewIcon(fynetheme.ConfirmIcon(), theme.Muted)
		} else if s.Done {
			mark = widgets.NewIcon(fynetheme.ErrorIcon(), theme.Muted)
		}
	}
	took := ""
	if s.Done {
		took = duration(s.Took)
	}
	lines := []fyne.CanvasObject{
		container.NewBorder(nil, nil, nil, widgets.NewWord(took, theme.Muted), widgets.NewParagraph(c.caption(s), ink).Bold().Object()),
		widgets.NewParagraph(c.where(s), theme.Muted).Data().Object(),
	}
	if why := c.why(s); why != "" {
		lines = append(lines, widgets.NewParagraph(why, ink).Object())
	}
	if unreached(s) {
		lines = append(lines, container.New(layout.NewCustomPaddedLayout(3, 0, 0, 0), container.NewHBox(
			widgets.NewButton(lang.L("Map this address…"), nil, widgets.Normal, func() { c.e.form.net.mapAddress(s.Addr) }))))
	}
	body := container.New(layout.NewCustomPaddedLayout(9, 9, 16, 16),
		container.New(&arrange.Columns{Gap: 10, Shares: []float32{0, 1}}, mark, container.New(&arrange.Rows{Gap: 3}, lines...)))
	return container.NewStack(widgets.NewGround(back), body)
}

// caption says what the step is about, or how it ended.
func (c *checks) caption(s client.Check) string {
	broker := map[string]any{"Name": s.Subject}
	state := 0
	if s.Done {
		state = 1
		if s.Err != nil {
			state = 2
		}
	}
	switch s.Kind {
	case client.CheckFiles:
		return [...]string{lang.L("Reading the certificates"), lang.L("Certificates can be used"), lang.L("A certificate cannot be used")}[state]
	case client.CheckNameServer:
		return [...]string{lang.L("Asking the name server"), lang.L("Name server answers"), lang.L("Name server cannot be used")}[state]
	case client.CheckRoute:
		return [...]string{lang.L("Asking for the route"), lang.L("Route found"), lang.L("No route to the topic")}[state]
	case client.CheckBroker:
		if s.Subject == "" {
			return lang.L("No broker is there")
		}
		return [...]string{
			lang.L("Dialling broker {{.Name}}", broker), lang.L("Broker {{.Name}} can be reached", broker),
			lang.L("Broker {{.Name}} cannot be reached", broker),
		}[state]
	}
	done := lang.L("Sign-in accepted")
	if !c.signed {
		done = lang.L("Accepted without sign-in")
	}
	if s.Untried {
		done = lang.L("The server does not say whether it takes the sign-in")
	}
	bad := lang.L("The question was not answered")
	if errors.Is(s.Err, fault.Refused) {
		bad = lang.L("Sign-in refused")
	}
	return [...]string{lang.L("Trying the sign-in"), done, bad}[state]
}

// where is the data of the step.
func (c *checks) where(s client.Check) string {
	switch s.Kind {
	case client.CheckRoute:
		if s.Done && s.Err == nil {
			return s.Subject + " · " +
				lang.N("{{.Count}} brokers", s.Brokers, map[string]any{"Count": widgets.Count(s.Brokers)}) + " · " +
				lang.N("{{.Count}} queues", s.Queues, map[string]any{"Count": widgets.Count(s.Queues)})
		}
		return s.Subject
	case client.CheckFiles:
		return s.Subject
	case client.CheckCredentials:
		return strings.Join(filled(c.tested.Role, s.Subject, s.Addr), " · ")
	case client.CheckBroker:
		addr := s.Addr
		if to, ok := mapped(c.tested.Addresses, addr); ok {
			addr += " = " + to
		}
		return strings.Join(filled(addr, s.Version, clock(s.Ahead)), " · ")
	}
	return s.Addr
}

// clockShown is from where on a difference of clocks is worth a word: it is known
// to two seconds, and times shown beside each other may mislead.
const clockShown = 5 * time.Second

// clock says how a broker's clock differs from this computer's.
func clock(ahead time.Duration) string {
	by := map[string]any{"Time": ahead.Abs().Round(time.Second).String()}
	switch {
	case ahead >= clockShown:
		return lang.L("its clock is {{.Time}} behind", by)
	case ahead <= -clockShown:
		return lang.L("its clock is {{.Time}} ahead", by)
	}
	return ""
}

// mapped returns where an address map says that addr is reached: by the entry of
// the address itself, else by its host's.
func mapped(m map[string]string, addr string) (string, bool) {
	if to, ok := m[addr]; ok {
		return to, true
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", false
	}
	to, ok := m[host]
	return net.JoinHostPort(to, port), ok
}

// unreached reports whether a step failed because a broker's address cannot be
// reached from here, which another address may be.
func unreached(s client.Check) bool {
	return s.Kind == client.CheckBroker && errors.Is(s.Err, fault.Unreachable)
}

// filled returns the texts that are not empty.
func filled(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// why explains a failed step.
func (c *checks) why(s client.Check) string {
	if s.Err == nil {
		return ""
	}
	if !unreached(s) {
		return problem.Explain(s.Err).Text()
	}
	addr := map[string]any{"Addr": s.Addr}
	if to, ok := mapped(c.tested.Addresses, s.Addr); ok {
		addr["To"] = to
		return lang.L("The broker tells clients to use {{.Addr}}. It is mapped to {{.To}}, which cannot be reached either. Sends to its queues would fail.", addr)
	}
	text := lang.L("The broker tells clients to use {{.Addr}}, which this computer cannot reach. Sends to its queues would fail.", addr)
	if private(s.Addr) && !c.privateServers() {
		text = words.Sentences(text, lang.L("It is a Docker or private address."))
	}
	return text
}

// privateServers reports whether a name server is in a private network too: then
// the address says nothing. One on this computer does not count, for it may
// stand before containers.
func (c *checks) privateServers() bool {
	for _, a := range c.tested.NameServers {
		if own, err := netip.ParseAddrPort(a); private(a) && (err != nil || !own.Addr().IsLoopback()) {
			return true
		}
	}
	return false
}

// private tells whether an address is one that only its own network knows, such
// as a container's.
func private(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast())
}

func duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// report is the result as text.
func (c *checks) report() string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(filled(parts...), "  ") + "\n") }
	line(c.title.Text())
	line(c.tested.Name, c.started.Format(time.DateTime))
	line(strings.Join(c.tested.NameServers, ", "))
	for _, s := range c.steps {
		mark := "✓"
		if s.Err != nil {
			mark = "✗"
		}
		line(mark, c.caption(s), c.where(s), duration(s.Took))
		if s.Err != nil {
			line("  ", c.why(s))
			line("  ", problem.Explain(s.Err).Details)
		}
	}
	return b.String()
}
