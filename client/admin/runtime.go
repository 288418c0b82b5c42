package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Runtime asks a broker what it is and what time it has: its start, by its own
// clock, and how long it runs add up to that (KVTable.java;
// AdminBrokerProcessor.java, prepareRuntimeInfo). fault.NotOffered at a proxy.
func (c *Client) Runtime(ctx context.Context, addr string) (cluster.Runtime, error) {
	begin := time.Now()
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.BrokerRuntimeInfo})
	if err != nil {
		return cluster.Runtime{}, fmt.Errorf("runtime of %s: %w", addr, err)
	}
	var body struct{ Table map[string]string }
	if err := decode(resp.Body, &body); err != nil {
		return cluster.Runtime{}, fmt.Errorf("runtime of %s: %w", addr, err)
	}
	// The time between question and answer.
	return runtimeOf(body.Table, begin.Add(time.Since(begin)/2)), nil
}

// Speak asks brokers for any answer, all at once, and returns what one of them
// proves to be that is no broker for us: fault.NotRocketMQ, or fault.TLS
// where we use none. A refusal is an answer; one that is out of reach, or silent until
// ctx ends, has proved nothing.
func (c *Client) Speak(ctx context.Context, brokers []string) error {
	err := each(ctx, len(brokers), func(ctx context.Context, i int) error {
		_, err := c.Runtime(ctx, brokers[i])
		if errors.Is(err, fault.NotRocketMQ) || c.conf.TLS == nil && errors.Is(err, fault.TLS) {
			return err
		}
		return nil
	})
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// runtimeOf reads what a broker said at a time. Every value may be absent.
func runtimeOf(table map[string]string, now time.Time) cluster.Runtime {
	r := cluster.Runtime{Version: version(table["brokerVersionDesc"]), Disk: -1, Table: table}
	boot, err := strconv.ParseInt(table["bootTimestamp"], 10, 64)
	if err == nil {
		r.Started = moment(boot)
	}
	if ran, ok := uptime(table["runtime"]); ok && err == nil {
		// The broker's seconds are whole ones.
		r.Ahead, r.ClockKnown = now.Sub(time.UnixMilli(boot).Add(ran+time.Second/2)), true
	}
	r.In, r.Out = firstRate(table["putTps"]), firstRate(cmp.Or(table["getTransferredTps"], table["getTransferedTps"]))
	r.InToday = since(table, "msgPutTotalTodayNow", "msgPutTotalTodayMorning")
	r.OutToday = since(table, "msgGetTotalTodayNow", "msgGetTotalTodayMorning")
	if disk, err := strconv.ParseFloat(table["commitLogDiskRatio"], 64); err == nil && disk >= 0 && disk <= 1 {
		r.Disk = disk
	}
	return r
}

// firstRate is the first of the averages over 10 s, 1 and 10 minutes; 0 where
// there is none yet.
func firstRate(s string) float64 {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return 0
	}
	rate, err := strconv.ParseFloat(fields[0], 64)
	if err != nil || rate != rate {
		return 0
	}
	return max(rate, 0)
}

// since is the difference of two counters, at least 0.
func since(table map[string]string, now, before string) int64 {
	a, errA := strconv.ParseInt(table[now], 10, 64)
	b, errB := strconv.ParseInt(table[before], 10, 64)
	if errA != nil || errB != nil {
		return 0
	}
	return max(a-b, 0)
}

// version turns "V5_5_0" into "5.5.0" (MQVersion.java).
func version(desc string) string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.ToUpper(desc), "V"), "_", ".")
}

// uptime reads "[ 0 days, 0 hours, 1 minutes, 11 seconds ]".
func uptime(s string) (time.Duration, bool) {
	var d, h, m, sec int64
	if _, err := fmt.Sscanf(s, "[ %d days, %d hours, %d minutes, %d seconds ]", &d, &h, &m, &sec); err != nil {
		return 0, false
	}
	return time.Duration(((d*24+h)*60+m)*60+sec) * time.Second, true
}
