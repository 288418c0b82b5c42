package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"gantry/client/fault"
	"gantry/client/message"
)

// taken is a file that was taken over.
type taken struct {
	Info
	text string
	rows []*Row
}

func take(t *testing.T, file string, kind Kind) taken {
	t.Helper()
	var copied bytes.Buffer
	info, err := Copy(t.Context(), &copied, strings.NewReader(file), kind)
	if err != nil {
		t.Fatalf("%.60q: %v", file, err)
	}
	// It is the same in one byte at a time.
	var again bytes.Buffer
	if len(file) < 1<<20 {
		second, err := Copy(t.Context(), &again, iotest.OneByteReader(strings.NewReader(file)), kind)
		if err != nil || !reflect.DeepEqual(second, info) || again.String() != copied.String() {
			t.Fatalf("%.60q: byte by byte %+v %q, %v; else %+v %q", file, second, again.String(), err, info, copied.String())
		}
	}
	out := taken{Info: info, text: copied.String()}
	if info.Bytes != int64(copied.Len()) {
		t.Fatalf("%.60q: %d bytes, and %d said", file, copied.Len(), info.Bytes)
	}
	kept, _ := json.Marshal(info)
	var back Info
	if err := json.Unmarshal(kept, &back); err != nil || !reflect.DeepEqual(back, info) {
		t.Fatalf("%s is %+v", kept, back)
	}
	r := Open(bytes.NewReader(copied.Bytes()), back)
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out.rows = append(out.rows, row)
		at, err := r.At(row.Offset())
		if err != nil || at.Line() != row.Line() || at.End() != row.End() {
			t.Fatalf("%.60q at %d: %v, %v", row.Line(), row.Offset(), at, err)
		}
	}
	if int64(len(out.rows)) != info.Rows || r.Skipped() != 0 {
		t.Fatalf("%.60q: %d rows, %d skipped, and %d said", file, len(out.rows), r.Skipped(), info.Rows)
	}
	return out
}

func (t taken) lines() string {
	var all []string
	for _, r := range t.rows {
		all = append(all, r.Line())
	}
	return strings.Join(all, "|")
}

func (t taken) broken() string {
	var all []string
	for _, b := range t.First {
		all = append(all, fmt.Sprintf("%d:%s", b.Line, string(b.Why)))
	}
	return strings.Join(all, "|")
}

func broken(line int, why fault.Code) string { return fmt.Sprintf("%d:%s", line, string(why)) }

// TestLines: rows of text and JSONL, and what is none.
func TestLines(t *testing.T) {
	for _, c := range []struct {
		kind               Kind
		file, rows, noRows string
	}{
		{Text, "", "", ""},
		{Text, "\n\r\n  \t\n", "", ""},
		{Text, "a", "a", ""},
		{Text, "a\n", "a", ""},
		{Text, "a\r\n\r\n b \r\r\nc\r", "a| b |c", ""},
		{Text, "a\rb\n,\"\n", "a\rb|,\"", ""},
		{Text, "\xEF\xBB\xBFa\n\xEF\xBB\xBFb", "a|\ufeffb", ""},
		{Text, "李\nb\xff\nc\x00\n婷", "李|婷", broken(2, NotText) + "|" + broken(3, NotText)},
		{Text, "\ufffd", "\ufffd", ""}, // it stands in the file
		{JSONL, "", "", ""},
		{JSONL, "{}\n\n {\"a\":1} \r\n{\"b\":\n[1]\n\"x\"\n{\"c\":2}", `{}| {"a":1} |{"c":2}`, broken(4, NotObject) + "|" + broken(5, NotObject) + "|" + broken(6, NotObject)},
		{JSONL, "{\"a\":\"\xff\"}\n{} {}\n", "", broken(1, NotText) + "|" + broken(2, NotObject)},
		{JSONL, strings.Repeat(`{"a":`, 20_000) + strings.Repeat("}", 20_000), "", broken(1, NotObject)},
	} {
		got := take(t, c.file, c.kind)
		if got.lines() != c.rows || got.broken() != c.noRows || got.Broken != int64(len(got.First)) {
			t.Errorf("%.60q: %q, %s; want %q, %s", c.file, got.lines(), got.broken(), c.rows, c.noRows)
		}
	}
	many := take(t, strings.Repeat("x\n", MaxBroken+5), JSONL)
	if many.Broken != MaxBroken+5 || len(many.First) != MaxBroken {
		t.Errorf("%+v", many.Info)
	}
}

