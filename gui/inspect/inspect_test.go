package inspect

import (
	"bytes"
	"compress/gzip"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/bodyview"
	"gantry/gui/msglist"
	"gantry/gui/stage"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/words"
)

type rig struct {
	queue chan func()
	view  *Inspector
	said  string
}

func newRig(t *testing.T) *rig {
	stage.NoDesktop(t)
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	r := &rig{queue: make(chan func(), 64)}
	tasks := task.New(func(f func()) { r.queue <- f })
	r.view = New(Params{Tasks: tasks, Say: func(s string) { r.said = s }, Fail: func(err error) { t.Error(err) }})
	w := test.NewTempWindow(t, r.view.Content())
	w.Resize(fyne.NewSize(416, 700))
	r.view.p.Window = w
	t.Cleanup(func() { r.view.Close(); tasks.Close(time.Second) })
	return r
}

// settle runs what queries hand over until none runs.
func (r *rig) settle() {
	for r.view.scope.Running(queryBody) || r.view.scope.Running(queryCopy) || r.view.scope.Running(queryState) {
		(<-r.queue)()
	}
}

func withBody(b string) *message.Message {
	return &message.Message{
		Topic: "order-events", Broker: "broker-a", QueueID: 2, QueueOffset: 1820447, Body: []byte(b),
		StoredAt: time.UnixMilli(1_800_000_000_003), BornAt: time.UnixMilli(1_800_000_000_000),
		Properties: []message.Property{{Name: "UNIQ_KEY", Value: "ID"}, {Name: "colour", Value: "red"}, {Name: "TAGS", Value: "paid"}},
	}
}

func clipboard() string { return fyne.CurrentApp().Clipboard().Content() }

