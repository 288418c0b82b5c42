package client_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

const (
	library = "github.com/apache/rocketmq-client-go"
	toolkit = "fyne.io/"
)

// testOnly are packages that tests have the servers of.
var testOnly = []string{"gantry/client/testcluster", "gantry/client/testserver", "gantry/gui/stage"}

// below tells whether a package is one of these or lies below one.
func below(pkg string, of ...string) bool {
	return slices.ContainsFunc(of, func(o string) bool {
		return pkg == o || strings.HasPrefix(pkg, strings.TrimSuffix(o, "/")+"/")
	})
}

// within are the packages of client that each may import; what is not named
// here ties others together and may import all but testcluster.
var within = map[string][]string{
	"outbox/template": {"atomicfile", "fault", "message", "profile"}, "fault": {}, "atomicfile": {}, "outbox/placeholder": {"fault"},
	"encode":  {"decode"},
	"schema":  {"decode", "encode"},
	"message": {"decode", "encode", "fault", "schema"}, "outbox/source": {"message", "fault"},
	"cluster":  {"fault"},
	"decode":   {},
	"exchange": {"message"},
	"filter":   {"fault", "message"}, "shape": {"message"},
	"jsonpath": {"fault"}, "mask": {"fault", "jsonpath", "message"},
	"profile": {"decode", "message", "atomicfile", "mask"},
	"vault":   {"profile"},
	"journal": {"message", "fault", "atomicfile"}, "engine": {"message", "fault"}, "remoting": {"message", "fault"},
	"admin": {"cluster", "remoting", "message", "fault"}, "reader": {"cluster", "filter", "remoting", "message", "fault", "admin", "journal"},
	"sandbox":       {"remoting", "message", "fault", "journal", "atomicfile", "sandbox/store", "sandbox/sql92"},
	"sandbox/store": {"atomicfile", "journal", "message", "fault"}, "sandbox/sql92": {},
	"relay":         {"cluster", "remoting", "message", "fault"},
	"producer":      {"admin", "cluster", "fault", "message", "remoting"},
	"worker":        {"admin", "cluster", "engine", "fault", "filter", "journal", "message", "outbox/plan", "reader", "sandbox", "relay", "producer", "remoting", "schema"},
	"tail":          {"cluster", "filter", "journal", "message", "profile"},
	"insight":       {"admin", "cluster", "fault", "message", "reader", "sandbox"},
	"orders":        {"admin", "atomicfile", "cluster", "fault", "message", "profile"},
	"outbox":        {"fault", "filter", "journal", "message", "outbox/plan", "profile", "tail", "worker"},
	"outbox/code":   {"fault", "message"},
	"outbox/change": {"fault", "jsonpath", "mask", "message", "outbox/placeholder"},
	"outbox/plan":   {"atomicfile", "fault", "mask", "message", "outbox/change", "outbox/placeholder", "outbox/source", "schema"},
	"search":        {"cluster", "fault", "filter", "message", "schema", "tail", "worker"},
	"session":       {"admin", "cluster", "fault", "filter", "journal", "message", "profile", "schema", "tail", "worker"},
}

// hidden are the rooms of client that the window does not import.
var hidden = []string{
	"gantry/client/engine", "gantry/client/remoting", "gantry/client/admin", "gantry/client/reader",
	"gantry/client/worker", "gantry/client/journal", "gantry/client/relay", "gantry/client/producer",
}

// measuring is a program of its own, which branches to a worker as main does.
const measuring = "gantry/gui/measure"

// screens are packages of gui that know nothing of one another.
var screens = []string{"send", "subscribe", "profiles", "settings", "browse", "topics", "groups", "cluster", "replay", "changes"}

// breaks lists what is wrong with an import of a package, "" if nothing is.
// inTest says that only its tests have it.
func breaks(pkg, imported string, inTest bool) string {
	forTests := below(pkg, testOnly...)
	switch {
	case below(imported, testOnly...) && !inTest && !forTests:
		return "only tests import what is made for tests"
	case inTest || forTests:
		// Tests may reach further, but for the window's toolkit.
		if below(pkg, "gantry/client") && below(imported, toolkit, "gantry/gui") {
			return "nothing below client knows of a window"
		}
		return ""
	case below(pkg, "gantry/client") && below(imported, toolkit, "gantry/gui", "gantry/assets"):
		return "nothing below client knows of a window"
	case strings.HasPrefix(imported, library) && pkg != "gantry/client/engine":
		return "only the engine imports rocketmq-client-go"
	case below(pkg, "gantry/gui") && pkg != measuring && below(imported, hidden...):
		return "the window does not reach behind the rooms that answer it"
	case below(imported, "gantry/gui") && !below(pkg, "gantry/gui") && pkg != "gantry":
		return "imports point down"
	}
	if from, ok := strings.CutPrefix(pkg, "gantry/client/"); ok && below(imported, "gantry") {
		to, _ := strings.CutPrefix(imported, "gantry/client/")
		if allowed, named := within[from]; !named || !slices.Contains(allowed, to) {
			return "not among the packages that it may import"
		}
	}
	return breaksInGUI(pkg, imported)
}

