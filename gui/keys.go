package gui

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

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
	keyRefresh
	keyFormat
	keyFile
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

// bindingOf is the table. Nothing here may take what a field needs for editing
// (C, V, X, A, Z).
func bindingOf(k key) binding {
	switch k {
	case keyNew:
		return binding{name: fyne.KeyN, mod: ctrl}
	case keyEdit:
		return binding{name: fyne.KeyE, mod: ctrl}
	case keySidebar:
		return binding{name: fyne.KeyB, mod: ctrl}
	case keySettings:
		return binding{name: fyne.KeyComma, mod: ctrl}
	case keyKeys:
		return binding{name: fyne.KeySlash, mod: ctrl}
	case keyPrimary:
		return binding{name: fyne.KeyReturn, mod: ctrl}
	case keyStop:
		return binding{name: fyne.KeyPeriod, mod: ctrl}
	case keyPause:
		return binding{name: fyne.KeyP, mod: ctrl}
	case keyTab1:
		return binding{name: fyne.Key1, mod: ctrl}
	case keyTab2:
		return binding{name: fyne.Key2, mod: ctrl}
	case keyTab3:
		return binding{name: fyne.Key3, mod: ctrl}
	case keyTab4:
		return binding{name: fyne.Key4, mod: ctrl}
	case keyTab5:
		return binding{name: fyne.Key5, mod: ctrl}
	case keyTab6:
		return binding{name: fyne.Key6, mod: ctrl}
	case keyFilter:
		return binding{name: fyne.KeyF, mod: ctrl}
	case keyRefresh:
		return binding{name: fyne.KeyR, mod: ctrl}
	case keyFormat:
		return binding{name: fyne.KeyF, mod: ctrlShift}
	case keyFile:
		return binding{name: fyne.KeyO, mod: ctrl}
	case keyNewSubscription:
		return binding{name: fyne.KeyT, mod: ctrl}
	case keyCloseSubscription:
		return binding{name: fyne.KeyW, mod: ctrl}
	case keyNextSubscription:
		return binding{name: fyne.KeyTab, mod: ctrl, keepControl: true}
	case keyPreviousSubscription:
		return binding{name: fyne.KeyTab, mod: ctrlShift, keepControl: true}
	case keyCopyBody:
		return binding{name: fyne.KeyC, mod: ctrlShift}
	case keyBodyView:
		return binding{name: fyne.KeyJ, mod: ctrl}
	case keyInspector:
		return binding{name: fyne.KeyBackslash, mod: ctrl}
	case keySendAgain:
		return binding{name: fyne.KeyReturn, mod: ctrlShift}
	case keyClear:
		return binding{name: fyne.KeyL, mod: ctrl}
	case keySave:
		return binding{name: fyne.KeyS, mod: ctrl}
	default:
		return binding{name: fyne.KeyQ, mod: ctrl}
	}
}

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

// showKeys lists every shortcut, from the menus as they are.
func (w *Window) showKeys() {
	var facts []widgets.Fact
	for _, m := range w.menu.main.Items {
		for _, item := range m.Items {
			if k, ok := w.menu.keys[item]; ok {
				facts = append(facts, widgets.Fact{Label: bindingOf(k).words(), Value: item.Label})
			}
		}
	}
	facts = append(facts,
		widgets.Fact{Label: "Alt+1 … 9", Value: lang.L("Choose a connection")},
		widgets.Fact{Label: "Space", Value: lang.L("Pause or resume, in the list")},
		widgets.Fact{Label: "Home, End", Value: lang.L("Oldest message; newest, and stay there")},
		widgets.Fact{Label: "Enter", Value: lang.L("Open the message, in the list")},
	)
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title: lang.L("Keys"), Details: widgets.NewFacts(facts...), Cancel: lang.L("Close"),
	})
}
