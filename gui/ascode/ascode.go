// Package ascode offers a message as source code that sends it, for mqadmin, Java and Go:
// a menu, whose choice goes to the clipboard.
//
// Everything here runs on Fyne's main goroutine; the code is written in a query.
package ascode

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/message"
	"gantry/client/outbox/code"
	"gantry/client/profile"
	"gantry/gui/task"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Group is the producer group of a message that names none.
const Group = "gantry-producer"

// mostUnpacked is how large a packed body may be when it is unpacked, in bytes.
const mostUnpacked = 64 << 20

// query is the key of the query that writes the code.
const query = "as code"

// errPacked: a client packed the body, and it does not open.
var errPacked = errors.New("the body does not open")

// Params are what Show needs.
type Params struct {
	Tasks *task.Runner
	Scope *task.Scope
	Say   func(string)
	Fail  func(error)
}

// Work makes what the code is to do, beside the main goroutine.
type Work func() (*code.Send, error)

// Show opens the menu below an object. ask is called when a language was chosen; nil says
// that there is nothing to copy, and that it was said.
func Show(p Params, at fyne.CanvasObject, ask func() Work) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(at)
	if c == nil {
		return
	}
	menu := fyne.NewMenu("")
	for _, target := range code.Targets() {
		menu.Items = append(menu.Items, fyne.NewMenuItem(name(target), func() {
			if work := ask(); work != nil {
				p.copy(target, work)
			}
		}))
	}
	widget.ShowPopUpMenuAtPosition(menu, c, driver.AbsolutePositionForObject(at).AddXY(0, at.Size().Height))
}

// name is what a target calls itself.
func name(t code.Target) string {
	return map[code.Target]string{code.MQAdmin: "mqadmin", code.Java: "Java", code.Go: "Go"}[t]
}

// copy puts the code on the clipboard and says what has to be set; or says what it cannot
// carry.
func (p Params) copy(target code.Target, work Work) {
	type answer struct {
		text    string
		account *code.Account
	}
	task.Ask(p.Tasks, p.Scope, query, func(context.Context) (a answer, err error) {
		s, err := work()
		if err != nil {
			return a, err
		}
		a.account = s.Account
		a.text, err = s.Make(target)
		return a, err
	}, func(a answer, err error) {
		var lack *code.LackError
		switch {
		case errors.As(err, &lack):
			p.Say(lacks(lack))
		case errors.Is(err, errPacked):
			p.Say(lang.L("The body is packed in a way that does not open here. It can be saved to a file."))
		case err != nil:
			p.Fail(err)
		default:
			fyne.CurrentApp().Clipboard().SetContent(a.text)
			p.Say(words.Sentences(lang.L("Copied as code for {{.Target}}.", map[string]any{"Target": name(target)}), toSet(a.account)))
		}
	})
}

// toSet says which variable the code reads the secret from.
func toSet(a *code.Account) string {
	if a == nil {
		return ""
	}
	data := map[string]any{"Variable": code.SecretVariable, "Name": a.Name}
	if a.Token {
		return lang.L("Set {{.Variable}} to the token of {{.Name}} before it runs.", data)
	}
	return lang.L("Set {{.Variable}} to the password of {{.Name}} before it runs.", data)
}

// lacks says what a target cannot carry, and whether others can.
func lacks(e *code.LackError) string {
	all := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		all[i] = field(f)
	}
	others := ""
	if e.Target == code.MQAdmin && !slices.Contains(e.Fields, code.Transaction) && !slices.Contains(e.Fields, code.Request) {
		others = lang.L("Java or Go may.")
	}
	return words.Sentences(lang.L("Not copied. {{.Target}} cannot carry: {{.What}}.",
		map[string]any{"Target": name(e.Target), "What": strings.Join(all, lang.L(", "))}), others)
}

func field(f code.Field) string {
	switch f {
	case code.Properties:
		return lang.L("user properties")
	case code.Delay:
		return lang.L("a delay")
	case code.ShardingKey:
		return lang.L("a sharding key")
	case code.Transaction:
		return lang.L("a transaction")
	case code.Request:
		return lang.L("a request")
	case code.OneWay:
		return lang.L("one-way sending")
	case code.Flag:
		return lang.L("the user's flag")
	case code.Packing:
		return lang.L("packing below 4 KB")
	case code.Binary:
		return lang.L("a body that is no UTF-8 text")
	case code.Edges:
		return lang.L("blanks at the ends of the body")
	case code.Length:
		return lang.L("a body of this length")
	case code.Tag:
		return lang.L("blanks at the ends of the tag")
	case code.Keys:
		return lang.L("blanks at the ends of the keys")
	}
	return string(f)
}

// Where is where a profile sends a topic's messages, by its full name. Whether a secret is
// stored is not asked: who has a role signs.
func Where(p profile.Profile, topic string) code.Where {
	w := code.Where{NameServers: p.NameServers, TLS: p.TLS.On, Tencent: p.Tencent(topic)}
	if p.Role != "" {
		w.Account = &code.Account{Name: p.Role, Token: p.Mapping != profile.OpenSource}
	}
	return w
}

// Received is a message that was received over a profile as a new send of it.
func Received(m *message.Message, p profile.Profile) Work {
	return func() (*code.Send, error) {
		body, ok := m.Unpacked(mostUnpacked)
		if !ok {
			return nil, errPacked
		}
		d := code.Again(m, Group, body)
		return &code.Send{Where: Where(p, d.Topic), Draft: d}, nil
	}
}

// NewButton is the button of the menu; show opens it.
func NewButton(show func(at fyne.CanvasObject)) *widgets.Button {
	b := widgets.NewButton(lang.L("As code"), nil, widgets.Quiet, nil)
	b.OnTapped = func() { show(b) }
	return b
}