func breaksInGUI(pkg, imported string) string {
	to, ok := strings.CutPrefix(imported, "gantry/gui/")
	if !ok || !below(pkg, "gantry/gui") {
		return ""
	}
	from, _ := strings.CutPrefix(pkg, "gantry/gui")
	from, _, _ = strings.Cut(strings.TrimPrefix(from, "/"), "/")
	to, _, _ = strings.Cut(to, "/")
	switch {
	case from == "" || from == to:
		return ""
	case slices.Contains(screens, to) && slices.Contains(screens, from):
		return "screens do not know one another"
	case slices.Contains(screens, to):
		return "what screens are made of knows none of them"
	}
	return ""
}

func TestImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range list(t) {
		seen[p.ImportPath] = true
		for _, i := range p.Imports {
			if why := breaks(p.ImportPath, i, false); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, i, why)
			}
		}
		for _, i := range slices.Concat(p.TestImports, p.XTestImports) {
			if why := breaks(p.ImportPath, i, true); why != "" {
				t.Errorf("tests of %s import %s: %s", p.ImportPath, i, why)
			}
		}
		// No way around through a package of someone else.
		for _, d := range p.Deps {
			if below(p.ImportPath, "gantry/client") && below(d, toolkit) {
				t.Errorf("%s needs %s", p.ImportPath, d)
			}
		}
	}
	for _, must := range []string{"gantry", "gantry/client", "gantry/client/engine", "gantry/gui", testOnly[0], testOnly[1]} {
		if !seen[must] {
			t.Errorf("%s is not listed", must)
		}
	}
}

// list asks for all packages of the module. Errors of a package that cannot be
// built here are not asked about.
func list(t *testing.T) (all []goPackage) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestImportRules proves that each rule is one.
func TestImportRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imported string
		inTest, ok    bool
	}{
		{"gantry", "gantry/gui", false, true},
		{"gantry/client", "fyne.io/fyne/v2", false, false},
		{"gantry/client/journal", "fyne.io/fyne/v2", true, false},
		{"gantry/client/engine", library + "/v2/consumer", false, true},
		{"gantry/client/worker", library + "/v2", false, false},
		{"gantry/gui/send", library + "/v2", false, false},
		{"gantry/gui", "gantry/client/remoting", false, false},
		{"gantry/gui", "gantry/client/admin", false, false},
		{"gantry/gui/browse", "gantry/client/journal", false, false},
		{"gantry/gui/browse", "gantry/client/search", false, true},
		{"gantry/gui/groups", "gantry/client/insight", false, true},
		{"gantry/client/session", "gantry/client/search", false, false},
		{"gantry/client/cluster", "gantry/client/admin", false, false},
		{"gantry/gui/send", "gantry/client/engine", false, false},
		{"gantry/gui/send", "gantry/client", false, true},
		{"gantry/client/message", "gantry/client/profile", false, false},
		{"gantry/client/profile", "gantry/client/message", false, true},
		{"gantry/client/vault", "gantry/client/message", false, false},
		{"gantry/client/engine", "gantry/client/journal", false, false},
		{"gantry/client/admin", "gantry/client/remoting", false, true},
		{"gantry/client/admin", "gantry/client", false, false},
		{"gantry/client/new", "gantry/client/message", false, false},
		{"gantry/client/sandbox", "gantry/client/sandbox/store", false, true},
		{"gantry/client/sandbox/store", "gantry/client/remoting", false, false},
		{"gantry/client/sandbox/sql92", "gantry/client/message", false, false},
		{"gantry/gui/send", "gantry/gui/subscribe", false, false},
		{"gantry/gui/send", "gantry/gui/widgets", false, true},
		{"gantry/gui/send/parts", "gantry/gui/settings", false, false},
		{"gantry/gui/widgets", "gantry/gui/send", false, false},
		{"gantry/gui", "gantry/gui/send", false, true},
		{"gantry/client", "gantry/client/testcluster", false, false},
		{"gantry/client", "gantry/client/testcluster", true, true},
		{"gantry/client/testcluster/up", "gantry/client/testcluster", false, true},
		{"gantry/client", "gantry/gui", false, false},
	} {
		if why := breaks(c.pkg, c.imported, c.inTest); (why == "") != c.ok {
			t.Errorf("%s imports %s (in a test: %v): %q", c.pkg, c.imported, c.inTest, why)
		}
	}
}

// TestTopLevel: what a visitor of the repository sees first.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	want := []string{"FyneApp.toml", "README.md", "assets", "client", "go.mod", "go.sum", "gui", "main.go"}
	var got []string
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	// A built program or a log is no part of the repository: what Git ignores is
	// not looked at, where there is Git.
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && exec.Command("git", "-C", "..", "check-ignore", "-q", path.Join(".", e.Name())).Run() != nil {
			got = append(got, e.Name())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the top level is %v, want %v", got, want)
	}
}
