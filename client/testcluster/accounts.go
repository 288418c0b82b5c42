package testcluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gantry/client/remoting"
)

// Request codes of ACL 2.0 (RequestCode.java), which nothing but a cluster of
// tests needs.
const (
	authCreateUser = 3001
	authUpdateUser = 3002
	authCreateACL  = 3006
)

type aclPolicy struct {
	PolicyType string     `json:"policyType"`
	Entries    []aclEntry `json:"entries"`
}

type aclEntry struct {
	Resource string   `json:"resource"`
	Actions  []string `json:"actions"`
	Decision string   `json:"decision"`
}

// AddAccount makes an account that may do what that of User may. 4.x notices it
// within a second.
func (c *Cluster) AddAccount(ctx context.Context, account remoting.Credentials) error {
	if c.opts.old() {
		return c.changeAccounts(func(all []remoting.Credentials) []remoting.Credentials { return append(all, account) })
	}
	subject := "User:" + account.AccessKey
	may := []string{"Pub", "Sub", "Get"}
	rights, err := json.Marshal(map[string]any{"subject": subject, "policies": []aclPolicy{{"Custom", []aclEntry{
		{"Topic:*", may, "Allow"},
		{"Group:*", may, "Allow"},
		{"Topic:" + DeniedTopic, []string{"All"}, "Deny"},
		{"Group:" + DeniedGroup, []string{"All"}, "Deny"},
	}}}})
	if err != nil {
		return err
	}
	return c.order(ctx, userOrder(authCreateUser, account, "enable"),
		&remoting.Command{Code: authCreateACL, ExtFields: map[string]string{"subject": subject}, Body: rights})
}

// BlockAccount takes an account's rights away, UnblockAccount gives them back. 4.x
// notices it within a second.
func (c *Cluster) BlockAccount(ctx context.Context, account remoting.Credentials) error {
	if c.opts.old() {
		return c.changeAccounts(func(all []remoting.Credentials) (left []remoting.Credentials) {
			for _, a := range all {
				if a.AccessKey != account.AccessKey {
					left = append(left, a)
				}
			}
			return left
		})
	}
	return c.order(ctx, userOrder(authUpdateUser, account, "disable"))
}

// UnblockAccount undoes BlockAccount.
func (c *Cluster) UnblockAccount(ctx context.Context, account remoting.Credentials) error {
	if c.opts.old() {
		return c.AddAccount(ctx, account)
	}
	return c.order(ctx, userOrder(authUpdateUser, account, "enable"))
}

// ChangeSecret gives an account another secret, the one that it is called with. 4.x notices
// it within a second.
func (c *Cluster) ChangeSecret(ctx context.Context, account remoting.Credentials) error {
	if c.opts.old() {
		return c.changeAccounts(func(all []remoting.Credentials) []remoting.Credentials {
			for i := range all {
				if all[i].AccessKey == account.AccessKey {
					all[i].SecretKey = account.SecretKey
				}
			}
			return all
		})
	}
	return c.order(ctx, userOrder(authUpdateUser, account, "enable"))
}

// userOrder is an order about a user (UserInfo.java).
func userOrder(code int, account remoting.Credentials, status string) *remoting.Command {
	body, err := json.Marshal(map[string]string{
		"username": account.AccessKey, "password": account.SecretKey, "userType": "Normal", "userStatus": status,
	})
	if err != nil {
		panic(err) // a map of strings
	}
	return &remoting.Command{Code: code, ExtFields: map[string]string{"username": account.AccessKey}, Body: body}
}

// order gives orders to every broker.
func (c *Cluster) order(ctx context.Context, orders ...*remoting.Command) error {
	conf, err := c.AdminConfig()
	if err != nil {
		return err
	}
	pool := remoting.NewPool(remoting.Config{TLS: conf.TLS, Addresses: conf.Addresses, Credentials: conf.Credentials})
	defer pool.Close()
	for _, addr := range c.Masters() {
		for _, o := range orders {
			if _, err := pool.CallOK(ctx, addr, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// changeAccounts writes the account file of 4.x anew.
func (c *Cluster) changeAccounts(change func([]remoting.Credentials) []remoting.Credentials) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users = change(c.users)
	path := filepath.Join(c.dir, "conf", "plain_acl.yml")
	if err := os.WriteFile(path+".new", []byte(plainACL(c.users)), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// plainACL is the account file of 4.x.
func plainACL(users []remoting.Credentials) string {
	var b strings.Builder
	admin := Admin()
	fmt.Fprintf(&b, "globalWhiteRemoteAddresses: []\naccounts:\n- {accessKey: %s, secretKey: %s, whiteRemoteAddress: \"\", admin: true}\n", admin.AccessKey, admin.SecretKey)
	for _, u := range users {
		fmt.Fprintf(&b, "- {accessKey: %s, secretKey: %s, whiteRemoteAddress: \"\", admin: false, defaultTopicPerm: PUB|SUB, defaultGroupPerm: PUB|SUB, topicPerms: [%s=DENY], groupPerms: [%s=DENY]}\n",
			u.AccessKey, u.SecretKey, DeniedTopic, DeniedGroup)
	}
	return b.String()
}
