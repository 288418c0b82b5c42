package client_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

// accounts: the users and rights that mqadmin lists, and none of their passwords; where
// nothing of the kind is told, that is said.
func accounts(t *testing.T, on *server) {
	if !on.proxy { // whose brokers alone have accounts of ACL 2.0
		if got, _, err := on.chief(t).conn.Accounts(t.Context()); !errors.Is(err, fault.NotOffered) {
			t.Errorf("%+v, %v", got, err)
		}
		return
	}
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
