package replay

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gantry/client/message"
)

// TestDifferences: what is shown of two messages are the parts that differ.
func TestDifferences(t *testing.T) {
	was := &message.Draft{
		Body: []byte(`{"a":1,"phone":"138","b":[1,2,3],"c":"x"}`), Tag: "t", Keys: []string{"k"},
		Properties: []message.Property{{Name: "p", Value: "1"}, {Name: "gone", Value: "2"}, {Name: "same", Value: "3"}},
	}
	is := &message.Draft{
		Body: []byte(`{"a":1,"phone":"139","b":[1,2,3],"c":"x","d":true}`), Keys: []string{"k", "l"}, ShardingKey: "s",
		Properties: []message.Property{{Name: "p", Value: "9"}, {Name: "same", Value: "3"}, {Name: "new", Value: "4"}},
	}
	say := labels{"Body", "Tag", "Keys", "Key"}
	want := []difference{
		{"Body", `"phone":"138"`, `"phone":"139"`},
		{"Body", `"c":"x"`, `"c":"x","d":true`},
		{"Tag", "t", ""},
		{"Keys", "k", "k l"},
		{"Key", "", "s"},
		{"p", "1", "9"},
		{"gone", "2", ""},
		{"new", "", "4"},
	}
	if d := cmp.Diff(want, differences(was, is, say)); d != "" {
		t.Error(d)
	}
	if got := differences(was, was, say); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// FuzzHunks: pieces are found without a panic, and none where nothing differs.
func FuzzHunks(f *testing.F) {
	f.Add("a b c", "a x c")
	f.Add(strings.Repeat("a,", 500), strings.Repeat("b,", 500))
	f.Fuzz(func(t *testing.T, a, b string) {
		got := hunks(a, b)
		if a == b && len(got) > 0 || a != b && len(a)+len(b) < mostCompared && len(got) == 0 {
			t.Errorf("%q, %q: %q", a, b, got)
		}
		for _, h := range got {
			if h[0] == h[1] || !strings.Contains(a, h[0]) || !strings.Contains(b, h[1]) {
				t.Errorf("%q, %q: %q", a, b, h)
			}
		}
	})
}
