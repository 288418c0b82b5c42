package orders

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// secret is a password that must stand nowhere.
const secret = "hunter2-secret"

// aclBroker keeps users and rights as a broker of 5.5.0 does, which tells their passwords too.
type aclBroker struct {
	addr string

	mu        sync.Mutex
	users     map[string]map[string]string
	rights    map[string]map[cluster.RightKey]map[string]any
	fails     map[int]func(*remoting.Command) *remoting.Command
	asked     []int
	passwords map[string]string
}

func (b *aclBroker) answer(req *remoting.Command) *remoting.Command {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, req.Code)
	if f := b.fails[req.Code]; f != nil {
		return f(req)
	}
	ok, user := req.Answer(0, ""), req.ExtFields["username"]
	subject := strings.TrimPrefix(req.ExtFields["subject"], "User:")
	switch req.Code {
	case remoting.ConsumerListByGroup:
		return req.Answer(26, "none")
	case remoting.AuthCreateUser, remoting.AuthUpdateUser:
		var info map[string]string
		_ = json.Unmarshal(req.Body, &info)
		if _, has := b.users[user]; has == (req.Code == remoting.AuthCreateUser) {
			return req.Answer(16, "The user is existed, or is not exist")
		}
		if p := info["password"]; p != "" {
			b.passwords[user] = p
		}
		info["password"] = b.passwords[user]
		b.users[user] = info
	case remoting.AuthDeleteUser:
		delete(b.users, user)
		delete(b.rights, user)
	case remoting.AuthListUsers:
		all := []map[string]string{}
		for _, u := range b.users {
			all = append(all, u)
		}
		ok.Body, _ = json.Marshal(all)
	case remoting.AuthCreateACL, remoting.AuthUpdateACL:
		b.put(subject, req.Body)
	case remoting.AuthDeleteACL:
		delete(b.rights[subject], cluster.RightKey{Default: req.ExtFields["policyType"] == "Default", Resource: req.ExtFields["resource"]})
	case remoting.AuthListACLs:
		ok.Body = b.list()
	default:
		return req.Answer(3, fmt.Sprintf(" request type %d not supported", req.Code))
	}
	return ok
}

func (b *aclBroker) put(user string, body []byte) {
	var got struct {
		Policies []struct {
			PolicyType string
			Entries    []map[string]any
		}
	}
	_ = json.Unmarshal(body, &got)
	if b.rights[user] == nil {
		b.rights[user] = map[cluster.RightKey]map[string]any{}
	}
	for _, p := range got.Policies {
		for _, e := range p.Entries {
			b.rights[user][cluster.RightKey{Default: p.PolicyType == "Default", Resource: e["resource"].(string)}] = e
		}
	}
}

func (b *aclBroker) list() []byte {
	var all []map[string]any
	for user, rights := range b.rights {
		var policies []map[string]any
		for k, e := range rights {
			policies = append(policies, map[string]any{"policyType": map[bool]string{true: "Default", false: "Custom"}[k.Default], "entries": []any{e}})
		}
		all = append(all, map[string]any{"subject": "User:" + user, "policies": policies})
	}
	if all == nil {
		return nil // as 5.5.0 does
	}
	body, _ := json.Marshal(all)
	return body
}

func (b *aclBroker) fail(code int, f func(*remoting.Command) *remoting.Command) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails[code] = f
}

// aclRig is a clerk of two brokers, whose connection signs as root.
type aclRig struct {
	t     *testing.T
	a, b  *aclBroker
	clerk *Clerk
	diary *Diary
}

