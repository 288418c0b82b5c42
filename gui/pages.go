package gui

import (
	"slices"

	"gantry/client"
	"gantry/client/decode"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/gui/browse"
	"gantry/gui/changes"
	"gantry/gui/inspect"
	"gantry/gui/replay"
	"gantry/gui/send"
	"gantry/gui/subscribe"
)

// makePages makes the tabs.
func (s *workspace) makePages() {
	s.makeSend()
	s.makeSubscribe()
	s.makeBrowse()
	s.makeAskers()
	s.pages = []page{s.send, s.subscribe, s.browse, s.topicList, s.groups, s.cluster}
}

func (s *workspace) makeSend() {
	id := s.profile.ID
	s.send = send.New(send.Params{
		Tasks: s.tasks, Window: s.win, Profile: s.profile,
		Conn: func() send.Connection {
			if s.conn == nil {
				return nil
			}
			return s.conn
		},
		Form: s.form(), SaveForm: func(f profile.SendForm) { s.set.setForm(id, f) },
		Topics: s.topics, UseTopic: s.usedTopic,
		Steps:   s.steps(),
		Memory:  s.set,
		History: s.client.Outbox.History(id), OpenRun: s.client.Outbox.Open, DeleteRun: s.client.Outbox.Delete, KeepSent: s.client.Outbox.Keep,
		Templates: s.client.Templates, TemplateFolders: func() []string { return s.set.TemplateFolders }, SaveTemplateFolders: s.set.setTemplateFolders,
		Locate: func(topic, broker string, queue int, offset int64) {
			s.tabs.Select(tabBrowse)
			s.browse.Locate(topic, broker, queue, offset)
		},
		LocateID: func(topic, id string) {
			s.tabs.Select(tabBrowse)
			s.browse.LocateID(topic, id)
		},
		Formats: s.formats(), Jq: s.client.Jq,
		Split: s.set.split("send", 0), SaveSplit: func(v float64) { s.set.setSplit("send", v) },
		Fail: s.shell.fail, Say: s.shell.say,
		Replay: func(name string, most uint64, each send.Each) {
			of := s.profile
			s.shell.replay(replay.Source{Name: name, Profile: &of, Picked: true, Most: most, Each: each})
		},
	})
}

func (s *workspace) makeSubscribe() {
	s.subscribe = subscribe.New(subscribe.Params{
		SendAgain: s.sendAgain(), SendAll: s.sendAll, Keep: s.keep, Shape: s.shell.shape, Others: s.shell.others, Import: s.importRecording,
		Tasks: s.tasks, Window: s.win, Client: s.client, Profile: s.profile,
		Conn: s.connection, Connect: s.open,
		Subscriptions: s.subscriptions(),
		Save:          func(subs []profile.Subscription) { s.set.setSubscriptions(s.profile.ID, subs) },
		Topics:        s.topics, UseTopic: s.usedTopic, Memory: s.set,
		Reading: s.reading, SaveReading: s.saveReading, Formats: s.formats(), Jq: s.client.Jq,
		InspectorSide: inspect.Side(s.set.Window.Inspector),
		SaveInspector: s.saveInspector,
		Split:         s.set.split("subscribe", 0), SaveSplit: func(v float64) { s.set.setSplit("subscribe", v) },
		Fail: s.shell.fail, Say: s.shell.say,
		OnCount: s.badge, OnRate: s.shell.doingChanged, Known: s.shell.known(),
	})
}

func (s *workspace) makeBrowse() {
	s.browse = browse.New(browse.Params{
		Tasks: s.tasks, Window: s.win, Client: s.client, Profile: s.profile,
		Conn: s.connection, Connect: s.open, SendAgain: s.sendAgain(), SendAll: s.sendAll, Keep: s.keep, Shape: s.shell.shape,
		Topics: s.topics, UseTopic: s.usedTopic, LastTopic: s.lastTopic,
		OpenReference: s.shell.openReference, Memory: s.set,
		ConsumeOnce: func(m *message.Message) { changes.ConsumeOnce(s.changeParams(), m) },
		Permit:      s.permit,
		Resume:      func(halves []orders.GivenUp) { changes.Resume(s.changeParams(), halves) },
		Reading:     s.reading, SaveReading: s.saveReading, Formats: s.formats(), Jq: s.client.Jq,
		InspectorSide: inspect.Side(s.set.Window.Inspector), SaveInspector: s.saveInspector,
		Split: s.set.split("browse", 0), SaveSplit: func(v float64) { s.set.setSplit("browse", v) },
		Fail: s.shell.fail, Say: s.shell.say,
	})
}

