package gui

import (
	"time"

	"fyne.io/fyne/v2/lang"
	"github.com/google/uuid"

	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/gui/send"
)

// followTopic returns what begins to follow a topic over the connection as it is. In
// the sandbox, whose clock is ours, what is sent while it begins is there too.
func (s *workspace) followTopic(topic string) func() (send.Live, error) {
	conn, q := s.conn, cluster.Query{Kind: cluster.Live, Topic: topic}
	if !own(s.profile.ID) {
		q.From = time.Now()
	}
	return func() (send.Live, error) {
		found, err := conn.Search(q)
		if err != nil {
			return nil, err
		}
		return found, nil
	}
}

// What the sandbox has at the first start: a message that is ready to go.
const (
	helloTopic = "hello"
	helloBody  = "{\n  \"hello\": \"RocketMQ\",\n  \"from\": \"Gantry\"\n}"
)

// form is the send form as it was left.
func (s *workspace) form() profile.SendForm {
	f := s.set.form(s.profile.ID)
	if !own(s.profile.ID) && f.Topic == "" && f.Body == "" {
		f.Topic, f.Body = helloTopic, helloBody
	}
	return f
}

// steps are what a newcomer does in the sandbox.
func (s *workspace) steps() []string {
	if own(s.profile.ID) {
		return nil
	}
	return []string{
		lang.L("Press {{.Key}}, or Send. It goes to the Sandbox.", map[string]any{"Key": bindingOf(keyPrimary).words()}),
		lang.L("Read the receipt here: status, message id, queue and offset."),
		lang.L("See it arrive, below."),
	}
}

// subscriptions are those that there were.
func (s *workspace) subscriptions() []profile.Subscription {
	subs := s.set.subscriptions(s.profile.ID)
	if !own(s.profile.ID) && len(subs) == 0 {
		subs = append(subs, profile.Subscription{
			ID: uuid.NewString(), Profile: s.profile.ID, Topic: helloTopic, Follow: true,
			Expression: "*", From: profile.FromEarliest,
		})
	}
	return subs
}
