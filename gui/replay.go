package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/outbox"
	"gantry/gui/files"
	"gantry/gui/msglist"
	"gantry/gui/profiles"
	"gantry/gui/replay"
)

// replay has messages sent again over one of the connections that are open.
func (w *Window) replay(from replay.Source) {
	replay.Open(replay.Params{
		Tasks: w.tasks, Window: w.win, Copy: w.client.Outbox.Copy, Targets: w.replayTargets, Profiles: w.mine,
		EnvWord: profiles.EnvWord, Begun: w.showRun, Fail: w.fail, Say: w.say,
	}, from)
}

// replayTargets are the connections that are open and may send, in the order of the
// sidebar.
func (w *Window) replayTargets() (all []replay.Target) {
	for _, p := range w.all() {
		s := w.spaces[p.ID]
		if s == nil || s.conn == nil || client.Guard(s.profile, client.ActionSend) != nil {
			continue
		}
		// As it is in effect: the sandbox's servers are known to the connection only.
		of := s.conn.Profile()
		of.Name, of.Environment = s.profile.Name, s.profile.Environment
		of.Env, of.SecretEnv = s.profile.Env, s.profile.SecretEnv
		all = append(all, replay.Target{Profile: of, Conn: s.conn, Topics: s.topics(), Group: s.send.Group()})
	}
	return all
}

// showRun shows a run where it is at work.
func (w *Window) showRun(id string, r *outbox.Run) {
	w.choose(id)
	if s := w.space(); s != nil && s.profile.ID == id {
		s.tabs.Select(tabSend)
		s.send.ShowRun(r)
	}
}

// replayFile asks for an export and has its messages sent again.
func (w *Window) replayFile() {
	q := files.Question{Tasks: w.tasks, Title: lang.L("Send exported messages again"), Endings: []string{".jsonl", ".json"}, Fail: w.fail}
	files.AskOpen(w.win, q, func(in fyne.URIReadCloser) { w.replay(replay.File(in.URI().Name(), in)) })
}

// sendAll has what a list shows sent again.
func (s *workspace) sendAll(topic string, from msglist.Listed) {
	source := replay.List(topic, s.profile, from)
	if from.Origin() != s.profile.Export() { // a list from earlier, of another connection
		source.Profile, source.Origin = nil, from.Origin
	}
	s.shell.replay(source)
}
