package send

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/stage"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

func TestSendAndItsReceipt(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.profile.ClusterID, s.profile.Namespace = "c", "n"
		s.form = profile.SendForm{
			Topic: "orders", Tag: "paid", Keys: " k1  k2 ", Body: "{\"a\": \"华\"}",
			Properties: []profile.FormProperty{{Name: "region", Value: "south"}, {}},
		}
	})
	if !s.Has("c|n%orders") || !s.Has("Nothing sent over this connection yet") {
		t.Errorf("at the start:\n%s", stage.Texts(s.Window))
	}
	s.screen.Primary()
	if s.screen.Sending() != 1 {
		t.Error("a lookup does not count as under way")
	}
	s.done(1)
	want := message.Draft{
		ProducerGroup: "gantry-producer", Topic: "c|n%orders", Tag: "paid", Keys: []string{"k1", "k2"},
		Properties: []message.Property{{Name: "region", Value: "south"}}, Body: []byte("{\"a\": \"华\"}"),
	}
	if d := cmp.Diff(want, s.cluster.drafts()[0]); d != "" {
		t.Error(d)
	}
	s.listed(1)
	for _, text := range []string{"4 ms", "paid", "k1 k2", "broker-a · queue 2 · offset 1820447", "SEND_OK", "7F0000013C2A18B4AAC2684F009D1C96", "0A02140700002A9F00000000001BC6FF"} {
		if !s.Has(text) {
			t.Errorf("%q is not shown:\n%s", text, stage.Texts(s.Window))
		}
	}
	if len(s.used) != 1 || s.used[0] != "orders" {
		t.Errorf("used %v", s.used)
	}
	s.screen.Primary()
	s.screen.Primary()
	s.done(3)
	s.listed(3)
}

func TestEveryErrorStandsAtItsField(t *testing.T) {
	long := strings.Repeat("x", 20000)
	for name, c := range map[string]struct {
		change func(*Screen)
		at     func(*Screen) string
		want   string
	}{
		"no topic":  {func(s *Screen) { s.form.topic.SetText("") }, func(s *Screen) string { return s.form.topicField.Error() }, "A name is missing."},
		"bad topic": {func(s *Screen) { s.form.topic.SetText("a b") }, func(s *Screen) string { return s.form.topicField.Error() }, "Only letters, digits and % | _ - are allowed in the name."},
		"bad tag":   {func(s *Screen) { s.form.tag.SetText("a\x01") }, func(s *Screen) string { return s.form.tagField.Error() }, "A property cannot be sent: it needs a name and a value without control characters, and no name that RocketMQ uses itself."},
		"bad key":   {func(s *Screen) { s.form.keys.SetText("a b\x02") }, func(s *Screen) string { return s.form.keysField.Error() }, "A property cannot be sent: it needs a name and a value without control characters, and no name that RocketMQ uses itself."},
		"bad group": {func(s *Screen) { s.form.group.SetText("组") }, func(s *Screen) string { return s.form.groupField.Error() }, "Only letters, digits and % | _ - are allowed in the name."},
		"no value":  {func(s *Screen) { s.form.properties.append("a", "") }, row, "A value is missing."},
		"no name":   {func(s *Screen) { s.form.properties.append("", "a") }, row, "A name is missing."},
		"system":    {func(s *Screen) { s.form.properties.append("KEYS", "a") }, row, "RocketMQ uses this name itself."},
		"twice":     {func(s *Screen) { s.form.properties.append("a", "1"); s.form.properties.append("a", "2") }, row, "This name is there twice."},
		"too long":  {func(s *Screen) { s.form.properties.append("a", long); s.form.properties.append("b", long) }, func(s *Screen) string { return s.form.properties.wrong.Text() }, "Tag, keys and properties are too long together; 32 KB are allowed."},
		"no body":   {func(s *Screen) { s.body.set(nil, "") }, func(s *Screen) string { return s.body.count.Text() }, "The body is empty. · 0 B"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newRig(t, nil)
			c.change(s.screen)
			s.screen.Primary()
			if got := c.at(s.screen); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			s.Settle(20 * time.Millisecond)
			if len(s.cluster.looked) > 0 || s.screen.Sending() > 0 {
				t.Error("it asked the cluster all the same")
			}
		})
	}
}