// TestCSV: records, their fields, and what is none.
func TestCSV(t *testing.T) {
	for name, c := range map[string]struct {
		file, comma, columns, rows, fields, noRows string
	}{
		"empty":            {"", "", "", "", "", ""},
		"blank":            {"\n\r\n", "", "", "", "", ""},
		"header alone":     {"a,b", ",", "a b", "", "", ""},
		"header and break": {"a,b\r\n", ",", "a b", "", "", ""},
		"one column":       {"a\n1\n\n2", ",", "a", "1|2", "1|2", ""},
		"plain":            {"a,b\n1,2\n3,4\n", ",", "a b", "1,2|3,4", "1 2|3 4", ""},
		"no last break":    {"a,b\r\n1,2\r\n3,4", ",", "a b", "1,2|3,4", "1 2|3 4", ""},
		"last CR":          {"a,b\n1,2\r", ",", "a b", "1,2", "1 2", ""},
		"empty fields":     {"a,b,c\n,,\n1,,\n\"\",\"\",\n", ",", "a b c", ",,|1,,|\"\",\"\",", "  |1  |  ", ""},
		"semicolon":        {"a;b;c,d\n1;2;3\n", ";", "a b c,d", "1;2;3", "1 2 3", ""},
		"tab":              {"a\tb\n{\"x\":\"y\"}\t2\n", "\t", "a b", "{\"x\":\"y\"}\t2", `{"x":"y"} 2`, ""},
		"quoted header":    {"\"a,;;;\",\" b \"\n1,2", ",", "a,;;; b", "1,2", "1 2", ""},
		"blank before it":  {"\n\na,b\n1,2", ",", "a b", "1,2", "1 2", ""},
		"quotes":           {"a,b\n\"1,\"\"x\"\"\",\"\"\"\"\n5\"\",\"2\"", ",", "a b", "\"1,\"\"x\"\"\",\"\"\"\"|5\"\",\"2\"", `1,"x" "|5"" 2`, ""},
		"over lines":       {"a,b\n\"1\r\n\n2\",x\r\n3,\"y\n\"\n", ",", "a b", "\"1\r\n\n2\",x|3,\"y\n\"", "1\r\n\n2 x|3 y\n", ""},
		"number of fields": {
			"a,b\n1\n1,2,3\n\"x\ny\"\n4,5\n6,\"7\n\",8\n9,0", ",", "a b", "4,5|9,0", "4 5|9 0",
			broken(2, Fields) + "|" + broken(3, Fields) + "|" + broken(4, Fields) + "|" + broken(7, Fields),
		},
		"behind a quote":    {"a,b\n1,\"x\"y\n2,3\n", ",", "a b", "2,3", "2 3", broken(2, Quote)},
		"not closed":        {"a,b\n1,\"x\n2,3\n4,5", ",", "a b", "2,3|4,5", "2 3|4 5", broken(2, Quote)},
		"closed by another": {"a,b\n1,\"x\n2,3\n4,\"y\"\n", ",", "a b", "2,3|4,\"y\"", "2 3|4 y", broken(2, Quote)},
		"no text":           {"a,b\n1,\xff\n2,\"\x00\n\"\n3,4", ",", "a b", "3,4", "3 4", broken(2, NotText) + "|" + broken(3, NotText)},
	} {
		got := take(t, c.file, CSV)
		var fields []string
		for _, r := range got.rows {
			var one []string
			for _, name := range got.Columns {
				v, ok := r.Column(name)
				if !ok {
					t.Errorf("%s: no %s", name, name)
				}
				one = append(one, v)
			}
			if _, ok := r.Column("nope"); ok {
				t.Errorf("%s: a column that is not there", name)
			}
			fields = append(fields, strings.Join(one, " "))
		}
		if got.Comma != c.comma || strings.Join(got.Columns, " ") != c.columns || got.lines() != c.rows || strings.Join(fields, "|") != c.fields || got.broken() != c.noRows {
			t.Errorf("%s: %q %q\n%q %q\n%s\nwant\n%q %q\n%q %q\n%s", name, got.Comma, got.Columns, got.lines(), fields, got.broken(), c.comma, c.columns, c.rows, c.fields, c.noRows)
		}
	}
	twice := take(t, "a,a,,b\n1,2,3,4", CSV)
	if v, _ := twice.rows[0].Column("a"); v != "1" {
		t.Errorf("the second column of a name: %q", v)
	}
	for _, file := range []string{"\"a\nb", "a,\"b\"c\n", "a\x00,b\n", strings.Repeat("a", MaxHeader+1), strings.Repeat(",", MaxColumns)} {
		if _, err := Copy(t.Context(), io.Discard, strings.NewReader(file), CSV); !errors.Is(err, NoHeader) {
			t.Errorf("%.20q: %v", file, err)
		}
	}
}

