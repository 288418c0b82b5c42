package words

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2/lang"

	"gantry/assets"
)

func setLocale(t *testing.T, name string) {
	t.Setenv("LC_ALL", name)
	t.Setenv("LANGUAGE", "")
}

func TestLoadFollowsTheChoiceOnEverySystem(t *testing.T) {
	for _, system := range []string{"", "C", "C.UTF-8", "en_US.UTF-8", "en_GB.UTF-8", "zh_CN.UTF-8", "zh_TW.UTF-8", "zh_HK", "de_DE.UTF-8", "fr_CA", "ja_JP.UTF-8", "pt_BR.UTF-8", "sr_RS.UTF-8", "th_TH"} {
		setLocale(t, system)
		for _, choice := range []string{Chinese, English, System} {
			if err := Load(choice); err != nil {
				t.Fatalf("Load(%q) on %q: %v", choice, system, err)
			}
			want, parent := "Cancel", "Parent"
			if l, _ := Language(choice); l == Chinese {
				want, parent = "取消", "上级"
			}
			if got := lang.L("Cancel"); got != want {
				t.Errorf("on %q with %q: Cancel is %q", system, choice, got)
			}
			if got := lang.X("file.parent", "Parent"); got != parent {
				t.Errorf("on %q with %q: file.parent is %q", system, choice, got)
			}
		}
	}
}

func TestSystemLanguage(t *testing.T) {
	for system, want := range map[string]string{"zh_CN.UTF-8": Chinese, "zh_TW": Chinese, "de_DE": English, "C": English} {
		setLocale(t, system)
		if got, _ := Language(System); got != want {
			t.Errorf("%s comes to %s", system, got)
		}
	}
	if _, err := Language("fr"); !errors.Is(err, ErrLanguage) {
		t.Errorf("fr: %v", err)
	}
}

// Every message has every plural form, whatever rules the system's language has.
func TestPluralForms(t *testing.T) {
	zh := map[string]string{"{{.Count}} messages": "{{.Count}} 条消息"}
	one := map[string]string{"{{.Count}} messages": "{{.Count}} message"}
	m := messages(English, zh, one)["{{.Count}} messages"]
	if m.One != "{{.Count}} message" || m.Other != "{{.Count}} messages" || m.Few != m.Other {
		t.Errorf("English: %+v", m)
	}
	m = messages(Chinese, zh, one)["{{.Count}} messages"]
	if m.One != m.Other || m.Other != "{{.Count}} 条消息" {
		t.Errorf("Chinese: %+v", m)
	}
}

// Fyne's own words must be complete, else a forced language is mixed.
func TestFyneWordsAreOurs(t *testing.T) {
	zh, err := assets.Translations()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Cut", "Copy", "Paste", "Select all", "Undo", "Redo", "OK", "Cancel", "Yes", "No", "Open", "Save", "Quit", "file.name"} {
		if zh[word] == "" {
			t.Errorf("Fyne's %q has no Chinese", word)
		}
	}
}

// TestF15LanguageAtOnce: each language has every text, whatever was loaded before.
func TestF15LanguageAtOnce(t *testing.T) {
	setLocale(t, "de_DE.UTF-8")
	for _, c := range []struct{ choice, group, test, singular string }{
		{English, "Group", "Test", "1 broker"}, {Chinese, "消费组", "测试", "1 个 Broker"}, {English, "Group", "Test", "1 broker"},
	} {
		if err := Load(c.choice); err != nil {
			t.Fatal(err)
		}
		one := lang.N("{{.Count}} brokers", 1, map[string]any{"Count": 1})
		if a, b := lang.L("Group"), lang.X("environment.test", "Test"); a != c.group || b != c.test || one != c.singular {
			t.Errorf("%s: %q, %q, %q", c.choice, a, b, one)
		}
	}
}
