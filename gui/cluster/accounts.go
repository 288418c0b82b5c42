package cluster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

const (
	accountsWidth float32 = 860
	// accountsHeight is that of the rows: 12, and fewer in a window that has no room for them
	// beside accountsRest, but no less than leastAccounts.
	accountsHeight float32 = 386
	accountsRest   float32 = 375
	leastAccounts  float32 = 146
	// wholeHeight is that of two lines below them.
	wholeHeight float32 = 36
)

// accountRow is an account with one of its rights, or without any.
type accountRow struct {
	account *cluster.Account
	right   *cluster.Right
	first   bool // of the account
}

// accounts shows who may sign in at the brokers, and what each may do. It stays open below the
// sheets of its orders, and asks again when one changed something.
type accounts struct {
	s      *Screen
	scope  *task.Scope
	open   *confirm.Panel
	says   *widgets.Paragraph
	filter *widgets.Entry
	field  *widgets.Field // around it
	table  *widgets.Table
	list   *fyne.Container    // of the table, or of what stands in its place
	whole  *widgets.Paragraph // the chosen row with all that its cells cut
	all    []cluster.Account
	rows   []accountRow      // those that fit the filter
	on     []*widgets.Button // to what is chosen: change and delete a user; change and take a right
	fresh  []*widgets.Button // create a user, give a right
}

// accountKey tells a row apart.
type accountKey struct {
	name  string
	right cluster.RightKey
}

func (r *accountRow) key() accountKey {
	k := accountKey{name: r.account.Name}
	if r.right != nil {
		k.right = r.right.Key()
	}
	return k
}

// showAccounts opens the list.
func (s *Screen) showAccounts() {
	if !s.Connected() {
		s.P.Connect()
		return
	}
	a := &accounts{s: s, scope: s.P.Tasks.Scope()}
	a.says = widgets.NewParagraph(lang.L("Asking the brokers"), theme.Muted)
	a.table = widgets.NewTable(accountColumns(), accountHeads(), func() int { return len(a.rows) }, func(i int) []widgets.Item { return a.rows[i].cells() })
	a.table.OnEscape = a.close
	a.table.OnSelected = func(int) { a.able() }
	a.table.OnEnter = a.change
	a.filter = widgets.NewFilter(lang.L("Filter users and rights"), func(k *fyne.KeyEvent) bool {
		s.Focus(a.table.List)
		if k != nil && len(a.rows) > 0 {
			a.table.TypedKey(k)
		}
		return len(a.rows) > 0
	})
	a.filter.OnChanged, a.field = func(string) { a.sift() }, widgets.NewField("", a.filter)
	a.whole = widgets.NewParagraph("", theme.Muted)
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Primary, a.close)
	a.list = container.NewStack(widgets.NewGround(theme.None).SetMin(0, a.height()), a.table.Content())
	content := container.New(&arrange.Rows{Gap: 12}, a.says.Object(), a.bar(), a.field, a.list,
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, wholeHeight), a.whole.Object()))
	a.open = confirm.ShowPanel(s.P.Window.Canvas(), confirm.PanelView{
		Title: lang.L("Accounts"), Content: content, Width: accountsWidth, Buttons: []*widgets.Button{done}, First: fyne.Focusable(done), OnCancel: a.close,
	})
	s.accounts = a
	a.able()
	a.ask()
}

// height is that of the list: it scrolls, so that nothing around it has to.
func (a *accounts) height() float32 {
	return min(accountsHeight, max(a.s.P.Window.Canvas().Size().Height-accountsRest, leastAccounts))
}

// ask asks the brokers who there is.
func (a *accounts) ask() {
	s := a.s
	conn := s.P.Conn()
	if conn == nil {
		return
	}
	type told struct {
		all     []cluster.Account
		files   []cluster.AccountFile
		missing cluster.Missing
	}
	task.Ask(s.P.Tasks, a.scope, "accounts", func(ctx context.Context) (got told, err error) {
		got.all, got.missing, err = conn.Accounts(ctx)
		if errors.Is(err, fault.NotOffered) { // 4.x tells of its files
			if files, missing, why := conn.AccountFiles(ctx); why == nil && len(files) > 0 {
				got.files, got.missing, err = files, missing, nil
			}
		}
		return got, err
	}, func(got told, err error) {
		if len(got.files) > 0 {
			a.tookFiles(got.files, got.missing)
			return
		}
		a.took(got.all, got.missing, err)
	})
}

