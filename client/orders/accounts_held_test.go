package orders

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// deleteAlice gives alice two rights on broker a and one on b, and deletes her.
func deleteAlice(t *testing.T, r *aclRig) Record {
	t.Helper()
	give := func(broker string, right cluster.Right) {
		r.run(Setup{Of: Rights, Act: Create, Names: []string{"alice"}, Keys: []cluster.RightKey{right.Key()}, Wish: Wish{Right: &right}, Brokers: []string{broker}})
	}
	give("a", cluster.Right{Resource: "Topic:pay*", Actions: []string{"Pub", "Sub"}, From: []string{"10.0.0.0/8"}})
	give("a", cluster.Right{Default: true, Resource: "Group:*", Actions: []string{"Sub"}, Denied: true})
	give("b", cluster.Right{Resource: "Topic:pay*", Actions: []string{"Get"}})
	o := Setup{Of: Users, Act: Delete, Names: []string{"alice"}}
	if l := r.preview(o).Losses; len(l) != 1 || l[0].Rights != 2 || l[0].Unkept {
		t.Errorf("%+v", l)
	}
	rec := r.run(o)
	if len(r.a.rights["alice"])+len(r.b.rights["alice"]) != 0 {
		t.Fatal("the brokers keep rights of who is deleted")
	}
	return rec
}

// TestADeletedUserIsPutBack with its rights as each broker had them, from what the diary has on
// disk, and with a password that is given anew.
func TestADeletedUserIsPutBack(t *testing.T) {
	r := newACLRig(t)
	deleteAlice(t, r)
	all, err := r.diary.List()
	if err != nil {
		t.Fatal(err)
	}
	back, ok := all[0].BackSetup()
	if !ok || back.Act != Create || back.Back != all[0].ID || len(back.Exact) != 2 {
		t.Fatalf("%+v", back)
	}
	if p := r.preview(back); !errors.Is(p.Why, fault.NeedPassword) || p.Moves() != 2 || len(p.Lines[0].To.Held.Rights) != 2 {
		t.Errorf("%+v", p)
	}
	back.Password = secret
	rec := r.run(back)
	if !slices.Equal(states(rec), []string{"a set", "b set"}) || r.a.passwords["alice"] != secret || r.a.users["alice"]["userType"] != "Normal" {
		t.Errorf("%+v", rec)
	}
	pay := cluster.RightKey{Resource: "Topic:pay*"}
	if e := r.a.rights["alice"][pay]; len(r.a.rights["alice"]) != 2 || fmt.Sprint(e["sourceIps"], e["actions"]) != "[10.0.0.0/8] [Pub Sub]" {
		t.Error(r.a.rights)
	}
	if e := r.a.rights["alice"][cluster.RightKey{Default: true, Resource: "Group:*"}]; e["decision"] != "Deny" {
		t.Error(r.a.rights)
	}
	if e := r.b.rights["alice"][pay]; len(r.b.rights["alice"]) != 1 || fmt.Sprint(e["actions"]) != "[Get]" {
		t.Error(r.b.rights)
	}
	if _, ok := rec.BackSetup(); ok {
		t.Error("who was put back is put back")
	}
	r.clean(rec)
}