func row(s *Screen) string {
	return s.form.properties.rows[len(s.form.properties.rows)-1].field.Error()
}

func TestATopicThatDoesNotExist(t *testing.T) {
	s := newRig(t, func(s *rig) { s.cluster.exists, s.cluster.creates = false, true })
	s.screen.Primary()
	s.UntilText("Topic orders does not exist. Create and send?")
	s.screen.Primary() // the question is open
	s.Tap("Cancel")
	s.quiet(0)
	s.screen.Primary()
	s.UntilText("Create and send?")
	s.Tap("Create and send")
	s.done(1)

	s.cluster.creates = false
	s.screen.Primary()
	s.UntilText("The topic orders does not exist, and the cluster creates none.")
	if s.screen.form.topicField.Error() == "" {
		t.Error("it does not stand at the topic")
	}
	s.cluster.lookupErr = fault.Unreachable
	s.screen.Primary()
	s.Until(t, "the error", func() bool { return len(s.failed) == 1 })
	s.quiet(1)
}

func TestTwoQuestionsComeOneAfterTheOther(t *testing.T) {
	s := newRig(t, func(s *rig) { s.cluster.exists, s.cluster.creates = false, true })
	s.screen.Primary()
	s.screen.Primary()
	s.Until(t, "the lookups", func() bool { return s.screen.Sending() == 0 && s.screen.asking })
	if n := len(s.Window.Canvas().Overlays().List()); n != 1 {
		t.Errorf("%d questions at once", n)
	}
	s.Tap("Create and send")
	s.Tap("Cancel")
	s.done(1)
	s.quiet(1)
}

func TestProductionAsksEachTime(t *testing.T) {
	s := newRig(t, func(s *rig) { s.profile.Environment, s.profile.Name = profile.Production, "prod" })
	for n := range 2 {
		s.screen.Primary()
		s.UntilText("Type prod to confirm")
		field, ok := s.Window.Canvas().Focused().(*widgets.Entry)
		if !ok {
			t.Fatalf("the focus is on %T", s.Window.Canvas().Focused())
		}
		field.SetText("pro")
		press(field, fyne.KeyReturn)
		s.quiet(n)
		field.SetText("prod")
		press(field, fyne.KeyReturn)
		s.done(n + 1)
	}
	s.screen.Primary()
	s.UntilText("Type prod to confirm")
	press(s.Window.Canvas().Focused(), fyne.KeyEscape)
	s.quiet(2)
}

func TestReadOnlyHasNoButton(t *testing.T) {
	s := newRig(t, func(s *rig) { s.profile.ReadOnly = true })
	if stage.Button(s.Window, "Send") != nil || !s.Has("This connection is read-only.") {
		t.Errorf("it shows:\n%s", stage.Texts(s.Window))
	}
	s.screen.Primary()
	s.screen.ConnectionChanged()
	s.quiet(0)
	if len(s.cluster.looked) > 0 {
		t.Error("it asked the cluster")
	}
}

func TestNotConnected(t *testing.T) {
	s := newRig(t, func(s *rig) { s.offline = true })
	if !stage.Button(s.Window, "Send").Disabled() || !s.Has("Not connected. Connect to send.") {
		t.Error("it does not say that it is not connected")
	}
	s.screen.Primary()
	if len(s.failed) != 1 || !errors.Is(s.failed[0], fault.NotConnected) {
		t.Errorf("failed with %v", s.failed)
	}
	s.offline = false
	s.screen.ConnectionChanged()
	if stage.Button(s.Window, "Send").Disabled() {
		t.Error("still disabled")
	}
}

