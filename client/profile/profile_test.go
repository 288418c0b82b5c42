package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSecretPrintsNowhere(t *testing.T) {
	s := Secret("eyJrZXlJZC")
	b, err := json.Marshal(struct{ S Secret }{s})
	if err != nil {
		t.Fatal(err)
	}
	all := string(b) + fmt.Sprint(s) + fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s) + fmt.Sprintf("%v", struct{ S Secret }{s})
	if strings.Contains(all, "eyJ") || strings.Contains(all, "65794a") {
		t.Errorf("the secret shows: %s", all)
	}
	if s.Reveal() != "eyJrZXlJZC" {
		t.Error("Reveal does not return it")
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		p              Profile
		s              Secret
		access, secret string
	}{
		{Profile{Role: "r", Mapping: TDMQ}, "tok", "tok", "r"},
		{Profile{Role: "r"}, "tok", "tok", "r"},
		{Profile{Role: "user", Mapping: OpenSource}, "pw", "user", "pw"},
		{Profile{Role: "user", Mapping: OpenSource}, "", "", ""},
		{Profile{Mapping: TDMQ}, "tok", "", ""},
	} {
		if a, s := c.p.Keys(c.s); a != c.access || s != c.secret {
			t.Errorf("%v: %q, %q", c.p, a, s)
		}
	}
}