func newACLRig(t *testing.T) *aclRig {
	t.Helper()
	r := &aclRig{t: t, diary: NewDiary(t.TempDir())}
	make := func() *aclBroker {
		b := &aclBroker{
			users: map[string]map[string]string{
				"root":  {"username": "root", "password": secret, "userType": "Super", "userStatus": "enable"},
				"alice": {"username": "alice", "password": secret, "userType": "Normal", "userStatus": "enable"},
			},
			rights: map[string]map[cluster.RightKey]map[string]any{}, fails: map[int]func(*remoting.Command) *remoting.Command{}, passwords: map[string]string{},
		}
		b.addr = testserver.Serve(t, func(nc net.Conn) { _ = remoting.Serve(nc, 16, b.answer) })
		return b
	}
	r.a, r.b = make(), make()
	ns := testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 16, func(req *remoting.Command) *remoting.Command {
			ok := req.Answer(0, "")
			ok.Body = fmt.Appendf(nil, `{"brokerAddrTable":{"a":{"brokerAddrs":{0:%q},"brokerName":"a","cluster":"C"},"b":{"brokerAddrs":{0:%q},"brokerName":"b","cluster":"C"}},"clusterAddrTable":{"C":["a","b"]}}`, r.a.addr, r.b.addr)
			return ok
		})
	})
	cl := admin.New(admin.Config{NameServers: []string{ns}})
	t.Cleanup(func() { _ = cl.Close() })
	r.clerk = NewClerk(cl, r.diary, Who{User: "me", Profile: "p"}, func() []string { return nil }, "root")
	return r
}

