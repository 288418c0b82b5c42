package gui

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// Keys of a workspace's queries.
const (
	queryConnect = "connect"
	queryTopics  = "topics"
)

// keyringLimit is how long the keyring's prompt is waited for before other ways
// are offered; the prompt itself stays.
const keyringLimit = 15 * time.Second

// toggle is the header's button: Connect, Cancel or Disconnect.
func (s *workspace) toggle() {
	switch {
	case s.busy != "":
		s.scope.Cancel(queryConnect)
		s.busy = ""
		s.refresh()
		s.unconnected()
	case s.conn != nil:
		s.askDisconnect()
	default:
		s.open()
	}
}

// open connects: the token from the keyring, then the name servers. The
// keyring may show a prompt for as long as it likes; Cancel leaves it alone.
func (s *workspace) open() {
	if s.conn != nil || s.busy != "" {
		return
	}
	s.err = nil
	if s.profile.Role == "" {
		s.openWith("")
		return
	}
	s.busy = lang.L("Waiting for the system's keyring…")
	s.refresh()
	id := s.profile.ID
	task.Ask(s.tasks, s.scope, queryConnect, func(ctx context.Context) (profile.Secret, error) {
		ctx, cancel := context.WithTimeout(ctx, keyringLimit)
		defer cancel()
		return s.client.Vault.Secret(ctx, id)
	}, func(secret profile.Secret, err error) {
		s.busy = ""
		if err != nil {
			s.refresh()
			s.askToken(err)
			return
		}
		s.openWith(secret)
	})
}

func (s *workspace) openWith(secret profile.Secret) {
	s.busy = lang.L("Connecting…")
	s.refresh()
	p := s.profile
	task.Ask(s.tasks, s.scope, queryConnect, func(ctx context.Context) (*client.Connection, error) {
		conn, err := s.client.Open(ctx, p, secret)
		if err == nil && ctx.Err() != nil {
			// Cancelled at the last moment: nobody will take it.
			return nil, errors.Join(ctx.Err(), conn.Close())
		}
		return conn, err
	}, func(conn *client.Connection, err error) {
		s.busy, s.conn, s.err, s.heard = "", conn, err, client.Heard{}
		s.tellFormats()
		s.refresh()
		s.connectionChanged()
		if err == nil {
			s.askFacts()
		}
	})
}

// unconnected says that connecting was given up: what waits for it waits no
// longer.
func (s *workspace) unconnected() {
	s.connectionChanged()
}

// askFacts fills what the header and the completion show, as far as the
// endpoint tells.
func (s *workspace) askFacts() {
	conn := s.conn
	s.hear(conn)
	task.Ask(s.tasks, s.scope, queryTopics, conn.Topics, func(topics []string, err error) {
		if err != nil || s.conn != conn {
			return // not offered here, or gone: names used before serve
		}
		s.known = nil
		for _, t := range topics {
			s.known = append(s.known, s.profile.ShortName(t))
		}
		s.connectionChanged()
	})
}

// askToken says why there is no token and takes one until the program ends.
func (s *workspace) askToken(why error) {
	p := problem.Explain(why)
	entry := widgets.NewPasswordEntry()
	caption := lang.L("Token")
	if s.profile.Mapping == profile.OpenSource {
		caption = lang.L("Password")
	}
	field := widgets.NewField(caption, entry)
	use := func() {
		secret := profile.Secret(strings.TrimSpace(entry.Text)) // it is pasted with its line break
		entry.SetText("")
		if secret == "" {
			s.askToken(why)
			return
		}
		s.client.Vault.Remember(s.profile.ID, secret)
		s.openWith(secret)
	}
	q := confirm.Question{
		Title: p.What, Body: p.Do, Details: field, Cancel: lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Keep in memory until quit"), Do: use}},
		OnCancel: func() {
			entry.SetText("")
			s.unconnected()
		},
	}
	if !errors.Is(why, vault.ErrNotFound) {
		q.Choices = append([]widgets.Choice{{Text: lang.L("Try again"), Do: s.open}}, q.Choices...)
	}
	confirm.Show(s.win.Canvas(), q)
}

// stops says what ends with the connection, a sentence each.
func (s *workspace) stops() (body []string) {
	if n := s.subscribe.Running(); n > 0 {
		body = append(body, lang.N("{{.Count}} subscriptions stop. Their lists stay.", n, map[string]any{"Count": widgets.Count(n)}))
	}
	if s.send.Sending() > 0 {
		body = append(body, lang.L("A send is under way; what has left may still be stored."))
	}
	return body
}

// askDisconnect disconnects, after a question if subscriptions run.
func (s *workspace) askDisconnect() {
	body := s.stops()
	if len(body) == 0 {
		s.disconnect(nil)
		return
	}
	confirm.Show(s.win.Canvas(), confirm.Question{
		Title:  lang.L("Disconnect {{.Name}}?", map[string]any{"Name": s.profile.Name}),
		Body:   strings.Join(body, "\n"),
		Cancel: lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Disconnect"), Kind: widgets.Primary, Do: func() {
			s.disconnect(nil)
		}}},
	})
}

// disconnect stops what runs over the connection and closes it; then runs
// after.
func (s *workspace) disconnect(after func()) {
	conn := s.conn
	s.scope.Cancel(queryConnect)
	s.conn, s.busy, s.err, s.known = nil, "", nil, nil
	s.subscribe.StopAll()
	s.browse.StopRunning()
	s.connectionChanged()
	s.refresh()
	if conn == nil {
		if after != nil {
			after()
		}
		return
	}
	s.tasks.Job(lang.L("Disconnect {{.Name}}", map[string]any{"Name": s.profile.Name}),
		func(context.Context, func(string)) error { return conn.Close() },
		func(err error) {
			if err != nil {
				s.log.Warn("disconnect", "error", err)
			}
			if after != nil {
				after()
			}
		})
}