// connection is the open connection, nil while there is none.
func (s *workspace) connection() *client.Connection { return s.conn }

// usedTopic puts a topic in front of those that completion offers.
func (s *workspace) usedTopic(topic string) { s.set.usedTopic(s.profile.ID, topic) }

// lastTopic is the topic that was worked with last, "" for none.
func (s *workspace) lastTopic() string {
	if used := s.set.Topics[s.profile.ID]; len(used) > 0 {
		return used[0]
	}
	return ""
}

// saveInspector keeps where the message pane stands.
func (s *workspace) saveInspector(side inspect.Side) {
	s.set.Window.Inspector = string(side)
	s.set.changed()
}

// reading and saveReading are how bodies of a topic of this connection are read.
func (s *workspace) reading(topic string) string { return s.set.reading(s.profile.ID, topic) }

func (s *workspace) saveReading(topic, reading string) {
	s.set.setReading(s.profile.ID, topic, reading)
	s.tellFormats()
}

// formats are those of the bodies of this connection's topics.
func (s *workspace) formats() inspect.Formats {
	return inspect.Formats{Of: s.format, Store: &s.client.Schemas, Looked: s.tellFormats, Save: s.saveSchema}
}

// format is what the profile says of the bodies of a topic, or what was chosen for them.
func (s *workspace) format(topic string) *profile.Schema {
	return saying{profile: s.profile, readings: s.set.Readings[s.profile.ID]}.of(topic)
}

// saying is what is known of the formats of bodies at one time: it is never changed.
type saying struct {
	profile  profile.Profile
	readings map[string]string
	turns    map[schema.Ref]int // of the files that describe messages
}

func (s *workspace) says() saying {
	return saying{s.profile, s.set.Readings[s.profile.ID], s.client.Schemas.Turns()}
}

func (s saying) of(topic string) *profile.Schema {
	if f := s.profile.Schema(topic); f != nil {
		return f
	}
	if kind := inspect.ChosenKind(s.readings[topic]); kind != "" && kind != decode.Protobuf {
		return &profile.Schema{Topic: topic, Format: kind}
	}
	return nil
}

// differs tells whether another saying has another format for the bodies of a topic, or a file
// that describes them has changed.
func (s saying) differs(o saying, topic string) bool {
	a, b := s.of(topic), o.of(topic)
	if a == nil || b == nil || *a != *b {
		return a != b
	}
	of := schema.Ref{File: a.File, Name: a.Type}
	return s.turns[of] != o.turns[of]
}

// tellFormats tells what the formats are now: the tabs, which read anew what is in another
// one, and the connection, for what filters on servers.
func (s *workspace) tellFormats() {
	was, now := s.told, s.says()
	s.told = now
	changed := func(topic string) bool { return was.differs(now, topic) }
	s.subscribe.FormatsChanged(changed)
	s.browse.FormatsChanged(changed)
	if s.conn == nil {
		return
	}
	all := slices.Clone(s.profile.Schemas)
	for topic := range s.set.Readings[s.profile.ID] {
		if f := s.format(topic); f != nil && f.Topic == topic {
			all = append(all, *f)
		}
	}
	s.conn.SetFormats(all)
}

// saveSchema has the profile say in which format the bodies of a topic are.
func (s *workspace) saveSchema(says profile.Schema) error {
	p := s.profile
	p.Schemas = profile.SetSchema(p.Schemas, says)
	p.Clean()
	for _, err := range p.Validate(nil) {
		if err.Field == profile.FieldSchemas {
			return err
		}
	}
	s.profile = p
	s.tellFormats()
	s.shell.keepProfile(p)
	return nil
}

// sendAgain puts a message into the send form; nil where nothing may be sent.
func (s *workspace) sendAgain() func(*message.Message) {
	if client.Guard(s.profile, client.ActionSend) != nil {
		return nil
	}
	return func(m *message.Message) {
		s.tabs.Select(tabSend)
		s.send.Again(m)
	}
}
