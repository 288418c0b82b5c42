package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
)

// file is where an export goes.
type file struct {
	bytes.Buffer
	full   int // bytes that there is room for, 0 for any
	closed bool
}

func (f *file) Write(b []byte) (int, error) {
	if f.full > 0 && f.Len()+len(b) > f.full {
		return 0, errFull
	}
	return f.Buffer.Write(b)
}

func (f *file) Close() error { f.closed = true; return nil }

var errFull = errors.New("no room")

// messages are such as brokers answer them: of all shapes.
func messages(t testing.TB) (all []*message.Message) {
	t.Helper()
	for i, body := range []string{
		"", "plain", `{"a":[1,2.50,"<&>"],"中":"文"}`, "\x00\xff\xfe", "line\r\nline\u2028\u2029", "=1+1", `"quoted", with a comma`, "\ufeffmarked", strings.Repeat("长", 100_000),
	} {
		m := &message.Message{
			Topic: "orders", Broker: "broker-a", QueueID: i, QueueOffset: 1<<60 + int64(i), CommitLogOffset: 77, Body: []byte(body), Flag: -3, ReconsumeTimes: i,
			BornAt: time.UnixMilli(1_800_000_000_001), StoredAt: time.UnixMilli(1_800_000_000_012), BornHost: netip.MustParseAddrPort("[::1]:99"), StoreHost: netip.MustParseAddrPort("10.0.0.1:10911"),
			Properties: []message.Property{{Name: message.PropertyTags, Value: "paid"}, {Name: message.PropertyKeys, Value: "k/1 北"}, {Name: "tenant", Value: "\u2028"}},
		}
		switch i {
		case 1:
			m.Properties = append(m.Properties, message.Property{Name: "bad", Value: "\xff"}, message.Property{Name: "tenant", Value: "twice"})
		case 2:
			m.Properties, m.Broker = nil, ""
		case 3:
			m.Topic = strings.Repeat("t", 200)
		}
		rec, err := Record(m)
		if err != nil {
			t.Fatal(err)
		}
		if m, err = rec.Message(); err != nil { // as a list has it
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func export(t testing.TB, all []*message.Message, from message.Export) []byte {
	t.Helper()
	var f file
	w := Lines(&f, from)
	for _, m := range all {
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || !f.closed {
		t.Fatal(err, f.closed)
	}
	return f.Bytes()
}

// read reads an export back, through the form in which lists keep messages.
func read(t testing.TB, in io.Reader) (all []*message.Message, broken []int, from message.Export) {
	t.Helper()
	err := Read(t.Context(), in, func(int) {}, func(_ int, m *message.Message, of message.Export) error {
		from = of
		rec, err := Record(m)
		if err != nil {
			return err
		}
		kept, err := rec.Message()
		all = append(all, kept)
		return err
	}, func(line int, why error) { broken = append(broken, line) })
	if err != nil {
		t.Fatal(err)
	}
	return all, broken, from
}

// TestThereAndBack: what is exported, imported and exported again is equal to the byte.
func TestThereAndBack(t *testing.T) {
	all, from := messages(t), message.Export{Profile: "p", Production: true}
	first := export(t, all, from)
	again, broken, of := read(t, bytes.NewReader(first))
	if len(again) != len(all) || len(broken) > 0 || of != from {
		t.Fatalf("%d of %d, broken %v, of %+v", len(again), len(all), broken, of)
	}
	for i, m := range again {
		if !bytes.Equal(m.Body, all[i].Body) || message.EncodeProperties(sorted(m)) != message.EncodeProperties(sorted(all[i])) || m.ID() != all[i].ID() {
			t.Errorf("%d: %+v, was %+v", i, m, all[i])
		}
	}
	if second := export(t, again, from); !bytes.Equal(first, second) {
		t.Errorf("the second export is another one:\n%.2000s\n%.2000s", first, second)
	}
}

// sorted are properties by name: of those that JSON has as an object the order is lost.
func sorted(m *message.Message) []message.Property {
	all := slices.Clone(m.Properties)
	slices.SortStableFunc(all, func(a, b message.Property) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// TestReadBroken: of a file with broken lines the rest is taken, and the lines are named,
// one that is too long too.
func TestReadBroken(t *testing.T) {
	good := string(export(t, messages(t)[:1], message.Export{}))
	long := io.LimitReader(endless('x'), longestLine+5)
	in := io.MultiReader(strings.NewReader("\ufeff"+good+"{\n\n"+good+`{"topic":"t"}`+"\n"), long, strings.NewReader("\n"+strings.TrimSuffix(good, "\n")))
	all, broken, _ := read(t, in)
	if len(all) != 3 || !slices.Equal(broken, []int{2, 5, 6}) {
		t.Errorf("%d messages, broken %v", len(all), broken)
	}
	if _, err := Record(&message.Message{Topic: "t", Properties: []message.Property{{Name: "a", Value: strings.Repeat("x", 1<<16)}}}); !errors.Is(err, ErrNotStored) {
		t.Error(err)
	}
	if _, err := Record(&message.Message{Topic: "t", Body: make([]byte, message.MaxStored)}); !errors.Is(err, ErrNotStored) {
		t.Error(err)
	}
	failed := errors.New("full")
	if err := Read(t.Context(), strings.NewReader(good+good), func(int) {}, func(int, *message.Message, message.Export) error { return failed }, nil); !errors.Is(err, failed) {
		t.Error(err)
	}
}

type endless byte

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e)
	}
	return len(b), nil
}

// TestCSV: a spreadsheet gets names, text where it is text, and every byte of the rest.
func TestCSV(t *testing.T) {
	all := messages(t)
	var f file
	w, err := CSV(&f)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || !f.closed {
		t.Fatal(err, f.closed)
	}
	text, marked := strings.CutPrefix(f.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != len(all)+1 || !slices.Equal(rows[0], columns()) {
		t.Fatalf("%v, %d rows, %v", err, len(rows), marked)
	}
	cell := func(row int, name string) string { return rows[row+1][slices.Index(columns(), name)] }
	for i, m := range all {
		body := []byte(cell(i, "body"))
		if cell(i, "bodyAs") == asBase64 {
			if body, err = base64.StdEncoding.DecodeString(string(body)); err != nil {
				t.Error(err)
			}
		}
		if !bytes.Equal(body, m.Body) || cell(i, "queueOffset") != fmt.Sprint(m.QueueOffset) || cell(i, "storedAt") != "2027-01-15T08:00:00.012Z" {
			t.Errorf("%d: %.200q", i, rows[i+1])
		}
	}
	if cell(3, "bodyAs") != asBase64 || cell(4, "bodyAs") != asBase64 || cell(8, "bodyAs") != asText || cell(0, "tag") != "paid" || cell(0, "keys") != "k/1 北" {
		t.Errorf("%.1000q", rows[:2])
	}
	var of map[string]string
	if err := json.Unmarshal([]byte(cell(0, "properties")), &of); err != nil || of["tenant"] != "\u2028" {
		t.Errorf("%v, %v", of, err)
	}
	if err := json.Unmarshal([]byte(cell(0, "systemProperties")), &of); err != nil || of[message.PropertyTags] != "paid" {
		t.Errorf("%v, %v", of, err)
	}
	full := &file{full: 10_000}
	if w, err = CSV(full); err != nil {
		t.Fatal(err)
	}
	err = w.Write(all[8])
	if err = errors.Join(err, w.Close()); !errors.Is(err, errFull) || !full.closed {
		t.Error(err)
	}
}

// TestFolder: a file of each body's bytes under a name that tells, and an index.
func TestFolder(t *testing.T) {
	all, dir := messages(t), t.TempDir()
	now := time.Date(2026, 11, 30, 14, 5, 6, 0, time.Local)
	w, err := Folder(dir, `a/../b: "c"`, now, message.Export{Profile: "p"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a-..-b-c-20261130-140506")
	for _, m := range all {
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(filepath.Join(path, "index.jsonl"))
	lines := strings.Split(strings.TrimSuffix(string(index), "\n"), "\n")
	if err != nil || len(lines) != len(all) {
		t.Fatal(err, len(lines))
	}
	for i, line := range lines {
		var of struct {
			File, Topic string
			Size        *int
			Body        *string
			QueueOffset int64
			Profile     string
		}
		if err := json.Unmarshal([]byte(line), &of); err != nil || of.Body != nil || of.Profile != "p" || of.QueueOffset != all[i].QueueOffset || of.Size == nil || *of.Size != len(all[i].Body) {
			t.Fatalf("%s, %v", line, err)
		}
		body, err := os.ReadFile(filepath.Join(path, of.File))
		if err != nil || !bytes.Equal(body, all[i].Body) {
			t.Errorf("%s: %v, %d bytes", of.File, err, len(body))
		}
	}
	for i, want := range map[int]string{0: "000001-orders-broker-a-0-1152921504606846976-k-1-北.txt", 2: "000003-orders-2-1152921504606846978.json", 3: "000004-" + strings.Repeat("t", longestName) + ".bin"} {
		if !strings.Contains(lines[i], `"file":"`+want+`"`) {
			t.Errorf("%s is not %s", lines[i], want)
		}
	}
	if _, err := Folder(dir, `a/../b: "c"`, now, message.Export{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("a folder that is there: %v", err)
	}
}

// FuzzSafe: a name is one on every system.
func FuzzSafe(f *testing.F) {
	f.Add("a/b\\c:..")
	f.Add("\u202egnp.exe")
	f.Fuzz(func(t *testing.T, text string) {
		if s := safe(text); s == "" || len(s) > longestName || strings.ContainsAny(s, "/\\:*?\"<>|\x00\n ") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
			t.Errorf("%q is %q", text, s)
		}
	})
}

// FuzzRead: whatever is read, what is taken can be kept and is the same when it is exported.
func FuzzRead(f *testing.F) {
	f.Add(export(f, messages(f)[:3], message.Export{}))
	f.Add([]byte(`{"topic":"t","body":"","offsetMessageId":"00","bornHost":"x"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = Read(t.Context(), bytes.NewReader(in), func(int) {}, func(_ int, m *message.Message, of message.Export) error {
			rec, err := Record(m)
			if err != nil {
				return nil
			}
			kept, err := rec.Message()
			if err != nil {
				t.Fatal(err)
			}
			again, _, _ := read(t, bytes.NewReader(export(t, []*message.Message{kept}, of)))
			if len(again) != 1 || !bytes.Equal(again[0].Body, m.Body) {
				t.Errorf("%q is no longer what it was", in)
			}
			return nil
		}, func(int, error) {})
	})
}
