package gui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/problem"
	"gantry/gui/stage"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// TestF15LanguageAtOnce changes the language of all that is seen; what runs goes on.
func TestF15LanguageAtOnce(t *testing.T) {
	r, _ := newConnectedRig(t)
	mine := r.chosen
	r.choose(profile.SandboxID)
	r.choose(mine)
	r.space().tabs.Select(tabSubscribe)
	r.start("hello")
	r.until(func() bool { return r.has("no group is joined") })
	conn := r.space().conn
	r.showSettings()
	stage.See(r.win, func(o fyne.CanvasObject) {
		if s, ok := o.(*widgets.Select); ok {
			s.SetSelected(words.ChineseName)
		}
	})
	r.until(func() bool { return r.has("设置") && r.has("语言") })
	if r.set.Language != words.Chinese || r.has("Settings") {
		t.Errorf("the settings speak:\n%s", r.texts())
	}
	r.closeEditor()
	r.until(func() bool { return r.has("订阅") && r.has("未加入消费组") || r.has("不加入消费组") })
	if r.space().conn != conn || r.space().tabs.Selected() != tabSubscribe {
		t.Error("the connection or the tab is another one")
	}
	if name := r.opened(profile.SandboxID).profile.Name; name != "沙箱" {
		t.Errorf("the sandbox is called %q", name)
	}
	if m := r.menu.main.Items[1].Label; m != "视图" {
		t.Errorf("the menu says %s", m)
	}
	if got, err := conn.Send(t.Context(), &message.Draft{Topic: "hello", ProducerGroup: "p", Body: []byte("still there")}); err != nil || !got.Status.Stored() {
		t.Fatal(got, err)
	}
	r.until(func() bool { return r.has("still there") })
	r.applySettings(words.English, r.set.Theme, r.set.Caps)
	r.until(func() bool { return r.has("no group is joined") && r.has("still there") })
	if r.has("订阅") {
		t.Errorf("Chinese is left:\n%s", r.texts())
	}
}

// TestF20SecondStartIsTranslated, and names the folder instead of the raw text.
func TestF20SecondStartIsTranslated(t *testing.T) {
	test.NewTempApp(t)
	if err := words.Load(words.Chinese); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = words.Load(words.English) })
	folders := client.FoldersIn(t.TempDir())
	err := fmt.Errorf("%w: %s, process %d", fault.FolderInUse, folders.Data, 4711)
	got := startProblem(problem.Explain(err), folders, err)
	if !strings.Contains(got, folders.Data) || strings.Contains(got, "another Gantry") || strings.Contains(got, "process") {
		t.Errorf("it says %q", got)
	}
}
