package message

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// FuzzDraftHead: the fields of a draft are what they were, whatever stands in them, also those
// that are read by reflection.
func FuzzDraftHead(f *testing.F) {
	f.Add("orders", "付款", "k 1", "<&>\u2028\n\"\\", "a\x00b", true, false)
	f.Add("%RETRY%ns|g", "", "", "REDELIVERED_FROM", "%DLQ%g/broker-a/0/3/ID", false, true)
	f.Fuzz(func(t *testing.T, topic, tag, key, name, value string, packed, typed bool) {
		d := &Draft{
			ProducerGroup: "g", Topic: topic, Tag: tag, Keys: []string{key, ""}, Properties: []Property{{name, value}, {"", ""}}, ShardingKey: key, Packed: packed,
			ID: value, System: []Property{{value, name}},
		}
		if typed {
			d.How, d.Flag, d.OneWay = Typed{As: AsHex}, 7, true
		}
		head, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var want, got Draft
		if err := json.Unmarshal(head, &want); err != nil {
			t.Fatal(err)
		}
		if plain := (&Draft{}).readTexts(gjson.ParseBytes(head)); plain == typed {
			t.Errorf("%s is read by reflection: %v", head, !plain)
		}
		if err := got.read(string(head)); err != nil || cmp.Diff(got, want) != "" {
			t.Errorf("%s: %v, %s", head, err, cmp.Diff(got, want))
		}
	})
}

// TestDraftHeadOfAnotherKind: what is no draft, or has what drafts of today have not, is read as
// ever.
func TestDraftHeadOfAnotherKind(t *testing.T) {
	for _, head := range []string{
		`{}`, `null`, `[]`, `7`, `{"topic":7}`, `{"topic":null}`, `{"keys":"k"}`, `{"keys":[1]}`, `{"properties":[{"Name":"a","Value":1}]}`, `{"properties":{}}`,
		`{"properties":[{"Name":"a","Value":"b","More":1}]}`, `{"topic":"t","later":[1]}`, `{"packed":"yes"}`, `{"topic":"t"`, ``, `{"topic":"t"} x`, `{"keys":null,"topic":"t"}`,
	} {
		var want, got Draft
		wrong := json.Unmarshal([]byte(head), &want)
		if err := got.read(head); (err == nil) != (wrong == nil) || err == nil && cmp.Diff(got, want) != "" {
			t.Errorf("%s: %v, should be %v: %s", head, err, wrong, cmp.Diff(got, want))
		}
	}
}
