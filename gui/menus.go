package gui

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/send"
	"gantry/gui/subscribe"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// menuShell is what the menus ask of the window around them.
type menuShell interface {
	// space is the workspace that is shown, or nil; chosenID the chosen connection.
	space() *workspace
	chosenID() string
	all() []profile.Profile
	choose(id string)

	// primary is the first action of what is shown, outside leaves an editor and then
	// does something.
	primary()
	outside(then func())
	edit(p profile.Profile, isNew bool)
	saveEditor()
	duplicate(id string)
	move(id string, by int)
	askDelete(id string)
	importProfiles()
	exportProfiles()
	replayFile()
	openClipboard()

	setTheme(name string)
	toggleSidebar()
	showSettings()
	showKeys()
	showPalette()
	about()
	closeAsked()
}

// menus is the menu bar. Shortcuts stand on menu items, because a field with
// the focus swallows every other one.
type menus struct {
	tools
	shell menuShell
	main  *fyne.MainMenu
	keys  map[*fyne.MenuItem]key
	// labels are those of the items with keys, as they were before the keys were
	// written behind them.
	labels map[*fyne.MenuItem]string

	needSpace []*fyne.MenuItem // off while no workspace is shown
	needOwn   []*fyne.MenuItem // those for the user's own connections
	connect   *fyne.MenuItem
	themes    map[string]*fyne.MenuItem
	drawn     *menuLook // nil before the first
}

// menuLook is what the items depend on.
type menuLook struct {
	space, own, connected bool
	theme                 string
}

func newMenus(w menuShell, t tools) *menus {
	m := &menus{tools: t, shell: w, keys: map[*fyne.MenuItem]key{}, labels: map[*fyne.MenuItem]string{}, themes: map[string]*fyne.MenuItem{}}
	quit := m.item(lang.L("Quit"), keyQuit, w.closeAsked)
	quit.IsQuit = true
	m.main = fyne.NewMainMenu(
		fyne.NewMenu(lang.L("File"),
			m.item(lang.L("New connection"), keyNew, func() { w.edit(profile.Profile{}, true) }),
			m.item(lang.L("Save the template or connection"), keySave, m.save),
			m.spaceItem(lang.L("Save as another template…"), keySaveTemplateAs, func(s *workspace) { s.template((*send.Screen).SaveTemplateAs) }),
			fyne.NewMenuItemSeparator(),
			fyne.NewMenuItem(lang.L("Import connections…"), w.importProfiles),
			fyne.NewMenuItem(lang.L("Export connections…"), w.exportProfiles),
			fyne.NewMenuItemSeparator(),
			fyne.NewMenuItem(lang.L("Send exported messages again…"), w.replayFile),
			fyne.NewMenuItemSeparator(),
			m.item(lang.L("Settings"), keySettings, w.showSettings),
			fyne.NewMenuItemSeparator(),
			quit),
		m.view(), m.message(), m.connection(),
		fyne.NewMenu(lang.L("Help"),
			m.item(lang.L("Keys"), keyKeys, w.showKeys),
			fyne.NewMenuItem(lang.L("About Gantry"), w.about)))
	if runtime.GOOS != "darwin" { // whose own menu bar draws them
		for _, menu := range m.main.Items {
			m.writeKeys(menu)
		}
	}
	m.numbers()
	m.refresh()
	return m
}

// unwritten is a shortcut that works but that Fyne does not draw.
type unwritten struct{ fyne.Shortcut }

// ShortcutName is called by Fyne.
func (u unwritten) ShortcutName() string { return u.Shortcut.ShortcutName() }

// writeKeys writes a menu's shortcuts into its labels, one below the other. Fyne
// would draw them in a fifth of the ink, at 1.8:1 in the dark.
func (m *menus) writeKeys(menu *fyne.Menu) {
	wide := func(s string) float32 { return fyne.MeasureText(s, theme.SizeText, fyne.TextStyle{}).Width }
	column := float32(0)
	for _, item := range menu.Items {
		column = max(column, wide(item.Label)+24)
	}
	for _, item := range menu.Items {
		k, ok := m.keys[item]
		if !ok {
			continue
		}
		// A blank is as wide as the font of what stands before it has it.
		blank := max((wide(item.Label+"    x")-wide(item.Label+"x"))/4, 1)
		item.Label += strings.Repeat(" ", int((column-wide(item.Label))/blank+0.5)) + bindingOf(k).words()
		item.Shortcut = unwritten{item.Shortcut}
	}
}

func (m *menus) item(label string, k key, do func()) *fyne.MenuItem {
	item := fyne.NewMenuItem(label, func() {
		// A question that stands over the window has the keys.
		if !widgets.Covered(m.win.Canvas()) {
			do()
		}
	})
	item.Shortcut = bindingOf(k).shortcut()
	m.keys[item], m.labels[item] = k, label
	return item
}

