package cluster

import (
	"slices"
	"strings"
	"testing"
)

func TestTagsAreSplitAsRocketMQDoes(t *testing.T) {
	for in, want := range map[string][]string{
		"":                 nil,
		"*":                nil,
		"  *  ":            nil,
		"a":                {"a"},
		"a||b":             {"a", "b"},
		"  a  ||\tb\n":     {"a", "b"},
		"a || || b ||":     {"a", "b"},
		"||":               nil,
		"a | b":            {"a | b"},
		"a b || 测试":        {"a b", "测试"},
		"a || *":           nil,
		"a*":               {"a*"},
		"a ||| b":          {"a", "| b"},
		"TagA || TagA || ": {"TagA", "TagA"},
	} {
		if got := Tags(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzTags(f *testing.F) {
	f.Add("a || b")
	f.Add("*")
	f.Add(" 测试||||x |y")
	f.Fuzz(func(t *testing.T, expression string) {
		tags := Tags(expression)
		for _, tag := range tags {
			if tag == "" || tag == "*" || strings.TrimSpace(tag) != tag || strings.Contains(tag, "||") {
				t.Errorf("%q has the tag %q", expression, tag)
			}
		}
		if again := Tags(strings.Join(tags, " || ")); !slices.Equal(again, tags) {
			t.Errorf("%q is %q, and then %q", expression, tags, again)
		}
	})
}
