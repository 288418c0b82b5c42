package cluster

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
