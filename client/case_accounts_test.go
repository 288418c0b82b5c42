package client_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testcluster"
)

// accounts: the users and rights that mqadmin lists, and none of their passwords; where
// nothing of the kind is told, that is said.
func accounts(t *testing.T, on *server) {
	if !on.proxy { // whose brokers alone have accounts of ACL 2.0
		if got, _, err := on.chief(t).conn.Accounts(t.Context()); !errors.Is(err, fault.NotOffered) {
			t.Errorf("%+v, %v", got, err)
		}
		noAccounts(t, on.chief(t))
		accountFiles(t, on)
		return
	}
	noAccounts(t, on.desk(t)) // the proxy itself
	if _, _, err := on.desk(t).conn.Accounts(t.Context()); !errors.Is(err, fault.NotOffered) {
		t.Errorf("the proxy itself: %v", err)
	}
	all := testcluster.Admin()
	d := deskAt(t, profile.Profile{ID: "p", Name: "chief", Mapping: profile.OpenSource, Role: all.AccessKey, NameServers: []string{on.node(t).NameServer()}}, profile.Secret(all.SecretKey))
	got, missing, err := d.conn.Accounts(t.Context())
	if err != nil || len(missing) > 0 {
		t.Fatal(missing, err)
	}
	text := fmt.Sprintf("%+v %#v", got, got)
	for _, c := range []string{all.SecretKey, testcluster.User().SecretKey} {
		if strings.Contains(text, c) {
			t.Error("a password is kept")
		}
	}
	listed := on.mqadmin(t, "listUser", "-c", "DefaultCluster")
	for _, a := range got {
		if kind := map[bool]string{true: "Super", false: "Normal"}[a.Super]; !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(a.Name) + `\s.*` + kind).MatchString(listed) {
			t.Errorf("%+v: mqadmin lists\n%s", a, listed)
		}
	}
	i := slices.IndexFunc(got, func(a cluster.Account) bool { return a.Name == testcluster.User().AccessKey })
	if i < 0 || len(got) < 2 {
		t.Fatalf("%+v", got)
	}
	acls := on.mqadmin(t, "listAcl", "-c", "DefaultCluster", "-s", "User:"+got[i].Name)
	for _, r := range got[i].Rights {
		if !strings.Contains(acls, r.Resource) {
			t.Errorf("%+v: mqadmin lists\n%s", r, acls)
		}
	}
	if len(got[i].Rights) == 0 || !slices.ContainsFunc(got[i].Rights, func(r cluster.Right) bool { return r.Denied }) {
		t.Errorf("%+v", got[i])
	}
}

// accountFiles: 4.x with accounts tells when it read their file; others tell nothing.
func accountFiles(t *testing.T, on *server) {
	t.Helper()
	files, _, err := on.chief(t).conn.AccountFiles(t.Context())
	if on.name != "4.9.7" {
		if len(files) > 0 {
			t.Errorf("%+v", files)
		}
		return
	}
	if err != nil || len(files) != 1 || files[0].Name != "plain_acl.yml" || files[0].Broker != on.broker() || files[0].Changed.IsZero() {
		t.Fatalf("%+v, %v", files, err)
	}
	if out := on.mqadmin(t, "clusterAclConfigVersion", "-c", "DefaultCluster"); !strings.Contains(out, files[0].Name) || !strings.Contains(out, files[0].Changed.UTC().Format("2006-01-02")) {
		t.Errorf("%+v, mqadmin lists\n%s", files, out)
	}
}

// noAccounts: an endpoint without users says so before anything is ordered.
func noAccounts(t *testing.T, d *desk) {
	t.Helper()
	for _, of := range []orders.Thing{orders.Users, orders.Rights} {
		if _, _, _, err := d.conn.OrderBrokers(t.Context(), of); !errors.Is(err, fault.NotOffered) {
			t.Errorf("%s: %v", of, err)
		}
	}
	o := orders.Setup{Of: orders.Users, Act: orders.Create, Names: []string{"u"}, Password: "p"}
	if _, err := d.conn.PreviewSetup(t.Context(), o); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
}

