package admin

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"gantry/client/cluster"
	"gantry/client/remoting"
)

// hidden stands where a server's configuration holds a secret.
const hidden = "***"

// BrokerConfig lists a broker's configuration, by key
// (AdminBrokerProcessor.java, getBrokerConfig). Values that are secrets are ***.
// fault.NotOffered at a proxy.
func (c *Client) BrokerConfig(ctx context.Context, addr string) ([]cluster.Setting, error) {
	return c.config(ctx, addr, remoting.BrokerConfig)
}

// NameServerConfig lists the configuration of one name server
// (DefaultRequestProcessor.java, getConfig).
func (c *Client) NameServerConfig(ctx context.Context, addr string) ([]cluster.Setting, error) {
	return c.config(ctx, addr, remoting.NameServerConfig)
}

func (c *Client) config(ctx context.Context, addr string, code int) ([]cluster.Setting, error) {
	ctx, cancel := context.WithTimeout(ctx, listBudget)
	defer cancel()
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: code})
	if err != nil {
		return nil, fmt.Errorf("configuration of %s: %w", addr, err)
	}
	return settings(resp.Body), nil
}

// settings reads key=value lines (MixAll.java, properties2String). A value may
// hold further equals signs; lines without one are none.
func settings(body []byte) []cluster.Setting {
	var all []cluster.Setting
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, remoting.MaxFrame)
	for lines.Scan() {
		key, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "=")
		if !ok || key == "" || strings.HasPrefix(key, "#") {
			continue
		}
		if value != "" && secretKey(key) {
			value = hidden
		}
		all = append(all, cluster.Setting{Key: key, Value: value})
	}
	slices.SortStableFunc(all, func(a, b cluster.Setting) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// secretKey reports whether a setting's name says that it holds a secret, such
// as innerClientAuthenticationCredentials (AuthConfig.java).
func secretKey(key string) bool {
	key = strings.ToLower(key)
	return slices.ContainsFunc([]string{"secret", "password", "credential", "token", "accesskey"}, func(s string) bool {
		return strings.Contains(key, s)
	})
}
