package fault

// What becomes of a message that an expression of jq does not come to an end with.
const (
	// JqSlow: the expression took longer than one message may take.
	JqSlow Code = "jq took too long"
	// JqFailed: the expression failed; the words are jq's.
	JqFailed Code = "jq failed"
	// JqStopped: jq had to be ended so often that this message was not tried.
	JqStopped Code = "jq had to be ended too often"
)

// GaveUp counts messages of which it is not known whether they fit, and names the first. It
// is a value, and travels as JSON.
type GaveUp struct {
	Count int64 `json:"count"`
	// Queue and Offset are the place of the first one; Code says why, Said with which words.
	Queue  int    `json:"queue,omitempty"`
	Offset int64  `json:"offset,omitempty"`
	Code   Code   `json:"code,omitempty"`
	Said   string `json:"said,omitempty"`
}

// Also is g with others counted that came later.
func (g GaveUp) Also(o GaveUp) GaveUp {
	if g.Count == 0 {
		return o
	}
	g.Count += o.Count
	return g
}
