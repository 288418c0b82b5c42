package template

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// unsafe are characters that some file system does not take in a name; "%" begins an
// escape.
const unsafe = `%/\:*?"<>|`

// fileOf makes a name one that every file system takes, and that is read back by nameOf:
// what none of them takes is written as %XX.
func fileOf(name string) (string, error) {
	name = norm.NFC.String(name)
	if name == "" || strings.TrimSpace(name) != name || !utf8.ValidString(name) {
		return "", fmt.Errorf("%w: %q", BadName, name)
	}
	var b strings.Builder
	escape := func(r rune) { fmt.Fprintf(&b, "%%%02X", r) }
	for i, r := range name {
		first, last := i == 0, i+utf8.RuneLen(r) == len(name)
		switch {
		case r < ' ', r == 0x7F, strings.ContainsRune(unsafe, r),
			first && (r == '.' || r == '~' || reserved(name)), // hidden, a home, a device
			last && r == '.':
			escape(r)
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() > MaxName {
		return "", fmt.Errorf("%w: longer than %d bytes", BadName, MaxName)
	}
	return b.String(), nil
}

// reserved tells whether Windows takes a name for a device, whatever follows its first dot.
func reserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(base, port); ok && slices.Contains([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, n) {
			return true
		}
	}
	return false
}

// nameOf reads a file's name without its ending, or that of a folder; what is no escape
// stands for itself.
func nameOf(file string) string {
	var b strings.Builder
	for rest := file; rest != ""; {
		if rest[0] == '%' && len(rest) >= 3 {
			if n, err := strconv.ParseUint(rest[1:3], 16, 8); err == nil && n < utf8.RuneSelf {
				b.WriteByte(byte(n))
				rest = rest[3:]
				continue
			}
		}
		b.WriteByte(rest[0])
		rest = rest[1:]
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// same is equal for names that some file system takes for one.
func same(file string) string { return cases.Fold().String(norm.NFC.String(file)) }

// CheckName is BadName where no template can have the name.
func CheckName(name string) error { _, err := fileOf(name); return err }

// CheckFolder is BadName where no folder can have the path, names with slashes between
// them; "" is the root itself.
func CheckFolder(folder string) error { _, err := filesOf(folder); return err }

// filesOf are the names of a path's folders, as the disk has them.
func filesOf(folder string) ([]string, error) {
	if folder == "" {
		return nil, nil
	}
	names := strings.Split(folder, "/")
	if len(names) > MaxDepth {
		return nil, fmt.Errorf("%w: more than %d folders in one another", BadName, MaxDepth)
	}
	for i, n := range names {
		f, err := fileOf(n)
		if err != nil {
			return nil, err
		}
		names[i] = f
	}
	return names, nil
}

// Ref names a template.
type Ref struct {
	Root Root
	Path string // of its file below the root, with slashes
}

// Name is the template's own.
func (r Ref) Name() string { return nameOf(strings.TrimSuffix(path.Base(r.Path), Ending)) }

// Folder is the path of its folder, "" for the root itself.
func (r Ref) Folder() string { return folderOf(path.Dir(r.Path)) }

func folderOf(dir string) string {
	if dir == "." {
		return ""
	}
	names := strings.Split(dir, "/")
	for i := range names {
		names[i] = nameOf(names[i])
	}
	return strings.Join(names, "/")
}
