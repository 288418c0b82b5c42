package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

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
			for _, u := range got {
				a := byName[u.Username]
				if a == nil {
					if err := size.texts(u.Username); err != nil {
						return err
					}
					s := u.settings()
					a = &cluster.Account{Name: u.Username, Super: s.Super, Disabled: s.Disabled, Rights: rights[u.Username]}
					byName[u.Username] = a
				}
				a.Brokers = append(a.Brokers, b.Name)
			}
			return nil
		})
	})
	all := make([]cluster.Account, 0, len(byName))
	for _, a := range byName {
		slices.Sort(a.Brokers)
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b cluster.Account) int { return strings.Compare(a.Name, b.Name) })
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