// chiefOfBrokers is a desk of who may do all, at the brokers behind the proxy.
func chiefOfBrokers(t *testing.T, on *server, account remoting.Credentials) *desk {
	t.Helper()
	return deskAt(t, profile.Profile{
		ID: "p", Name: "chief", Mapping: profile.OpenSource, Role: account.AccessKey, NameServers: []string{on.node(t).NameServer()},
	}, profile.Secret(account.SecretKey))
}

// accountOrders: users and rights that Gantry makes, changes, puts back and deletes are what
// RocketMQ's own tool lists, and the passwords work; what the tool makes is previewed as it is.
func accountOrders(t *testing.T, on *server) {
	if !on.proxy {
		return // see accounts
	}
	d := chiefOfBrokers(t, on, testcluster.Admin())
	user, password := fmt.Sprintf("user-%d", time.Now().UnixNano()), fmt.Sprintf("Pw-%d", time.Now().UnixNano())
	_, r := d.setUp(orders.Setup{Of: orders.Users, Act: orders.Create, Names: []string{user}, Password: profile.Secret(password)})
	allSet(t, r, 1)
	official := func(kind, state, password string) {
		t.Helper()
		out := on.mqadmin(t, "getUser", "-c", "DefaultCluster", "-u", user)
		if !regexp.MustCompile(regexp.QuoteMeta(user) + `\s+` + password + `\s+` + kind + `\s+` + state).MatchString(out) {
			t.Errorf("want %s %s, mqadmin says\n%s", kind, state, out)
		}
	}
	official("Normal", "enable", password)
	own := func(password string) error {
		t.Helper()
		_, err := chiefOfBrokers(t, on, remoting.Credentials{AccessKey: user, SecretKey: password}).conn.PreviewSetup(t.Context(), orders.Setup{
			Of: orders.Topics, Act: orders.Create, Names: []string{user},
		})
		return err
	}
	rightOrders(t, on, d, user)
	if err := own(password + "x"); !errors.Is(err, fault.SignInRefused) {
		t.Error("another password:", err)
	}
	_, r = d.setUp(orders.Setup{Of: orders.Users, Act: orders.Alter, Names: []string{user}, Wish: orders.Wish{Super: ptr(true)}})
	official("Super", "enable", password)
	if err := own(password); err != nil {
		t.Error("its password:", err)
	}
	if back, ok := r.BackSetup(); ok {
		_, r = d.setUp(back)
		allSet(t, r, 1)
	}
	official("Normal", "enable", password)
	p, r := d.setUp(orders.Setup{Of: orders.Users, Act: orders.Alter, Names: []string{user}, Wish: orders.Wish{Disabled: ptr(true), Password: true}, Password: profile.Secret(password + "2")})
	allSet(t, r, 1)
	if len(p.Risks) > 0 {
		t.Errorf("%+v", p.Risks)
	}
	official("Normal", "disable", password+"2")
	if err := own(password + "2"); !errors.Is(err, fault.Refused) {
		t.Error("a locked user:", err)
	}
	admin := testcluster.Admin().AccessKey
	for name, want := range map[string][]orders.Risk{
		admin: {orders.NoSuper, orders.OwnGone, orders.SuperLeaves}, user: nil,
	} {
		if p := d.previewSetup(orders.Setup{Of: orders.Users, Act: orders.Delete, Names: []string{name}}); !slices.Equal(p.Risks, want) {
			t.Errorf("%s: %v", name, p.Risks)
		}
	}
	o := orders.Setup{Of: orders.Users, Act: orders.Delete, Names: []string{user}}
	if p := d.previewSetup(o); p.Losses[0].Rights == 0 {
		t.Errorf("%+v", p.Losses)
	}
	before := on.mqadmin(t, "getAcl", "-c", "DefaultCluster", "-s", "User:"+user)
	_, r = d.setUp(o)
	allSet(t, r, 1)
	if out := on.mqadmin(t, "listUser", "-c", "DefaultCluster"); strings.Contains(out, user) {
		t.Error("it is still listed")
	}
	if out := on.mqadmin(t, "listAcl", "-c", "DefaultCluster"); strings.Contains(out, user) {
		t.Error("its rights are still listed")
	}
	back, ok := r.BackSetup()
	if !ok {
		t.Fatal("nothing to put back")
	}
	back.Password = profile.Secret(password + "3")
	_, r = d.setUp(back)
	allSet(t, r, 1)
	official("Normal", "disable", password+"3")
	now := on.mqadmin(t, "getAcl", "-c", "DefaultCluster", "-s", "User:"+user)
	if !strings.Contains(before, "Topic:pay*") || before != now {
		t.Errorf("rights of who is put back: mqadmin lists\n%s\nand listed\n%s", now, before)
	}
	_, r = d.setUp(o)
	allSet(t, r, 1)
}