func TestNames(t *testing.T) {
	p := Profile{ClusterID: "rocketmq-abc", Namespace: "ns"}
	for in, want := range map[string]string{
		"orders":                "rocketmq-abc|ns%orders",
		" orders ":              "rocketmq-abc|ns%orders",
		"rocketmq-abc|ns%x":     "rocketmq-abc|ns%x",
		"rocketmq-abc｜ns%x":     "rocketmq-abc|ns%x",
		"other|ns%x":            "other|ns%x",
		"%RETRY%rocketmq|ns%g":  "%RETRY%rocketmq|ns%g",
		"":                      "",
		"MQ_INST_1_2%something": "MQ_INST_1_2%something",
	} {
		if got := p.FullName(in); got != want {
			t.Errorf("FullName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := p.ShortName("rocketmq-abc|ns%orders"); got != "orders" {
		t.Errorf("ShortName: %q", got)
	}
	if got := (&Profile{}).FullName("orders"); got != "orders" {
		t.Errorf("without a namespace: %q", got)
	}
}

func TestClean(t *testing.T) {
	for name, c := range map[string]struct {
		in, want  Profile
		corrected bool
	}{
		"full-width bar": {Profile{Namespace: "rocketmq-1｜ns"}, Profile{ClusterID: "rocketmq-1", Namespace: "ns"}, true},
		"both pasted":    {Profile{ClusterID: "rocketmq-1", Namespace: "rocketmq-1|ns"}, Profile{ClusterID: "rocketmq-1", Namespace: "ns"}, false},
		"pasted above":   {Profile{ClusterID: "rocketmq-1|ns%"}, Profile{ClusterID: "rocketmq-1", Namespace: "ns"}, false},
		"blanks":         {Profile{Name: " a ", Role: "r\n"}, Profile{Name: "a", Role: "r"}, false},
	} {
		got := c.in
		if corrected := got.Clean(); corrected != c.corrected {
			t.Errorf("%s: corrected %v", name, corrected)
		}
		c.want.Environment, c.want.Mapping = Development, TDMQ
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestValidate(t *testing.T) {
	good := Profile{ID: "1", Name: "a", NameServers: []string{"127.0.0.1:9876", "[::1]:9876", "mq.corp:8080"}}
	if errs := good.Validate([]Profile{{ID: "1", Name: "a"}}); len(errs) > 0 {
		t.Fatal(errs)
	}
	for name, c := range map[string]struct {
		change func(*Profile)
		field  Field
		want   error
	}{
		"no name":     {func(p *Profile) { p.Name = "" }, FieldName, ErrEmpty},
		"taken":       {func(p *Profile) { p.Name = "b" }, FieldName, ErrTaken},
		"no servers":  {func(p *Profile) { p.NameServers = nil }, FieldNameServers, ErrEmpty},
		"no port":     {func(p *Profile) { p.NameServers = []string{"mq.corp"} }, FieldNameServers, ErrNoPort},
		"bad port":    {func(p *Profile) { p.NameServers = []string{"mq.corp:99999"} }, FieldNameServers, ErrBadPort},
		"bad host":    {func(p *Profile) { p.NameServers = []string{"a b:1"} }, FieldNameServers, ErrBadHost},
		"empty host":  {func(p *Profile) { p.NameServers = []string{":1"} }, FieldNameServers, ErrBadHost},
		"scheme":      {func(p *Profile) { p.NameServers = []string{"tcp://a:1"} }, FieldNameServers, ErrScheme},
		"twice":       {func(p *Profile) { p.NameServers = []string{"a:1", "a:1"} }, FieldNameServers, ErrDuplicate},
		"bad cluster": {func(p *Profile) { p.ClusterID = "集群" }, FieldClusterID, ErrBadSign},
	} {
		p := good
		c.change(&p)
		errs := p.Validate([]Profile{{ID: "2", Name: "b"}})
		if len(errs) != 1 || errs[0].Field != c.field || !errors.Is(errs[0], c.want) {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

func TestSplitAddresses(t *testing.T) {
	got := SplitAddresses(" http://a.b:9876/;c:1, d:2\nHTTPS://e:3；f:4，g:5、h:6 ;;")
	want := []string{"a.b:9876", "c:1", "d:2", "e:3", "f:4", "g:5", "h:6"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func FuzzSplitAddresses(f *testing.F) {
	f.Add("http://a:1;b:2")
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range SplitAddresses(s) {
			if dial, err := CheckAddress(a); err == nil {
				if again, err := CheckAddress(dial); err != nil || again != dial {
					t.Fatalf("%q becomes %q, then %q, %v", a, dial, again, err)
				}
			}
		}
	})
}

func TestStoreRoundTripAndModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "config")
	s := NewStore(dir)
	if ps, l := s.Load(); len(ps) != 0 || l.Err != nil {
		t.Fatalf("first start: %v, %v", ps, l)
	}
	want := []Profile{{ID: "1", Name: "支付", NameServers: []string{"a:1"}, Mapping: TDMQ, Environment: Test}}
	for range 2 {
		if err := s.Save(want); err != nil {
			t.Fatal(err)
		}
	}
	got, l := NewStore(dir).Load()
	if l.Err != nil {
		t.Fatal(l.Err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, n := range []string{"profiles.json", "profiles.json.bak"} {
		if info, err := os.Stat(filepath.Join(dir, n)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", n, info, err)
		}
	}
}

func TestCorruptFileIsSetAside(t *testing.T) {
	for name, text := range map[string]string{
		"cut":      `{"version":1,"profiles":[{"id":"1"`,
		"empty":    ``,
		"other":    `[]`,
		"no id":    `{"version":1,"profiles":[{"name":"a"}]}`,
		"no list":  `{"version":1}`,
		"no head":  `{"profiles":[]}`,
		"bad type": `{"version":1,"profiles":[{"id":1}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "profiles.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := NewStore(dir)
			_, l := s.Load()
			if !errors.Is(l.Err, ErrCorrupt) || l.SetAside == "" {
				t.Fatalf("%+v", l)
			}
			if err := s.Save([]Profile{}); err != nil {
				t.Fatal(err)
			}
			if b, err := os.ReadFile(l.SetAside); err != nil || string(b) != text {
				t.Errorf("what was set aside: %q, %v", b, err)
			}
		})
	}
}

func TestNewerFileIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	text := `{"version":99,"profiles":"another form"}`
	for _, n := range []string{"profiles.json", "settings.json"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, set := NewStore(dir), NewSettingsStore(dir)
	if _, l := s.Load(); !errors.Is(l.Err, ErrNewer) || l.SetAside != "" {
		t.Fatalf("%+v", l)
	}
	if _, l := set.Load(); !errors.Is(l.Err, ErrNewer) {
		t.Fatalf("%+v", l)
	}
	if err := s.Save(nil); !errors.Is(err, ErrNewer) {
		t.Errorf("profiles saved over a newer file: %v", err)
	}
	if err := set.Save(Settings{}); !errors.Is(err, ErrNewer) {
		t.Errorf("settings saved over a newer file: %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "profiles.json")); string(b) != text {
		t.Errorf("the file is now %q", b)
	}
}

func TestFolderNotWritable(t *testing.T) {
	dir := t.TempDir()
	// A file where the folder should be stops root as well.
	blocked := filepath.Join(dir, "config")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := NewStore(blocked).Save([]Profile{}); err == nil {
		t.Error("saving into a folder that cannot be made gives no error")
	}
}

func TestImportExport(t *testing.T) {
	b, err := Export([]Profile{{ID: "1", Name: "a", NameServers: []string{"h:1"}, Role: "role"}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	got, err := Import(b, []Profile{{ID: "1", Name: "a"}}, func() string { n++; return fmt.Sprint("new", n) })
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].ID != "new1" || got[0].Name != "a 2" || got[0].Role != "role" {
		t.Errorf("%+v", got)
	}
	if _, err := Import([]byte("{}"), nil, func() string { return "x" }); !errors.Is(err, ErrCorrupt) {
		t.Errorf("import of something else: %v", err)
	}
	if _, err := Import([]byte(`{"version":1,"profiles":[{"id":"1","name":"x"}]}`), nil, func() string { return "x" }); err == nil {
		t.Error("a profile without name servers was imported")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"profiles":[{"id":"1","name":"a","nameServers":["h:1"]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = Import(b, nil, func() string { return "id" })
	})
}

func TestSettingsRoundTrip(t *testing.T) {
	dir := t.TempDir()
	s := NewSettingsStore(dir)
	want := Settings{
		Version: 1, Language: "zh-Hans", Selected: "p", Forms: map[string]SendForm{"p": {Topic: "t", Body: "{}"}},
		Subscriptions: []Subscription{{ID: "s", Profile: "p", Topic: "t", Group: "g", From: FromEarliest}},
	}
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	got, l := NewSettingsStore(dir).Load()
	if l.Err != nil {
		t.Fatal(l.Err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAnOlderRevisionIsNotSavedOverANewer(t *testing.T) {
	s := NewSettingsStore(t.TempDir())
	for _, v := range []Settings{{Revision: 1, Selected: "a"}, {Revision: 3, Selected: "c"}, {Revision: 2, Selected: "b"}} {
		if err := s.Save(v); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := s.Load(); got.Selected != "c" {
		t.Errorf("%+v", got)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("rocketmq-abc", "ns", "orders")
	f.Add("rocketmq-abc｜ns", "", "rocketmq-abc|ns%orders")
	f.Add("a|b%", "b", "%RETRY%g")
	f.Add("", "", " orders\u3000")
	f.Fuzz(func(t *testing.T, cluster, space, name string) {
		p := Profile{Name: "n", NameServers: []string{"a:1"}, ClusterID: cluster, Namespace: space}
		p.Clean()
		again := p
		if again.Clean(); again.ClusterID != p.ClusterID || again.Namespace != p.Namespace {
			t.Errorf("%q %q become %q %q, and then %q %q", cluster, space, p.ClusterID, p.Namespace, again.ClusterID, again.Namespace)
		}
		full := p.FullName(name)
		if twice := p.FullName(full); twice != full {
			t.Errorf("%q becomes %q, and then %q", name, full, twice)
		}
		if full != "" && p.Prefix() != "" && !strings.Contains(full, "%") {
			t.Errorf("%q has no prefix", full)
		}
		if short := p.ShortName(full); p.FullName(short) != full {
			t.Errorf("%q is shown as %q, which is %q", full, short, p.FullName(short))
		}
		if strings.ContainsRune(full, '｜') {
			t.Errorf("a full-width bar stays in %q", full)
		}
	})
}