// TestLong: a line at the limit is a row, beyond it none, and the next one is found.
func TestLong(t *testing.T) {
	line := strings.Repeat("x", MaxLine)
	for _, end := range []string{"\n", "\r\n"} {
		got := take(t, "a"+end+line+end+line+"x"+end+line+line+line+end+"b"+end, Text)
		if got.lines() != "a|"+line+"|b" || got.broken() != broken(3, TooLong)+"|"+broken(4, TooLong) {
			t.Errorf("%d rows, %s", len(got.rows), got.broken())
		}
	}
	last := take(t, line+"x", Text)
	if last.Rows != 0 || last.broken() != broken(1, TooLong) {
		t.Errorf("%+v", last.Info)
	}
	// In quotes, over lines; and a quote that is not closed for so long.
	half := strings.Repeat("x", MaxLine/2-4)
	got := take(t, "a,b\n1,\""+half+"\n"+half+"\"\n2,\"\n"+strings.Repeat(strings.Repeat("y", 1<<20)+",\n", 9)+"3,4\n", CSV)
	if got.Rows != 11 || got.rows[10].Line() != "3,4" || len(got.rows[0].Line()) != MaxLine-3 || got.broken() != broken(4, Quote) {
		t.Errorf("%d rows, %s", got.Rows, got.broken())
	}
}

