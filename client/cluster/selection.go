package cluster

import "strings"

// Selection is which messages of a topic are read, and as which group.
type Selection struct {
	Topic, Group string
	// Expression is "*", tags joined by ||, or SQL92.
	Expression string
	SQL92      bool
}

// Kind is the expression's type (ExpressionType.java).
func (s *Selection) Kind() string {
	if s.SQL92 {
		return "SQL92"
	}
	return "TAG"
}

// Tags splits a tag expression as RocketMQ does (FilterAPI.java): by "||", with
// blanks around. None, or "*", means all.
func Tags(expression string) []string {
	var tags []string
	for t := range strings.SplitSeq(expression, "||") {
		if t = strings.TrimSpace(t); t == "*" {
			return nil
		} else if t != "" {
			tags = append(tags, t)
		}
	}
	return tags
}
