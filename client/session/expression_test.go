package session

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
)

func TestReduceName(t *testing.T) {
	for in, want := range map[string]string{
		"dev":                    "dev",
		"Dev_user-1":             "Dev_user-1",
		`DOMAIN\user`:            "user",
		`DOMAIN\张三`:              "",
		"realm/user":             "user",
		"张三":                     "",
		"张san":                   "san",
		"first.last@example.com": "firstlastexamplecom",
		"José":                   "Jos",
		"":                       "",
		`DOMAIN\`:                "",
		strings.Repeat("x", 100): strings.Repeat("x", 32),
		"a b%c|d":                "abcd",
	} {
		if got := reduceName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestGroupNames(t *testing.T) {
	for user, pattern := range map[string]string{
		"dev": `^gantry-dev-[0-9a-f]{6}$`, "张三": `^gantry-[0-9a-f]{6}$`, "": `^gantry-[0-9a-f]{6}$`,
		strings.Repeat("x", 100): `^gantry-x{32}-[0-9a-f]{6}$`,
	} {
		if got := groupName(user); !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("%q: %s", user, got)
		}
	}
	seen := map[string]bool{}
	for range 50 {
		g := NewGroupName()
		if err := message.CheckGroup(g); err != nil {
			t.Fatalf("%s: %v", g, err)
		}
		seen[g] = true
	}
	// Fifty of 16 million differ, but for one run in 13,000.
	if len(seen) < 49 {
		t.Errorf("%d names of 50 differ", len(seen))
	}
}

func TestCheckExpression(t *testing.T) {
	for _, c := range []struct {
		in      profile.Subscription
		want    selects
		wantErr error
	}{
		{profile.Subscription{}, selects{expression: "*"}, nil},
		{profile.Subscription{Expression: "a||b"}, selects{expression: "a || b"}, nil},
		{profile.Subscription{Expression: "a || *"}, selects{expression: "*"}, nil},
		{profile.Subscription{Expression: "测试 || b", OwnGroup: true}, selects{expression: "*", tags: []string{"测试", "b"}}, nil},
		{profile.Subscription{Expression: "测试 || b"}, selects{}, fault.TagNotASCII},
		{profile.Subscription{Expression: `a || b"c`, OwnGroup: true}, selects{}, fault.TagQuote},
		{profile.Subscription{Expression: `a\`}, selects{}, fault.TagQuote},
		{profile.Subscription{Expression: " a > '测试' ", SQL92: true}, selects{expression: "a > '测试'", sql92: true}, nil},
		{profile.Subscription{Expression: `a = "b"`, SQL92: true}, selects{expression: `a = "b"`, sql92: true}, nil},
		{profile.Subscription{Expression: "  ", SQL92: true}, selects{}, fault.BadExpression},
	} {
		got, err := checkExpression(&c.in)
		if !errors.Is(err, c.wantErr) || (c.wantErr == nil) != (err == nil) {
			t.Errorf("%+v: %v, want %v", c.in, err, c.wantErr)
		}
		if got.expression != c.want.expression || got.sql92 != c.want.sql92 || !slices.Equal(got.tags, c.want.tags) {
			t.Errorf("%+v: %+v, want %+v", c.in, got, c.want)
		}
	}
}
