package store

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Figures count what the broker did, for those who ask how busy it is
// (StoreStatsService.java, BrokerStatsManager.java). They begin at 0 with each
// start, as a broker's do. Safe for concurrent use.
type Figures struct {
	born time.Time
	now  func() time.Time

	mu sync.Mutex
	// All below is guarded by mu.
	puts, sent, got       meter // messages: all stored, users' stored, users' read
	found, missed, passed meter // pulls with and without messages, messages in answers
	due                   meter // messages whose time had come
	topics, topicSizes    map[string]*meter
	groups, groupSizes    map[string]*meter // by "topic@group"
	sentDays, gotDays     days
}

func newFigures(now func() time.Time) *Figures {
	return &Figures{
		born: now(), now: now, topics: map[string]*meter{}, topicSizes: map[string]*meter{},
		groups: map[string]*meter{}, groupSizes: map[string]*meter{},
	}
}

// stored counts messages that were stored in a topic.
func (f *Figures) stored(topic string, messages, bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.puts.add(now, messages)
	meterOf(f.topics, topic).add(now, messages)
	meterOf(f.topicSizes, topic).add(now, bytes)
	if !IsSystem(topic) {
		f.sentDays.turn(now, f.sent.total)
		f.sent.add(now, messages)
	}
}

// Pulled counts a pull's answer.
func (f *Figures) Pulled(topic, group string, messages, bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if messages == 0 {
		f.missed.add(now, 1)
		return
	}
	f.found.add(now, 1)
	f.passed.add(now, messages)
	key := offsetKey(topic, group)
	meterOf(f.groups, key).add(now, messages)
	meterOf(f.groupSizes, key).add(now, bytes)
	if !IsSystem(topic) {
		f.gotDays.turn(now, f.got.total)
		f.got.add(now, messages)
	}
}

// delivered counts a message whose time had come.
func (f *Figures) delivered() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due.add(f.now(), 1)
}

// forget drops what was counted for a topic that is deleted.
func (f *Figures) forget(topic string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.topics, topic)
	delete(f.topicSizes, topic)
	f.drop(func(key string) bool { return strings.HasPrefix(key, topic+"@") })
}

// forgetGroup drops what was counted for a group that is deleted.
func (f *Figures) forgetGroup(group string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(func(key string) bool { return strings.HasSuffix(key, "@"+group) })
}

// drop is called with mu held.
func (f *Figures) drop(is func(key string) bool) {
	for _, all := range []map[string]*meter{f.groups, f.groupSizes} {
		maps.DeleteFunc(all, func(key string, _ *meter) bool { return is(key) })
	}
}

// TopicRate is how many messages a second came to a topic in the last minute.
func (f *Figures) TopicRate(topic string) float64 { return f.lastMinute(f.topics, topic) }

// GroupRate is how many a second a group read from it.
func (f *Figures) GroupRate(topic, group string) float64 {
	return f.lastMinute(f.groups, offsetKey(topic, group))
}

func (f *Figures) lastMinute(all map[string]*meter, key string) float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := all[key]; m != nil {
		return f.rate(m, time.Minute)
	}
	return 0
}

// rate is a meter's average over a span, or since the start if that is less.
// Called with mu held.
func (f *Figures) rate(m *meter, span time.Duration) float64 {
	now := f.now()
	since := min(span, max(now.Sub(f.born), time.Second))
	return float64(m.sum(now, span)) / since.Seconds()
}

func meterOf(all map[string]*meter, key string) *meter {
	m := all[key]
	if m == nil {
		m = &meter{}
		all[key] = m
	}
	return m
}

// meter counts events, and knows how many came in the last minute, hour and day.
// Its zero value is ready; whoever has it guards it.
type meter struct {
	total   int64
	seconds ring
	minutes ring
	hours   ring
}

func (m *meter) add(now time.Time, n int64) {
	m.total += n
	m.seconds.add(now, time.Second, 60, n)
	m.minutes.add(now, time.Minute, 60, n)
	m.hours.add(now, time.Hour, 24, n)
}

