package orders

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
)

// Thing is what a Setup is about.
type Thing string

// The things. They stand in diaries and never change, as the acts do.
const (
	Topics Thing = "topics"
	Groups Thing = "groups"
	// Users may sign in at brokers with ACL 2.0; Rights are what they may do.
	Users  Thing = "users"
	Rights Thing = "rights"
)

// Act is what a Setup does to them.
type Act string

// The acts.
const (
	Create Act = "create"
	Alter  Act = "change"
	Delete Act = "delete"
)

// Setup is the order to create, change or delete topics or consumer groups, users or rights
// of theirs.
type Setup struct {
	Of  Thing `json:"of"`
	Act Act   `json:"act"`
	// Names are full ones, of Rights those of the users; the same is done to each.
	Names []string `json:"names"`
	// Keys are the rights that it is about.
	Keys []cluster.RightKey `json:"keys,omitempty"`
	// Brokers are those where it is done; none are all that have it, or for Create all that
	// there are, or that have Like. Delete takes none: what is left of a topic is no topic.
	Brokers []string `json:"brokers,omitempty"`
	// Wish is what they are put to. What it leaves open is as it is, or as Like has it.
	Wish Wish `json:"wish,omitzero"`
	// Like is what Create copies, by its full name, as each broker has it.
	Like string `json:"like,omitempty"`
	// Offsets has Delete take the positions of groups too, Letters their retry and dead-letter
	// topics.
	Offsets bool `json:"offsets,omitempty"`
	Letters bool `json:"letters,omitempty"`
	// Exact are the only parts to do, with what each is put to, as of a record that is put
	// back or tried again.
	Exact []Exact `json:"exact,omitempty"`
	// Back is the id of the record that this puts back, "" for none.
	Back string `json:"back,omitempty"`
	// Password is what Users get where Wish.Password says so, and where they are made. It goes
	// to the brokers only: no record has it.
	Password profile.Secret `json:"-"`
}

// Wish is what is changed; nil is left as it is.
type Wish struct {
	Read        *int    `json:"read,omitempty"`
	Write       *int    `json:"write,omitempty"`
	Perm        *int    `json:"perm,omitempty"` // Perm bits of package cluster
	Type        *string `json:"type,omitempty"` // a Type of package cluster
	Retries     *int    `json:"retries,omitempty"`
	RetryQueues *int    `json:"retryQueues,omitempty"`
	Consume     *bool   `json:"consume,omitempty"`
	Broadcast   *bool   `json:"broadcast,omitempty"`
	Ordered     *bool   `json:"ordered,omitempty"`

	Super    *bool `json:"super,omitempty"`
	Disabled *bool `json:"disabled,omitempty"`
	// Password has users get a new one.
	Password bool `json:"password,omitempty"`
	// Right is what the rights become; its key is of no account.
	Right *cluster.Right `json:"right,omitempty"`
}

// Exact is a part of a Setup: what a broker is put to. Broker is "" for the name servers,
// which forget a deleted topic; To is nil where it is deleted.
type Exact struct {
	Name   string           `json:"name"`
	Key    cluster.RightKey `json:"key,omitzero"`
	Broker string           `json:"broker,omitempty"`
	To     *Setting         `json:"to,omitempty"`
}

// Setting is what a broker keeps of a topic, a group, a user, or a right.
type Setting struct {
	Topic *cluster.TopicSettings `json:"topic,omitempty"`
	Group *cluster.GroupSettings `json:"group,omitempty"`
	User  *cluster.UserSettings  `json:"user,omitempty"`
	Right *cluster.Right         `json:"right,omitempty"`
	// Held are the rights of a user that is deleted, or put back; nil where nothing is said of
	// them.
	Held *HeldRights `json:"held,omitempty"`
}

// Same tells whether both are the same; nil is that there is none.
func (s *Setting) Same(o *Setting) bool {
	switch {
	case s == nil || o == nil:
		return s == o
	case s.Topic != nil && o.Topic != nil:
		return s.Topic.Same(*o.Topic)
	case s.Group != nil && o.Group != nil:
		return s.Group.Same(*o.Group)
	case s.User != nil && o.User != nil:
		return *s.User == *o.User && s.Held.same(o.Held)
	case s.Right != nil && o.Right != nil:
		return s.Right.Same(*o.Right)
	}
	return false
}

const (
	// mostNames bounds what one order does to several.
	mostNames = 1000
	// mostQueues bounds the queues of a topic on a broker, mostRetries how often a message
	// comes again.
	mostQueues  = 10_000
	mostRetries = 1 << 20
)

// SetupPreview is what a Setup will do, as the brokers say at a moment.
type SetupPreview struct {
	Order Setup
	At    time.Time
	// Lines are one for each name and broker, in the order of the names.
	Lines []SetupLine
	// Losses are what Delete destroys, one for each name that there is.
	Losses []Loss
	// Brokers are those that take orders, by name; those of Old keep no types and no order.
	Brokers []string
	Old     []string
	// Absent are names that no broker has.
	Absent []string
	// Risks are what an order about users or rights does to who gives it, or to all.
	Risks []Risk
	// Missing are the brokers of which nothing is known: nothing is done there.
	Missing cluster.Missing
	// Why says why the order cannot be run, nil where it can: fault.NotOffered where the
	// queues of a static topic would be changed.
	Why error
}

