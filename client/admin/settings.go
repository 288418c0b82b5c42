package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Kept is what the masters of brokers keep of topics or groups, by broker and name.
type Kept[S any] struct {
	By map[string]map[string]S
	// Old are brokers of 4.x, which keep no types of topics and no order of groups.
	Old map[string]bool
}

// settingsOf asks the master of each broker: one without a master is missing, because a
// replica takes no orders. take keeps what it wants of an answer's body.
func settingsOf[S any](ctx context.Context, c *Client, brokers []cluster.Broker, code int, take func(body []byte) (map[string]S, error)) (Kept[S], cluster.Missing, error) {
	all := Kept[S]{By: map[string]map[string]S{}, Old: map[string]bool{}}
	masters, missing := mastersOf(brokers)
	var mu sync.Mutex
	lacks, err := c.ofBrokersWithin(ctx, listBudget, masters, func(ctx context.Context, b cluster.Broker, addr string) error {
		if err := c.Answers(ctx, addr); err != nil {
			return err
		}
		return c.read(ctx, addr, &remoting.Command{Code: code}, mostBody, func(resp *remoting.Command) error {
			got, err := take(resp.Body)
			mu.Lock()
			defer mu.Unlock()
			all.By[b.Name], all.Old[b.Name] = got, resp.Version < remoting.Version5
			return err
		})
	})
	if err == nil && len(masters) == 0 && len(missing) > 0 {
		err = missing[0]
	}
	return all, missing.Join(lacks), err
}

// mastersOf are brokers with nothing but their master, and those that have none.
func mastersOf(brokers []cluster.Broker) (masters []cluster.Broker, missing cluster.Missing) {
	for _, b := range brokers {
		addr, ok := b.Master()
		if !ok {
			missing = append(missing, cluster.BrokerError{Broker: b.Name, Err: fmt.Errorf("%s: %w", b.Name, fault.NoMaster)})
			continue
		}
		masters = append(masters, cluster.Broker{Name: b.Name, Cluster: b.Cluster, Addrs: map[int64]string{cluster.MasterID: addr}})
	}
	return masters, missing
}

// TopicSettings is what the masters of these brokers keep of the topics that are wanted
// (AdminBrokerProcessor.java, getAllTopicConfig). fault.NotOffered at a proxy.
func (c *Client) TopicSettings(ctx context.Context, brokers []cluster.Broker, wanted func(name string) bool) (Kept[cluster.TopicSettings], cluster.Missing, error) {
	type table struct {
		TopicConfigTable map[string]struct {
			ReadQueueNums, WriteQueueNums, Perm, TopicSysFlag int
			TopicFilterType                                   string
			Order                                             bool
			Attributes                                        map[string]string
		}
		TopicQueueMappingInfoMap map[string]json.RawMessage
	}
	return settingsOf(ctx, c, brokers, remoting.AllTopicConfig, func(body []byte) (map[string]cluster.TopicSettings, error) {
		var got table
		if err := decode(body, &got); err != nil {
			return nil, fmt.Errorf("topic configurations: %w", err)
		}
		all := map[string]cluster.TopicSettings{}
		for name, x := range got.TopicConfigTable {
			if !wanted(name) {
				continue
			}
			_, static := got.TopicQueueMappingInfoMap[name]
			s := cluster.TopicSettings{
				Read: x.ReadQueueNums, Write: x.WriteQueueNums, Perm: x.Perm, Order: x.Order, Filter: x.TopicFilterType,
				Flags: x.TopicSysFlag, Type: strings.ToUpper(x.Attributes[attributeType]), Static: static,
			}
			delete(x.Attributes, attributeType)
			if len(x.Attributes) > 0 {
				s.Others = x.Attributes
			}
			all[name] = s
		}
		return all, nil
	})
}

// mostRest bounds what is kept of a group's settings that Gantry does not know, in bytes.
const mostRest = 64 << 10

// GroupSettings is TopicSettings for consumer groups (getAllSubscriptionGroup).
func (c *Client) GroupSettings(ctx context.Context, brokers []cluster.Broker, wanted func(name string) bool) (Kept[cluster.GroupSettings], cluster.Missing, error) {
	return settingsOf(ctx, c, brokers, remoting.AllGroups, func(body []byte) (map[string]cluster.GroupSettings, error) {
		var got struct {
			SubscriptionGroupTable map[string]json.RawMessage
		}
		if err := decode(body, &got); err != nil {
			return nil, fmt.Errorf("group list: %w", err)
		}
		all := map[string]cluster.GroupSettings{}
		for name, raw := range got.SubscriptionGroupTable {
			if !wanted(name) {
				continue
			}
			var x struct {
				cluster.GroupConfig
				ConsumeMessageOrderly bool
			}
			if err := decode(raw, &x); err != nil {
				return nil, fmt.Errorf("group %s: %w", name, err)
			}
			if len(raw) > mostRest {
				return nil, fmt.Errorf("group %s: %w: its settings take %d bytes", name, fault.TooLarge, len(raw))
			}
			all[name] = cluster.GroupSettings{
				Retries: x.RetryTimes, RetryQueues: x.RetryQueues, Consume: x.Consume, Broadcast: x.Broadcast,
				Ordered: x.ConsumeMessageOrderly, Rest: raw,
			}
		}
		return all, nil
	})
}

