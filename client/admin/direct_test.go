package admin

import (
	"errors"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// TestVerdicts: Java names them, client-go numbers them.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]cluster.Verdict{
		`{"autoCommit":true,"consumeResult":"CR_SUCCESS","order":false,"remark":"java.lang.Error: x","spentTimeMills":3}`: {Is: cluster.ConsumeSuccess, Remark: "java.lang.Error: x", Took: 3 * time.Millisecond},
		`{"order":true,"autoCommit":true,"consumeResult":4,"remark":"boom","spentTimeMills":-1}`:                          {Is: cluster.ConsumeThrows, Ordered: true, Remark: "boom"},
		`{"consumeResult":"CR_NEW","spentTimeMills":0}`:                                                                   {Is: "CR_NEW"},
	} {
		if got, err := decodeVerdict([]byte(body)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
	for _, body := range []string{``, `[]`, `{}`, `{"consumeResult":null}`, `{"consumeResult":6}`, `{"consumeResult":-1}`} {
		if got, err := decodeVerdict([]byte(body)); !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}
