package gui

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/task"
)

func TestStoreSavesOneAfterTheOther(t *testing.T) {
	loop := stage.NewLoop()
	tasks := task.New(loop.Do)
	defer tasks.Close(time.Second)
	var saved []profile.Settings
	gate := make(chan error)
	s := &store{tasks: tasks, scope: tasks.Scope(), fail: func(err error) { t.Error(err) }}
	s.write = func(v profile.Settings) error {
		saved = append(saved, v)
		return <-gate
	}
	s.usedTopic("p", "a")
	s.usedTopic("p", "b")
	s.usedTopic("p", "a")
	s.setForm("p", profile.SendForm{Body: "x"})
	s.SetSaved([]profile.SavedFilter{{Name: "n", Filter: "f"}})
	s.SetListLook(profile.ListLook{NoChart: true})
	gate <- nil
	loop.Until(t, "a save", func() bool { return s.saving && !s.dirty })
	gate <- nil
	loop.Until(t, "a save", func() bool { return !s.saving })
	if len(saved) != 2 {
		t.Fatalf("%d saves", len(saved))
	}
	if d := cmp.Diff([]string{"a", "b"}, saved[1].Topics["p"]); d != "" {
		t.Error(d)
	}
	if len(saved[1].SavedFilters) != 1 || !saved[1].Lists.NoChart || saved[0].SavedFilters != nil {
		t.Errorf("%+v", saved[1])
	}
	if saved[1].Forms["p"].Body != "x" {
		t.Errorf("%+v", saved[1].Forms)
	}
}

func TestStoreSaysThatSavingFailed(t *testing.T) {
	loop := stage.NewLoop()
	tasks := task.New(loop.Do)
	defer tasks.Close(time.Second)
	var failed error
	s := &store{tasks: tasks, scope: tasks.Scope(), fail: func(err error) { failed = err }}
	s.write = func(profile.Settings) error { return errors.New("disk") }
	s.setSplit("send", 0.4)
	loop.Until(t, "a save", func() bool { return failed != nil })
	if s.split("send", 0.5) != 0.4 || s.split("other", 0.5) != 0.5 {
		t.Error("split offsets")
	}
}

func TestStoreKeepsProfilesApart(t *testing.T) {
	loop := stage.NewLoop()
	tasks := task.New(loop.Do)
	defer tasks.Close(time.Second)
	s := &store{tasks: tasks, scope: tasks.Scope(), fail: func(error) {}, write: func(profile.Settings) error { return nil }}
	s.setSubscriptions("a", []profile.Subscription{{ID: "1"}, {ID: "2"}})
	s.setSubscriptions("b", []profile.Subscription{{ID: "3"}})
	s.setSubscriptions("a", []profile.Subscription{{ID: "2"}})
	if got := s.subscriptions("a"); len(got) != 1 || got[0].ID != "2" || got[0].Profile != "a" {
		t.Errorf("%+v", got)
	}
	s.forget("a")
	if len(s.subscriptions("a")) != 0 || len(s.subscriptions("b")) != 1 {
		t.Errorf("%+v", s.Subscriptions)
	}
}
