package session

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os/user"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/profile"
)

// NewGroupName makes the name of a consumer group for one subscription:
// "gantry-<user>-<6 hex>", the user's name reduced to what RocketMQ takes.
func NewGroupName() string {
	u, err := user.Current()
	if err != nil {
		return groupName("")
	}
	return groupName(u.Username)
}

func groupName(user string) string {
	b := make([]byte, 3)
	_, _ = rand.Read(b) // never fails
	if name := reduceName(user); name != "" {
		return "gantry-" + name + "-" + hex.EncodeToString(b)
	}
	return "gantry-" + hex.EncodeToString(b)
}

// reduceName keeps letters, digits, "-" and "_" of a user's name; of Windows'
// "DOMAIN\user" the last part.
func reduceName(s string) string {
	s = s[strings.LastIndexAny(s, `\/`)+1:]
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 32)]
}

// selects is how a subscription's expression is carried out: what is subscribed
// to, and which tags alone the worker keeps.
type selects struct {
	expression string
	sql92      bool
	tags       []string
	keep       string // what the worker keeps, in the language of package filter
}

// of is what the brokers are asked with.
func (f *selects) of(topic, group string) cluster.Selection {
	return cluster.Selection{Topic: topic, Group: group, Expression: f.expression, SQL92: f.sql92}
}

// checkExpression turns a subscription's expression into what it selects.
// rocketmq-client-go does not escape tags (fault.TagQuote), and hashes those
// outside ASCII differently from brokers, so that nothing would ever arrive: a
// group of our own takes everything and keeps what matches; in another's group
// that would take messages from its members (fault.TagNotASCII). A follow has none of
// that; it keeps what brokers let through by hash code only if it matches.
func checkExpression(s *profile.Subscription) (selects, error) {
	if s.Any && s.Follow {
		if _, err := filter.Parse(s.Expression, time.Now()); err != nil {
			return selects{}, fmt.Errorf("%w: %w", fault.BadExpression, err)
		}
		return selects{expression: "*", keep: s.Expression}, nil
	}
	if s.SQL92 {
		e := strings.TrimSpace(s.Expression)
		if e == "" {
			return selects{}, fmt.Errorf("%w: it is empty", fault.BadExpression)
		}
		return selects{expression: e, sql92: true}, nil
	}
	tags := cluster.Tags(s.Expression)
	if s.Follow && len(tags) > 0 {
		return selects{expression: strings.Join(tags, " || "), tags: tags}, nil
	}
	ascii := true
	for _, t := range tags {
		if strings.ContainsAny(t, `"\`) {
			return selects{}, fmt.Errorf("%w: %s", fault.TagQuote, t)
		}
		for _, r := range t {
			ascii = ascii && r < 128
		}
	}
	switch {
	case len(tags) == 0:
		return selects{expression: "*"}, nil
	case ascii:
		return selects{expression: strings.Join(tags, " || ")}, nil
	case s.OwnGroup:
		return selects{expression: "*", tags: tags}, nil
	default:
		return selects{}, fmt.Errorf("%w: %s", fault.TagNotASCII, strings.Join(tags, " || "))
	}
}
