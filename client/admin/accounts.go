package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/remoting"
)

// userPrefix stands before a user's name where it is the subject of rights
// (SubjectType.java).
const userPrefix = "User:"

// userInfo is what a broker says of a user (UserInfo.java). Some versions say the password
// too: it has no place here, so that it is dropped while the answer is read.
type userInfo struct{ Username, UserType, UserStatus string }

// aclInfo is what a broker says of somebody's rights (AclInfo.java).
type aclInfo struct {
	Subject  string
	Policies []struct {
		PolicyType string
		Entries    []struct {
			Resource           string
			Actions, SourceIps []string
			Decision           string
		}
	}
}

// Accounts lists the users of brokers with ACL 2.0 and what they may do, merged by name and
// sorted (AdminBrokerProcessor.java, listUser and listAcl): a user has the rights that the
// first broker that knows it says. fault.NotOffered before 5.3 and at a proxy,
// fault.NotPermitted to who may not ask.
func (c *Client) Accounts(ctx context.Context, brokers []cluster.Broker) ([]cluster.Account, cluster.Missing, error) {
	var (
		mu     sync.Mutex
		byName = map[string]*cluster.Account{}
		told   int // brokers that answered
		size   kept
	)
	missing, err := c.listOfBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		rights := map[string][]cluster.Right{}
		err := c.read(ctx, addr, &remoting.Command{Code: remoting.AuthListACLs}, mostBody, func(resp *remoting.Command) error {
			var got []aclInfo
			if err := decodeList(resp.Body, &got); err != nil {
				return err
			}
			for _, a := range got {
				name := strings.TrimPrefix(a.Subject, userPrefix)
				rights[name] = append(rights[name], a.rights()...)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("rights: %w", err)
		}
		return fetch(ctx, c, addr, remoting.AuthListUsers, nil, func(got []userInfo) error {
			mu.Lock()
			defer mu.Unlock()
			told++
			for _, u := range got {
				a, s := byName[u.Username], u.settings()
				if a == nil {
					if err := size.texts(u.Username); err != nil {
						return err
					}
					a = &cluster.Account{Name: u.Username, Super: s.Super, Disabled: s.Disabled, Rights: rights[u.Username]}
					byName[u.Username] = a
				} else {
					a.Differs = a.Differs || a.Super != s.Super || a.Disabled != s.Disabled || !sameRights(a.Rights, rights[u.Username])
				}
				a.Brokers = append(a.Brokers, b.Name)
			}
			return nil
		})
	})
	all := make([]cluster.Account, 0, len(byName))
	for _, a := range byName {
		slices.Sort(a.Brokers)
		a.Differs = a.Differs || len(a.Brokers) < told
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b cluster.Account) int { return strings.Compare(a.Name, b.Name) })
	return all, missing, err
}

// sameRights tells whether two brokers permit the same, in whatever order they say it.
func sameRights(a, b []cluster.Right) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r cluster.Right) bool { return !slices.ContainsFunc(b, r.Same) })
}

// AccountFiles says when brokers of 4.x to 5.3.2 last read the files of their accounts, by
// broker and name (code 52, AdminBrokerProcessor.java, getBrokerAclConfigVersion).
// fault.NotOffered from 5.3.3 on, at a proxy, and where no accounts are asked for.
func (c *Client) AccountFiles(ctx context.Context, brokers []cluster.Broker) ([]cluster.AccountFile, cluster.Missing, error) {
	type version struct{ Counter, Timestamp int64 }
	var (
		mu   sync.Mutex
		all  []cluster.AccountFile
		size kept
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.AccountFiles})
		if err != nil {
			return err
		}
		files := map[string]version{}
		if text := resp.ExtFields["allAclFileVersion"]; text != "" {
			if err := decode([]byte(text), &files); err != nil {
				return fmt.Errorf("%s: %w", addr, err)
			}
		} else if text := resp.ExtFields["version"]; text != "" {
			var one version
			if err := decode([]byte(text), &one); err != nil {
				return fmt.Errorf("%s: %w", addr, err)
			}
			files["plain_acl.yml"] = one
		}
		mu.Lock()
		defer mu.Unlock()
		for name, v := range files {
			if err := size.texts(name); err != nil {
				return err
			}
			f := cluster.AccountFile{Broker: b.Name, Name: name[strings.LastIndexAny(name, `/\`)+1:], Count: v.Counter}
			if v.Timestamp > 0 {
				f.Changed = time.UnixMilli(v.Timestamp)
			}
			all = append(all, f)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b cluster.AccountFile) int {
		return cmp.Or(strings.Compare(a.Broker, b.Broker), strings.Compare(a.Name, b.Name))
	})
	return all, missing, err
}

// rights are those of an answer, one for each resource.
func (a *aclInfo) rights() (all []cluster.Right) {
	for _, p := range a.Policies {
		for _, e := range p.Entries {
			all = append(all, cluster.Right{
				Default: strings.EqualFold(p.PolicyType, "Default"), Resource: e.Resource, Actions: e.Actions, From: e.SourceIps,
				Denied: strings.EqualFold(e.Decision, "Deny"),
			})
		}
	}
	return all
}
