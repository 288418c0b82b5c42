package words

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"unicode"
)

// bare are the values of sentences that are written without commas: they count nothing but
// tell which one, as places in a text and in a queue do, or are never large.
var bare = map[string]bool{
	"Line": true, "Column": true, "Queue": true, "Offset": true, "Id": true,
	"Part": true, "Percent": true, "Hours": true, "Minutes": true, "Seconds": true, "Took": true,
}

// TestCountsHaveCommas: a number that stands in a sentence is written by the one function for
// it, so that none reads "2000" where all else reads "2,000".
func TestCountsHaveCommas(t *testing.T) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles,CgoFiles,Standard", "gantry/gui/...")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	type pkg struct {
		ImportPath, Export, Dir string
		GoFiles, CgoFiles       []string
	}
	exports, ours := map[string]string{}, []pkg{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if in, err := filepath.Match("gantry/gui*", p.ImportPath[:min(len(p.ImportPath), len("gantry/gui"))]); err == nil && in {
			ours = append(ours, p)
		}
	}
	set, seen := token.NewFileSet(), 0
	imports := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range ours {
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		if _, err := (&types.Config{Importer: imports, FakeImportC: true}).Check(p.ImportPath, set, files, info); err != nil {
			t.Fatalf("%s: %v", p.ImportPath, err)
		}
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && raw(call) {
					t.Errorf("%s: a length is written without commas", set.Position(call.Pos()))
				}
				lit, ok := n.(*ast.CompositeLit)
				if !ok || info.Types[lit].Type == nil || info.Types[lit].Type.String() != "map[string]any" {
					return true
				}
				for _, e := range lit.Elts {
					kv, ok := e.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					key, ok := kv.Key.(*ast.BasicLit)
					if !ok {
						continue
					}
					name, err := strconv.Unquote(key.Value)
					if err != nil || name == "" || !unicode.IsUpper(rune(name[0])) {
						continue
					}
					seen++
					if basic, ok := info.Types[kv.Value].Type.Underlying().(*types.Basic); ok && basic.Info()&types.IsNumeric != 0 && !bare[name] {
						t.Errorf("%s: %s is written as %s is", set.Position(kv.Pos()), name, basic)
					}
				}
				return true
			})
		}
	}
	if seen < 300 {
		t.Errorf("only %d values of sentences were found", seen)
	}
}

// raw tells whether a call writes how many of something there are as it is.
func raw(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Sprint" || len(call.Args) != 1 {
		return false
	}
	of, ok := call.Args[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	name, ok := of.Fun.(*ast.Ident)
	return ok && name.Name == "len"
}
