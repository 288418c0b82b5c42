package sandbox

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// What the sandbox tells of itself beside what brokers do.
const (
	// EvictedKey is how many messages of users were too old to be kept, MessagesKey
	// how many are, and MaxMessagesKey how many can be.
	EvictedKey     = "sandboxEvicted"
	MessagesKey    = "sandboxMessages"
	MaxMessagesKey = "sandboxMaxMessages"
	maxBytesKey    = "sandboxMaxBytes"
)

// runtimeInfo is what brokers tell of themselves (AdminBrokerProcessor
// .prepareRuntimeInfo, StoreStatsService.getRuntimeInfo): what the sandbox has of
// it. Nothing waits in thread pools, as there are none.
func (s *broker) runtimeInfo(q *request) (*remoting.Command, error) {
	up := time.Since(s.born)
	first, next := s.store.Records()
	kept, evicted := s.store.Users()
	table := map[string]string{
		"brokerVersionDesc": "V5_5_0", "brokerVersion": itoa(version), "brokerActive": "true",
		"bootTimestamp": itoa(s.born.UnixMilli()),
		"runtime": fmt.Sprintf("[ %d days, %d hours, %d minutes, %d seconds ]",
			int(up.Hours())/24, int(up.Hours())%24, int(up.Minutes())%60, int(up.Seconds())%60),
		"commitLogMinOffset": itoa(int64(first)), "commitLogMaxOffset": itoa(int64(next)),
		"earliestMessageTimeStamp": itoa(s.earliestStored()), "dispatchBehindBytes": "0",
		EvictedKey: itoa(evicted), MessagesKey: itoa(kept), MaxMessagesKey: itoa(s.store.Limits().MaxMessages), maxBytesKey: itoa(s.store.Limits().MaxBytes),
		"timerReadBehind": "0", "timerOffsetBehind": "0", "timerCongestNum": itoa(s.store.Waiting()),
	}
	for _, pool := range []string{"send", "pull", "litePull", "query", "ack"} {
		table[pool+"ThreadPoolQueueSize"], table[pool+"ThreadPoolQueueHeadWaitTimeMills"] = "0", "0"
		table[pool+"ThreadPoolQueueCapacity"] = itoa(atOnce)
	}
	table["pageCacheLockTimeMills"] = "0"
	s.store.Figures.Tell(table)
	return s.json(q, map[string]any{"table": table})
}

// viewStats tells how many messages came to a topic, or went to a group
// (AdminBrokerProcessor.viewBrokerStatsData; Stats.java).
func (s *broker) viewStats(q *request) (*remoting.Command, error) {
	name, key := q.text("statsName"), q.text("statsKey")
	if q.bad != nil {
		return nil, q.bad
	}
	minute, hour, day, has := s.store.Figures.Stat(name, key)
	if strings.HasPrefix(name, "BROKER_") && key != clusterName {
		has = false
	}
	if !has {
		return nil, refuse(remoting.SystemError, "The stats <%s> <%s> not exist", name, key)
	}
	item := func(s store.Sum) map[string]any {
		return map[string]any{"sum": s.Sum, "tps": s.Rate, "avgpt": 0.0}
	}
	return s.json(q, map[string]any{"statsMinute": item(minute), "statsHour": item(hour), "statsDay": item(day)})
}

// brokerConfig are the settings of 5.5.0 that the sandbox has, at the values that
// it goes by, as Java's properties (Configuration.getAllConfigsFormatString).
func (s *broker) brokerConfig(q *request) (*remoting.Command, error) {
	levels := make([]string, len(s.store.Limits().DelayLevels))
	for i, l := range s.store.Limits().DelayLevels {
		levels[i] = fmt.Sprintf("%ds", int(l.Seconds()))
	}
	ms := func(d time.Duration) string { return itoa(d.Milliseconds()) }
	all := []string{
		"brokerName=" + brokerName, "brokerClusterName=" + clusterName, "brokerId=0", "brokerRole=ASYNC_MASTER",
		"brokerIP1=127.0.0.1", "bindAddress=127.0.0.1", "listenPort=" + itoa(int(s.addr.Port())), "namesrvAddr=" + s.nameServer,
		"brokerPermission=" + itoa(store.PermBoth), "autoCreateTopicEnable=true", "autoCreateSubscriptionGroup=true",
		"defaultTopicQueueNums=" + itoa(store.MaxAutoQueues), "enablePropertyFilter=true", "longPollingEnable=true",
		"traceTopicEnable=true", "msgTraceTopicName=" + store.TraceTopic, "regionId=" + region, "useServerSideResetOffset=true",
		"flushDiskType=ASYNC_FLUSH", "flushConsumerOffsetInterval=0",
		"maxMessageSize=" + itoa(maxBody), "messageDelayLevel=" + strings.Join(levels, " "),
		"timerWheelEnable=true", "timerMaxDelaySec=" + itoa(int(store.TimerMost.Seconds())),
		"transactionTimeOut=" + ms(s.store.Limits().CheckAfter), "transactionCheckInterval=" + ms(s.store.Limits().CheckAgain), "transactionCheckMax=" + itoa(s.store.Limits().CheckMax),
		"defaultQueryMaxNum=" + itoa(uniqueMost), "maxMsgsNumBatch=" + itoa(queryMost),
		"serverChannelMaxIdleTimeSeconds=" + itoa(int(idleLimit.Seconds())), dirKey + "=" + inProperties(realPath(s.dir)),
		MaxMessagesKey + "=" + itoa(s.store.Limits().MaxMessages), maxBytesKey + "=" + itoa(s.store.Limits().MaxBytes),
	}
	slices.Sort(all)
	a := okBody(q, []byte(strings.Join(all, "\n")+"\n"))
	a.ExtFields = map[string]string{"version": `{"counter":1,"stateVersion":0,"timestamp":` + itoa(s.born.UnixMilli()) + `}`}
	return a, nil
}

// nameServerConfig is the same of the name server (NamesrvConfig.java).
func (s *broker) nameServerConfig(q *request) (*remoting.Command, error) {
	_, port, _ := net.SplitHostPort(s.nameServer)
	return okBody(q, []byte("bindAddress=127.0.0.1\nlistenPort="+port+"\nserverChannelMaxIdleTimeSeconds="+itoa(int(idleLimit.Seconds()))+"\n")), nil
}

// earliestStored is when the oldest message that is kept was stored, -1 if there is
// none.
func (s *broker) earliestStored() int64 {
	record, has := s.store.Oldest()
	if !has {
		return -1
	}
	m, err := s.store.Message(record)
	if err != nil { // it has just left
		return -1
	}
	return m.StoredAt.UnixMilli()
}