// spaceItem is an item that acts on the workspace that is shown.
func (m *menus) spaceItem(label string, k key, do func(*workspace)) *fyne.MenuItem {
	item := m.item(label, k, func() {
		if s := m.shell.space(); s != nil {
			do(s)
		}
	})
	m.needSpace = append(m.needSpace, item)
	return item
}

// tabItem shows a tab, also from an editor, which is left first.
func (m *menus) tabItem(label string, k key, tab int) *fyne.MenuItem {
	return m.item(label, k, func() {
		m.shell.outside(func() {
			if s := m.shell.space(); s != nil {
				s.tabs.Select(tab)
			}
		})
	})
}

// save saves what is edited: a connection in its editor, the send form as a template.
func (m *menus) save() {
	if s := m.shell.space(); s != nil {
		s.template((*send.Screen).SaveTemplate)
		return
	}
	m.shell.saveEditor()
}

func (m *menus) view() *fyne.Menu {
	w := m.shell
	themes := fyne.NewMenuItem(lang.L("Theme"), nil)
	for _, t := range []struct{ name, label string }{
		{string(theme.System), lang.L("Follow the system")}, {string(theme.Light), lang.L("Light")}, {string(theme.Dark), lang.L("Dark")},
	} {
		m.themes[t.name] = fyne.NewMenuItem(t.label, func() { w.setTheme(t.name) })
	}
	themes.ChildMenu = fyne.NewMenu("", m.themes[""], m.themes["light"], m.themes["dark"])
	list := fyne.NewMenuItem(lang.L("Columns, order and chart"), func() {
		if s := w.space(); s != nil && !widgets.Covered(m.win.Canvas()) {
			s.shower(shower.ListMenu)
		}
	})
	m.needSpace = append(m.needSpace, list)
	return fyne.NewMenu(lang.L("View"),
		m.item(lang.L("Find what can be done…"), keyPalette, w.showPalette),
		fyne.NewMenuItemSeparator(),
		m.tabItem(lang.L("Send"), keyTab1, tabSend),
		m.tabItem(lang.L("Subscribe"), keyTab2, tabSubscribe),
		m.tabItem(lang.L("Browse"), keyTab3, tabBrowse),
		m.tabItem(lang.L("Topics"), keyTab4, tabTopics),
		m.tabItem(lang.L("Groups"), keyTab5, tabGroups),
		m.tabItem(lang.L("Cluster"), keyTab6, tabCluster),
		fyne.NewMenuItemSeparator(),
		m.spaceItem(lang.L("Filter"), keyFilter, (*workspace).focusFilter),
		m.spaceItem(lang.L("Go to…"), keyGo, func(s *workspace) { s.shower(shower.GoTo) }),
		list,
		m.spaceItem(lang.L("Refresh"), keyRefresh, func(s *workspace) { s.asker(asker.Refresh) }),
		fyne.NewMenuItemSeparator(),
		m.item(lang.L("Narrow or wide sidebar"), keySidebar, w.toggleSidebar),
		m.spaceItem(lang.L("Place of the message pane"), keyInspector, func(s *workspace) { s.shower(shower.CycleInspector) }),
		fyne.NewMenuItemSeparator(),
		themes)
}

func (m *menus) message() *fyne.Menu {
	w := m.shell
	primary := m.item(lang.L("Send, start, search or test"), keyPrimary, w.primary)
	plain := func(label string, do func(*workspace)) *fyne.MenuItem {
		item := fyne.NewMenuItem(label, func() {
			if s := w.space(); s != nil {
				do(s)
			}
		})
		m.needSpace = append(m.needSpace, item)
		return item
	}
	return fyne.NewMenu(lang.L("Message"),
		primary,
		m.spaceItem(lang.L("Pause or resume"), keyPause, func(s *workspace) { s.subscribe.TogglePause() }),
		m.spaceItem(lang.L("Stop"), keyStop, (*workspace).stop),
		fyne.NewMenuItemSeparator(),
		m.spaceItem(lang.L("Format the body"), keyFormat, func(s *workspace) { s.tabs.Select(tabSend); s.send.FormatBody() }),
		m.spaceItem(lang.L("Insert a dynamic value…"), keyValue, func(s *workspace) { s.tabs.Select(tabSend); s.send.InsertValue() }),
		m.spaceItem(lang.L("Body from a file…"), keyFile, func(s *workspace) { s.tabs.Select(tabSend); s.send.BodyFromFile() }),
		m.spaceItem(lang.L("Send again…"), keySendAgain, func(s *workspace) { s.shower(shower.SendAgain) }),
		m.spaceItem(lang.L("Copy the body"), keyCopyBody, func(s *workspace) { s.shower(shower.CopyBody) }),
		plain(lang.L("Copy a reference to the message"), func(s *workspace) { s.shower(shower.CopyReference) }),
		plain(lang.L("Open the reference on the clipboard"), func(*workspace) { w.openClipboard() }),
		m.spaceItem(lang.L("JSON, text or hex"), keyBodyView, func(s *workspace) { s.shower(shower.CycleBodyView) }),
		fyne.NewMenuItemSeparator(),
		m.spaceItem(lang.L("Clear list"), keyClear, func(s *workspace) { s.clearable((*subscribe.Screen).ClearList) }),
		plain(lang.L("Show all"), func(s *workspace) { s.clearable((*subscribe.Screen).ShowAll) }),
		plain(lang.L("Send all again…"), func(s *workspace) { s.shower(shower.SendAll) }),
		plain(lang.L("Export the messages…"), func(s *workspace) { s.shower(shower.Export) }),
		plain(lang.L("Compare by shape"), func(s *workspace) { s.shower(shower.Shape) }),
		plain(lang.L("Keep as a recording…"), func(s *workspace) { s.shower(shower.Keep) }),
		plain(lang.L("Recordings…"), func(s *workspace) { s.tabs.Select(tabSubscribe); s.subscribe.ShowRecordings() }),
		plain(lang.L("Import messages…"), (*workspace).importRecording),
		fyne.NewMenuItemSeparator(),
		m.spaceItem(lang.L("New subscription"), keyNewSubscription, func(s *workspace) { s.tabs.Select(tabSubscribe); s.subscribe.NewSubscription() }),
		m.spaceItem(lang.L("Close subscription"), keyCloseSubscription, func(s *workspace) { s.subscribe.CloseSubscription() }),
		m.spaceItem(lang.L("Next subscription"), keyNextSubscription, func(s *workspace) { s.tabs.Select(tabSubscribe); s.subscribe.NextSubscription(1) }),
		m.spaceItem(lang.L("Previous subscription"), keyPreviousSubscription, func(s *workspace) { s.tabs.Select(tabSubscribe); s.subscribe.NextSubscription(-1) }))
}