// rightOrders: rights of a user, there and back.
func rightOrders(t *testing.T, on *server, d *desk, user string) {
	t.Helper()
	listed := func() string { return on.mqadmin(t, "getAcl", "-c", "DefaultCluster", "-s", "User:"+user) }
	var keys []cluster.RightKey
	for _, resource := range []string{"Topic:pay*", "Topic:pay-1", "Group:*", "Cluster:DefaultCluster", "*"} {
		keys = append(keys, cluster.RightKey{Resource: resource})
	}
	keys = append(keys, cluster.RightKey{Default: true, Resource: "Topic:*"})
	give := orders.Setup{Of: orders.Rights, Act: orders.Create, Names: []string{user}, Keys: keys, Wish: orders.Wish{Right: &cluster.Right{
		Actions: []string{"Pub", "Sub", "Create", "Update", "Delete", "Get", "List"}, From: []string{"192.168.7.0/24", "127.0.0.1"}, Denied: true,
	}}}
	_, r := d.setUp(give)
	allSet(t, r, len(keys))
	out := listed()
	for _, k := range keys {
		if !strings.Contains(out, k.Resource) {
			t.Errorf("no %s, mqadmin lists\n%s", k.Resource, out)
		}
	}
	if !strings.Contains(out, "Deny") || !strings.Contains(out, "192.168.7.0/24") || !strings.Contains(out, "Default") {
		t.Errorf("mqadmin lists\n%s", out)
	}
	on.mqadmin(t, "updateAcl", "-c", "DefaultCluster", "-s", "User:"+user, "-r", "Topic:pay-1", "-a", "Get", "-d", "Allow")
	change := orders.Setup{Of: orders.Rights, Act: orders.Alter, Names: []string{user}, Keys: keys[1:2], Wish: orders.Wish{Right: &cluster.Right{Actions: []string{"All"}}}}
	p := d.previewSetup(change)
	if was := p.Lines[0].Was.Right; len(p.Lines) != 1 || was.Denied || !slices.Equal(was.Actions, []string{"Get"}) {
		t.Errorf("mqadmin's own: %+v", p.Lines)
	}
	_, r = d.setUp(change)
	allSet(t, r, 1)
	back, ok := r.BackSetup()
	if !ok {
		t.Fatal("nothing to put back")
	}
	_, r = d.setUp(back)
	allSet(t, r, 1)
	_, r = d.setUp(orders.Setup{Of: orders.Rights, Act: orders.Delete, Names: []string{user}, Keys: keys[:4]})
	allSet(t, r, 4)
	if out := listed(); strings.Contains(out, "pay") || !strings.Contains(out, "Default") {
		t.Errorf("mqadmin lists\n%s", out)
	}
	back, ok = r.BackSetup()
	_, r = d.setUp(back)
	if allSet(t, r, 4); !ok || !strings.Contains(listed(), "Topic:pay*") {
		t.Error("what was taken is not put back")
	}
}
