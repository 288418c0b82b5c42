package worker

import (
	"encoding/json"
	"time"
)

// searchJSON is a Search on the pipe: Through in Unix milliseconds, because brokers store
// whatever time they had, and JSON has none beyond the year 9999.
type searchJSON struct {
	plainSearch
	Through *int64 `json:"through,omitempty"`
}

type plainSearch Search

// MarshalJSON writes every stored time.
func (s Search) MarshalJSON() ([]byte, error) {
	out := searchJSON{plainSearch: plainSearch(s)}
	if !s.Through.IsZero() {
		ms := s.Through.UnixMilli()
		out.Through = &ms
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Search) UnmarshalJSON(b []byte) error {
	var in searchJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*s = Search(in.plainSearch)
	if in.Through != nil {
		s.Through = time.UnixMilli(*in.Through)
	}
	return nil
}
