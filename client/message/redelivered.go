package message

import (
	"fmt"
	"slices"
	"strings"
)

// PropertyRedelivered is the user property that marks a message which Gantry sent once more
// from a topic that is Redeliverable: its value is the Place that it had there. SQL92 can name
// it, and consumers see it.
const PropertyRedelivered = "REDELIVERED_FROM"

// Redeliverable tells whether messages of a topic are redelivered, and not only sent again: it
// is a retry or a dead-letter topic, or that of half messages that were given up.
func Redeliverable(topic string) bool {
	return RetryGroup(topic) != "" || DeadLetterGroup(topic) != "" || topic == GivenUpTopic
}

// RedeliveryGroup is the consumer group that gave the messages of a retry or dead-letter topic
// up, or gets them again; "" for another topic.
func RedeliveryGroup(topic string) string {
	if g := DeadLetterGroup(topic); g != "" {
		return g
	}
	return RetryGroup(topic)
}

// Place is where a message lies, and its id: topic, broker, queue, offset and id, with "/"
// between them. No other message has the same, of whatever cluster. A half message that was
// given up is the same one each time it is: its queue and offset are left out.
func (m *Message) Place() string {
	if m.Topic == GivenUpTopic {
		return fmt.Sprintf("%s/%s///%s", m.Topic, m.Broker, m.ID())
	}
	return fmt.Sprintf("%s/%s/%d/%d/%s", m.Topic, m.Broker, m.QueueID, m.QueueOffset, m.ID())
}

// Redelivered returns a copy of a message of a topic that is Redeliverable, marked with its
// Place, as it is to be sent again. One of another topic is returned as it is. It shares the
// body.
func (m *Message) Redelivered() *Message {
	if !Redeliverable(m.Topic) {
		return m
	}
	marked := *m
	marked.Properties = slices.DeleteFunc(slices.Clone(m.AllProperties()), func(p Property) bool { return p.Name == PropertyRedelivered })
	marked.Properties = append(marked.Properties, Property{Name: PropertyRedelivered, Value: m.Place()})
	marked.StoredProperties = nil
	return &marked
}

// Mark is the place of the message of that topic which this one was redelivered from; "" where
// it was not.
func (m *Message) Mark(topic string) string {
	if v := m.Property(PropertyRedelivered); strings.HasPrefix(v, topic+"/") {
		return v
	}
	return ""
}

// Retried are the properties with which a message of a retry or dead-letter topic lies in its
// group's retry topic: members show its first topic by them, and find it there. There are none
// where nothing tells what that was.
func (m *Message) Retried() []Property {
	topic, ids := m.Original()
	if topic == "" {
		return nil
	}
	all := []Property{{Name: PropertyRetryTopic, Value: topic}}
	if len(ids) > 0 {
		all = append(all, Property{Name: PropertyOriginID, Value: ids[0]})
	}
	return all
}