func (m *menus) connection() *fyne.Menu {
	w := m.shell
	m.connect = fyne.NewMenuItem("", func() {
		if s := w.space(); s != nil {
			s.toggle()
		}
	})
	need := func(label string, do func(id string)) *fyne.MenuItem {
		item := fyne.NewMenuItem(label, func() { do(w.chosenID()) })
		m.needOwn = append(m.needOwn, item)
		return item
	}
	m.needSpace = append(m.needSpace, m.connect)
	edit := m.item(lang.L("Edit connection"), keyEdit, func() {
		if s := w.space(); s != nil {
			w.edit(s.profile, false)
		}
	})
	m.needOwn = append(m.needOwn, edit)
	changed := fyne.NewMenuItem(lang.L("Changes…"), func() {
		if s := w.space(); s != nil {
			s.showChanges()
		}
	})
	halves := fyne.NewMenuItem(lang.L("Half messages given up"), func() {
		if s := w.space(); s != nil {
			s.tabs.Select(tabBrowse)
			s.browse.Find(cluster.Query{Kind: cluster.Newest, Topic: message.GivenUpTopic, Count: 100})
		}
	})
	m.needSpace = append(m.needSpace, changed, halves)
	return fyne.NewMenu(lang.L("Connection"),
		m.connect,
		edit,
		need(lang.L("Duplicate"), w.duplicate),
		need(lang.L("Move up"), func(id string) { w.move(id, -1) }),
		need(lang.L("Move down"), func(id string) { w.move(id, 1) }),
		fyne.NewMenuItemSeparator(),
		changed,
		halves,
		fyne.NewMenuItemSeparator(),
		need(lang.L("Delete…"), w.askDelete))
}

// numbers puts Alt+1 to Alt+9 (Control on macOS) on the connections.
func (m *menus) numbers() {
	mod := fyne.KeyModifierAlt
	if runtime.GOOS == "darwin" {
		mod = fyne.KeyModifierControl
	}
	for i, name := range []fyne.KeyName{
		fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9,
	} {
		m.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: mod}, func(fyne.Shortcut) {
			if all := m.shell.all(); i < len(all) && !widgets.Covered(m.win.Canvas()) {
				m.shell.choose(all[i].ID)
			}
		})
	}
}

// refresh follows what is shown. It draws nothing that is drawn: that closes a menu that is
// open, and a connection reports something every few seconds.
func (m *menus) refresh() {
	if m == nil {
		return // while the window is being built
	}
	s := m.shell.space()
	look := menuLook{space: s != nil, theme: m.set.Theme}
	if s != nil {
		look.own, look.connected = own(s.profile.ID), s.conn != nil
	}
	if m.drawn != nil && *m.drawn == look {
		return
	}
	m.drawn = &look
	for _, item := range m.needSpace {
		item.Disabled = !look.space
	}
	for _, item := range m.needOwn {
		item.Disabled = !look.own
	}
	m.connect.Label = lang.L("Connect")
	if look.connected {
		m.connect.Label = lang.L("Disconnect")
	}
	for name, item := range m.themes {
		item.Checked = m.set.Theme == name
	}
	m.main.Refresh()
}