// SetupLine is what is done at a broker.
type SetupLine struct {
	Name string
	// Key is the right's, of Rights.
	Key cluster.RightKey
	// Password says that a user gets a new one, or its first.
	Password bool
	// Broker is "" for the name servers, which forget a topic that is deleted.
	Broker string
	// Was is what it has, To what it will have; nil is none.
	Was, To *Setting
	// Keeps is how many messages of a topic that is deleted it has, below 0 where it did not
	// say.
	Keeps int64
	// Dropped says that the broker is of 4.x and keeps no such setting as was wished.
	Dropped bool
}

// Moves tells whether something is done there.
func (l SetupLine) Moves() bool { return l.Broker == "" || l.Password || !l.Was.Same(l.To) }

// Loss is what is destroyed with a topic or group.
type Loss struct {
	Name string
	// Messages are those that a topic keeps, or the dead letters of a group; more says that
	// not every broker told.
	Messages int64
	More     bool
	// Behind are the groups that have not read all of a topic, or the group itself.
	Behind []Behind
	// Members are connected to the group.
	Members int
	// Rights are a user's; Unkept says that the diary has not all of them.
	Rights int
	Unkept bool
}

// Behind is a group with messages that it has not taken.
type Behind struct {
	Group string
	Lag   int64
}

// Moves is how many parts are done.
func (p *SetupPreview) Moves() int {
	n := 0
	for _, l := range p.Lines {
		if l.Moves() {
			n++
		}
	}
	return n
}

// Able tells whether there is something to do, and nothing against it.
func (p *SetupPreview) Able() bool { return p.Why == nil && p.Moves() > 0 }

// Subject names what is changed, for who agrees to it.
func (p *SetupPreview) Subject() string {
	text := string(p.Order.Act) + " " + string(p.Order.Of) + " " + strings.Join(p.Order.Names, " ")
	for _, k := range p.Order.Keys {
		text += " " + k.Resource
	}
	return text
}

// Lost is how many messages and groups with a lag Delete destroys; more says that it may be
// more.
func (p *SetupPreview) Lost() (messages int64, behind int, more bool) {
	groups := map[string]bool{}
	for _, l := range p.Losses {
		messages, more = messages+l.Messages, more || l.More
		for _, b := range l.Behind {
			groups[b.Group] = true
		}
	}
	return messages, len(groups), more || len(p.Missing) > 0
}

// Members is how many members are connected to groups that are deleted.
func (p *SetupPreview) Members() int {
	n := 0
	for _, l := range p.Losses {
		n += l.Members
	}
	return n
}

// differs compares a preview that was agreed to with what holds now.
func (p *SetupPreview) differs(now *SetupPreview) Change {
	was, is := p.Members() > 0, now.Members() > 0
	before, _, _ := p.Lost()
	after, _, _ := now.Lost()
	switch {
	case now.Why != nil:
		return OtherWay
	case !was && is:
		return CameOnline
	case !slices.Equal(p.Missing.Names(), now.Missing.Names()),
		!slices.EqualFunc(p.Lines, now.Lines, func(a, b SetupLine) bool { return a.Name == b.Name && a.Broker == b.Broker && a.Key == b.Key }):
		return OtherBrokers
	case !slices.Equal(p.Risks, now.Risks):
		return Altered
	case before == 0 && after > 0:
		return Filled
	}
	for i, l := range now.Lines {
		if o := p.Lines[i]; !o.Was.Same(l.Was) || !o.To.Same(l.To) {
			return Altered
		}
	}
	return ""
}

// check tells whether a Setup can be meant.
func (o Setup) check() error {
	if len(o.Names) == 0 || len(o.Names) > mostNames {
		return fmt.Errorf("%d names: %w: 1 to %d", len(o.Names), fault.Invalid, mostNames)
	}
	if !slices.Contains([]Thing{Topics, Groups, Users, Rights}, o.Of) || !slices.Contains([]Act{Create, Alter, Delete}, o.Act) {
		return fmt.Errorf("%s %s: %w", o.Act, o.Of, fault.Invalid)
	}
	if o.account() {
		if err := o.checkAccounts(); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	names := o.Names
	if o.Like != "" {
		names = append(slices.Clone(names), o.Like)
	}
	for i, name := range names {
		if err := checkName(o.Of, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if i < len(o.Names) && (seen[name] || o.reserved(name)) {
			return fmt.Errorf("%s: %w: it is RocketMQ's own, or stands twice", name, fault.Reserved)
		}
		seen[name] = true
	}
	for _, n := range []*int{o.Wish.Read, o.Wish.Write} {
		if n != nil && (*n < 1 || *n > mostQueues) {
			return fmt.Errorf("%d queues: %w", *n, fault.Invalid)
		}
	}
	if n := o.Wish.Retries; n != nil && (*n < 0 || *n > mostRetries) {
		return fmt.Errorf("%d retries: %w", *n, fault.Invalid)
	}
	return nil
}

func checkName(of Thing, name string) error {
	switch of {
	case Groups:
		return message.CheckGroup(name)
	case Users, Rights:
		return checkUser(name)
	}
	if group := message.RetryGroup(name) + message.DeadLetterGroup(name); group != "" {
		return message.CheckGroup(group)
	}
	return message.CheckTopic(name)
}

// reserved tells whether a name is RocketMQ's own. Retry and dead-letter topics are changed
// and deleted, and brokers create them.
func (o Setup) reserved(name string) bool {
	switch o.Of {
	case Groups:
		return cluster.SystemGroup(name)
	case Users, Rights:
		return false
	}
	return cluster.TopicKindOf(name) == cluster.SystemTopic || o.Act == Create && cluster.Reserved(name)
}

// silent tells whether an error says that a server does not answer.
func silent(err error) bool {
	return errors.Is(err, fault.Timeout) || errors.Is(err, fault.Unreachable) || errors.Is(err, fault.ConnectionLost)
}
