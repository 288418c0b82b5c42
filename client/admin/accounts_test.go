package admin

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// TestAccounts: users with what they may do; passwords that a broker says are dropped while
// they are read, and stand in no error.
func TestAccounts(t *testing.T) {
	b := newFake(t)
	b.on(3005, body(`[{"username":"root","password":"hunter2-secret","userType":"Super","userStatus":"enable"},{"username":"alice","password":"hunter2-secret","userType":"Normal","userStatus":"disable"}]`))
	b.on(3010, body(`[{"subject":"User:alice","policies":[{"policyType":"Custom","entries":[{"resource":"Topic:*","actions":["Pub","Sub"],"sourceIps":["10.0.0.0/8"],"decision":"Allow"}]},{"policyType":"Default","entries":[{"resource":"Group:*","actions":["All"],"decision":"Deny"}]}]}]`))
	cl := newClient(t)
	got, missing, err := cl.Accounts(t.Context(), []cluster.Broker{brokerAt("a", b.addr), brokerAt("b", b.addr)})
	want := []cluster.Account{
		{Name: "alice", Disabled: true, Brokers: []string{"a", "b"}, Rights: []cluster.Right{
			{Resource: "Topic:*", Actions: []string{"Pub", "Sub"}, From: []string{"10.0.0.0/8"}},
			{Default: true, Resource: "Group:*", Actions: []string{"All"}, Denied: true},
		}},
		{Name: "root", Super: true, Brokers: []string{"a", "b"}},
	}
	if diff := cmp.Diff(want, got); err != nil || len(missing) > 0 || diff != "" {
		t.Error(err, missing, diff)
	}
	if text := fmt.Sprintf("%+v %#v", got, got); strings.Contains(text, "hunter2") {
		t.Error("a password is kept:", text)
	}
	b.on(3005, body(`[{"username":"root","password":"hunter2-secret","userType":`))
	if _, _, err := cl.Accounts(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}); !errors.Is(err, fault.BadAnswer) || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
		t.Error(err)
	}
	for n, remark := range map[int]string{
		3: " request type 3010 not supported",
		1: "java.lang.IllegalStateException: The authorizationMetadataProvider is not configured., org.apache.rocketmq.auth",
	} {
		b.on(3010, code(n, remark))
		if _, _, err := cl.Accounts(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}); !errors.Is(err, fault.NotOffered) {
			t.Error(err)
		}
	}
}

// TestAccountFiles: what 4.x tells of its accounts, in the form of either version.
func TestAccountFiles(t *testing.T) {
	b, other, none := newFake(t), newFake(t), newFake(t)
	said := func(ext map[string]string) func(*remoting.Command) *remoting.Command {
		return func(req *remoting.Command) *remoting.Command {
			a := req.Answer(0, "")
			a.ExtFields = ext
			return a
		}
	}
	b.on(52, said(map[string]string{
		"version":           `{"counter":9,"timestamp":9}`,
		"allAclFileVersion": `{"/opt/conf/plain_acl.yml":{"counter":3,"timestamp":1700000000000},"C:\\conf\\acl\\b.yml":{"counter":1,"timestamp":0}}`,
	}))
	other.on(52, said(map[string]string{"version": `{"counter":2,"timestamp":1700000000000}`}))
	at := time.UnixMilli(1700000000000)
	cl := newClient(t)
	got, missing, err := cl.AccountFiles(t.Context(), []cluster.Broker{brokerAt("b", other.addr), brokerAt("a", b.addr), brokerAt("c", none.addr)})
	want := []cluster.AccountFile{{Broker: "a", Name: "b.yml", Count: 1}, {Broker: "a", Name: "plain_acl.yml", Changed: at, Count: 3}, {Broker: "b", Name: "plain_acl.yml", Changed: at, Count: 2}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" || len(missing) != 1 || missing[0].Broker != "c" {
		t.Error(err, missing, diff)
	}
	if _, _, err := cl.AccountFiles(t.Context(), []cluster.Broker{brokerAt("c", none.addr)}); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	b.on(52, said(map[string]string{"allAclFileVersion": `{"`}))
	if _, _, err := cl.AccountFiles(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}); !errors.Is(err, fault.BadAnswer) {
		t.Error(err)
	}
}

// TestAccountsThatDiffer: what is not the same on every broker that answers is said.
func TestAccountsThatDiffer(t *testing.T) {
	a, b := newFake(t), newFake(t)
	a.on(3005, body(`[{"username":"root","userType":"Super"},{"username":"alice","userType":"Normal"},{"username":"bob","userType":"Normal"},{"username":"eve","userType":"Normal"}]`))
	b.on(3005, body(`[{"username":"root","userType":"Super"},{"username":"alice","userType":"Normal"},{"username":"bob","userType":"Super"}]`))
	rights := `[{"subject":"User:alice","policies":[{"policyType":"Custom","entries":[{"resource":"Topic:*","actions":[%s],"decision":"Allow"}]}]}]`
	a.on(3010, body(fmt.Sprintf(rights, `"Pub","Sub"`)))
	b.on(3010, body(fmt.Sprintf(rights, `"Sub","Pub"`)))
	brokers := []cluster.Broker{brokerAt("a", a.addr), brokerAt("b", b.addr)}
	cl := newClient(t)
	differ := func() (names []string) {
		t.Helper()
		all, _, err := cl.Accounts(t.Context(), brokers)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			if x.Differs {
				names = append(names, x.Name)
			}
		}
		return names
	}
	if got := differ(); fmt.Sprint(got) != "[bob eve]" {
		t.Error(got)
	}
	b.on(3010, body(fmt.Sprintf(rights, `"Pub"`)))
	if got := differ(); fmt.Sprint(got) != "[alice bob eve]" {
		t.Error(got)
	}
}
