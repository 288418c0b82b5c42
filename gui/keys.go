package gui

import (
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/widgets"
)

// key names an action that has a shortcut. Menus, tooltips and the list of keys
// come from the one table below.
type key int

const (
	keyNew key = iota
	keyEdit
	keySidebar
	keySettings
	keyKeys
	keyPrimary
	keyStop
	keyPause
	keyTab1
	keyTab2
	keyTab3
	keyTab4
	keyTab5
	keyTab6
	keyFilter
	keyGo
	keyRefresh
	keyFormat
	keyFile
	keyValue
	keyNewSubscription
	keyCloseSubscription
	keyNextSubscription
	keyPreviousSubscription
	keyCopyBody
	keyBodyView
	keyInspector
	keySendAgain
	keyClear
	keySave
	keySaveTemplateAs
	keyPalette
	keyQuit
)

// binding is a shortcut: on macOS Control becomes Command unless keepControl.
type binding struct {
	name        fyne.KeyName
	mod         fyne.KeyModifier
	keepControl bool
}

const (
	ctrl      = fyne.KeyModifierControl
	ctrlShift = fyne.KeyModifierControl | fyne.KeyModifierShift
)

// bindings is the table. Nothing here may take what a field needs for editing
// (C, V, X, A, Z).
func bindings() map[key]binding {
	return map[key]binding{
		keyNew:                  {name: fyne.KeyN, mod: ctrl},
		keyEdit:                 {name: fyne.KeyE, mod: ctrl},
		keySidebar:              {name: fyne.KeyB, mod: ctrl},
		keySettings:             {name: fyne.KeyComma, mod: ctrl},
		keyKeys:                 {name: fyne.KeySlash, mod: ctrl},
		keyPrimary:              {name: fyne.KeyReturn, mod: ctrl},
		keyStop:                 {name: fyne.KeyPeriod, mod: ctrl},
		keyPause:                {name: fyne.KeyP, mod: ctrl},
		keyTab1:                 {name: fyne.Key1, mod: ctrl},
		keyTab2:                 {name: fyne.Key2, mod: ctrl},
		keyTab3:                 {name: fyne.Key3, mod: ctrl},
		keyTab4:                 {name: fyne.Key4, mod: ctrl},
		keyTab5:                 {name: fyne.Key5, mod: ctrl},
		keyTab6:                 {name: fyne.Key6, mod: ctrl},
		keyFilter:               {name: fyne.KeyF, mod: ctrl},
		keyGo:                   {name: fyne.KeyG, mod: ctrl},
		keyRefresh:              {name: fyne.KeyR, mod: ctrl},
		keyFormat:               {name: fyne.KeyF, mod: ctrlShift},
		keyFile:                 {name: fyne.KeyO, mod: ctrl},
		keyValue:                {name: fyne.KeyI, mod: ctrl},
		keyNewSubscription:      {name: fyne.KeyT, mod: ctrl},
		keyCloseSubscription:    {name: fyne.KeyW, mod: ctrl},
		keyNextSubscription:     {name: fyne.KeyTab, mod: ctrl, keepControl: true},
		keyPreviousSubscription: {name: fyne.KeyTab, mod: ctrlShift, keepControl: true},
		keyCopyBody:             {name: fyne.KeyC, mod: ctrlShift},
		keyBodyView:             {name: fyne.KeyJ, mod: ctrl},
		keyInspector:            {name: fyne.KeyBackslash, mod: ctrl},
		keySendAgain:            {name: fyne.KeyReturn, mod: ctrlShift},
		keyClear:                {name: fyne.KeyL, mod: ctrl},
		keySave:                 {name: fyne.KeyS, mod: ctrl},
		keySaveTemplateAs:       {name: fyne.KeyS, mod: ctrlShift},
		keyPalette:              {name: fyne.KeyK, mod: ctrl},
		keyQuit:                 {name: fyne.KeyQ, mod: ctrl},
	}
}

// bindingOf is the shortcut of an action.
func bindingOf(k key) binding { return bindings()[k] }

func (b binding) shortcut() fyne.Shortcut {
	mod := b.mod
	if runtime.GOOS == "darwin" && !b.keepControl {
		mod = mod&^fyne.KeyModifierControl | fyne.KeyModifierSuper
	}
	return &desktop.CustomShortcut{KeyName: b.name, Modifier: mod}
}

// words is the shortcut as a person reads it: "Ctrl+Shift+F".
func (b binding) words() string {
	var parts []string
	switch {
	case runtime.GOOS == "darwin" && !b.keepControl:
		parts = append(parts, "Cmd")
	default:
		parts = append(parts, "Ctrl")
	}
	if b.mod&fyne.KeyModifierShift != 0 {
		parts = append(parts, "Shift")
	}
	name := string(b.name)
	if b.name == fyne.KeyReturn {
		name = "Enter"
	}
	return strings.Join(append(parts, name), "+")
}

// tip is the tooltip of an action.
func tip(text string, k key) string { return text + " (" + bindingOf(k).words() + ")" }

// keysWidth is that of a column of shortcuts.
const keysWidth float32 = 364

// showKeys lists every shortcut, from the menus as they are, in two columns.
func (w *Window) showKeys() {
	var facts []widgets.Fact
	for _, m := range w.menu.main.Items {
		for _, item := range m.Items {
			if k, ok := w.menu.keys[item]; ok {
				facts = append(facts, widgets.Fact{Label: bindingOf(k).words(), Value: w.menu.labels[item]})
			}
		}
	}
	facts = append(facts,
		widgets.Fact{Label: "Alt+1 … 9", Value: lang.L("Choose a connection")},
		widgets.Fact{Label: "Space", Value: lang.L("Pause or resume, in the list")},
		widgets.Fact{Label: "Home, End", Value: lang.L("Oldest message; newest, and stay there")},
		widgets.Fact{Label: "Enter", Value: lang.L("Open the message, in the list")},
		widgets.Fact{Label: "F3, Shift+F3", Value: lang.L("Next and previous place found, in the body")},
		widgets.Fact{Label: "Ctrl+H", Value: lang.L("Find and replace, in the body")},
	)
	columns := container.New(&arrange.Columns{Gap: 24})
	for half := range slices.Chunk(facts, (len(facts)+1)/2) {
		columns.Add(container.New(&arrange.Rows{Width: keysWidth}, widgets.NewFacts(half...)))
	}
	confirm.Show(w.win.Canvas(), confirm.Question{Title: lang.L("Keys"), Details: columns, Cancel: lang.L("Close")})
}
