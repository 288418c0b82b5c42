package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/cluster"
	"gantry/gui/palette"
	"gantry/gui/profiles"
)

// topicsOffered bounds how many topics the palette knows: each is two commands.
const topicsOffered = 2000

// showPalette opens the palette over what is shown.
func (w *Window) showPalette() { palette.Show(w.win.Canvas(), w.commands()) }

// commands are what can be done now: go to a connection, the actions of the menus, and
// read a topic.
func (w *Window) commands() []palette.Command {
	var all []palette.Command
	for _, p := range w.all() {
		all = append(all, palette.Command{
			Title: lang.L("Go to {{.Name}}", map[string]any{"Name": p.Name}), About: profiles.EnvWord(p.Environment),
			Icon: fynetheme.StorageIcon(), Do: func() { w.choose(p.ID) },
		})
	}
	for _, menu := range w.menu.main.Items {
		all = append(all, w.menu.commands(menu.Label, menu)...)
	}
	s := w.space()
	if s == nil {
		return all
	}
	for _, t := range s.send.Templates() {
		all = append(all, palette.Command{
			Title: lang.L("Template {{.Name}}", map[string]any{"Name": t.Name}), About: t.Folder, Icon: fynetheme.DocumentIcon(),
			Do: func() { s.tabs.Select(tabSend); s.send.UseTemplate(t.Ref) },
		})
	}
	topics := s.topics()
	for _, topic := range topics[:min(len(topics), topicsOffered)] {
		data := map[string]any{"Topic": s.profile.ShortName(topic)}
		all = append(all,
			palette.Command{Title: lang.L("Follow {{.Topic}}", data), About: s.profile.Name, Icon: fynetheme.DownloadIcon(), Do: func() {
				s.tabs.Select(tabSubscribe)
				s.subscribe.Follow(s.profile.ShortName(topic))
			}},
			palette.Command{Title: lang.L("Newest of {{.Topic}}", data), About: s.profile.Name, Icon: fynetheme.SearchIcon(), Do: func() {
				s.tabs.Select(tabBrowse)
				s.browse.Find(cluster.Query{Kind: cluster.Newest, Topic: topic, Count: 100})
			}})
	}
	return all
}

// commands are the items of a menu, and of those below it, that can be chosen now.
func (m *menus) commands(about string, menu *fyne.Menu) (all []palette.Command) {
	for _, item := range menu.Items {
		switch k, hasKey := m.keys[item]; {
		case item.IsSeparator || item.Disabled || hasKey && k == keyPalette:
		case item.ChildMenu != nil:
			all = append(all, m.commands(item.Label, item.ChildMenu)...)
		case hasKey:
			all = append(all, palette.Command{Title: m.labels[item], About: about, Keys: bindingOf(k).words(), Icon: fynetheme.MenuExpandIcon(), Do: item.Action})
		case item.Action != nil:
			all = append(all, palette.Command{Title: item.Label, About: about, Icon: fynetheme.MenuExpandIcon(), Do: item.Action})
		}
	}
	return all
}
