package client_test

import (
	"testing"

	"gantry/client"
)

func TestSubscriptionsDiffer(t *testing.T) {
	theirs := []client.Wanted{
		{Topic: "%RETRY%g", Expression: "*"},
		{Topic: "orders", Expression: "a || b", Kind: "TAG", Tags: []string{"b", "a"}},
		{Topic: "bills", Expression: "price > 1", Kind: "SQL92"},
	}
	for _, c := range []struct {
		topic, expression string
		sql, broadcast    bool
		want              string
		differs           bool
	}{
		{"orders", "b || a", false, false, "", false},
		{"orders", "a", false, false, "a || b", true},
		{"orders", "*", false, false, "a || b", true},
		{"orders", "b || a", false, true, "a || b", true},
		{"orders", "a || b", true, false, "a || b", true},
		{"bills", "price > 1", true, false, "", false},
		{"other", "*", false, false, "orders, bills", true},
	} {
		g := client.GroupState{Theirs: theirs}
		if got, differs := g.Differs(c.topic, c.expression, c.sql, c.broadcast); got != c.want || differs != c.differs {
			t.Errorf("%+v: %q, %v", c, got, differs)
		}
	}
	if got, differs := (&client.GroupState{}).Differs("orders", "*", false, false); got != "" || differs {
		t.Error("it contradicts nobody")
	}
}
