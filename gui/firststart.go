package gui

import (
	"fyne.io/fyne/v2/lang"
	"github.com/google/uuid"

	"gantry/client/profile"
)

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
		lang.L("Read the receipt here: where it landed, and when it arrived."),
		lang.L("Send many makes a run of it, with dynamic values such as {{.Value}}.", map[string]any{"Value": "{{seq}}"}),
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
