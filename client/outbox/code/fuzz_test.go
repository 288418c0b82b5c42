package code

import (
	"encoding/base64"
	"errors"
	"go/ast"
	"go/token"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"gantry/client/message"
)

func hostile() []string {
	return []string{
		"", "hello", "it's", "'", "''", `\`, `\\`, `\'`, `'\''`, "$HOME", "$(id)", "`id`", "a\nb", "\n", "\r\n", "\r", "\t", "!", "!!", "#", "%s%n", "{{now}}",
		`\u0022`, `\\u0022`, `\u000a`, `\uuu005c`, `"+System.exit(1)+"`, `"; }`, `*/`, `/*`, "//", "\x00", "\x01", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\ufeff", "\u202e",
		"订单", "😀", "é", `{"价": 1.10, "a": "b\n"}`, "-n", "--", "=", "\\0101", "0", "\x07" + "7", "\\", "a\\\n", "`", "${x}", "\xff",
	}
}

// FuzzQuote: a string stands in each language for itself.
func FuzzQuote(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := strconv.Unquote(goQuote(s)); err != nil || got != s {
			t.Errorf("Go: %q is %q, %v", s, got, err)
		}
		if !utf8.ValidString(s) {
			return
		}
		quoted := javaQuote(s)
		if strings.ContainsFunc(quoted, func(r rune) bool { return r > 0x7e || r < ' ' }) {
			t.Errorf("Java: %q", quoted)
		}
		if got, err := javaUnquote(quoted); err != nil || got != s {
			t.Errorf("Java: %q is %q, %v in %s", s, got, err, quoted)
		}
		if strings.ContainsRune(s, 0) || trims(s) {
			return // refused
		}
		if got, err := exec.Command(shell(t), "-c", "printf %s "+quote(s)).Output(); err != nil || string(got) != s {
			t.Errorf("shell: %q is %q, %v in %s", s, got, err, quote(s))
		}
	})
}

// javaUnquote reads a string of Java's: unicode escapes first, as its compiler does (JLS 3.3),
// then the escapes of strings (JLS 3.10.6).
func javaUnquote(source string) (string, error) {
	var units []uint16
	slashes := 0
	for i := 0; i < len(source); i++ {
		c := source[i]
		if c == '\\' && slashes%2 == 0 && i+1 < len(source) && source[i+1] == 'u' {
			for i+1 < len(source) && source[i+1] == 'u' {
				i++
			}
			if i+4 >= len(source) {
				return "", errors.New("cut")
			}
			n, err := strconv.ParseUint(source[i+1:i+5], 16, 16)
			if err != nil {
				return "", err
			}
			units, i, slashes = append(units, uint16(n)), i+4, 0
			continue
		}
		if slashes++; c != '\\' {
			slashes = 0
		}
		units = append(units, uint16(c))
	}
	if len(units) < 2 || units[0] != '"' || units[len(units)-1] != '"' {
		return "", errors.New("no quotes")
	}
	return javaUnescape(units[1 : len(units)-1])
}

func javaUnescape(in []uint16) (string, error) {
	var out []uint16
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case c == '"' || c == '\n' || c == '\r':
			return "", errors.New("the string ends early")
		case c != '\\':
			out = append(out, c)
		case i+1 == len(in):
			return "", errors.New("the last quote is escaped")
		default:
			i++
			if at := strings.IndexByte("btnfr\"'\\", byte(in[i])); at >= 0 {
				out = append(out, uint16("\b\t\n\f\r\"'\\"[at]))
				continue
			}
			end := i
			for end < len(in) && end < i+3 && in[end] >= '0' && in[end] <= '7' {
				end++
			}
			n, err := strconv.ParseUint(string(utf16.Decode(in[i:end])), 8, 8)
			if err != nil {
				return "", err
			}
			out, i = append(out, uint16(n)), end-1
		}
	}
	return string(utf16.Decode(out)), nil
}

// FuzzCode: whatever a draft holds, the code is well formed and has it to the byte.
func FuzzCode(f *testing.F) {
	for _, s := range hostile() {
		f.Add([]byte(s), s, s, s)
		f.Add([]byte("body"), "t", s, s)
	}
	f.Add([]byte{0, 255, 254}, "", "", "")
	f.Add([]byte(strings.Repeat("x", 5000)), "", "", "")
	f.Fuzz(func(t *testing.T, body []byte, tag, value, account string) {
		d := draft(func(d *message.Draft) { d.Body, d.Tag, d.ShardingKey = body, tag, value })
		if value != "" {
			d.Properties = []message.Property{{Name: "p", Value: value}}
		}
		s := &Send{Where: at("h:1"), Draft: d}
		if account != "" && utf8.ValidString(account) {
			s.Account = &Account{Name: account}
		}
		if d.Check() != nil {
			return
		}
		text, err := s.Make(Go)
		if err != nil {
			t.Fatal(err)
		}
		if got := goBodyOf(t, wellFormed(t, text)); got != string(body) {
			t.Errorf("Go: %q is %q", body, got)
		}
		if text, err = s.Make(Java); err != nil {
			t.Fatal(err)
		}
		if got := javaBodyOf(t, text); got != string(body) {
			t.Errorf("Java: %q is %q", body, got)
		}
		d.Properties, d.ShardingKey = nil, ""
		text, err = s.Make(MQAdmin)
		var lack *LackError
		if errors.As(err, &lack) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		check := exec.Command(shell(t), "-n")
		check.Stdin = strings.NewReader(text)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%v: %s in %s", err, out, text)
		}
		if got := runShell(t, text, "x").args; got[len(got)-1] != "--body="+string(body) {
			t.Errorf("shell: %q is %q", body, got)
		}
	})
}

// goBodyOf reads the constant.
func goBodyOf(t *testing.T, file *ast.File) string {
	t.Helper()
	var read func(ast.Expr) string
	read = func(e ast.Expr) string {
		if sum, ok := e.(*ast.BinaryExpr); ok {
			return read(sum.X) + read(sum.Y)
		}
		s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			return plain(t, read(g.Specs[0].(*ast.ValueSpec).Values[0]), has(file, "encoding/base64"))
		}
	}
	t.Fatal("no constant")
	return ""
}

func has(file *ast.File, path string) bool {
	for _, i := range file.Imports {
		if i.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}

// javaBodyOf reads the strings of the expression.
func javaBodyOf(t *testing.T, text string) string {
	t.Helper()
	_, expression, ok := strings.Cut(text, "byte[] body = ")
	expression, _, more := strings.Cut(expression, ";\n            Message message")
	if !ok || !more {
		t.Fatalf("no body in %s", text)
	}
	_, packed := strings.CutPrefix(expression, `Base64.getDecoder().decode(String.join("",`)
	if packed {
		expression = expression[len(`Base64.getDecoder().decode(String.join("",`):]
	}
	var out strings.Builder
	for l := range strings.Lines(expression) {
		at, end := strings.IndexByte(l, '"'), strings.LastIndexByte(l, '"')
		if at < 0 {
			continue
		}
		s, err := javaUnquote(l[at : end+1])
		if err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		out.WriteString(s)
	}
	return plain(t, out.String(), packed)
}

func plain(t *testing.T, s string, packed bool) string {
	t.Helper()
	if !packed {
		return s
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