// tookFiles shows what brokers of 4.x tell of their accounts.
func (a *accounts) tookFiles(files []cluster.AccountFile, missing cluster.Missing) {
	a.says.Set(words.Sentences(lang.L("Brokers of 4.x do not tell who they know, only when they last read their account files. They take no orders about them here."), problem.Missing(missing)), theme.Muted)
	a.field.Hide()
	var facts []widgets.Fact
	for _, f := range files {
		text := f.Name + " · " + lang.N("changed {{.Count}} times", int(f.Count), map[string]any{"Count": widgets.Count(uint64(max(f.Count, 0)))})
		if !f.Changed.IsZero() {
			text += " · " + f.Changed.Local().Format(time.DateTime)
		}
		facts = append(facts, widgets.Fact{Label: f.Broker, Value: text})
	}
	a.list.Objects = []fyne.CanvasObject{widgets.NewGround(theme.None).SetMin(0, a.height()), container.New(&arrange.Rows{}, widgets.NewFacts(facts...))}
	a.list.Refresh()
	a.open.Relayout()
}

// took shows what the brokers told.
func (a *accounts) took(all []cluster.Account, missing cluster.Missing, err error) {
	text, tint := problem.Missing(missing), theme.Warn
	switch {
	case errors.Is(err, fault.NotOffered):
		text, tint = lang.L("This endpoint lists no accounts: brokers do with ACL 2.0, from 5.3 on; those of 4.x do not tell who they know."), theme.Muted
	case err != nil:
		text, tint = problem.Explain(err).Text(), theme.Err
	case text == "":
		text, tint = lang.N("{{.Count}} accounts. Passwords are never read.", len(all), map[string]any{"Count": widgets.Count(uint64(len(all)))}), theme.Muted
	}
	if n := differing(all); n > 0 {
		text, tint = words.Sentences(text, lang.N("{{.Count}} of them are not the same on all brokers: one is shown, and the sheet of a change shows each.", n, map[string]any{"Count": widgets.Count(n)})), theme.Warn
	}
	a.says.Set(text, tint)
	a.all = all
	for _, b := range a.fresh {
		widgets.Able(err == nil, b)
	}
	a.sift()
}

// sift lists the rows that fit the filter: of a user whose name does all of them. The chosen
// one stays chosen.
func (a *accounts) sift() {
	var chosen accountKey
	if r := a.row(); r != nil {
		chosen = r.key()
	}
	wanted := strings.ToLower(strings.TrimSpace(a.filter.Text))
	fits := func(texts ...string) bool {
		return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), wanted) })
	}
	a.rows = nil
	for i := range a.all {
		x, first := &a.all[i], true
		add := func(r *cluster.Right) {
			a.rows = append(a.rows, accountRow{account: x, right: r, first: first})
			first = false
		}
		for j := range x.Rights {
			if r := &x.Rights[j]; fits(append([]string{x.Name, r.Resource}, r.From...)...) {
				add(r)
			}
		}
		if len(x.Rights) == 0 && fits(x.Name) {
			add(nil)
		}
	}
	a.table.SetSelected(slices.IndexFunc(a.rows, func(r accountRow) bool { return r.key() == chosen }))
	a.table.Refresh()
	a.able()
}

// bar is what can be done about users and rights. Each opens a sheet over the list, which says
// what would change, and asks.
func (a *accounts) bar() fyne.CanvasObject {
	button := func(text string, of orders.Thing, act orders.Act) *widgets.Button {
		return widgets.NewButton(text, nil, widgets.Quiet, func() { a.order(of, act) })
	}
	user, right := button(lang.L("New user…"), orders.Users, orders.Create), button(lang.L("Give a right…"), orders.Rights, orders.Create)
	a.fresh = []*widgets.Button{user, right}
	a.on = []*widgets.Button{
		button(lang.L("Change the user…"), orders.Users, orders.Alter), button(lang.L("Delete the user…"), orders.Users, orders.Delete),
		button(lang.L("Change the right…"), orders.Rights, orders.Alter), button(lang.L("Take the right…"), orders.Rights, orders.Delete),
	}
	widgets.Able(false, user, right)
	return container.NewHBox(user, a.on[0], a.on[1], widgets.NewCaption("·"), right, a.on[2], a.on[3])
}

