package widgets

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestTextCut(t *testing.T) {
	for _, c := range []struct {
		in    string
		cells int
		want  string
	}{
		{"order-events", 12, "order-events"},
		{"order-events", 11, "order-even…"},
		{"消息体内容", 10, "消息体内容"},
		{"消息体内容", 9, "消息体内…"},
		{"消息体内容", 8, "消息体…"},
		{"a\nb\tc", 5, "a b c"},
		{"ab", 1, "…"},
		{"ab", 0, ""},
		{"", 5, ""},
	} {
		if got := TextCut(c.in, float32(c.cells)*Cell+0.1); got != c.want {
			t.Errorf("TextCut(%q, %d cells) = %q, want %q", c.in, c.cells, got, c.want)
		}
	}
}

// TestTextCutMiddle: both ends of a path stay, in whole cells.
func TestTextCutMiddle(t *testing.T) {
	for in, want := range map[string]string{
		".items[*].qty": ".items[*].qty", ".shipments[*].address.city": ".shipme…ss.city", ".订单.明细.商品.数量\n": ".订单.明….数量 ", "": "",
	} {
		if got := TextCutMiddle(in, 15*Cell+0.1); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzTextCut(f *testing.F) {
	f.Add("消息 body\n", 20)
	f.Add("\xff\xfe", 3)
	f.Fuzz(func(t *testing.T, s string, cells int) {
		cells %= 500
		got := TextCut(s, float32(cells)*Cell+0.1)
		used := 0
		for _, r := range got {
			used += Cells(r)
		}
		if used > max(cells, 0) || !utf8.ValidString(got) {
			t.Fatalf("TextCut(%q, %d) = %q of %d cells", s, cells, got, used)
		}
	})
}

// TestCutLines: words stay whole, Chinese breaks anywhere, and what is left is cut.
func TestCutLines(t *testing.T) {
	length := func(s string) float32 { return float32(len([]rune(s))) }
	for _, c := range []struct {
		text string
		most int
		want []string
	}{
		{"short", 3, []string{"short"}},
		{"Nothing was kept of it.", 3, []string{"Nothing", "was kept", "of it."}},
		{"Nothing was kept of it.", 2, []string{"Nothing", "was kept…"}},
		{"没有保留任何消息，因为文件不对。", 3, []string{"没有保留任何消息", "，因为文件不对。"}},
		{"anything-without-a-space", 2, []string{"anything", "-without…"}},
		{"", 2, []string{""}},
	} {
		if got := CutLines(c.text, 9, c.most, length); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.text, got)
		}
	}
	if got := CutLines("wide", 0, 3, length); !slices.Equal(got, []string{""}) {
		t.Errorf("no room: %q", got)
	}
}

func TestCutMiddleAndEnd(t *testing.T) {
	length := func(s string) float32 { return float32(utf8.RuneCountInString(s)) }
	if got := CutMiddle("mq-prod-a.corp:9876", 12, length); got != "mq-pro…:9876" {
		t.Errorf("CutMiddle = %q", got)
	}
	if got := CutEnd("orders-staging", 8, length); got != "orders-…" {
		t.Errorf("CutEnd = %q", got)
	}
	if CutMiddle("abc", 0, length) != "" || CutEnd("abc", 0, length) != "" || CutEnd("abc", 3, length) != "abc" {
		t.Error("edges")
	}
}

// FuzzHex reads every dump back.