func TestBodyIsExact(t *testing.T) {
	r := newRig(t)
	large := `{"a":"` + strings.Repeat("界", 100_000) + `"}`
	for _, c := range []struct {
		body, copied string
		mode         mode
		info         string
	}{
		{`{"b":1,  "a":2}`, `{"b":1,  "a":2}`, asJSON, "JSON · 15 B"},
		{"plain\r\ntext\n", "plain\r\ntext\n", asText, "Text · 12 B"},
		{"\xff\x00\x01", bodyview.HexDump([]byte("\xff\x00\x01")), asHex, "Hex · 3 B"},
		{large, large, asJSON, "JSON · 293.0 KB"},
		{"", "", asText, "Text · 0 B"},
		{gzipped("{}"), "{}", asJSON, "JSON · gzip 26 B · 2 B"},
	} {
		r.view.Show(withBody(c.body))
		r.settle()
		if r.view.mode != c.mode || r.view.about.Text() != c.info && !strings.Contains(c.info, "gzip") {
			t.Errorf("%.20q: mode %v, %q", c.body, r.view.mode, r.view.about.Text())
		}
		fyne.CurrentApp().Clipboard().SetContent("-")
		r.view.CopyBody()
		r.settle()
		if got := clipboard(); got != c.copied {
			t.Errorf("%.20q: copied %.60q", c.body, got)
		}
	}
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func TestNewerMessageSupersedes(t *testing.T) {
	r := newRig(t)
	r.view.Show(withBody(strings.Repeat("x", heavy+1)))
	r.view.Show(withBody("small"))
	for range 2 {
		select {
		case f := <-r.queue:
			f()
		case <-time.After(50 * time.Millisecond):
		}
	}
	if string(r.view.body.plain) != "small" {
		t.Error("the older body replaced the newer")
	}
}

// TestChoiceStays: the view that was chosen holds for the next messages that can be
// shown so, the charset for those that are in it.
func TestChoiceStays(t *testing.T) {
	r := newRig(t)
	show := func(body string, mode mode, charset message.Charset, info string) {
		t.Helper()
		r.view.Show(withBody(body))
		r.settle()
		if v := r.view; v.mode != mode || v.modes.Selected() != int(mode) || v.charset.Selected != string(charset) || !strings.HasPrefix(v.about.Text(), info) {
			t.Errorf("%.20q: mode %v, %s, %q", body, v.mode, v.charset.Selected, v.about.Text())
		}
	}
	show(`{"a":1}`, asJSON, message.UTF8, "JSON")
	r.view.modes.Select(int(asText))
	show(`{"b":2}`, asText, message.UTF8, "Text")
	show("\xff\x01", asHex, message.UTF8, "Hex") // no text
	show(`{"c":3}`, asText, message.UTF8, "Text")
	r.view.CycleView()
	show("plain", asHex, message.UTF8, "Hex")
	r.view.CycleView()
	show("plain", asText, message.UTF8, "Text")
	show(`{"d":4}`, asJSON, message.UTF8, "JSON")
	r.view.charset.SetSelected(string(message.GBK))
	show("\xd6\xd0\xce\xc4", asText, message.GBK, "Text")
	show("中文", asText, message.UTF8, "Text")
	show("\xff\xff\x01", asHex, message.UTF8, "Hex")
	// Found out by themselves.
	show("\ufeff{\"e\":5}", asJSON, message.UTF8, "JSON")
	show("\xff\xfe-N\x87e", asText, message.UTF16LE, "Text")
	show("\xfe\xffN-e\x87", asText, message.UTF16BE, "Text")
	show(strings.Repeat("\xd6\xd0", heavy), asText, message.GBK, "Text")
	r.view.Show(withBody("中"))
	r.view.charset.SetSelected(string(message.GBK)) // as told, whatever comes of it
	if r.view.about.Text() != "Hex · 3 B" || r.view.charset.Selected != string(message.GBK) {
		t.Errorf("%q, %s", r.view.about.Text(), r.view.charset.Selected)
	}
	r.view.Show(withBody("{\"a\":\n"))
	r.view.modes.Select(int(asJSON))
	if got := r.view.reason.Text(); got != "It ends too early, at line 2, column 1." {
		t.Errorf("%q", got)
	}
}

func TestModesAndCharset(t *testing.T) {
	r := newRig(t)
	r.view.Show(withBody("[1,\n2,,]"))
	r.view.modes.Select(int(asJSON))
	if got := r.view.about.Text(); got != "Not JSON · 8 B" || r.view.reason.Text() != "“,” at line 2, column 3 does not fit." {
		t.Errorf("info %q, %q", got, r.view.reason.Text())
	}
	pane, line := r.view.view.Position().Y, r.view.reason
	if line.Position().Y+line.Size().Height > pane || !line.Visible() {
		t.Errorf("the reason lies at %v, the body at %v", line.Position(), pane)
	}
	r.view.modes.Select(int(asText))
	if line.Visible() || r.view.view.Position().Y >= pane {
		t.Error("the reason stays")
	}
	r.view.Show(withBody("\xd6\xd0\xce\xc4")) // 中文 in GBK
	if r.view.mode != asText || r.view.charset.Selected != string(message.GBK) {
		t.Errorf("GBK is not found out: mode %v, %s", r.view.mode, r.view.charset.Selected)
	}
	r.view.charset.SetSelected(string(message.GBK))
	r.view.CopyBody()
	if r.view.mode != asText || clipboard() != "中文" {
		t.Errorf("GBK: mode %v, %q", r.view.mode, clipboard())
	}
	r.view.CycleView()
	if r.view.mode != asHex {
		t.Error("no cycling")
	}
	r.view.CopyBody()
	r.settle()
	if clipboard() != bodyview.HexDump([]byte("\xd6\xd0\xce\xc4")) {
		t.Errorf("dump %q", clipboard())
	}
}

func TestFactsAndSides(t *testing.T) {
	r := newRig(t)
	if !r.view.empty.Visible() || r.view.page.Visible() {
		t.Error("no empty state")
	}
	m := withBody("x")
	r.view.Show(m)
	props := propertyFacts(m)
	if props[0].Label != "colour" || props[0].Tint == theme.Muted || props[1].Tint != theme.Muted || len(props) != 3 {
		t.Errorf("%+v", props)
	}
	facts := messageFacts(m, r.view.p.Short)
	if !strings.HasSuffix(facts[3].Value, ".003  (+3 ms)") || facts[2].Value != "broker-a · 2 · 1820447" || facts[0].Value != "ID" {
		t.Errorf("%+v", facts[:4])
	}
	m.Topic = message.RetryTopic("g")
	if f := messageFacts(m, r.view.p.Short); f[0].Value != "%RETRY%g" {
		t.Errorf("the full topic is not there: %+v", f[0])
	}
	if w := r.view.Content().MinSize().Width; w > 340 {
		t.Errorf("at the right it needs %v", w)
	}
	r.view.SetBelow(true)
	if min := r.view.Content().MinSize(); min.Width > 968 || min.Height > 180 {
		t.Errorf("below it needs %v", min)
	}
	r.view.CopyRow()
	if clipboard() != msglist.Text(m) || r.said != "Copied." {
		t.Errorf("row %q, said %q", clipboard(), r.said)
	}
}

func TestSaveWritesTheBytes(t *testing.T) {
	r := newRig(t)
	m := withBody("\xff\x00 packed or not")
	r.view.Show(m)
	r.view.save()
	for r.view.p.Window.Canvas().Overlays().Top() == nil { // the desktop is asked first
		select {
		case f := <-r.queue:
			f()
		case <-time.After(20 * time.Second):
			t.Fatal("no file dialog")
		}
	}
	path := filepath.Join(t.TempDir(), "body.bin")
	w, err := storage.Writer(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	r.view.write(m, w)
	for r.said == "" {
		(<-r.queue)()
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, m.Body) {
		t.Errorf("saved %q, %v", b, err)
	}
}

func TestFileName(t *testing.T) {
	short := func(s string) string { return strings.TrimPrefix(s, "inst|ns%") }
	for body, want := range map[string]string{"{}": ".json", "text": ".txt", "\xff": ".bin", "": ".txt"} {
		m := withBody(body)
		m.Topic = "inst|ns%%RETRY%g"
		if got := fileName(m, short); got != "_RETRY_g-1820447"+want {
			t.Errorf("%q: %s", body, got)
		}
	}
}

// TestB7B8ReadsWhatOthersWrite: a byte-order mark is no part of the text, and a charset that
// is chosen for a body in hex shows text.
func TestB7B8ReadsWhatOthersWrite(t *testing.T) {
	r := newRig(t)
	r.view.Show(withBody("\ufeff{\"a\":1}"))
	if r.view.mode != asJSON || r.view.reason.Text() != "" {
		t.Errorf("JSON behind a mark: mode %v, %q", r.view.mode, r.view.reason.Text())
	}
	r.view.Show(withBody("\xb0\xa1 \x01")) // GBK, and a control sign that makes it doubtful
	if r.view.mode != asHex {
		t.Fatalf("mode %v", r.view.mode)
	}
	r.view.charset.SetSelected(string(message.GBK))
	if r.view.mode != asText || !strings.HasPrefix(r.view.body.text, "啊") {
		t.Errorf("chosen: mode %v, %q", r.view.mode, r.view.body.text)
	}
}

// TestF12DueIsSaid: a delayed message is held against the time that it was due, and the
// timer's numbers are times; what is copied is the value as it is stored.
func TestF12DueIsSaid(t *testing.T) {
	due := time.Date(2026, 11, 23, 4, 2, 0, 0, time.Local)
	ms := strconv.FormatInt(due.UnixMilli(), 10)
	m := &message.Message{
		Topic: "orders", BornAt: due.Add(-5 * time.Second), StoredAt: due.Add(700 * time.Millisecond),
		Properties: []message.Property{{Name: "TIMER_OUT_MS", Value: ms}, {Name: "TIMER_DELAY_MS", Value: "5000"}},
	}
	if got := delta(m); got != "  (due 04:02:00, 0.7 s late)" {
		t.Errorf("delayed: %q", got)
	}
	m.StoredAt = due.Add(-time.Second)
	if got := delta(m); got != "  (due 04:02:00)" {
		t.Errorf("not due yet: %q", got)
	}
	for _, f := range propertyFacts(m) {
		if want := map[string]string{"TIMER_OUT_MS": "2026-11-23 04:02:00.000", "TIMER_DELAY_MS": "5 s"}[f.Label]; f.Shown != want || f.Value != m.Property(f.Label) {
			t.Errorf("%s: %q for %q", f.Label, f.Shown, f.Value)
		}
	}
	m.Properties, m.StoredAt = nil, m.BornAt.Add(6*time.Millisecond)
	if got := delta(m); got != "  (+6 ms)" {
		t.Errorf("at once: %q", got)
	}
}

// TestWhatABrokerKeepsIsTold: for what a message waits among the brokers' own, and where it was
// sent to; of a dead letter the deliveries, of which a broker counts the last one too.
func TestWhatABrokerKeepsIsTold(t *testing.T) {
	due := time.Date(2026, 11, 23, 4, 2, 0, 0, time.Local)
	of := func(topic string, more ...message.Property) *message.Message {
		return &message.Message{Topic: topic, ReconsumeTimes: 2, Properties: append(more, message.Property{Name: message.PropertyRealTopic, Value: "orders"})}
	}
	short := func(s string) string { return s }
	for _, c := range []struct {
		m    *message.Message
		want string
	}{
		{of(message.TimersTopic, message.Property{Name: "TIMER_OUT_MS", Value: strconv.FormatInt(due.UnixMilli(), 10)}), "until " + words.Clock(due, time.Now()) + " · then in orders"},
		{of("SCHEDULE_TOPIC_XXXX"), "for its delay · then in orders"},
		{of("RMQ_SYS_TRANS_HALF_TOPIC"), "for its producer's decision · then in orders, if it is committed"},
		{of("%DLQ%g", message.Property{Name: message.PropertyRetryTopic, Value: "orders"}), "after 2 deliveries · first in orders"},
		{of("orders"), ""},
	} {
		got := ""
		for _, f := range deadFacts(c.m, short) {
			got += f.Value
		}
		if got != c.want {
			t.Errorf("%s: %q", c.m.Topic, got)
		}
	}
	for _, e := range entries(of(message.TimersTopic), &insight.MessageState{}, short) {
		if strings.Contains(e.words, "No group reads it") {
			t.Error("it says that nobody reads what groups of orders get")
		}
	}
}

// TestF7TwoLinesOfFacts stand above the body; all of them are under Details, on both
// sides.
func TestF7TwoLinesOfFacts(t *testing.T) {
	r := newRig(t)
	m := withBody("x")
	m.StoreHost = netip.MustParseAddrPort("10.0.0.7:10911")
	r.view.Show(m)
	if h := r.view.brief.MinSize().Height; h > 45 {
		t.Errorf("facts are %v high", h)
	}
	top := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.view.view).Y
	if body := r.view.view.Size().Height; body < 400 || top > 250 {
		t.Errorf("the body is %v high from %v on, of 700", body, top)
	}
	for _, below := range []bool{false, true} {
		r.view.SetBelow(below)
		seen := func() string { return stage.Texts(r.view.p.Window) }
		if strings.Contains(seen(), "10.0.0.7:10911") {
			t.Errorf("below %v: the store host is not folded away", below)
		}
		if r.view.tabs.Select(tabDetails); !strings.Contains(seen(), "10.0.0.7:10911") {
			t.Errorf("below %v: it is not under Details", below)
		}
	}
}

// TestF18EightRows: below the list the inspector leaves it eight rows in the smallest window,
// as long as something is left for the message itself.
func TestF18EightRows(t *testing.T) {
	const bars, row = 42 + 24, 26
	for total, want := range map[float32]float32{453: 8, 435: 8, 428: 8, 900: 16} {
		below := usualBelow(total)
		if rows := int((total - below - bars) / row); float32(rows) != want || below < leastBelow {
			t.Errorf("of %v the list has %d rows and the inspector %v", total, rows, below)
		}
	}
	if below := usualBelow(300); below > 300*belowShare {
		t.Error("the inspector takes", below)
	}
}

// TestAsCode: a message as code, at both sides of a list; not without a profile.
func TestAsCode(t *testing.T) {
	s := stage.New(t)
	var said []string
	p := Params{Tasks: s.Tasks, Window: s.Window, Say: func(text string) { said = append(said, text) }, Fail: func(err error) { t.Error(err) }}
	without := New(p)
	p.Profile = func() profile.Profile { return profile.Profile{NameServers: []string{"10.0.0.1:9876"}} }
	view := New(p)
	t.Cleanup(func() { without.Close(); view.Close() })
	without.Show(withBody("hello"))
	s.Show(without.Content())
	if s.Has("As code") {
		t.Error("code is offered without a profile")
	}
	s.Show(view.Content())
	view.Show(withBody("hello"))
	for n, below := range []bool{false, true} {
		view.SetBelow(below)
		fyne.CurrentApp().Clipboard().SetContent("")
		s.Tap("As code")
		s.Choose("Go")
		s.Until(t, "the code", func() bool { return len(said) > n })
		if got := clipboard(); !strings.Contains(got, `const body = "hello"`) || !strings.Contains(got, `"colour", "red"`) || !strings.Contains(got, `"10.0.0.1:9876"`) {
			t.Errorf("below %v: %s", below, got)
		}
	}
}