// row is the one that is chosen, or nil.
func (a *accounts) row() *accountRow {
	if i := a.table.Selected(); i >= 0 && i < len(a.rows) {
		return &a.rows[i]
	}
	return nil
}

func (a *accounts) able() {
	r := a.row()
	widgets.Able(r != nil, a.on[0], a.on[1])
	widgets.Able(r != nil && r.right != nil, a.on[2], a.on[3])
	text := ""
	if r != nil {
		for _, c := range r.cells() {
			if c.Text != "" {
				text += " · " + c.Text
			}
		}
		text = strings.TrimPrefix(text, " · ")
	}
	a.whole.Set(text, theme.Muted)
	a.open.Relayout()
}

// change changes the right of the row, or the user where it has none.
func (a *accounts) change() {
	switch r := a.row(); {
	case r == nil:
	case r.right != nil:
		a.order(orders.Rights, orders.Alter)
	default:
		a.order(orders.Users, orders.Alter)
	}
}

// order opens the sheet for an order about what is chosen.
func (a *accounts) order(of orders.Thing, act orders.Act) {
	o, r := orders.Setup{Of: of, Act: act}, a.row()
	if r != nil && (of == orders.Rights || act != orders.Create) {
		o.Names = []string{r.account.Name}
	}
	if r != nil && r.right != nil && of == orders.Rights && act != orders.Create {
		o.Keys = []cluster.RightKey{r.right.Key()}
		if right := *r.right; act == orders.Alter {
			o.Wish.Right = &right
		}
	}
	a.s.setup(o)
}

// differing counts the accounts that are not the same on all brokers.
func differing(all []cluster.Account) (n int) {
	for _, a := range all {
		if a.Differs {
			n++
		}
	}
	return n
}

func accountColumns() []widgets.Column {
	return []widgets.Column{
		{Width: 110, Share: 2, Middle: true}, {Width: 80, Even: true}, {Width: 120, Share: 2, Middle: true}, {Width: 90, Share: 2}, {Width: 80, Share: 1}, {Width: 60, Even: true},
	}
}

func accountHeads() []string {
	return []string{lang.L("User"), lang.L("Type"), lang.L("Resource"), lang.L("Actions"), lang.L("From addresses"), lang.L("Decision")}
}

func (r accountRow) cells() []widgets.Item {
	cells := make([]widgets.Item, 6)
	cells[0] = widgets.Item{Text: r.account.Name}
	cells[1] = widgets.Item{Text: lang.L("ordinary user"), Tint: theme.Muted}
	switch {
	case !r.first: // the name stands again, quietly: above it may be out of sight
		cells[0].Tint, cells[1].Text = theme.Muted, ""
	case r.account.Super && r.account.Disabled:
		cells[1] = widgets.Item{Text: lang.L("locked, else may do all"), Tint: theme.Err}
	case r.account.Super:
		cells[1] = widgets.Item{Text: lang.L("may do all"), Tint: theme.Warn}
	case r.account.Disabled:
		cells[1] = widgets.Item{Text: lang.L("locked"), Tint: theme.Err}
	}
	if r.right == nil {
		cells[2] = widgets.Item{Text: "—", Tint: theme.Muted}
		return cells
	}
	cells[2], cells[3] = widgets.Item{Text: r.right.Resource}, widgets.Item{Text: strings.Join(r.right.Actions, ", ")}
	cells[4] = widgets.Item{Text: strings.Join(r.right.From, ", "), Tint: theme.Muted}
	if r.right.Default {
		cells[2].Text += " " + lang.L("(default)")
	}
	if len(r.right.From) == 0 {
		cells[4].Text = lang.L("any")
	}
	cells[5] = widgets.Item{Text: lang.L("allow"), Tint: theme.OK}
	if r.right.Denied {
		cells[5] = widgets.Item{Text: lang.L("deny"), Tint: theme.Err}
	}
	return cells
}

func (a *accounts) close() {
	a.s.accounts = nil
	a.open.Close()
	a.scope.Close()
}
