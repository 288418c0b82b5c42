package words

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"unicode"

	"gantry/assets"
)

// use is one key of the code.
type use struct {
	text   string // the English, which differs from the key for lang.X
	plural bool
	where  string
}

// scan is what the code of the window holds.
type scan struct {
	uses     map[string]use
	problems []string
}

// scanFiles reads main.go and all Go files of gui but the tests.
func scanFiles(t *testing.T) *scan {
	t.Helper()
	s := &scan{uses: make(map[string]use)}
	files := []string{}
	if _, err := os.Stat("../../main.go"); err == nil {
		files = append(files, "../../main.go")
	}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Logf("skipped, does not parse: %v", err) // the compiler says it better
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool { s.node(set, n); return true })
	}
	return s
}

func (s *scan) node(set *token.FileSet, n ast.Node) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING && strings.ContainsFunc(n.Value, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			s.problems = append(s.problems, fmt.Sprintf("%s: Chinese stands in the code: %s", set.Position(n.Pos()), n.Value))
		}
	case *ast.CallExpr:
		s.call(set, n)
	}
}

// call notes a call of lang.L, N, X or XN.
func (s *scan) call(set *token.FileSet, n *ast.CallExpr) {
	sel, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "lang" {
		return
	}
	name := sel.Sel.Name
	if !slices.Contains([]string{"L", "N", "X", "XN", "Localize", "LocalizePlural", "LocalizeKey", "LocalizePluralKey"}, name) {
		return
	}
	where := set.Position(n.Pos()).String()
	if name == "XN" || name == "LocalizePluralKey" {
		s.problems = append(s.problems, where+": lang.XN has no English singular here: use lang.N")
		return
	}
	key, ok := literal(n.Args, 0)
	if !ok {
		s.problems = append(s.problems, where+": the first argument of lang."+name+" is no string literal")
		return
	}
	u := use{text: key, where: where, plural: name == "N" || strings.Contains(name, "Plural")}
	if name == "X" || strings.HasSuffix(name, "Key") {
		if u.text, ok = literal(n.Args, 1); !ok {
			s.problems = append(s.problems, where+": the second argument of lang."+name+" is no string literal")
			return
		}
	}
	u.plural = u.plural || s.uses[key].plural
	s.uses[key] = u
}

// literal returns the string literal at args[i], also one joined by "+".
func literal(args []ast.Expr, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	var read func(e ast.Expr) (string, bool)
	read = func(e ast.Expr) (string, bool) {
		switch e := e.(type) {
		case *ast.BasicLit:
			v, err := strconv.Unquote(e.Value)
			return v, err == nil && e.Kind == token.STRING
		case *ast.BinaryExpr:
			a, okA := read(e.X)
			b, okB := read(e.Y)
			return a + b, okA && okB && e.Op == token.ADD
		case *ast.ParenExpr:
			return read(e.X)
		}
		return "", false
	}
	return read(args[i])
}

// vars returns the sorted {{.Names}} of a text.
func vars(text string) []string {
	found := regexp.MustCompile(`\{\{\s*(\.\w+)[^}]*\}\}`).FindAllStringSubmatch(text, -1)
	var names []string
	for _, f := range found {
		names = append(names, f[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// paste prints keys as the lines of a JSON file, ready to be filled in.
func paste(keys []string) string {
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		line, _ := json.Marshal(k)
		fmt.Fprintf(&b, "  %s: \"\",\n", unescape(string(line)))
	}
	return b.String()
}

// unescape undoes json.Marshal's escapes of <, > and &.
func unescape(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

// TestEveryTextHasItsChinese compares the code with the translations.
func TestEveryTextHasItsChinese(t *testing.T) {
	s := scanFiles(t)
	zh, one := load(t)
	slices.Sort(s.problems)
	for _, p := range s.problems {
		t.Error(p)
	}
	missing := make(map[string][]string) // by folder
	var missingOne []string
	for _, key := range slices.Sorted(maps.Keys(s.uses)) {
		u := s.uses[key]
		if zh[key] == "" {
			room := filepath.Dir(u.where)
			missing[room] = append(missing[room], key)
			continue
		}
		if fmt.Sprint(vars(zh[key])) != fmt.Sprint(vars(u.text)) {
			t.Errorf("%s: %q has %v, its Chinese %v", u.where, key, vars(u.text), vars(zh[key]))
		}
		if u.plural && one[key] == "" {
			missingOne = append(missingOne, key)
		}
	}
	for _, room := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("%d texts of gui/%s have no Chinese; paste into assets/translations/zh-Hans/<room>.json:\n%s", len(missing[room]), filepath.Base(room), paste(missing[room]))
	}
	if len(missingOne) > 0 {
		t.Errorf("plural texts without an English singular; paste into assets/translations/en/<room>.json:\n%s", paste(missingOne))
	}
}

// TestNoTextIsLeftOver finds translations that the code does not use any more.
// Fyne's own words are used by Fyne.
func TestNoTextIsLeftOver(t *testing.T) {
	s := scanFiles(t)
	zh, one := load(t)
	fyneWords := make(map[string]string)
	data, err := os.ReadFile("../../assets/translations/zh-Hans/fyne.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &fyneWords); err != nil {
		t.Fatal(err)
	}
	var extra []string
	for key := range zh {
		if _, ok := s.uses[key]; !ok && fyneWords[key] == "" {
			extra = append(extra, key)
		}
	}
	for key := range one {
		if u, ok := s.uses[key]; fyneWords[key] == "" && (!ok || !u.plural && u.text == key) {
			extra = append(extra, "singular of "+key)
		}
	}
	if len(extra) > 0 {
		t.Errorf("%d translations are used by no code:\n%s", len(extra), paste(extra))
	}
}

// TestTextsAreSound finds what go-i18n would refuse or print wrongly.
func TestTextsAreSound(t *testing.T) {
	zh, one := load(t)
	reserved := []string{"id", "description", "hash", "leftdelim", "rightdelim", "zero", "one", "two", "few", "many", "other", "translation"}
	for _, texts := range []map[string]string{zh, one} {
		for key, text := range texts {
			if slices.Contains(reserved, strings.ToLower(key)) {
				t.Errorf("%q is a reserved word of go-i18n: use lang.X with a key of two words", key)
			}
			if _, err := template.New("").Parse(text); err != nil {
				t.Errorf("%q does not parse: %v", key, err)
			}
			if text == "" {
				t.Errorf("%q is empty", key)
			}
			if strings.Contains(text, "您") || strings.Contains(text, "成功地") {
				t.Errorf("%q uses a word that we do not use: %s", key, text)
			}
		}
	}
}

func load(t *testing.T) (zh, one map[string]string) {
	t.Helper()
	zh, err := assets.Translations()
	if err != nil {
		t.Fatal(err)
	}
	one, err = assets.English()
	if err != nil {
		t.Fatal(err)
	}
	return zh, one
}
