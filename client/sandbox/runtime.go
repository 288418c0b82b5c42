package sandbox

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"time"

	"gantry/client/remoting"
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
func (s *Server) runtimeInfo(q *request) (*remoting.Command, error) {
	up := time.Since(s.born)
	first, next := s.store.r.Range()
	next = max(next, s.store.w.Next())
	kept, evicted := s.store.users()
	table := map[string]string{
		"brokerVersionDesc": "V5_5_0", "brokerVersion": itoa(version), "brokerActive": "true",
		"bootTimestamp": itoa(s.born.UnixMilli()),
		"runtime": fmt.Sprintf("[ %d days, %d hours, %d minutes, %d seconds ]",
			int(up.Hours())/24, int(up.Hours())%24, int(up.Minutes())%60, int(up.Seconds())%60),
		"commitLogMinOffset": itoa(int64(first)), "commitLogMaxOffset": itoa(int64(next)),
		"earliestMessageTimeStamp": itoa(s.earliestStored()), "dispatchBehindBytes": "0",
		EvictedKey: itoa(evicted), MessagesKey: itoa(kept), MaxMessagesKey: itoa(s.store.opt.MaxMessages), maxBytesKey: itoa(s.store.opt.MaxBytes),
		"timerReadBehind": "0", "timerOffsetBehind": "0", "timerCongestNum": itoa(s.later.waiting()),
	}
	for _, pool := range []string{"send", "pull", "litePull", "query", "ack"} {
		table[pool+"ThreadPoolQueueSize"], table[pool+"ThreadPoolQueueHeadWaitTimeMills"] = "0", "0"
		table[pool+"ThreadPoolQueueCapacity"] = itoa(atOnce)
	}
	table["pageCacheLockTimeMills"] = "0"
	s.figures.tell(table)
	return s.json(q, map[string]any{"table": table})
}

// tell puts what was counted into a broker's runtime info.
func (f *figures) tell(table map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	three := func(meters ...*meter) string {
		var all []string
		for _, span := range []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute} {
			rate := 0.0
			for _, m := range meters {
				rate += f.rate(m, span)
			}
			all = append(all, fmt.Sprintf("%.2f", rate))
		}
		return strings.Join(all, " ")
	}
	table["putTps"], table["getTotalTps"] = three(&f.puts), three(&f.found, &f.missed)
	table["getFoundTps"], table["getMissTps"] = three(&f.found), three(&f.missed)
	// 4.9 spells it with one r.
	table["getTransferredTps"], table["getTransferedTps"] = three(&f.passed), three(&f.passed)
	table["putMessageTimesTotal"] = itoa(f.puts.total)
	table["timerEnqueueTps"], table["timerDequeueTps"] = "0.0", fmt.Sprintf("%.2f", f.rate(&f.due, time.Minute))
	if m := f.topics[timerTopic]; m != nil {
		table["timerEnqueueTps"] = fmt.Sprintf("%.2f", f.rate(m, time.Minute))
	}
	now := f.now()
	f.sentDays.turn(now, f.sent.total)
	f.gotDays.turn(now, f.got.total)
	table["msgPutTotalTodayNow"], table["msgGetTotalTodayNow"] = itoa(f.sent.total), itoa(f.got.total)
	table["msgPutTotalTodayMorning"], table["msgGetTotalTodayMorning"] = itoa(f.sentDays.morning), itoa(f.gotDays.morning)
	table["msgPutTotalYesterdayMorning"], table["msgGetTotalYesterdayMorning"] = itoa(f.sentDays.yesterday), itoa(f.gotDays.yesterday)
}

// viewStats tells how many messages came to a topic, or went to a group
// (AdminBrokerProcessor.viewBrokerStatsData; Stats.java).
func (s *Server) viewStats(q *request) (*remoting.Command, error) {
	name, key := q.text("statsName"), q.text("statsKey")
	if q.bad != nil {
		return nil, q.bad
	}
	f := s.figures
	f.mu.Lock()
	defer f.mu.Unlock()
	var m *meter
	switch name {
	case "TOPIC_PUT_NUMS":
		m = f.topics[key]
	case "TOPIC_PUT_SIZE":
		m = f.topicSizes[key]
	case "GROUP_GET_NUMS":
		m = f.groups[key]
	case "GROUP_GET_SIZE":
		m = f.groupSizes[key]
	case "BROKER_PUT_NUMS":
		m = map[string]*meter{clusterName: &f.sent}[key]
	case "BROKER_GET_NUMS":
		m = map[string]*meter{clusterName: &f.got}[key]
	}
	if m == nil {
		return nil, refuse(remoting.SystemError, "The stats <%s> <%s> not exist", name, key)
	}
	item := func(span time.Duration) map[string]any {
		return map[string]any{"sum": m.sum(f.now(), span), "tps": f.rate(m, span), "avgpt": 0.0}
	}
	return s.json(q, map[string]any{"statsMinute": item(time.Minute), "statsHour": item(time.Hour), "statsDay": item(24 * time.Hour)})
}

