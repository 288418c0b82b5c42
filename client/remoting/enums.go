package remoting

import (
	"encoding/json"
	"strconv"
)

// Java's enums in heartbeats and answers about consumers. Java and Go write their
// names, C++ (and Python, which wraps it) their numbers, which fastjson takes for the
// names (EnumDeserializer.java). A number without a name stays as it is.
type (
	// ConsumeType is how a consumer gets messages (ConsumeType.java).
	ConsumeType string
	// MessageModel is how members of a group share them (MessageModel.java).
	MessageModel string
	// ConsumeFromWhere is where a new group begins (ConsumeFromWhere.java).
	ConsumeFromWhere string
)

// UnmarshalJSON reads a name or a number.
func (c *ConsumeType) UnmarshalJSON(b []byte) error {
	return unmarshalEnum(b, (*string)(c), "CONSUME_ACTIVELY", "CONSUME_PASSIVELY", "CONSUME_POP")
}

// UnmarshalJSON reads a name or a number.
func (m *MessageModel) UnmarshalJSON(b []byte) error {
	return unmarshalEnum(b, (*string)(m), "BROADCASTING", "CLUSTERING", "LITE_SELECTIVE")
}

// UnmarshalJSON reads a name or a number.
func (f *ConsumeFromWhere) UnmarshalJSON(b []byte) error {
	return unmarshalEnum(b, (*string)(f), "CONSUME_FROM_LAST_OFFSET", "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST",
		"CONSUME_FROM_MIN_OFFSET", "CONSUME_FROM_MAX_OFFSET", "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_TIMESTAMP")
}

// unmarshalEnum reads one of names, or its number.
func unmarshalEnum(b []byte, to *string, names ...string) error {
	var text looseString
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	if n, err := strconv.Atoi(string(text)); err == nil && n >= 0 && n < len(names) {
		*to = names[n]
		return nil
	}
	*to = string(text)
	return nil
}