func (r *aclRig) preview(o Setup) *SetupPreview {
	r.t.Helper()
	p, err := r.clerk.PreviewSetup(r.t.Context(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func (r *aclRig) run(o Setup) Record {
	r.t.Helper()
	rec, err := r.clerk.RunSetup(r.t.Context(), r.preview(o), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return rec
}

// clean fails where a password stands in what is kept, told or printed.
func (r *aclRig) clean(all ...any) {
	r.t.Helper()
	var out bytes.Buffer
	if err := r.diary.Export(&out); err != nil {
		r.t.Fatal(err)
	}
	file, _ := os.ReadFile(r.diary.path)
	text := out.String() + string(file)
	for _, x := range all {
		body, _ := json.Marshal(x)
		text += fmt.Sprintf("%v %+v %#v %s", x, x, x, body)
	}
	if strings.Contains(text, "hunter2") {
		r.t.Error("a password is kept:", text)
	}
}

func states(r Record) (all []string) {
	for _, q := range r.Queues {
		all = append(all, q.Broker+" "+string(q.State))
	}
	return all
}

// TestUserOrders: a user is made, changed, put back and deleted on both brokers, and its
// password stands on them only.
func TestUserOrders(t *testing.T) {
	r := newACLRig(t)
	create := Setup{Of: Users, Act: Create, Names: []string{"bob"}, Wish: Wish{Super: ptr(false), Disabled: ptr(false)}}
	if p := r.preview(create); !errors.Is(p.Why, fault.NeedPassword) {
		t.Error(p.Why)
	}
	create.Password = secret
	p := r.preview(create)
	if p.Why != nil || p.Moves() != 2 || len(p.Risks) > 0 {
		t.Errorf("%+v", p)
	}
	rec := r.run(create)
	if !slices.Equal(states(rec), []string{"a set", "b set"}) || !rec.Queues[0].Password || r.a.passwords["bob"] != secret || r.b.passwords["bob"] != secret {
		t.Errorf("%+v", rec)
	}
	if _, ok := rec.BackSetup(); ok {
		t.Error("what was made is put back")
	}
	if p := r.preview(create); p.Moves() != 0 {
		t.Errorf("it is made twice: %+v", p.Lines)
	}
	r.clean(create, p, rec)
	rec = r.run(Setup{Of: Users, Act: Alter, Names: []string{"bob"}, Wish: Wish{Disabled: ptr(true)}, Brokers: []string{"b"}})
	if !slices.Equal(states(rec), []string{"b set"}) || r.b.users["bob"]["userStatus"] != "disable" || r.a.users["bob"]["userStatus"] != "enable" || r.b.passwords["bob"] != secret {
		t.Errorf("%+v", rec)
	}
	back, ok := rec.BackSetup()
	if !ok {
		t.Fatal("nothing to put back")
	}
	if rec = r.run(back); !slices.Equal(states(rec), []string{"b set"}) || r.b.users["bob"]["userStatus"] != "enable" {
		t.Errorf("%+v", rec)
	}
	rec = r.run(Setup{Of: Users, Act: Alter, Names: []string{"bob"}, Wish: Wish{Password: true}, Password: secret + "3"})
	if len(rec.Queues) != 2 || r.b.passwords["bob"] != secret+"3" {
		t.Errorf("%+v", rec)
	}
	if _, ok := rec.BackSetup(); ok {
		t.Error("a password is put back")
	}
	r.clean(rec)
	if rec = r.run(Setup{Of: Users, Act: Delete, Names: []string{"bob"}}); !slices.Equal(states(rec), []string{"a set", "b set"}) || len(r.a.users) != 2 {
		t.Errorf("%+v", rec)
	}
	if _, err := r.clerk.PreviewSetup(t.Context(), Setup{Of: Users, Act: Delete, Names: []string{"bob"}}); !errors.Is(err, fault.UserNotFound) {
		t.Error(err)
	}
}

// TestRightOrders: rights are given, changed and taken, each of it put back, also where one is
// deleted; what a broker lacks of the user is left out.
func TestRightOrders(t *testing.T) {
	r := newACLRig(t)
	keys := []cluster.RightKey{{Resource: "Topic:pay*"}, {Default: true, Resource: "Group:*"}}
	give := Setup{Of: Rights, Act: Create, Names: []string{"alice"}, Keys: keys, Wish: Wish{Right: &cluster.Right{Actions: []string{"Pub", "Sub"}, From: []string{"10.0.0.0/8"}}}}
	given := r.run(give)
	if len(given.Queues) != 4 || slices.ContainsFunc(given.Queues, func(q Done) bool { return q.State != Set }) || len(r.a.rights["alice"]) != 2 {
		t.Fatalf("%+v", given)
	}
	changed := r.run(Setup{Of: Rights, Act: Alter, Names: []string{"alice"}, Keys: keys[:1], Wish: Wish{Right: &cluster.Right{Actions: []string{"All"}, Denied: true}}})
	if e := r.b.rights["alice"][keys[0]]; len(changed.Queues) != 2 || e["decision"] != "Deny" || e["sourceIps"] != nil {
		t.Errorf("%+v, %v", changed, e)
	}
	back, _ := changed.BackSetup()
	r.run(back)
	if e := r.b.rights["alice"][keys[0]]; e["decision"] != "Allow" || fmt.Sprint(e["sourceIps"]) != "[10.0.0.0/8]" || fmt.Sprint(e["actions"]) != "[Pub Sub]" {
		t.Error(e)
	}
	taken := r.run(Setup{Of: Rights, Act: Delete, Names: []string{"alice"}, Keys: keys})
	if len(taken.Queues) != 4 || len(r.a.rights["alice"]) != 0 {
		t.Errorf("%+v", taken)
	}
	back, ok := taken.BackSetup()
	if again := r.run(back); !ok || len(again.Queues) != 4 || len(r.a.rights["alice"]) != 2 || len(r.b.rights["alice"]) != 2 {
		t.Errorf("%+v", again)
	}
	back, ok = given.BackSetup() // what was given is taken
	if again := r.run(back); !ok || len(again.Queues) != 4 || len(r.a.rights["alice"]) != 0 {
		t.Errorf("%+v", again)
	}
	delete(r.b.users, "alice")
	if p := r.preview(give); len(p.Lines) != 2 || p.Lines[0].Broker != "a" {
		t.Errorf("%+v", p.Lines)
	}
	give.Names = []string{"nobody"}
	if _, err := r.clerk.PreviewSetup(t.Context(), give); !errors.Is(err, fault.UserNotFound) {
		t.Error(err)
	}
}