func TestFormIsSavedAndRestored(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form = profile.SendForm{} })
	s.Settle(400 * time.Millisecond)
	if len(s.forms) != 0 {
		t.Error("saved although nothing was typed")
	}
	want := profile.SendForm{
		ProducerGroup: "my-group", Topic: "orders", Tag: " t", Keys: "a  b", Body: "line\n\tx",
		Properties: []profile.FormProperty{{Name: "n", Value: "v"}, {Name: "", Value: ""}},
	}
	f := s.screen.form
	f.topic.SetText(want.Topic)
	f.tag.SetText(want.Tag)
	f.keys.SetText(want.Keys)
	f.group.SetText(want.ProducerGroup)
	f.properties.append("", "").name.SetText("n")
	f.properties.rows[0].value.SetText("v")
	f.properties.append("", "")
	s.screen.body.editor.SetText(want.Body)
	s.Until(t, "the save", func() bool { return len(s.forms) == 1 })
	if d := cmp.Diff(want, s.forms[0]); d != "" {
		t.Error(d)
	}
	f.tag.SetText("last")
	s.screen.Close()
	if len(s.forms) != 2 || s.forms[1].Tag != "last" {
		t.Error("what was typed last is lost")
	}
	s.form = want
	again := New(s.params())
	if d := cmp.Diff(want, again.form.read()); d != "" {
		t.Error(d)
	}
	if !again.form.rest.Visible() {
		t.Error("a group of one's own is hidden")
	}
	again.Close()
}

func TestFitsTheSmallestWindow(t *testing.T) {
	for _, language := range []string{words.English, words.Chinese} {
		s := newRig(t, func(s *rig) {
			s.form.ProducerGroup = "g"
			for range 6 {
				s.form.Properties = append(s.form.Properties, profile.FormProperty{Name: "a", Value: "b"})
			}
		})
		if err := words.Load(language); err != nil {
			t.Fatal(err)
		}
		screen := New(s.params())
		screen.SetNarrow(true)
		s.Window.SetContent(screen.Content())
		s.Window.Resize(fyne.NewSize(968, 594))
		if m := screen.Content().MinSize(); m.Width > 968 || m.Height > 594 {
			t.Errorf("%s: asks for %v", language, m)
		}
		if got := screen.sent.area.Size().Width; got < 340 || got > 380 {
			t.Errorf("%s: the receipts are %v wide", language, got)
		}
		screen.Close()
	}
}

func TestAShortcutDoesNotReachThroughADialog(t *testing.T) {
	s := newRig(t, nil)
	q := confirm.Show(s.Window.Canvas(), confirm.Question{Title: "Leave?", Cancel: "Stay"})
	s.screen.Primary()
	s.quiet(0)
	q.Cancel()
	s.Window.Canvas().Focus(s.screen.form.topic)
	s.screen.form.topic.SetText("")
	s.screen.form.topic.TypedRune('s') // offers "orders" and "stock"
	if !s.screen.form.topic.Open() {
		t.Fatal("no suggestions")
	}
	s.screen.form.topic.SetText("stock")
	s.screen.Primary()
	s.done(1)
	if got := s.cluster.drafts()[0].Topic; got != "stock" || s.screen.form.topic.Open() {
		t.Errorf("sent to %q", got)
	}
}

func TestAMovedSplitIsKept(t *testing.T) {
	s := newRig(t, nil)
	s.Window.Resize(fyne.NewSize(1300, 700))
	if len(s.splits) != 0 || s.screen.split.Offset() != 0 {
		t.Error("saved although nobody moved it")
	}
	test.Drag(s.Window.Canvas(), fyne.NewPos(s.screen.split.Size().Width-s.screen.sent.content.Size().Width+3, 300), -100, 0)
	s.Window.Resize(fyne.NewSize(1100, 700))
	if len(s.splits) != 1 || s.splits[0] < 0.55 || s.splits[0] > 0.6 || s.screen.split.Offset() != s.splits[0] {
		t.Errorf("saved %v, the split is at %v", s.splits, s.screen.split.Offset())
	}
}