// sum is how many came within a span of up to a day, to a sixtieth of a minute or
// an hour, or an hour of a day.
func (m *meter) sum(now time.Time, span time.Duration) int64 {
	switch {
	case span <= time.Minute:
		return m.seconds.sum(now, time.Second, span)
	case span <= time.Hour:
		return m.minutes.sum(now, time.Minute, span)
	}
	return m.hours.sum(now, time.Hour, span)
}

// ring counts by slots of time, the present one and those before it.
type ring struct {
	at int64 // the number of the present slot
	n  []int64
}

func (r *ring) add(now time.Time, width time.Duration, slots int, n int64) {
	if r.n == nil {
		r.n = make([]int64, slots)
	}
	r.turn(now.UnixNano() / int64(width))
	r.n[r.at%int64(len(r.n))] += n
}

// turn goes on to a slot. A clock that is set back stays where it was.
func (r *ring) turn(to int64) {
	for i := int64(0); r.at < to && i < int64(len(r.n)); i++ {
		r.at = max(r.at+1, to-int64(len(r.n))+1)
		r.n[r.at%int64(len(r.n))] = 0
	}
}

func (r *ring) sum(now time.Time, width, span time.Duration) int64 {
	if r.n == nil {
		return 0
	}
	r.turn(now.UnixNano() / int64(width))
	var all int64
	for i := range min(int64(span/width), int64(len(r.n)), r.at+1) {
		all += r.n[(r.at-i)%int64(len(r.n))]
	}
	return all
}

// days remembers what a total was at the last two midnights (BrokerStats.java).
type days struct {
	day                int64 // its number
	morning, yesterday int64
}

// turn notes that it is another day. It is called with the total before anything
// of the new day is in it.
func (d *days) turn(now time.Time, total int64) {
	_, zone := now.Zone()
	day := (now.Unix() + int64(zone)) / 86400
	switch {
	case d.day == 0 || day <= d.day:
	case day == d.day+1:
		d.yesterday, d.morning = d.morning, total
	default:
		d.yesterday, d.morning = total, total
	}
	d.day = max(d.day, day)
}

// Tell puts what was counted into a broker's runtime info.
func (f *Figures) Tell(table map[string]string) {
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
	table["putMessageTimesTotal"] = number(f.puts.total)
	table["timerEnqueueTps"], table["timerDequeueTps"] = "0.0", fmt.Sprintf("%.2f", f.rate(&f.due, time.Minute))
	if m := f.topics[TimerTopic]; m != nil {
		table["timerEnqueueTps"] = fmt.Sprintf("%.2f", f.rate(m, time.Minute))
	}
	now := f.now()
	f.sentDays.turn(now, f.sent.total)
	f.gotDays.turn(now, f.got.total)
	table["msgPutTotalTodayNow"], table["msgGetTotalTodayNow"] = number(f.sent.total), number(f.got.total)
	table["msgPutTotalTodayMorning"], table["msgGetTotalTodayMorning"] = number(f.sentDays.morning), number(f.gotDays.morning)
	table["msgPutTotalYesterdayMorning"], table["msgGetTotalYesterdayMorning"] = number(f.sentDays.yesterday), number(f.gotDays.yesterday)
}

// Sum is what was counted in a span of time.
type Sum struct {
	Sum  int64
	Rate float64 // a second
}

// Stat is what a topic got or a group read in the last minute, hour and day, by the
// name that the figure has at a broker (BrokerStatsManager.java). has is false where
// nothing was counted.
func (f *Figures) Stat(name, key string) (minute, hour, day Sum, has bool) {
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
		m = &f.sent
	case "BROKER_GET_NUMS":
		m = &f.got
	}
	if m == nil {
		return minute, hour, day, false
	}
	of := func(span time.Duration) Sum { return Sum{m.sum(f.now(), span), f.rate(m, span)} }
	return of(time.Minute), of(time.Hour), of(24 * time.Hour), true
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
