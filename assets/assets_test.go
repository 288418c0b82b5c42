package assets

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

func TestFilesAreWhatTheyClaim(t *testing.T) {
	if !bytes.HasPrefix(Icon(), []byte("\x89PNG")) {
		t.Error("the icon is no PNG")
	}
	if !bytes.HasPrefix(Mono(), []byte{0, 1, 0, 0}) {
		t.Error("the font is no TrueType file")
	}
	if !bytes.Contains(Lock(), []byte("<svg")) {
		t.Error("the lock is no SVG")
	}
}

func TestTranslationsMerge(t *testing.T) {
	if _, err := Translations(); err != nil {
		t.Error(err)
	}
	if _, err := English(); err != nil {
		t.Error(err)
	}
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	got, err := merge(fstest.MapFS{"d/a.json": file(`{"A":"1"}`), "d/b.json": file(`{"A":"1","B":"2"}`)}, "d")
	if err != nil || len(got) != 2 {
		t.Errorf("merge = %v, %v", got, err)
	}
	_, err = merge(fstest.MapFS{"d/a.json": file(`{"A":"1"}`), "d/b.json": file(`{"A":"2"}`)}, "d")
	if err == nil || !strings.Contains(err.Error(), "b.json") {
		t.Errorf("two values for one key: %v", err)
	}
}