// brokerConfig are the settings of 5.5.0 that the sandbox has, at the values that
// it goes by, as Java's properties (Configuration.getAllConfigsFormatString).
func (s *Server) brokerConfig(q *request) (*remoting.Command, error) {
	levels := make([]string, len(s.later.levels))
	for i, l := range s.later.levels {
		levels[i] = fmt.Sprintf("%ds", int(l.Seconds()))
	}
	dir := s.dir
	if runtime.GOOS == "windows" { // MixAll.adjustConfigForPlatform
		dir = strings.ReplaceAll(dir, `\`, `\\`)
	}
	ms := func(d time.Duration) string { return itoa(d.Milliseconds()) }
	all := []string{
		"brokerName=" + brokerName, "brokerClusterName=" + clusterName, "brokerId=0", "brokerRole=ASYNC_MASTER",
		"brokerIP1=127.0.0.1", "bindAddress=127.0.0.1", "listenPort=" + itoa(int(s.hostPort().Port())), "namesrvAddr=" + s.NameServer(),
		"brokerPermission=" + itoa(permBoth), "autoCreateTopicEnable=true", "autoCreateSubscriptionGroup=true",
		"defaultTopicQueueNums=" + itoa(maxAutoQueues), "enablePropertyFilter=true", "longPollingEnable=true",
		"traceTopicEnable=true", "msgTraceTopicName=" + traceTopic, "regionId=" + region, "useServerSideResetOffset=true",
		"flushDiskType=ASYNC_FLUSH", "flushConsumerOffsetInterval=" + ms(saveEvery),
		"maxMessageSize=" + itoa(maxBody), "messageDelayLevel=" + strings.Join(levels, " "),
		"timerWheelEnable=true", "timerMaxDelaySec=" + itoa(int(timerMost.Seconds())),
		"transactionTimeOut=" + ms(checkAfter), "transactionCheckInterval=" + ms(checkAgain), "transactionCheckMax=" + itoa(checkMax),
		"defaultQueryMaxNum=" + itoa(uniqueMost), "maxMsgsNumBatch=" + itoa(queryMost),
		"serverChannelMaxIdleTimeSeconds=" + itoa(int(idleLimit.Seconds())), "storePathRootDir=" + dir,
		MaxMessagesKey + "=" + itoa(s.store.opt.MaxMessages), maxBytesKey + "=" + itoa(s.store.opt.MaxBytes),
	}
	slices.Sort(all)
	a := okBody(q, []byte(strings.Join(all, "\n")+"\n"))
	a.ExtFields = map[string]string{"version": `{"counter":1,"stateVersion":0,"timestamp":` + itoa(s.born.UnixMilli()) + `}`}
	return a, nil
}

// nameServerConfig is the same of the name server (NamesrvConfig.java).
func (s *Server) nameServerConfig(q *request) (*remoting.Command, error) {
	_, port, _ := net.SplitHostPort(s.NameServer())
	return okBody(q, []byte("bindAddress=127.0.0.1\nlistenPort="+port+"\nserverChannelMaxIdleTimeSeconds="+itoa(int(idleLimit.Seconds()))+"\n")), nil
}

// earliestStored is when the oldest message that is kept was stored, -1 if there is
// none.
func (s *Server) earliestStored() int64 {
	record, has := s.store.oldest()
	if !has {
		return -1
	}
	m, err := s.store.message(record)
	if err != nil { // it has just left
		return -1
	}
	return m.StoredAt.UnixMilli()
}

// oldest is the first message's record.
func (s *store) oldest() (record uint64, has bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, q := range s.queues {
		if len(q.at) > 0 && (!has || q.at[0].record < record) {
			record, has = q.at[0].record, true
		}
	}
	return record, has
}

// users counts the messages of users that are kept, and those that were evicted
// from topics that are still there.
func (s *store) users() (kept, evicted int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for k, q := range s.queues {
		if !systemTopic(k.topic) {
			kept += int64(len(q.at))
			evicted += q.first
		}
	}
	return kept, evicted
}
