package filter

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"gantry/client/jsonpath"
	"gantry/client/message"
)

// noon is when the filters of the tests are typed.
var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.Local)

const order = `{"id":"A-17","qty":12,"big":12345678901234567890,"price":"3.50","paid":true,"none":null,
"items":[{"sku":"x1","qty":1},{"sku":"x2","qty":5,"tags":["new","hot"]}],
"nested":"{\"userId\":42,\"deep\":\"{\\\"z\\\":1e3}\"}","a.b":{"c d":"dotted"},"qty":13,"u\u0073er":"esc\u0061ped","路":"深圳"}`

func ordered() *message.Message {
	return &message.Message{
		Topic: "orders", QueueID: 3, QueueOffset: 9_007_199_254_740_993, CommitLogOffset: 42, ReconsumeTimes: 2,
		StoreHost: netip.MustParseAddrPort("10.0.0.1:10911"), StoredAt: noon.Add(-10 * time.Minute), Body: []byte(order),
		Properties: []message.Property{
			{Name: message.PropertyTags, Value: "paid"},
			{Name: message.PropertyKeys, Value: "ORD-1 ORD-2"},
			{Name: message.PropertyUniqueID, Value: "7F0000013C2A"},
			{Name: "tenant", Value: "north"},
			{Name: "trace.id", Value: "t:1"},
			{Name: "amount", Value: "12.50"},
		},
	}
}

// TestLanguage: each line of the language, and its siblings.
func TestLanguage(t *testing.T) {
	m := ordered()
	for text, want := range map[string]bool{
		"-north": false, "-south": true, "!south": true, "！south": true, "-(south west)": true, "-(north tenant)": false, "--north": true,
		"south OR north": true, "south OR west": false, "south || north": true, "south ｜｜ north": true, "south or north": false,
		"north && tenant": true, "north AND tenant": true, "north && south": false, "a-17 (south OR north)": true, "（south OR north）a-17": true,
		"south OR north a-18": false, "(south OR north) a-18": false, "()": true, "-": true, "- north": true, "north -": true,
		"tag:paid,open": true, "tag:open，paid": true, "tag:open,": false, "tag==paid": true, "tag!=paid": false, "tag!=open": true, "tag=paid": true,
		`"A-17"c`: true, `"a-17"c`: false, `key:"ord-1"c`: false, `key:"ORD-1"c`: true, `"A-17"x`: false,
		"topic:ORD": true, "topic:pay": false, "queue:3": true, "queue:2,3": true, "queue:4": false, "queue>2": true, "queue!=3": false,
		"offset:9007199254740993": true, "offset:9007199254740992": false, "offset>9007199254740992": true, "offset<9007199254740993": false, "offset>=9007199254740993": true, "offset≤9007199254740993": true,
		"id:7f00": true, "id:0A00000100002A9F": true, "id:nope": false, "id:0a00000100002a9f000000000000002a": true,
		"0a00000100002a9f000000000000002a": true, "0a00000100002a9f": false,
		"prop.tenant:NOR": true, "prop.TENANT:nor": true, "prop.trace.id:t:1": true, `prop."trace.id":t`: true, "prop.none:x": false, "prop.TAGS:paid": true,
		"prop.amount>12.4": true, "prop.amount>12.5": false, "prop.amount>=12.5": true, "prop.tenant>1": false, "prop.amount:12.5": true,
		"body:a-17": true, "body:north": false, "retry>1": true, "retry>2": false, "retry:2": true, "retry：2": true, "size>0.1k": true, "size<0.1k": false, "size≥1": true,
		"after:15m": true, "after:5m": false, "before:5m": true, "before:15m": false, "after:11:45": true, "after:11:55": false, "before:2026-11-30 11:55": true, "before:2026-11-30 11:45": false,
		`after:"2026-11-30 11:45" north`: true, "after:2026-11-30 north": true, "after:2026-11-30 11:45 south": false, "after:today": true, "before:今天": false, "after:15分钟": true, "before:昨天": false, "after:": true,
		`/a-\d+/`: false, `/A-\d+/`: true, `/a-\d+/i`: true, `/^no.th$/`: true, `tag:/^pa/`: true, `tag:/^ai/`: false, `body:/"qty":1[23]/`: true, `-/A-\d+/`: false, `/深.{1}/`: true, "/orders": false, "/x/y": false, `/\/x/`: false,
		".id:a-17": true, ".id:A": true, `.id:"a"c`: false, ".qty:12": true, ".qty:13": true, ".qty:1": false, ".qty:12.0": true, ".qty>12": true, ".qty>13": false, ".qty<=12": true, ".qty!=12": false, ".qty==12": true,
		".big:12345678901234567890": true, ".big:12345678901234567891": false, ".big>12345678901234567889": true, ".price>3": true, ".price:3.5": true, ".price<3.5": false, ".paid:true": true, ".paid:tru": false, ".none:null": true, ".absent:x": false,
		".items[0].qty:1": true, ".items[1].qty>3": true, ".items[0].qty>3": false, ".items[*].qty>3": true, ".items[*].sku:x3": false, ".items[*].tags[*]:hot": true, ".items[2].qty>0": false, ".items[-1].qty>0": false, "。items【1】。qty》3": true,
		".nested.userId:42": true, ".nested.deep.z:1000": true, ".nested.deep.z>999": true, ".nested.x:1": false, `."a.b"."c d":dotted`: true, ".a.b:x": false, ".items:x2": true, ".id:/^A-\\d+$/": true, ".id:/^\\d+$/": false,
		".user:escaped": true, ".路:深": true, ".[1]:x": false, "[0].x:1": false, ".idx": false, ".id>1": false, ".id:": true, "-.absent:x": true,
		"jq": false, "(": true, "north (south": false, ")": false, "a-17)": false, `"c d"`: true, `{"sku":"x1"`: true, `(paid)`: true,
	} {
		f, err := Parse(text, noon)
		if err != nil && !errors.Is(err, ErrUnfinished) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := f.Match(m); got != want {
			t.Errorf("%q (%s): %v", text, f.String(), got)
		}
		if stored := message.AppendStored(nil, m); f.MatchStored(stored) != want {
			t.Errorf("%q, stored: %v", text, !want)
		}
		again, err := Parse(f.String(), noon)
		if err != nil || again.String() != f.String() || again.Match(m) != want {
			t.Errorf("%q is written %q, which is read as %q: %v", text, f.String(), again.String(), err)
		}
	}
}

