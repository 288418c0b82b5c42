package orders

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/remoting"
)

// TestRefusedByOne: what one broker refuses is named and tried alone, with the password given
// again; the broker's words do not repeat it.
func TestRefusedByOne(t *testing.T) {
	r := newACLRig(t)
	r.b.fail(remoting.AuthCreateUser, func(req *remoting.Command) *remoting.Command {
		return req.Answer(16, "User:root has no permission to do "+string(req.Body))
	})
	o := Setup{Of: Users, Act: Create, Names: []string{"bob"}, Password: secret, Wish: Wish{Super: ptr(true)}}
	rec := r.run(o)
	if !slices.Equal(states(rec), []string{"a set", "b failed"}) || !errors.Is(rec.Queues[1].Err, fault.NotPermitted) {
		t.Fatalf("%+v", rec)
	}
	r.clean(rec)
	again, ok := rec.FailedSetup()
	if !ok || len(again.Exact) != 1 || again.Exact[0].Broker != "b" || again.Password != "" {
		t.Fatalf("%+v", again)
	}
	if p := r.preview(again); !errors.Is(p.Why, fault.NeedPassword) || p.Moves() != 1 {
		t.Errorf("%+v", p)
	}
	r.b.fail(remoting.AuthCreateUser, nil)
	again.Password = secret
	if rec = r.run(again); !slices.Equal(states(rec), []string{"b set"}) || r.b.users["bob"]["userType"] != "Super" {
		t.Errorf("%+v", rec)
	}
	r.b.fail(remoting.AuthUpdateUser, func(req *remoting.Command) *remoting.Command {
		return req.Answer(1, "The super user can only be update by super user")
	})
	if rec = r.run(Setup{Of: Users, Act: Alter, Names: []string{"bob"}, Wish: Wish{Disabled: ptr(true)}}); !errors.Is(rec.Queues[1].Err, fault.NotPermitted) {
		t.Errorf("%+v", rec)
	}
}

