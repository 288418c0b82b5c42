// Package assets holds what ships inside the binary: the icon, the monospace
// font, the lock drawing and the translations.
//
// It owns no state and imports nothing of ours or of Fyne, so anyone may call
// it from any goroutine. The byte slices it returns must not be changed.
package assets

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
)

//go:embed icon.png icon.svg lock.svg fonts/NotoSansMono-Regular.ttf fonts/OFL.txt
var files embed.FS

//go:embed translations
var translations embed.FS

// Icon returns the application's icon, a PNG of 512 x 512 pixels.
func Icon() []byte { return read("icon.png") }

// Lock returns a closed padlock, an SVG of 24 x 24 in one colour, which Fyne's
// own icon set lacks.
func Lock() []byte { return read("lock.svg") }

// Mono returns Noto Sans Mono Regular as TrueType. Its line is tall enough for
// Chinese signs; Fyne's own monospace font cuts their feet off.
func Mono() []byte { return read("fonts/NotoSansMono-Regular.ttf") }

// read panics only if a name above is not among the embedded ones, which the
// compiler has already refused.
func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

// Translations returns the Chinese (zh-Hans) text of every English text of the
// window, merged from one file a room. A key that stands in two files must
// have the same value in both, else the error names it.
func Translations() (map[string]string, error) {
	return merge(translations, "translations/zh-Hans")
}

// English returns what English needs beside the keys: the singular of every
// plural text, such as "{{.Count}} message" for "{{.Count}} messages", and the
// English of Fyne's own words.
func English() (map[string]string, error) {
	return merge(translations, "translations/en")
}

// merge reads all JSON files of one folder into one map.
func merge(from fs.FS, dir string) (map[string]string, error) {
	names, err := fs.Glob(from, path.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	all := make(map[string]string)
	origin := make(map[string]string)
	for _, name := range names {
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var one map[string]string
		if err := json.Unmarshal(data, &one); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		for key, text := range one {
			if old, ok := all[key]; ok && old != text {
				return nil, fmt.Errorf("%q is %q in %s and %q in %s", key, old, origin[key], text, name)
			}
			all[key], origin[key] = text, name
		}
	}
	return all, nil
}
