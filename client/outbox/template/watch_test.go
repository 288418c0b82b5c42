package template

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWatch: what others do is told, in folders made meanwhile too, until it is not looked
// at any more.
func TestWatch(t *testing.T) {
	t.Parallel()
	s, all, _, team := shop(t)
	put(t, team, "f/old.msg", "Topic: a\n")
	ctx, stop := context.WithCancel(t.Context())
	told, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- s.Watch(ctx, []Root{all, team, {Own, filepath.Join(team.Dir, "none")}}, func() {
			select {
			case told <- struct{}{}:
			default:
			}
		})
	}()
	wait := func(what string, holds func() bool) {
		t.Helper()
		for limit := time.After(20 * time.Second); ; {
			select {
			case <-told:
				if holds() {
					return
				}
			case err := <-ended:
				t.Fatal(what, err)
			case <-limit:
				t.Fatal("not told:", what)
			}
		}
	}
	lists := func(want string) func() bool { return func() bool { return titles(t, s, all, team) == want } }
	wait("the beginning", lists("f/old"))
	put(t, team, "f/new.msg", "Topic: a\n")
	wait("a file", lists("f/new\nf/old"))
	put(t, team, "g/deep/x.msg", "Topic: a\n")
	wait("a folder", lists("f/new\nf/old\ng/deep/x"))
	put(t, team, "g/deep/y.msg", "Topic: a\n")
	wait("a file in it", lists("f/new\nf/old\ng/deep/x\ng/deep/y"))
	create(t, s, all, "", "mine")
	wait("one of our own", lists("mine\nf/new\nf/old\ng/deep/x\ng/deep/y"))
	if err := os.RemoveAll(filepath.Join(team.Dir, "g")); err != nil {
		t.Fatal(err)
	}
	wait("what was deleted", lists("mine\nf/new\nf/old"))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
