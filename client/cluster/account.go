package cluster

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gantry/client/fault"
)

// Account is a user of brokers with ACL 2.0 (User.java, Acl.java). Nothing here holds a
// password.
type Account struct {
	Name string
	// Super may do everything, whatever its rights say.
	Super bool
	// Disabled ones are refused.
	Disabled bool
	Rights   []Right
	// Brokers are those that know it, sorted.
	Brokers []string
	// Differs says that not every broker that answers knows it so.
	Differs bool
}

// UserSettings is what one broker keeps of a user, but for the password.
type UserSettings struct {
	Super    bool `json:"super,omitempty"`
	Disabled bool `json:"disabled,omitempty"`
}

// RightKey tells the rights of a user apart: a broker keeps one for each.
type RightKey struct {
	Default  bool   `json:"default,omitempty"`
	Resource string `json:"resource"`
}

// Right is what an account may do, or not (PolicyEntry.java).
type Right struct {
	// Default says that it counts where no other does.
	Default bool `json:"default,omitempty"`
	// Resource is such as Topic:T, Group:* or Cluster:*, see Resource.
	Resource string `json:"resource"`
	// Actions are such as Pub, Sub and Get.
	Actions []string `json:"actions,omitempty"`
	// From are the addresses for which it counts; none are all.
	From []string `json:"from,omitempty"`
	// Denied says that it is refused.
	Denied bool `json:"denied,omitempty"`
}

// Key tells it from the user's other rights.
func (r Right) Key() RightKey { return RightKey{r.Default, r.Resource} }

// Same tells whether two permit the same, in whatever order they say it.
func (r Right) Same(o Right) bool {
	return r.Key() == o.Key() && r.Denied == o.Denied && sameTexts(r.Actions, o.Actions) && sameTexts(r.From, o.From)
}

func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

// Actions are what a right may be about (Action.java). Any is none of them: brokers refuse it.
func Actions() []string {
	return []string{"All", "Pub", "Sub", "Create", "Update", "Delete", "Get", "List"}
}

// ResourceTypes are the types of resources (ResourceType.java). What is of AnyResource has no
// name.
func ResourceTypes() []string { return []string{AnyResource, "Cluster", "Topic", "Group"} }

// AnyResource is the type of the resource that is all.
const AnyResource = "Any"

// mostResource bounds the name of a resource, in bytes, and mostFrom how many addresses a
// right has.
const (
	mostResource = 255
	mostFrom     = 100
)

// Resource is a resource as brokers write it, of its type and the name or, with prefix set,
// the beginning of one; "" is every one of the type. fault.Invalid where brokers would read
// something else in it: they cut a name at its first asterisk, and take an order about a
// resource that they cannot read for one about all rights of the user (Resource.java).
func Resource(kind, name string, prefix bool) (string, error) {
	switch {
	case !slices.Contains(ResourceTypes(), kind), kind == AnyResource && name != "", len(name) > mostResource,
		strings.ContainsAny(name, "* \t\r\n"), name == "" && prefix:
		return "", fmt.Errorf("resource: %w", fault.Invalid)
	case kind == AnyResource:
		return "*", nil
	case name == "" || prefix:
		return kind + ":" + name + "*", nil
	}
	return kind + ":" + name, nil
}

// SplitResource reads what Resource writes. ok is false for what it does not.
func SplitResource(text string) (kind, name string, prefix, ok bool) {
	if text == "*" {
		return AnyResource, "", false, true
	}
	kind, name, _ = strings.Cut(text, ":")
	if name, prefix = strings.CutSuffix(name, "*"); name == "" {
		prefix = false
	}
	again, err := Resource(kind, name, prefix)
	return kind, name, prefix, err == nil && again == text
}

// Check tells whether brokers take it and read in it what it says: fault.Invalid.
func (r Right) Check() error {
	if _, _, _, ok := SplitResource(r.Resource); !ok {
		return fmt.Errorf("resource: %w", fault.Invalid)
	}
	if len(r.Actions) == 0 || slices.ContainsFunc(r.Actions, func(a string) bool { return !slices.Contains(Actions(), a) }) {
		return fmt.Errorf("actions: %w", fault.Invalid)
	}
	if len(r.From) > mostFrom {
		return fmt.Errorf("%d addresses: %w: at most %d", len(r.From), fault.Invalid, mostFrom)
	}
	for _, from := range r.From {
		if !Address(from) {
			return fmt.Errorf("address: %w", fault.Invalid)
		}
	}
	return nil
}

// Address tells whether a text is an address from which somebody comes, or a range of them,
// such as 10.0.0.0/8.
func Address(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return !strings.Contains(text, "%")
	}
	_, err := netip.ParsePrefix(text)
	return err == nil
}

// AccountFile is a file with the accounts of a broker of 4.x, which tells no more of them than
// that it was changed.
type AccountFile struct {
	Broker string
	Name   string // without its folder
	// Changed is when the broker read it last, Count how often it did since it started.
	Changed time.Time
	Count   int64
}
