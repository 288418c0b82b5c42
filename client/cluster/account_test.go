package cluster

import "testing"

// TestResources: what is written is read as it was meant, and nothing else is read at all.
func TestResources(t *testing.T) {
	for text, want := range map[string]struct {
		kind, name string
		prefix     bool
	}{
		"*": {AnyResource, "", false}, "Topic:*": {"Topic", "", false}, "Topic:pay": {"Topic", "pay", false}, "Group:pay*": {"Group", "pay", true},
		"Cluster:a:b": {"Cluster", "a:b", false}, "Topic:支付": {"Topic", "支付", false},
	} {
		if kind, name, prefix, ok := SplitResource(text); kind != want.kind || name != want.name || prefix != want.prefix || !ok {
			t.Errorf("%s: %s %s %v %v", text, kind, name, prefix, ok)
		}
		if again, err := Resource(want.kind, want.name, want.prefix); err != nil || again != text {
			t.Error(again, err)
		}
	}
	for _, bad := range []string{"", "Topic", "Topic:", "topic:a", "Any:*", "Namespace:a", "Topic:a*b", "Topic:a**", "Topic:a b", "**"} {
		if _, _, _, ok := SplitResource(bad); ok {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestRightsAreSame in whatever order they say it.
func TestRightsAreSame(t *testing.T) {
	r := Right{Resource: "Topic:a", Actions: []string{"Pub", "Sub"}, From: []string{"10.0.0.1"}}
	for name, x := range map[string]struct {
		change func(*Right)
		same   bool
	}{
		"order":     {func(r *Right) { r.Actions = []string{"Sub", "Pub", "Sub"} }, true},
		"actions":   {func(r *Right) { r.Actions = []string{"Sub"} }, false},
		"addresses": {func(r *Right) { r.From = nil }, false},
		"decision":  {func(r *Right) { r.Denied = true }, false},
		"kind":      {func(r *Right) { r.Default = true }, false},
	} {
		o := r
		if x.change(&o); r.Same(o) != x.same {
			t.Error(name)
		}
	}
}
