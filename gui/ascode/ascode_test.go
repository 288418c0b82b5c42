package ascode

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/client/outbox/code"
	"gantry/client/profile"
	"gantry/gui/stage"
)

// rig is a stage with the button.
type rig struct {
	*stage.Stage
	said   []string
	failed []error
}

func newRig(t *testing.T, work Work) *rig {
	t.Helper()
	r := &rig{Stage: stage.New(t)}
	scope := r.Tasks.Scope()
	t.Cleanup(scope.Close)
	r.Show(NewButton(func(at fyne.CanvasObject) {
		Show(Params{r.Tasks, scope, func(s string) { r.said = append(r.said, s) }, func(err error) { r.failed = append(r.failed, err) }}, at, func() Work { return work })
	}))
	fyne.CurrentApp().Clipboard().SetContent("before")
	return r
}

// choose opens the menu and chooses one of its words.
func (r *rig) choose(t *testing.T, word string) {
	t.Helper()
	r.Tap("As code")
	r.Choose(word)
	r.Until(t, "what is said", func() bool { return len(r.said)+len(r.failed) > 0 })
}

func received() *message.Message {
	return &message.Message{
		Topic: "%DLQ%g", Body: []byte("hello\n"),
		Properties: []message.Property{{Name: "RETRY_TOPIC", Value: "c|n%orders"}, {Name: "colour", Value: "red"}},
	}
}

func cloud() profile.Profile {
	return profile.Profile{NameServers: []string{"a:1"}, Role: "tester", Mapping: profile.TDMQ, ClusterID: "c", Namespace: "n", TLS: profile.TLS{On: true}}
}

// TestCopied: the code is on the clipboard, and what has to be set is said.
func TestCopied(t *testing.T) {
	for word, want := range map[string]string{"Java": "public class SendMessage", "Go": "package main"} {
		r := newRig(t, Received(received(), cloud()))
		r.choose(t, word)
		if got := fyne.CurrentApp().Clipboard().Content(); !strings.Contains(got, want) || !strings.Contains(got, `"c|n%orders"`) || !strings.Contains(got, `"hello\n"`) || !strings.Contains(got, `"red"`) {
			t.Errorf("%s: %s", word, got)
		}
		if want := "Copied as code for " + word + ". Set ROCKETMQ_SECRET to the token of tester before it runs."; r.said[0] != want {
			t.Errorf("%s: %q, want %q", word, r.said[0], want)
		}
	}
}

// TestRefused: what a target cannot carry is said, and nothing is copied.
func TestRefused(t *testing.T) {
	r := newRig(t, Received(received(), cloud()))
	r.choose(t, "mqadmin")
	if want := "Not copied. mqadmin cannot carry: blanks at the ends of the body, user properties. Java or Go may."; r.said[0] != want {
		t.Errorf("%q, want %q", r.said[0], want)
	}
	if got := fyne.CurrentApp().Clipboard().Content(); got != "before" {
		t.Errorf("copied %q", got)
	}
}

// TestNotOpened: a body that does not open, and one that cannot be sent.
func TestNotOpened(t *testing.T) {
	m := received()
	m.SysFlag, m.Body = 1, []byte("no zlib")
	r := newRig(t, Received(m, cloud()))
	r.choose(t, "Go")
	if len(r.said) != 1 || !strings.HasPrefix(r.said[0], "The body is packed in a way") {
		t.Errorf("%q, %v", r.said, r.failed)
	}
	m = received()
	m.Body = nil
	r = newRig(t, Received(m, cloud()))
	r.choose(t, "Go")
	if len(r.failed) != 1 || fyne.CurrentApp().Clipboard().Content() != "before" {
		t.Errorf("%q, %v", r.said, r.failed)
	}
}

// TestWhere: where a profile sends.
func TestWhere(t *testing.T) {
	t.Parallel()
	w := Where(cloud(), "c|n%orders")
	if !w.TLS || !w.Tencent || w.Account == nil || !w.Account.Token || w.Account.Name != "tester" || w.NameServers[0] != "a:1" {
		t.Errorf("%+v", w)
	}
	w = Where(profile.Profile{Role: "alice", Mapping: profile.OpenSource}, "orders")
	if w.TLS || w.Tencent || w.Account == nil || w.Account.Token {
		t.Errorf("%+v", w)
	}
	if w := Where(profile.Profile{Mapping: profile.TDMQ}, "orders"); w.Account != nil || w.Tencent {
		t.Errorf("%+v", w)
	}
}

// TestWords: everything that cannot be carried has words of its own.
func TestWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range []code.Field{code.Properties, code.Delay, code.ShardingKey, code.OneWay, code.Flag, code.Packing, code.Binary, code.Edges, code.Length, code.Tag, code.Keys} {
		if w := field(f); w == "" || seen[w] {
			t.Errorf("%s is %q", f, w)
		} else {
			seen[w] = true
		}
	}
}
