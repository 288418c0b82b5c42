package compare

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/gui/inspect"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

func plainName(s string) string { return s }

func withBody(body string, props ...message.Property) *message.Message {
	return &message.Message{
		Topic: "orders", Broker: "broker-a", QueueID: 1, QueueOffset: int64(len(body)), Body: []byte(body),
		StoredAt: time.UnixMilli(1_800_000_000_000), BornAt: time.UnixMilli(1_800_000_000_000), Properties: props,
	}
}

// written are rows as a person sees them.
func written(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%c %s|%s|%s\n", " ~-+"[r.op], r.label, r.left, r.right)
	}
	return b.String()
}

// TestLines: what takes the place of other lines stands beside them, with its numbers.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ left, right, want string }{
		{"a\nb", "a\nb", "  |a|a\n  |b|b\n"},
		{"a\nb\nc", "a\nX\nc", "  |a|a\n~ |b|X\n  |c|c\n"},
		{"a\nc", "a\nb\nc", "  |a|a\n+ ||b\n  |c|c\n"},
		{"a\nb\nc", "c", "- |a|\n- |b|\n  |c|c\n"},
		{"", "a", "~ ||a\n"},
	} {
		if got := written(lines(c.left, c.right)); got != c.want {
			t.Errorf("%q and %q:\n%s", c.left, c.right, got)
		}
	}
	last := lines("a\nb\nc", "x\ny\nb\nc")[3]
	if last.leftLine != 3 || last.rightLine != 4 {
		t.Errorf("the last lines are %d and %d", last.leftLine, last.rightLine)
	}
}