// TestWrongTerms: a wrong term is marked at its place, with the reason.
func TestWrongTerms(t *testing.T) {
	for text, want := range map[string]WrongError{
		"a size>ten":      {From: 2, To: 10, Why: NoSize},
		"queue:x b":       {From: 0, To: 7, Why: NoNumber},
		"offset>-1":       {From: 0, To: 9, Why: NoNumber},
		"(a retry:1,b)":   {From: 3, To: 12, Why: NoNumber},
		"after:noon":      {From: 0, To: 10, Why: NoTime},
		"before:25:00 x":  {From: 0, To: 12, Why: NoTime},
		"after:99999999d": {From: 0, To: 15, Why: NoTime},
		"prop.a>b":        {From: 0, To: 8, Why: NoNumber},
		".a.b>x y":        {From: 0, To: 6, Why: NoNumber},
		"x /a(b/":         {From: 2, To: 7, Why: NoPattern, Detail: "missing closing ): a(b"},
		`tag:/(?<=a)b/`:   {From: 4, To: 13, Why: NoPattern, Detail: "invalid named capture: (?<=a)b"},
		`/a{1001}/`:       {From: 0, To: 9, Why: NoPattern, Detail: "invalid repeat count: {1001}"},
	} {
		want.Term = text[want.From:want.To]
		var wrong *WrongError
		if _, err := Parse(text, noon); !errors.As(err, &wrong) || *wrong != want {
			t.Errorf("%q: %#v, want %#v", text, wrong, want)
		}
	}
	for text, why := range map[string]Why{
		strings.Repeat("a", Longest+1): TooLong, strings.Repeat("(", 100) + "a": TooLong, "/" + strings.Repeat("a", longestPattern+1) + "/": NoPattern,
	} {
		var wrong *WrongError
		if _, err := Parse(text, noon); !errors.As(err, &wrong) || wrong.Why != why {
			t.Errorf("%.20q: %+v", text, err)
		}
	}
	for text, unfinished := range map[string]bool{"a OR": true, "a ||": true, "(a": true, "(a OR b": true, "a (b OR (c)": true, "OR": false, "a OR b": false, "(a)": false, `"a`: false, "tag:": false, "-": false} {
		if _, err := Parse(text, noon); errors.Is(err, ErrUnfinished) != unfinished || !unfinished && err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWrittenByOthers: packed bodies, GBK and UTF-16 are read by every kind of term, in any
// case.
func TestWrittenByOthers(t *testing.T) {
	const text = `{"name":"李婷","state":"PAID","n":7}`
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String(text)
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	for form, body := range map[string][]byte{"as it is": []byte(text), "GBK": []byte(gbk), "UTF-16": []byte(wide), "gzip": gzipped(t, text), "with a mark": []byte("\xEF\xBB\xBF" + text)} {
		m := &message.Message{Topic: "t", Body: body}
		for filter, want := range map[string]bool{
			"李婷": true, "paid": true, "李伟": false, `"PAID"c`: true, `"paid"c`: false, "/李.\"/": true, "/paid/i": true, "/paid/": false, ".name:李": true, ".n>6": true, ".state:/^P/": true, ".name:王": false, "-李婷": false,
		} {
			f, err := Parse(filter, noon)
			if err != nil || f.Match(m) != want || f.MatchStored(message.AppendStored(nil, m)) != want {
				t.Errorf("%s, %s: %v, %v", form, filter, !want, err)
			}
		}
	}
	inner, err := os.ReadFile(filepath.Join("..", "message", "testdata", "batchcq-auto.bin"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"auto-key-2": true, `"auto body 2"`: true, "no-such-key": false, "key:auto-key-4": true, "key:auto-key-1 body:auto": true, "key:auto-key-1 -key:auto-key-1": false} {
		f, _ := Parse(text, noon)
		if f.MatchStored(inner) != want {
			t.Errorf("%s in an inner batch: %v", text, !want)
		}
	}
	list := &message.Message{Body: []byte(`[{"n":1},{"n":[2,3]}]`)}
	for text, want := range map[string]bool{".[0].n:1": true, ".[1].n[1]:3": true, ".[*].n:1": true, ".[1].n:1": false, ".[2].n:1": false, ".n:1": false} {
		f, err := Parse(text, noon)
		if err != nil || f.Match(list) != want || f.String() != text {
			t.Errorf("%s (%s): %v, %v", text, f.String(), !want, err)
		}
	}
	for name, body := range map[string]string{"broken": `{"n":7`, "deep": strings.Repeat("[", 20_000_000), "no JSON": "n 7", "empty": ""} {
		f, _ := Parse(".n:7", noon)
		if f.Match(&message.Message{Body: []byte(body)}) {
			t.Error(name)
		}
	}
}

// TestAlso: a value that is pointed at becomes a term that finds it, beside what is typed.
func TestAlso(t *testing.T) {
	m := ordered()
	m.Properties = append(m.Properties, message.Property{Name: "a \"b\" c.d:e", Value: `say "hi" \o/ OR not`})
	m.Body = []byte(`{"a b":[{"c\"d":"x ) y"}],"n":-1.5,"t":true,"empty":"","OR":{"path.with":"“中文” "}}`)
	terms := map[string]bool{
		FieldTerm("key", "ORD-1"): true, FieldTerm("tag", "paid"): true, FieldTerm("prop.tenant", "north"): true, FieldTerm("id", m.OffsetID()): true, FieldTerm("topic", "%RETRY%x"): false,
		FieldTerm(`prop.a "b" c.d:e`, `say "hi" \o/ OR not`): true, FieldTerm("prop.trace.id", "t:1"): true,
		PathTerm([]Step{{Name: "a b"}, {IsIndex: true}, {Name: `c"d`}}, "x ) y"): true, PathTerm([]Step{{Name: "n"}}, "-1.5"): true, PathTerm([]Step{{Name: "n"}}, "1.5"): false,
		PathTerm([]Step{{Name: "t"}}, "true"): true, PathTerm([]Step{{Name: "OR"}, {Name: "path.with"}}, "“中文” "): true,
	}
	for term, want := range terms {
		for _, typed := range []string{"", "  ", "north", "south OR north", "tag:", "(south OR north) tenant", `"north" `} {
			for _, without := range []bool{false, true} {
				text := Also(typed, term, without)
				f, err := Parse(text, noon)
				if err != nil || f.Match(m) != (want != without) {
					t.Errorf("%q and %q: %q fits %v, %v", typed, term, text, want == without, err)
				}
			}
		}
	}
}

// FuzzPath: a path is the same wherever it is pasted.
func FuzzPath(f *testing.F) {
	f.Add("a b", `c"d`, 3)
	f.Add(`back\slash`, "ctrl\n\x00", 0)
	f.Add("[0]", "$", 1)
	f.Fuzz(func(t *testing.T, a, b string, n int) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || n < 0 || n > 1_000 || len(a)+len(b) > 300 {
			return
		}
		inner, err := json.Marshal(map[string]any{b: "found"})
		if err != nil {
			t.Fatal(err)
		}
		list := strings.Repeat("0,", n) + string(inner)
		name, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		doc := []byte("{" + string(name) + ":[" + list + "]}")
		steps := []Step{{Name: a}, {IsIndex: true, Index: n}, {Name: b}}
		keep, err := Parse(PathTerm(steps, "found"), noon)
		if err != nil || !keep.Match(&message.Message{Body: doc}) {
			t.Errorf("%s does not fit %s, %v", keep.String(), doc, err)
		}
		p, err := jsonpath.Parse(Path(steps))
		if err != nil {
			t.Fatalf("%s: %v", Path(steps), err)
		}
		read, err := jsonpath.Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Find(read); err != nil || len(got) != 1 {
			t.Errorf("%s is not found in %s: %v, %v", Path(steps), doc, got, err)
		}
	})
}

// FuzzLanguage: a filter that is written and read again is the same, and rules out
// undecoded only what does not fit.
func FuzzLanguage(f *testing.F) {
	for _, s := range []string{
		`word "two words" key:1 tag:b,c size>10k retry<=2 -x`, `“中 文” key：1 OR (a b) -(c || d)`, `.a[0].b[*]."c d":x .e>1e3 .f!=2`, `/a\/b+/i body:/x{2,}/ prop.a>3 prop."a b":/k/`,
		`"a\"b\\"c after:15m before:2026-11-30 14:00`, `((((a`, `.a:/(?i)straße/`, "/ſK/i", `.n:3 .s:"3"`,
		`jq:.n > 2 and (.s | test("\\)"))`, `(a OR jq:"\("(" + .s)") # no` + "\n" + `b`, `-(jq:.a[0].b) jq：.n ≥ 3 # c`,
		`jq:.a 》》 "路`, "(jq:\xff.a", `jq:@text "\(1 | \(`,
	} {
		f.Add(s, `{"a":[{"b":[{"c d":"x"}]}],"e":2000,"n":3.0,"s":"3"}`, "b")
	}
	f.Fuzz(func(t *testing.T, s, body, tag string) {
		keep, err := Parse(s, noon)
		if wrong := (*WrongError)(nil); errors.As(err, &wrong) {
			if len(s) <= Longest && s[wrong.From:wrong.To] != wrong.Term {
				t.Errorf("%q: %+v", s, wrong)
			}
			return
		}
		keep = keep.Asking(odd, nil)
		m := &message.Message{Topic: "t", Body: []byte(body), Properties: []message.Property{{Name: message.PropertyTags, Value: tag}}}
		fits := keep.Match(m)
		if keep.Empty() && !fits {
			t.Error("no filter hides something")
		}
		if fits && !strings.ContainsAny(tag, "\x01\x02") && !keep.MayMatch(message.AppendStored(nil, m)) {
			t.Errorf("%q fits %q, and is ruled out undecoded", s, body)
		}
		text := keep.String()
		again, err := Parse(text, noon)
		again = again.Asking(odd, nil)
		if len(text) <= Longest && (err != nil || again.String() != text || again.Match(m) != fits) {
			t.Errorf("%q is written %q, and read as %q, %v", s, text, again.String(), err)
		}
	})
}

// FuzzDecimal: numbers compare as exact ones do.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0", "1", "10", "0.10", "1e3", "-1.5e-2", "12345678901234567890.1", "00012", "+3"} {
		f.Add(s, "1")
		f.Add("1e3", s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := parseDecimal(a)
		y, also := parseDecimal(b)
		if !ok || !also || max(x.exp, -x.exp, y.exp, -y.exp) > 1000 {
			return
		}
		var p, q big.Rat
		if _, ok := p.SetString(strings.TrimSpace(a)); !ok {
			t.Fatalf("%q is no number", a)
		}
		if _, ok := q.SetString(strings.TrimSpace(b)); !ok {
			t.Fatalf("%q is no number", b)
		}
		if got, want := x.compare(y), p.Cmp(&q); got != want {
			t.Errorf("%s to %s: %d, want %d", a, b, got, want)
		}
	})
}
