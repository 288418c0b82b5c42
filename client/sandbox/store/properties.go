package store

import "gantry/client/message"

// Bits of a message's sysFlag (MessageSysFlag.java).
const (
	sysPrepared    = 0x4
	sysCommit      = 0x8
	sysTransaction = 0xC
)

// Properties that say when and where a message goes (MessageConst.java).
const (
	propRealTopic = "REAL_TOPIC"
	propRealQueue = "REAL_QID"
	propPrepared  = "TRAN_MSG"
	propGroup     = "PGROUP"
	propTimerSec  = "TIMER_DELAY_SEC"
	propTimerMS   = message.PropertyTimerDelay
	propTimerAt   = message.PropertyTimerAt
	propTimerOut  = "TIMER_OUT_MS"
)

// MaxProperties bounds the properties of a message in their stored form, in bytes: a
// length above it is a negative one for Java, and a consumer hangs before such a
// message (MessageExtEncoder.java).
const MaxProperties = 1<<15 - 1

// propertiesSize is how many bytes they have in the stored form.
func propertiesSize(m *message.Message) int {
	n := max(len(m.Properties)-1, 0)
	for _, p := range m.Properties {
		n += len(p.Name) + 1 + len(p.Value)
	}
	return n
}

// SetProperty gives a message a property, in the place of one of that name.
func SetProperty(m *message.Message, name, value string) {
	for i := range m.Properties {
		if m.Properties[i].Name == name {
			m.Properties[i].Value = value
			return
		}
	}
	m.Properties = append(m.Properties, message.Property{Name: name, Value: value})
}

// unset takes properties away.
func unset(m *message.Message, names ...string) {
	kept := make([]message.Property, 0, len(m.Properties))
	for _, p := range m.Properties {
		drop := false
		for _, n := range names {
			drop = drop || p.Name == n
		}
		if !drop {
			kept = append(kept, p)
		}
	}
	m.Properties = kept
}