// PutTopic makes a topic at a master, or changes it (code 17, AdminBrokerProcessor.java,
// updateAndCreateTopic). Brokers of 4.x drop its type and attributes without a word.
func (c *Client) PutTopic(ctx context.Context, addr, topic string, s cluster.TopicSettings) error {
	filter := s.Filter
	if filter == "" {
		filter = "SINGLE_TAG"
	}
	fields := map[string]string{
		"topic": topic, "defaultTopic": probeTopic, "perm": strconv.Itoa(s.Perm),
		"readQueueNums": strconv.Itoa(s.Read), "writeQueueNums": strconv.Itoa(s.Write),
		"topicFilterType": filter, "topicSysFlag": strconv.Itoa(s.Flags), "order": strconv.FormatBool(s.Order),
	}
	var attributes []string
	if s.Type != "" {
		attributes = append(attributes, "+"+attributeType+"="+s.Type)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Others)) {
		attributes = append(attributes, "+"+name+"="+s.Others[name])
	}
	if len(attributes) > 0 {
		fields["attributes"] = strings.Join(attributes, ",")
	}
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.CreateTopic, ExtFields: fields})
	return noted(err, "topic", topic)
}

// PutGroup makes a consumer group at a master, or changes it (code 200); what Gantry does
// not know of it stays as Rest says.
func (c *Client) PutGroup(ctx context.Context, addr, group string, s cluster.GroupSettings) error {
	all := map[string]any{}
	if len(s.Rest) > 0 {
		if err := json.Unmarshal(s.Rest, &all); err != nil {
			return noted(fmt.Errorf("%w: its settings cannot be read", fault.BadAnswer), "group", group)
		}
	}
	maps.Copy(all, map[string]any{
		"groupName": group, "retryMaxTimes": s.Retries, "retryQueueNums": s.RetryQueues,
		"consumeEnable": s.Consume, "consumeBroadcastEnable": s.Broadcast,
	})
	if _, known := all["consumeMessageOrderly"]; known || s.Ordered {
		all["consumeMessageOrderly"] = s.Ordered
	}
	body, err := json.Marshal(all)
	if err != nil {
		return noted(err, "group", group)
	}
	_, err = c.ask(ctx, addr, &remoting.Command{Code: remoting.CreateGroup, Body: body})
	return noted(err, "group", group)
}

// DeleteTopic deletes a topic with its messages at a broker's master, and then at its
// replicas (code 215); one that is not there is no error (DefaultMQAdminExtImpl.java,
// deleteTopicInBroker). What a replica answers does not count: some versions refuse there,
// and each learns from the master which topics there are.
func (c *Client) DeleteTopic(ctx context.Context, b cluster.Broker, topic string) error {
	master, ok := b.Master()
	if !ok {
		return noted(fmt.Errorf("%s: %w", b.Name, fault.NoMaster), "topic", topic)
	}
	at := func(addr string) error {
		_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.DeleteTopicInBroker, ExtFields: map[string]string{"topic": topic}})
		return err
	}
	if err := at(master); err != nil {
		return noted(err, "topic", topic)
	}
	for id, addr := range b.Addrs {
		if id != cluster.MasterID && c.away.recent(addr) == nil {
			_ = at(addr)
		}
	}
	return nil
}

// DeleteGroup deletes a consumer group at a broker's master, its positions too if offsets is
// set (code 207). The flag has one name in 4.9 and another in 5.x.
func (c *Client) DeleteGroup(ctx context.Context, addr, group string, offsets bool) error {
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.DeleteGroup, ExtFields: map[string]string{
		"groupName": group, "removeOffset": strconv.FormatBool(offsets), "cleanOffset": strconv.FormatBool(offsets),
	}})
	return noted(err, "group", group)
}

// ForgetTopic has every name server forget a topic that no broker has any more (code 216).
// The error joins those of name servers that did not.
func (c *Client) ForgetTopic(ctx context.Context, topic string) error {
	ctx, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel()
	addrs := c.names.Addrs()
	failed := make([]error, len(addrs))
	var group sync.WaitGroup
	for i, addr := range addrs {
		group.Go(func() {
			_, failed[i] = c.ask(ctx, addr, &remoting.Command{Code: remoting.DeleteTopicInNameServer, ExtFields: map[string]string{"topic": topic}})
		})
	}
	group.Wait()
	return noted(errors.Join(failed...), "name servers, topic", topic)
}

// noted says of what an error is.
func noted(err error, what, name string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, name, err)
}
