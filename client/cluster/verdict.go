package cluster

import "time"

// VerdictKind is what a member made of a message that it was given to consume.
type VerdictKind string

// The kinds (CMResult.java).
const (
	ConsumeSuccess    VerdictKind = "CR_SUCCESS"
	ConsumeLater      VerdictKind = "CR_LATER"
	ConsumeRollback   VerdictKind = "CR_ROLLBACK"
	ConsumeCommit     VerdictKind = "CR_COMMIT"
	ConsumeThrows     VerdictKind = "CR_THROW_EXCEPTION"
	ConsumeReturnNull VerdictKind = "CR_RETURN_NULL"
)

// VerdictKinds are the kinds in RocketMQ's order.
func VerdictKinds() []VerdictKind {
	return []VerdictKind{ConsumeSuccess, ConsumeLater, ConsumeRollback, ConsumeCommit, ConsumeThrows, ConsumeReturnNull}
}

// Verdict is what a member says of a message that it consumed once, see admin.Client.Direct.
type Verdict struct {
	Is      VerdictKind   `json:"is"`
	Ordered bool          `json:"ordered,omitempty"` // it consumes in order
	Remark  string        `json:"remark,omitempty"`  // such as an exception
	Took    time.Duration `json:"took"`
}
