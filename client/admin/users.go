package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Users is what the masters of these brokers keep of their users with ACL 2.0
// (AdminBrokerProcessor.java, listUser). fault.NotOffered before 5.3, at a proxy, and where
// accounts are not switched on.
func (c *Client) Users(ctx context.Context, brokers []cluster.Broker) (Kept[cluster.UserSettings], cluster.Missing, error) {
	return settingsOf(ctx, c, brokers, remoting.AuthListUsers, func(body []byte) (map[string]cluster.UserSettings, error) {
		var got []userInfo
		if err := decodeList(body, &got); err != nil {
			return nil, fmt.Errorf("users: %w", err)
		}
		all := make(map[string]cluster.UserSettings, len(got))
		for _, u := range got {
			all[u.Username] = u.settings()
		}
		return all, nil
	})
}

// Rights is what the masters of these brokers permit each user (listAcl). Users without a
// right are left out.
func (c *Client) Rights(ctx context.Context, brokers []cluster.Broker) (Kept[[]cluster.Right], cluster.Missing, error) {
	return settingsOf(ctx, c, brokers, remoting.AuthListACLs, func(body []byte) (map[string][]cluster.Right, error) {
		var got []aclInfo
		if err := decodeList(body, &got); err != nil {
			return nil, fmt.Errorf("rights: %w", err)
		}
		all := map[string][]cluster.Right{}
		for _, a := range got {
			name := strings.TrimPrefix(a.Subject, userPrefix)
			all[name] = append(all[name], a.rights()...)
		}
		return all, nil
	})
}

// decodeList is decode of a list, of which some brokers send nothing where it is empty.
func decodeList(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	return decode(body, v)
}

// settings are those of an answer.
func (u userInfo) settings() cluster.UserSettings {
	return cluster.UserSettings{Super: strings.EqualFold(u.UserType, "Super"), Disabled: strings.EqualFold(u.UserStatus, "disable")}
}

// PutUser makes a user at a master, or changes it where it is not fresh; a password that is
// "" stays as it is. No error repeats the password, whatever the broker says.
func (c *Client) PutUser(ctx context.Context, addr, name string, fresh bool, s cluster.UserSettings, password string) error {
	info := map[string]string{"username": name, "userType": "Normal", "userStatus": "enable"}
	if s.Super {
		info["userType"] = "Super"
	}
	if s.Disabled {
		info["userStatus"] = "disable"
	}
	if password != "" {
		info["password"] = password
	}
	body, err := json.Marshal(info)
	if err != nil {
		return noted(fault.Invalid, "user", name)
	}
	code := remoting.AuthUpdateUser
	if fresh {
		code = remoting.AuthCreateUser
	}
	cmd := &remoting.Command{Code: code, ExtFields: map[string]string{"username": name}, Body: body}
	err = c.pool.Read(ctx, addr, cmd, mostSmall, func(resp *remoting.Command) error {
		resp.Remark = conceal(resp.Remark, password)
		return resp.Err(addr)
	})
	return noted(c.classify(err), "user", name)
}

// conceal takes a secret out of what a server says, also as it stands in JSON.
func conceal(text, secret string) string {
	if secret == "" {
		return text
	}
	quoted, _ := json.Marshal(secret) // a text always can be
	return strings.NewReplacer(secret, "***", string(quoted[1:len(quoted)-1]), "***").Replace(text)
}

// DeleteUser deletes a user at a master, and its rights with it.
func (c *Client) DeleteUser(ctx context.Context, addr, name string) error {
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.AuthDeleteUser, ExtFields: map[string]string{"username": name}})
	return noted(err, "user", name)
}

// PutRight gives a user a right at a master, or another one in the place of that of the same
// key. Orders about the same user go one after the other: brokers read, change and write all
// its rights, and lose one of two that come together (AuthorizationMetadataManagerImpl.java).
func (c *Client) PutRight(ctx context.Context, addr, user string, fresh bool, r cluster.Right) error {
	if err := r.Check(); err != nil {
		return noted(err, "user", user)
	}
	kind, decision := "Custom", "Allow"
	if r.Default {
		kind = "Default"
	}
	if r.Denied {
		decision = "Deny"
	}
	type entry struct {
		Resource  string   `json:"resource"`
		Actions   []string `json:"actions"`
		SourceIPs []string `json:"sourceIps,omitempty"`
		Decision  string   `json:"decision"`
	}
	type policy struct {
		PolicyType string  `json:"policyType"`
		Entries    []entry `json:"entries"`
	}
	subject := userPrefix + user
	body, err := json.Marshal(map[string]any{
		"subject": subject, "policies": []policy{{kind, []entry{{r.Resource, r.Actions, r.From, decision}}}},
	})
	if err != nil {
		return noted(fault.Invalid, "user", user)
	}
	code := remoting.AuthUpdateACL
	if fresh {
		code = remoting.AuthCreateACL
	}
	_, err = c.ask(ctx, addr, &remoting.Command{Code: code, ExtFields: map[string]string{"subject": subject}, Body: body})
	return noted(err, "user", user)
}

// DeleteRight takes a right from a user at a master, see PutRight. A resource that brokers do
// not read so is refused here: they would take all rights of the user.
func (c *Client) DeleteRight(ctx context.Context, addr, user string, k cluster.RightKey) error {
	if _, _, _, ok := cluster.SplitResource(k.Resource); !ok {
		return noted(fmt.Errorf("resource: %w", fault.Invalid), "user", user)
	}
	kind := "Custom"
	if k.Default {
		kind = "Default"
	}
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.AuthDeleteACL, ExtFields: map[string]string{
		"subject": userPrefix + user, "policyType": kind, "resource": k.Resource,
	}})
	return noted(err, "user", user)
}