// TestPutBackIsTriedAgain: where a right was refused the user is there already; it stays as it
// is, and gets what it lacks, without a password.
func TestPutBackIsTriedAgain(t *testing.T) {
	r := newACLRig(t)
	deleted := deleteAlice(t, r)
	r.a.fail(remoting.AuthCreateACL, func(req *remoting.Command) *remoting.Command {
		if strings.Contains(string(req.Body), "Group:") {
			return req.Answer(16, "User:root has no permission to do so")
		}
		r.a.put("alice", req.Body)
		return req.Answer(0, "")
	})
	back, _ := deleted.BackSetup()
	back.Password = secret
	rec := r.run(back)
	if !slices.Equal(states(rec), []string{"a failed", "b set"}) || !errors.Is(rec.Queues[0].Err, fault.NotPermitted) || len(r.a.rights["alice"]) != 1 {
		t.Fatalf("%+v", rec)
	}
	r.a.fail(remoting.AuthCreateACL, nil)
	pay := cluster.RightKey{Resource: "Topic:pay*"}
	r.a.rights["alice"][pay]["actions"] = []any{"List"} // somebody else's
	again, ok := rec.FailedSetup()
	if !ok || len(again.Exact) != 1 {
		t.Fatalf("%+v", again)
	}
	if p := r.preview(again); p.Why != nil || p.Moves() != 1 || p.Lines[0].Password || len(p.Lines[0].Was.Held.Rights) != 1 {
		t.Errorf("%+v", p)
	}
	if rec = r.run(again); !slices.Equal(states(rec), []string{"a set"}) || len(r.a.rights["alice"]) != 2 || fmt.Sprint(r.a.rights["alice"][pay]["actions"]) != "[List]" || r.a.passwords["alice"] != secret {
		t.Errorf("%+v, %v", rec, r.a.rights)
	}
	if p := r.preview(again); p.Moves() != 0 {
		t.Errorf("%+v", p.Lines)
	}
}

// TestRightsThatAreNotKept: what there is no room for, and what a broker does not tell, is said
// before a user is deleted, and when it is put back.
func TestRightsThatAreNotKept(t *testing.T) {
	r := newACLRig(t)
	many := map[cluster.RightKey]map[string]any{}
	for i := range mostHeld + 1 {
		resource := fmt.Sprintf("Topic:t%d", i)
		many[cluster.RightKey{Resource: resource}] = map[string]any{"resource": resource, "actions": []any{"Get"}, "decision": "Allow"}
	}
	r.a.rights["alice"] = many
	r.b.fail(remoting.AuthListACLs, func(req *remoting.Command) *remoting.Command { return req.Answer(16, "no permission") })
	o := Setup{Of: Users, Act: Delete, Names: []string{"alice"}}
	p := r.preview(o)
	if l := p.Losses[0]; !l.Unkept || l.Rights != mostHeld+1 || p.Lines[0].Was.Held.Unkept != mostHeld+1 || p.Lines[1].Was.Held.Unkept != -1 {
		t.Errorf("%+v", l)
	}
	rec := r.run(o)
	back, ok := rec.BackSetup()
	if !ok || r.preview(back).Lines[0].To.Held.Unkept != mostHeld+1 {
		t.Errorf("%+v", back)
	}
	room := 100
	if h := (&asked{rights: map[string]map[string][]cluster.Right{"a": {"u": {{Resource: strings.Repeat("x", 100)}}}}}).held("a", "u", &room); h.Unkept != 1 || room != 100 {
		t.Errorf("%+v, %d", h, room)
	}
	var old Record // of before rights were kept
	if err := json.Unmarshal([]byte(`{"id":"1","setup":{"of":"users","act":"delete","names":["u"]},"queues":[{"name":"u","broker":"a","was":{"user":{}},"state":"set"}]}`), &old); err != nil {
		t.Fatal(err)
	}
	if _, ok := old.BackSetup(); ok {
		t.Error("a user is put back of whose rights nothing is known")
	}
}

// TestBadPartsOfUsers: a record that was spoilt is no order.
func TestBadPartsOfUsers(t *testing.T) {
	for name, to := range map[string]*Setting{
		"no user":         {Right: &cluster.Right{Resource: "*", Actions: []string{"All"}}},
		"too many rights": {User: &cluster.UserSettings{}, Held: &HeldRights{Rights: make([]cluster.Right, mostHeld+1)}},
	} {
		o := Setup{Of: Users, Act: Create, Names: []string{"u"}, Exact: []Exact{{Name: "u", Broker: "a", To: to}}}
		if err := o.check(); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