// TestSorted: members by name, numbers and those of one name as they are written.
func TestSorted(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"b":1.0,"a":[{"d":1e2,"c":9007199254740993}]}`: `{"a":[{"c":9007199254740993,"d":1e2}],"b":1.0}`,
		`{"k":2,"a":0,"k":1}`:                            `{"a":0,"k":2,"k":1}`,
		`[3,1,2]`:                                        `[3,1,2]`,
		`"x"`:                                            `"x"`,
		`{}`:                                             `{}`,
	} {
		if got := strings.Map(func(r rune) rune {
			if r == ' ' || r == '\n' {
				return -1
			}
			return r
		}, sorted(in)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	deep := strings.Repeat("[", 1000) + strings.Repeat("]", 1000)
	if got := sorted(deep); strings.Count(got, "[") != 1000 {
		t.Error("what is nested deep is lost")
	}
}

// TestRead pairs facts and properties by name, and bodies by what they hold.
func TestRead(t *testing.T) {
	t.Parallel()
	tag := message.Property{Name: "TAGS", Value: "paid"}
	a := withBody(`{"b":1,"a":2}`, tag, message.Property{Name: "colour", Value: "red"}, message.Property{Name: "x", Value: "1"}, message.Property{Name: "x", Value: "2"})
	b := withBody("{\"a\":2,\n\"b\":1}", tag, message.Property{Name: "size", Value: "L"}, message.Property{Name: "x", Value: "1"})
	c := Read(context.Background(), a, b, inspect.Format{}, inspect.Format{})
	if got, want := written(c.props), "- colour|red|\n~ x|1 · 2|1\n  TAGS|paid|paid\n+ size||L\n"; got != want {
		t.Errorf("properties:\n%s", got)
	}
	if !c.json || differing(c.laid) != 0 || differing(c.asIs) == 0 {
		t.Errorf("bodies: sorted\n%s as it is\n%s", written(c.laid), written(c.asIs))
	}
	if got := written(c.facts); !strings.Contains(got, "~ Queue|broker-a · 1 · 13|broker-a · 1 · 14") || !strings.Contains(got, "  Retries|0|0") {
		t.Errorf("facts:\n%s", got)
	}
	c = Read(context.Background(), withBody("\x81\xa2id\x01"), withBody(`{"id":1}`), inspect.Format{}, inspect.Format{})
	if !c.json || differing(c.laid) != 0 || c.leftIs != "MessagePack" || c.rightIs != "JSON" {
		t.Errorf("MessagePack and JSON: %s and %s\n%s", c.leftIs, c.rightIs, written(c.laid))
	}
	c = Read(context.Background(), withBody("\xff\x00"), withBody("text"), inspect.Format{}, inspect.Format{})
	if c.json || differing(c.asIs) == 0 || !strings.Contains(written(c.asIs), "ff 00") {
		t.Errorf("bytes and text:\n%s", written(c.asIs))
	}
}

// TestFold leaves out what is equal, says how much, and nothing where all is asked for.
func TestFold(t *testing.T) {
	t.Parallel()
	left := strings.Split(strings.Repeat("x\n", 19)+"x", "\n")
	right := append([]string{}, left...)
	left[10], right[10] = "old", "new"
	left[13], right[13] = "old", "new"
	rows := lines(strings.Join(left, "\n"), strings.Join(right, "\n"))
	var seen []string
	for _, r := range fold(rows, false, near) {
		if r.kind == folded {
			seen = append(seen, r.label)
		} else {
			seen = append(seen, fmt.Sprint(r.leftLine))
		}
	}
	if got := strings.Join(seen, " "); got != "8 equal 9 10 11 12 13 14 15 16 4 equal" {
		t.Errorf("differences: %s", got)
	}
	if got := fold(rows[:9+1], false, near); len(got) != 1 || got[0].label != "10 equal" {
		t.Errorf("before what differs: %v", got)
	}
	if got := fold(rows[7:11], false, near); len(got) != 4 || got[0].kind == folded {
		t.Errorf("one row is folded: %v", got)
	}
	if got := fold(rows, true, near); len(got) != 20 {
		t.Errorf("all: %d", len(got))
	}
	if got := fold(rows[:5], false, near); len(got) != 1 || got[0].label != "5 equal" {
		t.Errorf("nothing differs: %v", got)
	}
}

// TestCut: of long lines the part is seen that differs.
func TestCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("中", 200)
	l, r := cut(long+"old", long+"new", 40)
	if !strings.Contains(l, "old") || !strings.Contains(r, "new") || !strings.HasPrefix(l, "…中") {
		t.Errorf("%q and %q", l, r)
	}
	if l, r := cut("short", "shore", 40); l != "short" || r != "shore" {
		t.Errorf("%q and %q", l, r)
	}
	if l, r := cut("a\tb", "", 40); l != "a b" || r != "" {
		t.Errorf("%q and %q", l, r)
	}
	for i := range len(long) { // whatever is cut where
		cut(long[:i], long, 20)
		cut(long[:i]+"x", long[:i]+"y", 3)
	}
}

// TestPage shows what differs, goes from place to place and gives the focus back.
func TestPage(t *testing.T) {
	s := stage.New(t)
	screen := widgets.NewEntry()
	s.Show(screen)
	s.Window.Canvas().Focus(screen)
	text := strings.Repeat("same\n", 200)
	g := show(Params{Tasks: s.Tasks, Window: s.Window, Short: plainName, Fail: func(err error) { t.Error(err) }},
		withBody("first\n"+text+"last"), withBody("FIRST\n"+text+"LAST!"))
	s.UntilText("196 equal")
	if !s.Has("Compare") || !s.Has("differ") || g.form.Visible() {
		t.Errorf("it shows:\n%s", stage.Texts(s.Window))
	}
	over(t, s.Window, "orders", 0, "1,010 B")
	over(t, s.Window, "orders", 1, "1,011 B")
	over(t, s.Window, "orders", 1, "FIRST")
	key := func(k fyne.KeyName) { s.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k}) }
	var at []string
	for range 20 {
		before := g.table.at
		key(fyne.KeyF7)
		if g.table.at == before {
			break
		}
		r := g.table.rows[g.table.at]
		at = append(at, r.label+r.left)
	}
	if got := strings.Join(at, " "); !strings.HasSuffix(got, "first last") || len(at) < 4 {
		t.Errorf("gone to %q", at)
	}
	g.which.Select(1)
	if n := len(g.table.rows); n < 200 || s.Has("equal\n") {
		t.Errorf("all: %d rows", n)
	}
	key(fyne.KeyEnd)
	if !s.Has("LAST!") {
		t.Errorf("at the end:\n%s", stage.Texts(s.Window))
	}
	key(fyne.KeyEscape)
	if s.Has("Compare") || s.Window.Canvas().Focused() != fyne.Focusable(screen) {
		t.Error("it stays, or the focus is lost")
	}
}

// TestLongBodies: 5 MB on each side are compared beside the main goroutine, and only what
// is in sight is drawn.
func TestLongBodies(t *testing.T) {
	s := stage.New(t)
	s.Show(widgets.NewEntry())
	var left, right strings.Builder
	for i := range 250_000 {
		fmt.Fprintf(&left, "line %d of the left\n", i)
		if i%1000 == 0 {
			fmt.Fprintf(&right, "another line %d\n", i)
			continue
		}
		fmt.Fprintf(&right, "line %d of the left\n", i)
	}
	g := show(Params{Tasks: s.Tasks, Window: s.Window, Short: plainName, Fail: func(err error) { t.Error(err) }}, withBody(left.String()), withBody(right.String()))
	s.Until(t, "the comparison", func() bool { return g.c != nil })
	if n := differing(g.c.asIs); n != 250 {
		t.Errorf("%d lines differ, want 250", n)
	}
	g.which.Select(1)
	if n := strings.Count(stage.Texts(s.Window), "of the left"); n > 200 {
		t.Errorf("%d lines are drawn", n)
	}
	g.close()
}