// TestGoneInTheMiddle: a broker that no longer answers is not asked again, and what was done
// by then is kept and put back alone.
func TestGoneInTheMiddle(t *testing.T) {
	r := newACLRig(t)
	keys := []cluster.RightKey{{Resource: "Topic:a"}, {Resource: "Topic:b"}, {Resource: "Topic:c"}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := 0
	r.b.fail(remoting.AuthCreateACL, func(req *remoting.Command) *remoting.Command {
		if got++; got == 2 {
			r.b.fails[remoting.AuthListACLs] = func(*remoting.Command) *remoting.Command { return nil }
			cancel()
			return nil // never
		}
		r.b.put("alice", req.Body)
		return req.Answer(0, "")
	})
	p := r.preview(Setup{Of: Rights, Act: Create, Names: []string{"alice"}, Keys: keys, Brokers: []string{"b"}, Wish: Wish{Right: &cluster.Right{Actions: []string{"Get"}}}})
	rec, err := r.clerk.RunSetup(ctx, p, nil)
	if !errors.Is(err, context.Canceled) || rec.Ended.IsZero() || !slices.Equal(states(rec), []string{"b set", "b failed", "b "}) {
		t.Fatalf("%+v, %v", rec, err)
	}
	r.b.fail(remoting.AuthListACLs, nil)
	r.b.fail(remoting.AuthCreateACL, nil)
	if o, ok := rec.FailedSetup(); !ok || len(o.Exact) != 2 || len(r.run(o).Queues) != 2 || len(r.b.rights["alice"]) != 3 || len(r.a.rights["alice"]) != 0 {
		t.Errorf("%+v", o)
	}
}

// TestRisks: what would lock somebody out is said before it is done.
func TestRisks(t *testing.T) {
	r := newACLRig(t)
	user := func(name string, act Act, w Wish) Setup {
		return Setup{Of: Users, Act: act, Names: []string{name}, Wish: w, Password: "x1"}
	}
	right := Setup{Of: Rights, Act: Create, Names: []string{"root"}, Keys: []cluster.RightKey{{Resource: "*"}}, Wish: Wish{Right: &cluster.Right{Actions: []string{"All"}}}}
	for _, x := range []struct {
		name string
		o    Setup
		want []Risk
	}{
		{"another", user("alice", Delete, Wish{}), nil},
		{"a new super user", user("bob", Create, Wish{Super: ptr(true)}), nil},
		{"the own one, as it is", user("root", Alter, Wish{Super: ptr(true)}), nil},
		{"deleted", user("root", Delete, Wish{}), []Risk{NoSuper, OwnGone, SuperLeaves}},
		{"disabled", user("root", Alter, Wish{Disabled: ptr(true)}), []Risk{NoSuper, OwnGone, SuperLeaves}},
		{"demoted", user("root", Alter, Wish{Super: ptr(false)}), []Risk{NoSuper, OwnDemoted, SuperLeaves}},
		{"a new password", user("root", Alter, Wish{Password: true}), []Risk{OwnPassword, SuperLeaves}},
		{"rights of who may do all", right, nil},
	} {
		if got := r.preview(x.o).Risks; !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
	r.clerk.account = "alice"
	right.Names = []string{"alice"}
	if got := r.preview(right).Risks; !slices.Equal(got, []Risk{OwnRights}) {
		t.Error(got)
	}
	// Somebody else takes the last but one between the look and the order: it is asked anew.
	r.clerk.account = "root"
	for _, b := range []*aclBroker{r.a, r.b} {
		b.users["admin"] = map[string]string{"username": "admin", "userType": "Super", "userStatus": "enable"}
	}
	p := r.preview(user("root", Delete, Wish{}))
	delete(r.a.users, "admin")
	changed := (*ChangedError)(nil)
	if _, err := r.clerk.RunSetup(t.Context(), p, nil); !errors.As(err, &changed) || len(p.Risks) != 2 {
		t.Errorf("%v, %v", err, p.Risks)
	}
}

// TestWithoutAccounts: where ACL is off, or of 4.x, that is said; where it is so on one broker
// only, nothing is done there.
func TestWithoutAccounts(t *testing.T) {
	r := newACLRig(t)
	off := func(req *remoting.Command) *remoting.Command {
		return req.Answer(1, "java.lang.IllegalStateException: The authorizationMetadataProvider is not configured., org.apache.rocketmq.auth")
	}
	unknown := func(req *remoting.Command) *remoting.Command {
		return req.Answer(3, " request type 3005 not supported")
	}
	r.b.fail(remoting.AuthListUsers, unknown)
	o := Setup{Of: Users, Act: Alter, Names: []string{"alice"}, Wish: Wish{Disabled: ptr(true)}}
	if p := r.preview(o); len(p.Lines) != 1 || !slices.Equal(p.Missing.Names(), []string{"b"}) || !errors.Is(p.Missing[0], fault.NotOffered) {
		t.Errorf("%+v", p)
	}
	r.a.fail(remoting.AuthListUsers, off)
	if _, err := r.clerk.PreviewSetup(t.Context(), o); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	for _, of := range []Thing{Users, Rights} {
		if _, _, _, err := r.clerk.Brokers(t.Context(), of); !errors.Is(err, fault.NotOffered) {
			t.Error(of, err)
		}
	}
	for _, b := range []*aclBroker{r.a, r.b} { // what 5.5.0 says
		b.fail(remoting.AuthListUsers, func(req *remoting.Command) *remoting.Command {
			return req.Answer(1, "An system error occurred, please try again later.")
		})
	}
	if _, err := r.clerk.PreviewSetup(t.Context(), o); err == nil || errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	r.b.fail(remoting.AuthListACLs, off)
	r.a.fail(remoting.AuthListUsers, nil)
	if p := r.preview(o); len(p.Lines) != 1 || !errors.Is(p.Missing[0], fault.NotOffered) {
		t.Errorf("%+v", p)
	}
	r.a.fail(remoting.AuthListUsers, r.b.fails[remoting.AuthListUsers])
	r.a.fail(remoting.AuthListACLs, off)
	if _, err := r.clerk.PreviewSetup(t.Context(), o); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	// Who may sign in is checked, and not what each may do.
	for _, b := range []*aclBroker{r.a, r.b} {
		b.fail(remoting.AuthListUsers, nil)
		b.fail(remoting.AuthListACLs, off)
	}
	if p := r.preview(o); len(p.Lines) != 2 || len(p.Missing) > 0 {
		t.Errorf("%+v", p)
	}
	if _, _, _, err := r.clerk.Brokers(t.Context(), Rights); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
}

// TestCheckAccounts: names, resources, addresses and actions that brokers read otherwise.
func TestCheckAccounts(t *testing.T) {
	right := func(resource string, r cluster.Right) Setup {
		return Setup{Of: Rights, Act: Create, Names: []string{"alice"}, Keys: []cluster.RightKey{{Resource: resource}}, Wish: Wish{Right: &r}}
	}
	get := cluster.Right{Actions: []string{"Get"}}
	for name, x := range map[string]struct {
		o  Setup
		ok bool
	}{
		"a user":            {Setup{Of: Users, Act: Create, Names: []string{"alice"}, Password: "x"}, true},
		"a blank":           {Setup{Of: Users, Act: Create, Names: []string{"al ice"}}, false},
		"no name":           {Setup{Of: Users, Act: Create, Names: []string{""}}, false},
		"a long one":        {Setup{Of: Users, Act: Create, Names: []string{strings.Repeat("u", 256)}}, false},
		"a blank password":  {Setup{Of: Users, Act: Create, Names: []string{"alice"}, Password: "  "}, false},
		"a long password":   {Setup{Of: Users, Act: Create, Names: []string{"alice"}, Password: profile.Secret(strings.Repeat("p", 1025))}, false},
		"rights of nothing": {Setup{Of: Rights, Act: Delete, Names: []string{"alice"}}, false},
		"a topic":           {right("Topic:pay", get), true},
		"a prefix":          {right("Topic:pay*", get), true},
		"all":               {right("*", get), true},
		"every group":       {right("Group:*", get), true},
		"an asterisk in it": {right("Topic:a*b*", get), false},
		"a type of none":    {right("Tpoic:pay", get), false}, // deleting it would take all
		"no resource":       {right("", get), false},
		"no action":         {right("Topic:pay", cluster.Right{}), false},
		"Any":               {right("Topic:pay", cluster.Right{Actions: []string{"Any"}}), false},
		"an address":        {right("Topic:pay", cluster.Right{Actions: []string{"Get"}, From: []string{"10.0.0.1", "fe80::/10"}}), true},
		"a host":            {right("Topic:pay", cluster.Right{Actions: []string{"Get"}, From: []string{"localhost"}}), false},
		"a bad range":       {right("Topic:pay", cluster.Right{Actions: []string{"Get"}, From: []string{"10.0.0.0/33"}}), false},
	} {
		if err := x.o.check(); (err == nil) != x.ok || err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
