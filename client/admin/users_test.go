package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// TestUsersAndRights: what masters keep, without the passwords that some versions tell; no
// answer's body is an empty list.
func TestUsersAndRights(t *testing.T) {
	b := newFake(t)
	b.on(3005, body(`[{"username":"root","password":"hunter2-secret","userType":"Super","userStatus":"enable"},{"username":"alice","password":"hunter2-secret","userType":"Normal","userStatus":"disable"}]`))
	b.on(3010, body(""))
	cl, at := newClient(t), []cluster.Broker{brokerAt("a", b.addr)}
	users, missing, err := cl.Users(t.Context(), at)
	want := map[string]map[string]cluster.UserSettings{"a": {"root": {Super: true}, "alice": {Disabled: true}}}
	if diff := cmp.Diff(want, users.By); err != nil || len(missing) > 0 || diff != "" {
		t.Error(err, missing, diff)
	}
	if text := fmt.Sprintf("%+v %#v", users, users); strings.Contains(text, "hunter2") {
		t.Error("a password is kept:", text)
	}
	if rights, _, err := cl.Rights(t.Context(), at); err != nil || len(rights.By["a"]) != 0 {
		t.Error(rights, err)
	}
	if all, _, err := cl.Accounts(t.Context(), at); err != nil || len(all) != 2 {
		t.Error(all, err)
	}
	b.on(3005, body(`[{"username":"root","password":"hunter2-secret","userType":`))
	if _, _, err := cl.Users(t.Context(), at); !errors.Is(err, fault.BadAnswer) || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
		t.Error(err)
	}
}

// TestPutUser: what is sent; a password that is not given is not sent, and no error repeats one.
func TestPutUser(t *testing.T) {
	b := newFake(t)
	var mu sync.Mutex
	var last *remoting.Command
	keep := func(req *remoting.Command) *remoting.Command {
		mu.Lock()
		defer mu.Unlock()
		last = req
		return req.Answer(0, "")
	}
	for code := 3001; code <= 3008; code++ {
		b.on(code, keep)
	}
	cl := newClient(t)
	const password = `hunter2-"secret"`
	if err := cl.PutUser(t.Context(), b.addr, "alice", true, cluster.UserSettings{Super: true}, password); err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(last.Body, &sent); err != nil || last.Code != 3001 || last.ExtFields["username"] != "alice" {
		t.Fatal(err, last)
	}
	if diff := cmp.Diff(map[string]any{"username": "alice", "password": password, "userType": "Super", "userStatus": "enable"}, sent); diff != "" {
		t.Error(diff)
	}
	if err := cl.PutUser(t.Context(), b.addr, "alice", false, cluster.UserSettings{Disabled: true}, ""); err != nil || last.Code != 3002 || strings.Contains(string(last.Body), "password") {
		t.Error(err, string(last.Body))
	}
	for n, want := range map[int]error{1: fault.Unknown, 16: fault.NotPermitted} {
		b.on(3001, func(req *remoting.Command) *remoting.Command {
			return req.Answer(n, "no permission: "+string(req.Body)+" "+password)
		})
		err := cl.PutUser(t.Context(), b.addr, "alice", true, cluster.UserSettings{}, password)
		_, remark, _ := fault.Remark(err)
		if text := fmt.Sprintf("%v %+v %#v %s", err, err, fault.From(err), remark); want != fault.Unknown && !errors.Is(err, want) || strings.Contains(text, "hunter2") || !strings.Contains(remark, "***") {
			t.Error(text)
		}
	}
	for remark, want := range map[string]error{"The user is existed": fault.Exists, "The user is not exist": fault.UserNotFound, "The acl is not exist.": fault.RightNotFound} {
		b.on(3001, code(16, remark))
		if err := cl.PutUser(t.Context(), b.addr, "alice", true, cluster.UserSettings{}, password); !errors.Is(err, want) {
			t.Error(err)
		}
	}
	b.on(3003, code(3001, "The user is not exist"))
	if err := cl.DeleteUser(t.Context(), b.addr, "alice"); !errors.Is(err, fault.UserNotFound) {
		t.Error(err)
	}
}

// TestPutRight: what is sent; what brokers would read otherwise is not.
func TestPutRight(t *testing.T) {
	b := newFake(t)
	var mu sync.Mutex
	var last *remoting.Command
	for code := 3006; code <= 3008; code++ {
		b.on(code, func(req *remoting.Command) *remoting.Command {
			mu.Lock()
			defer mu.Unlock()
			last = req
			return req.Answer(0, "")
		})
	}
	cl := newClient(t)
	r := cluster.Right{Default: true, Resource: "Topic:pay*", Actions: []string{"Pub", "Sub"}, From: []string{"10.0.0.0/8"}, Denied: true}
	if err := cl.PutRight(t.Context(), b.addr, "alice", true, r); err != nil || last.Code != 3006 || last.ExtFields["subject"] != "User:alice" {
		t.Fatal(err, last)
	}
	var got aclInfo
	if err := json.Unmarshal(last.Body, &got); err != nil || got.Subject != "User:alice" || !slices.EqualFunc(got.rights(), []cluster.Right{r}, cluster.Right.Same) {
		t.Error(err, got)
	}
	if err := cl.PutRight(t.Context(), b.addr, "alice", false, r); err != nil || last.Code != 3007 {
		t.Error(err, last)
	}
	if err := cl.DeleteRight(t.Context(), b.addr, "alice", r.Key()); err != nil || last.ExtFields["policyType"] != "Default" || last.ExtFields["resource"] != "Topic:pay*" {
		t.Error(err, last)
	}
	asked := b.count(3006) + b.count(3007) + b.count(3008)
	for _, bad := range []string{"", "Topic", "Tpoic:a", "Topic:a*b", "**"} { // brokers delete all for most of them
		if err := cl.DeleteRight(t.Context(), b.addr, "alice", cluster.RightKey{Resource: bad}); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
		if err := cl.PutRight(t.Context(), b.addr, "alice", true, cluster.Right{Resource: bad, Actions: []string{"Get"}}); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if b.count(3006)+b.count(3007)+b.count(3008) != asked {
		t.Error("a broker was asked")
	}
}
