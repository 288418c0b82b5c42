package admin

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/cluster"
)

// record joins fields as clients do.
func record(fields ...string) string { return strings.Join(fields, "\x01") + "\x02" }

// TestTraces: what the versions of both clients write, of one message among others.
func TestTraces(t *testing.T) {
	at := time.UnixMilli(1_795_000_000_000)
	const ms = "1795000000000"
	for name, c := range map[string]struct {
		body string
		want []cluster.Trace
	}{
		"Java 4.9 and 5.x, sent": {
			record("Pub", ms, "DefaultRegion", "pg", "T", "OTHER", "", "", "h:1", "3", "1", "0", "OFF", "true") +
				record("Pub", ms, "DefaultRegion", "pg", "T", "ID", "tag", "K1 K2", "127.0.0.1:10911", "12", "5", "0", "OFF", "false"),
			[]cluster.Trace{{Kind: cluster.TraceSent, At: at, Group: "pg", Took: 5 * time.Millisecond, Ended: true}},
		},
		"Java 4.4, sent": {
			record("Pub", ms, "", "pg", "T", "ID", "", "", "h:1", "3", "1", "0", "true"),
			[]cluster.Trace{{Kind: cluster.TraceSent, At: at, Group: "pg", Took: time.Millisecond, Ended: true, OK: true}},
		},
		"Go, sent": {
			record("Pub", ms, "", "pg", "T", "ID", "", "null", "h:1", "3", "2", "0", "OFF", "true", "192.0.2.2"),
			[]cluster.Trace{{Kind: cluster.TraceSent, At: at, Group: "pg", Client: "192.0.2.2", Took: 2 * time.Millisecond, Ended: true, OK: true}},
		},
		"Java, consumed": {
			record("SubBefore", ms, "", "g", "REQ", "ID", "2", "null") +
				record("SubAfter", "REQ", "ID", "140", "false", "null", "4", "1795000000140", "g"),
			[]cluster.Trace{{Kind: cluster.TraceConsumed, At: at, Group: "g", Took: 140 * time.Millisecond, Ended: true, Result: "FAILED", Retries: 2}},
		},
		"the end first, of 4.4": {
			record("SubAfter", "REQ", "ID", "7", "true", "K") + record("SubBefore", ms, "", "g", "REQ", "ID", "0", "K", "192.0.2.3"),
			[]cluster.Trace{{Kind: cluster.TraceConsumed, At: at, Group: "g", Client: "192.0.2.3", Took: 7 * time.Millisecond, Ended: true, OK: true}},
		},
		"never ended": {
			record("SubBefore", ms, "", "g", "REQ", "ID", "0"),
			[]cluster.Trace{{Kind: cluster.TraceConsumed, At: at, Group: "g"}},
		},
		"a transaction": {
			record("EndTransaction", ms, "", "pg", "T", "ID", "", "", "h:1", "2", "TX", "COMMIT_MESSAGE", "false"),
			[]cluster.Trace{{Kind: cluster.TraceDecided, At: at, Group: "pg", Ended: true, OK: true, Result: "COMMIT_MESSAGE"}},
		},
		"recalled":  {record("Recall", ms, "", "pg", "T", "ID", "true"), []cluster.Trace{{Kind: cluster.TraceRecalled, At: at, Group: "pg", Ended: true, OK: true}}},
		"no record": {"noise\x01\x02\x02Pub\x02", nil},
	} {
		got := joinTraces(decodeTraces(c.body, "ID"))
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(cluster.Trace{}, "Request"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzTraces(f *testing.F) {
	f.Add(record("SubAfter", "REQ", "ID", "7", "true", "K", "9", "-5"), "ID")
	f.Add("Pub\x01\x01\x01", "")
	f.Fuzz(func(t *testing.T, body, id string) {
		for _, x := range joinTraces(decodeTraces(body, id)) {
			if id == "" || x.Took < 0 {
				t.Errorf("%+v of %q", x, id)
			}
		}
	})
}
