package profile

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// loaded reads settings from a file with this content.
func loaded(t *testing.T, content string) (Settings, Loaded) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return NewSettingsStore(dir).Load()
}

func TestE4SubscriptionIDs(t *testing.T) {
	for _, id := range []string{"", "..", ".", "../../config", `..\..\config`, "/etc", "a/b", "a b", "a\x00", "ä", "a.b", "C:", strings.Repeat("x", mostID+1)} {
		text, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		s, l := loaded(t, `{"version":1,"subscriptions":[{"id":`+string(text)+`,"profile":"p","topic":"t"},{"id":"good-1","topic":"u"}]}`)
		if l.Err != nil || len(s.Subscriptions) != 2 {
			t.Fatalf("%q: %+v, %v", id, s, l.Err)
		}
		got := s.Subscriptions[0]
		if CheckID(got.ID) != nil || got.ID == id || got.Topic != "t" || got.Profile != "p" {
			t.Errorf("%q becomes %+v", id, got)
		}
		if s.Subscriptions[1].ID != "good-1" {
			t.Errorf("a good id became %q", s.Subscriptions[1].ID)
		}
	}
	if s, _ := loaded(t, `{"version":1,"subscriptions":[{"id":"a"},{"id":"a"}]}`); s.Subscriptions[0].ID != "a" || s.Subscriptions[1].ID == "a" {
		t.Errorf("two of one list: %+v", s.Subscriptions)
	}
	if CheckID("019afc2e-A") != nil {
		t.Error("a good id is refused")
	}
}

func TestE5OutOfRangeIsTheDefault(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want Settings
	}{
		"too wide":       {`"window":{"width":1e38,"height":700}`, Settings{}},
		"too high":       {`"window":{"width":1100,"height":1e38}`, Settings{}},
		"no float32":     {`"theme":"dark","window":{"width":1e300,"height":700},"selected":"p"`, Settings{Theme: "dark", Window: Window{Height: 700}, Selected: "p"}},
		"below nothing":  {`"window":{"width":-5,"height":700}`, Settings{}},
		"another type":   {`"window":{"width":"wide"},"selected":7,"language":"en"`, Settings{Language: "en"}},
		"a good window":  {`"window":{"width":1400,"height":900,"inspector":"below"}`, Settings{Window: Window{Width: 1400, Height: 900, Inspector: "below"}}},
		"splits":         {`"window":{"splits":{"a":0.4,"b":-1,"c":1e300}}`, Settings{Window: Window{Splits: map[string]float64{"a": 0.4}}}},
		"unknown words":  {`"language":"xx","theme":"pink","window":{"inspector":"left"}`, Settings{}},
		"caps":           {`"caps":{"messages":-1,"bytes":9223372036854775807,"totalBytes":1073741824}`, Settings{Caps: Caps{TotalBytes: 1 << 30}}},
		"caps too large": {`"caps":{"messages":1e40,"bytes":1e40}`, Settings{}},
		"kinds":          {`"forms":{"p":{"kind":"odd","topic":"t"}}`, Settings{Forms: map[string]SendForm{"p": {Topic: "t"}}}},
		"starts":         {`"subscriptions":[{"id":"a","from":"odd"}]`, Settings{Subscriptions: []Subscription{{ID: "a"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, l := loaded(t, `{"version":1,`+c.in+`}`)
			c.want.Version = 1
			if l.Err != nil {
				t.Error(l.Err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	for _, whole := range []string{`[]`, `7`, `"x"`, `{"version":"x"}`, `{"version":1e300}`} {
		if _, l := loaded(t, whole); !errors.Is(l.Err, ErrCorrupt) || l.SetAside == "" {
			t.Errorf("%s: %+v", whole, l)
		}
	}
}

// TestE5HugeFile: a file that Gantry would never write is not read whole.
func TestE5HugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(1<<40), f.Close()); err != nil {
		t.Skip("no sparse files here:", err)
	}
	if _, l := NewSettingsStore(filepath.Dir(path)).Load(); !errors.Is(l.Err, ErrCorrupt) || l.SetAside == "" {
		t.Errorf("%+v", l)
	}
}

// FuzzSettings: whatever the file holds, what is loaded can be saved and is the same
// then.
func FuzzSettings(f *testing.F) {
	f.Add(`{"version":1,"window":{"width":1e38},"subscriptions":[{"id":""},{"id":"../x","fromTime":"2026-01-02T03:04:05Z"}]}`)
	f.Add(`{"caps":{"messages":1e40},"forms":{"p":{"kind":"x"}},"topics":{"p":["a"]}}`)
	f.Fuzz(func(t *testing.T, content string) {
		s, _ := loaded(t, content)
		for _, sub := range s.Subscriptions {
			if CheckID(sub.ID) != nil {
				t.Errorf("id %q", sub.ID)
			}
		}
		dir := t.TempDir()
		if err := NewSettingsStore(dir).Save(s); err != nil {
			t.Fatal(err)
		}
		s.Version = version
		again, l := NewSettingsStore(dir).Load()
		a, _ := json.Marshal(s)
		b, _ := json.Marshal(again)
		if l.Err != nil || string(a) != string(b) {
			t.Errorf("%s\n%s\n%v", a, b, l.Err)
		}
	})
}

// TestFoldersAndTypesAreKept: a folder of templates is absolute, each type of message is
// one.
func TestFoldersAndTypesAreKept(t *testing.T) {
	dir, err := json.Marshal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, l := loaded(t, `{"version":1,"templateFolders":["",`+string(dir)+`,"../up"],"forms":{"p":{"kind":"oneway"},"q":{"kind":"what"}}}`)
	if l.Err != nil || len(s.TemplateFolders) != 1 || s.Forms["p"].Kind != OneWayMessage || s.Forms["q"].Kind != NormalMessage {
		t.Errorf("%+v, %v", s, l.Err)
	}
}
