package problem

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/outbox/template"
)

// TestTemplatesInWords: each reason has its own words, and a damaged file its line.
func TestTemplatesInWords(t *testing.T) {
	seen := map[string]bool{}
	check := func(err error) string {
		t.Helper()
		p := Explain(err)
		if p.What == "" || seen[p.What] || strings.Contains(p.What, "It did not work") {
			t.Errorf("%v: %q", err, p.What)
		}
		seen[p.What] = true
		return p.What
	}
	for _, c := range []fault.Code{
		template.NoColon, template.UnknownHeader, template.Twice, template.BadQuotes, template.BadProperty, template.BadValue,
		template.NotText, template.HeadTooLong, template.BodyTooLarge, template.BadBase64,
	} {
		if what := check(&template.ParseError{Line: 7, Reason: c}); !strings.HasPrefix(what, "Line 7: ") || strings.Contains(what, string(c)) && c != template.Twice && c != template.BadBase64 {
			t.Errorf("%s: %q", c, what)
		}
	}
	for _, err := range []error{
		template.BadName, &template.ExistsError{}, &template.ChangedError{}, fmt.Errorf("%w: a", template.Gone), template.NoFolder,
		template.Link, template.NoFile, template.HeadTooLong, errors.Join(template.BodyTooLarge),
	} {
		check(err)
	}
}