// TestCharsets: whatever a file is in, its copy is UTF-8.
func TestCharsets(t *testing.T) {
	const text = "姓名,城市\r\n李婷,北京\r\n镕,😀\r\n"
	encoded := func(e encoding.Encoding, text string) string {
		s, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	gbk := encoded(simplifiedchinese.GB18030, text)
	long := strings.Repeat("a,b\r\n", 50_000) // ASCII for more than is looked at
	for name, c := range map[string]struct {
		file    string
		charset message.Charset
		rows    int64
		broken  string
	}{
		"UTF-8":                   {text, message.UTF8, 2, ""},
		"UTF-8 with a mark":       {"\xEF\xBB\xBF" + text, message.UTF8, 2, ""},
		"GBK":                     {gbk, message.GBK, 2, ""},
		"GBK, late":               {long + gbk, message.GBK, 50_002, ""},
		"GBK, long":               {gbk + strings.Repeat(encoded(simplifiedchinese.GBK, "订单,已支付\r\n"), 50_000), message.GBK, 50_002, ""},
		"GBK, a broken line":      {gbk + "\xff\xff,x\r\n", message.GBK, 2, broken(4, NotText)},
		"UTF-8, broken lines":     {text + "\xff,x\r\n\xd6\xd0\xce\xc4,x\r\n" + text, message.UTF8, 5, broken(4, NotText) + "|" + broken(5, NotText)},
		"UTF-16LE":                {encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), message.UTF16LE, 2, ""},
		"UTF-16BE":                {encoded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), message.UTF16BE, 2, ""},
		"UTF-16, a lone half":     {encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text) + "a\x00,\x00\x00\xD8\n\x00", message.UTF16LE, 2, broken(4, NotText)},
		"UTF-16, an odd byte":     {encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text+"a,b") + "x", message.UTF16LE, 2, broken(4, NotText)},
		"UTF-16 without a mark":   {"a,b\n" + strings.Repeat("\x001\x00,\x002\x00\n", 2), message.UTF8, 0, broken(2, NotText) + "|" + broken(3, NotText)},
		"the mark alone":          {"\xFF\xFE", message.UTF16LE, 0, ""},
		"a line cut in its midst": {"a,b\n" + strings.Repeat("李", 50_000) + ",x", message.UTF8, 1, ""},
		"and in GBK":              {"a,b\n" + encoded(simplifiedchinese.GBK, strings.Repeat("李", 50_000)) + ",x", message.GBK, 1, ""},
	} {
		got := take(t, c.file, CSV)
		if got.Charset != c.charset || got.Rows != c.rows || got.broken() != c.broken {
			t.Errorf("%s: %s, %d rows, %s", name, got.Charset, got.Rows, got.broken())
		}
		if slices.Contains(got.Columns, "姓名") {
			city, _ := got.rows[0].Column("城市")
			if last, _ := got.rows[1].Column("姓名"); city != "北京" || last != "镕" || !strings.HasPrefix(got.text, "姓名,城市\n李婷,北京\n镕,😀\n") {
				t.Errorf("%s: %q", name, got.text)
			}
		}
	}
}

// TestColumnsOfJSON: a name is one of the object, or leads as a path.
func TestColumnsOfJSON(t *testing.T) {
	const line = `{"id":12345678901234567890,"name":"李\t\"婷\"","a":{"b":[10,{"c":"x"}],"":0},"a.b":"point","n":null,"t":true,"#":"sign","x|y":1,"@this":2,"*":3,"a b":4,"\u674e":"key","1.50":1.50,"..":5,"\\":6,"q\"":7}`
	got := take(t, line, JSONL)
	if want := []string{"id", "name", "a", "a.b", "n", "t", "#", "x|y", "@this", "*", "a b", "李", "1.50", "..", `\`, `q"`}; !slices.Equal(got.Columns, want) {
		t.Errorf("%q", got.Columns)
	}
	for name, want := range map[string]string{
		"id": "12345678901234567890", "name": "李\t\"婷\"", "a": `{"b":[10,{"c":"x"}],"":0}`, "a.b": "point", "a.b.0": "10",
		"a.b.1.c": "x", "n": "null", "t": "true", "#": "sign", "x|y": "1", "@this": "2", "*": "3", "a b": "4", "李": "key", "1.50": "1.50",
		"..": "5", `\`: "6", `q"`: "7",
	} {
		if v, ok := got.rows[0].Column(name); v != want || !ok {
			t.Errorf("%s: %q, %v", name, v, ok)
		}
	}
	for _, name := range []string{"", "x", "a.x", "a.b.#", "a.b.2", "@this.id", "a|b", "i*", "id.x", ".", "a.", ".a", "..#", "!x", "a.@keys", "{id}", "[id]", "@pretty:{}"} {
		if v, ok := got.rows[0].Column(name); ok {
			t.Errorf("%s: %q", name, v)
		}
	}
	if _, ok := take(t, "a", Text).rows[0].Column("a"); ok {
		t.Error("a line of text has no columns")
	}
}

// TestReader goes on where it is told to, and finds rows only where they stand.
func TestReader(t *testing.T) {
	got := take(t, "a,b\n1,\"x\ny\"\n2,3\n4,5\n", CSV)
	r := Open(strings.NewReader(got.text), got.Info)
	r.From(got.rows[0].End())
	if row, err := r.Next(); err != nil || row.Line() != "2,3" || row.Offset() != got.rows[1].Offset() {
		t.Errorf("%+v, %v", row, err)
	}
	r.From(0)
	if row, err := r.Next(); err != nil || row.Line() != "1,\"x\ny\"" {
		t.Errorf("%+v, %v", row, err)
	}
	for _, at := range []int64{-1, 0, got.Start + 1, got.Bytes, got.Bytes + 1, 1 << 62} {
		if row, err := r.At(at); !errors.Is(err, NoRow) {
			t.Errorf("at %d: %+v, %v", at, row, err)
		}
	}
	r.From(got.Bytes + 7)
	if _, err := r.Next(); err != io.EOF {
		t.Error(err)
	}
	// A copy that was damaged.
	damaged := strings.Replace(got.text, "2,3", "2;3", 1)
	r = Open(strings.NewReader(damaged), got.Info)
	var lines []string
	for row, err := r.Next(); err == nil; row, err = r.Next() {
		lines = append(lines, row.Line())
	}
	if strings.Join(lines, "|") != "1,\"x\ny\"|4,5" || r.Skipped() != 1 {
		t.Errorf("%q, %d skipped", lines, r.Skipped())
	}
	if _, err := r.At(got.rows[1].Offset()); !errors.Is(err, NoRow) {
		t.Error(err)
	}
	if _, err := Open(strings.NewReader(""), got.Info).At(got.rows[1].Offset()); err == nil {
		t.Error("a row in an empty copy")
	}
}

// TestFaults: what reading and writing say comes back.
func TestFaults(t *testing.T) {
	boom := errors.New("boom")
	for _, kind := range []Kind{Text, JSONL, CSV} {
		for _, begin := range []string{"", "a,b\n", "a,b\n李"} {
			if _, err := Copy(t.Context(), io.Discard, io.MultiReader(strings.NewReader(begin), iotest.ErrReader(boom)), kind); err != boom {
				t.Errorf("%s of %q: %v", kind, begin, err)
			}
		}
		if _, err := Copy(t.Context(), full{}, strings.NewReader("{}\n{}"), kind); err != errFull {
			t.Errorf("%s: %v", kind, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Copy(ctx, io.Discard, strings.NewReader("a\n"), kind); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := Copy(t.Context(), io.Discard, idle{}, Text); err != io.ErrNoProgress {
		t.Error(err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// idle is a reader that never reads anything.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestDetect: the name decides, else the first lines.
func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       Kind
	}{
		{"a.csv", "{}", CSV},
		{"A.TSV", "", CSV},
		{"a.jsonl", "a,b\n1,2\n", JSONL},
		{"a.ndjson", "", JSONL},
		{"a.json", "\xEF\xBB\xBF{\"a\":1}\n{", JSONL},
		{"a.json", "{\n\"a\":1}", Text},
		{"a.txt", "\n{\"a\":1}\nx", JSONL},
		{"a.txt", "a,b\n1,2\n", Text},
		{"a", "a,b\n1,2\n", CSV},
		{"a", "a\tb\n1\t2", CSV},
		{"a", "a,b\n1\n", Text},
		{"a", "a,b", Text},
		{"a", "\xFF\xFE{\x00}\x00", JSONL},
		{"a", "", Text},
	} {
		if got := Detect(c.name, []byte(c.head)); got != c.want {
			t.Errorf("%s, %q: %s", c.name, c.head, got)
		}
	}
}
