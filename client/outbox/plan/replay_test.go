package plan

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/message"
)

// stored is a message as it lies at a broker.
func stored(topic string, ms int64, body string, properties ...message.Property) *message.Message {
	return &message.Message{Topic: topic, StoredAt: time.UnixMilli(1_800_000_000_000 + ms), Body: []byte(body), Properties: properties}
}

// keep copies messages into a folder's source.
func keep(t *testing.T, all ...*message.Message) (dir string, kept Kept) {
	t.Helper()
	dir = t.TempDir()
	k, err := NewKeeper(SourceFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if err := k.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err = k.Finish(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(SourceFile(dir)); err != nil || info.Size() != kept.Bytes {
		t.Errorf("%d bytes were said, %v, %v", kept.Bytes, info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("the folder has %v", left)
	}
	return dir, kept
}

// replay is a plan of what was kept.
func replay(kept Kept, topic string) *Plan {
	return &Plan{Texts: Texts{ProducerGroup: "g", Topic: topic}, Count: kept.Messages, AtOnce: 1, Replay: &Replay{Bytes: kept.Bytes}}
}

// makeAll makes every message of a plan.
func makeAll(t *testing.T, m *Maker) (all []Made) {
	t.Helper()
	for {
		made, err := m.Next(time.Now())
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made)
	}
}

func maker(t *testing.T, p *Plan, dir string) *Maker {
	t.Helper()
	m, err := p.Maker(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func zipped(t *testing.T, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write([]byte(body))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWhole: a message goes as its sender gave it, in the order of store times, and is made
// again to the byte by another maker.
func TestWhole(t *testing.T) {
	dead := stored("%DLQ%group", 3000, "\x00\xff{{uuid}}", message.Property{Name: message.PropertyRetryTopic, Value: "orders"},
		message.Property{Name: message.PropertyTags, Value: "paid"}, message.Property{Name: message.PropertyKeys, Value: "k1  {{seq}}"},
		message.Property{Name: "地区", Value: "{{pick 华南 华北}}"}, message.Property{Name: message.PropertyUniqueID, Value: "ID"},
		message.Property{Name: message.PropertyShardingKey, Value: "s"}, message.Property{Name: message.PropertyDelay, Value: "3"},
		message.Property{Name: "MAX_RECONSUME_TIMES", Value: "3"})
	dead.Flag = -9
	packed := stored("orders", 2000, string(zipped(t, "packed by its client")))
	packed.SysFlag = 1 | 3<<8
	opened := stored("orders", 4000, "packed, and opened by the library")
	opened.Inflated = true
	dir, kept := keep(t, opened, dead, stored("stock", 1000, "own gzip \x1f\x8b"), packed)
	if kept.Messages != 4 || kept.Out != 0 || kept.To.Sub(kept.From) != 3*time.Second || !slices.Equal(kept.Topics, []OfTopic{{"orders", 3}, {"stock", 1}}) {
		t.Fatalf("%+v", kept)
	}
	p := replay(kept, "target")
	if err := Write(dir, p); err != nil {
		t.Fatal(err)
	}
	all := makeAll(t, maker(t, p, dir))
	var got []message.Draft
	for _, m := range all {
		got = append(got, *m.Draft)
	}
	want := []message.Draft{
		{ProducerGroup: "g", Topic: "target", Body: []byte("own gzip \x1f\x8b")},
		{ProducerGroup: "g", Topic: "target", Body: []byte("packed by its client"), Packed: true},
		{
			ProducerGroup: "g", Topic: "target", Body: []byte("\x00\xff{{uuid}}"), Tag: "paid", Keys: []string{"k1  {{seq}}"}, ShardingKey: "s", Flag: -9,
			Properties: []message.Property{{Name: "地区", Value: "{{pick 华南 华北}}"}},
		},
		{ProducerGroup: "g", Topic: "target", Body: []byte("packed, and opened by the library"), Packed: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	read, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, read, cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) })); d != "" {
		t.Fatal(d)
	}
	other := maker(t, read, dir)
	for _, i := range []int{2, 0, 3, 1} {
		all[i].Leave.ID = fmt.Sprint("id", i)
		again, err := other.Again(&all[i].Leave)
		all[i].Draft.ID = all[i].Leave.ID
		if d := cmp.Diff(all[i].Draft, again); d != "" || err != nil {
			t.Error(i, err, d)
		}
	}
	for _, row := range []int64{-1, 1, all[1].Leave.Row + 1, kept.Bytes, 1 << 60} {
		if _, err := other.Again(&message.Leave{Row: row}); !errors.Is(err, ErrNoRow) {
			t.Errorf("a row at %d: %v", row, err)
		}
	}
	then := maker(t, read, dir)
	if err := then.GoOn(2, all[1].Leave.Row); err != nil {
		t.Fatal(err)
	}
	if rest := makeAll(t, then); len(rest) != 2 || rest[0].Leave.Seq != 2 || string(rest[0].Draft.Body) != "\x00\xff{{uuid}}" {
		t.Errorf("%+v", rest)
	}
}

// innerBatch is the body of several messages in one.
func innerBatch(bodies ...string) (out []byte) {
	for _, b := range bodies {
		props := "p\x01" + b + "\x02"
		out = binary.BigEndian.AppendUint32(out, uint32(20+len(b)+2+len(props)))
		out = append(out, make([]byte, 8)...)
		out = binary.BigEndian.AppendUint32(out, 5)
		out = binary.BigEndian.AppendUint32(out, uint32(len(b)))
		out = append(out, b...)
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(props))), props...)
	}
	return out
}

// TestInnerBatches: each message in a batch goes by itself, and what cannot be taken apart
// is left out.
func TestInnerBatches(t *testing.T) {
	whole := stored("t", 0, string(innerBatch("one", "two")))
	whole.SysFlag = 0x40 | 0x80
	broken := stored("t", 1, "no batch")
	broken.SysFlag = 0x40 | 0x80
	dir, kept := keep(t, whole, broken)
	all := makeAll(t, maker(t, replay(kept, "t"), dir))
	if len(all) != 2 || string(all[1].Draft.Body) != "two" || all[0].Draft.Properties[0].Value != "one" || all[0].Draft.Flag != 5 || all[0].Draft.Packed {
		t.Errorf("%+v", all)
	}
	if kept.Out != 1 || !errors.Is(kept.First[0].Why, NotOpened) {
		t.Errorf("%+v", kept)
	}
}

// TestLeftOut: what cannot be sent is counted, and the first are listed with the reason.
func TestLeftOut(t *testing.T) {
	packed := stored("t", 0, "x")
	packed.SysFlag = 1
	large := strings.Repeat("x", message.MaxBody+1)
	largePacked := stored("t", 0, large)
	largePacked.Inflated = true
	long := message.Property{Name: "a", Value: strings.Repeat("x", message.MaxProperties)}
	odd := []struct {
		m   *message.Message
		why error
	}{
		{stored("t", 0, ""), message.ErrEmptyBody},
		{packed, NotOpened},
		{stored("t", 0, large), NotTaken},
		{stored("t", 0, "x", message.Property{Name: "a", Value: "1"}, message.Property{Name: "a", Value: "2"}), NameTwice},
		{stored("t", 0, "x", message.Property{Name: "a", Value: ""}), message.ErrBadProperty},
		{stored("t", 0, "x", message.Property{Name: "a", Value: "\xff"}), message.ErrBadProperty},
		{stored("t", 0, "x", long), message.ErrLongProperties},
	}
	all := []*message.Message{largePacked, stored("t", 0, large[1:])}
	for _, o := range odd {
		all = append(all, o.m)
	}
	for range MaxLeftOut {
		all = append(all, stored("late", 0, ""))
	}
	_, kept := keep(t, all...)
	if kept.Messages != 2 || kept.Out != int64(len(odd)+MaxLeftOut) || len(kept.First) != MaxLeftOut {
		t.Fatalf("%+v", kept)
	}
	for i, o := range odd {
		if got := kept.First[i]; !errors.Is(got.Why, o.why) || got.Topic != "t" {
			t.Errorf("%+v, want %v", got, o.why)
		}
	}
	_, none := keep(t, stored("t", 0, ""))
	if none.Messages != 0 || replay(none, "t").Check() == nil {
		t.Errorf("a replay of nothing is taken: %+v", none)
	}
}

// TestWays: each message to its own topic, by the target's names.
func TestWays(t *testing.T) {
	dir, kept := keep(t, stored("a%orders", 0, "1"), stored("a%stock", 1, "2"), stored("a%orders", 2, "3"))
	p := replay(kept, "")
	queues := []message.Target{{Broker: "x", Queue: 0}, {Broker: "y", Queue: 1}}
	p.Replay.Ways = []Way{{From: "a%orders", To: "b%orders"}, {From: "a%stock", To: "b%stock", Queues: queues}}
	if p.Targets() != "b%orders, b%stock" || p.Check() != nil {
		t.Fatal(p.Targets(), p.Check())
	}
	all := makeAll(t, maker(t, p, dir))
	if all[0].Draft.Topic != "b%orders" || all[1].Draft.Topic != "b%stock" || all[2].Draft.Topic != "b%orders" || all[0].Draft.To != nil || *all[1].Draft.To != queues[0] {
		t.Errorf("%+v", all)
	}
	p.Replay.Ways = p.Replay.Ways[:1]
	m := maker(t, p, dir)
	if _, err := m.Next(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Next(time.Now()); !errors.Is(err, ErrReplay) {
		t.Errorf("a message without a way: %v", err)
	}
	for name, change := range map[string]func(*Plan){
		"a topic beside ways": func(p *Plan) { p.Topic = "t" }, "a batch": func(p *Plan) { p.Batch = 2 },
		"many ways": func(p *Plan) { p.Replay.Ways = make([]Way, MaxWays+1) }, "nothing": func(p *Plan) { p.Replay.Bytes = 0 },
	} {
		q := *p
		r := *p.Replay
		q.Replay = &r
		if change(&q); !errors.Is(q.Check(), ErrReplay) {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestDamagedSource: bytes that are not what was kept are never sent.
func TestDamagedSource(t *testing.T) {
	dir, kept := keep(t, stored("t", 0, "first"), stored("t", 1, "second"))
	b, err := os.ReadFile(SourceFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"a byte": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"an end": func(b []byte) []byte { return b[:len(b)-1] },
		"a size": func(b []byte) []byte { b[len(b)/2] ^= 0x40; return b },
	} {
		if err := os.WriteFile(SourceFile(dir), change(bytes.Clone(b)), 0o600); err != nil {
			t.Fatal(err)
		}
		m := maker(t, replay(kept, "t"), dir)
		if made, err := m.Next(time.Now()); err != nil || string(made.Draft.Body) != "first" {
			t.Fatal(name, err)
		}
		if _, err := m.Next(time.Now()); !errors.Is(err, message.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOriginalPace: messages leave as far apart as they were stored, within the bound, and
// what is late is not made up for in a rush.
func TestOriginalPace(t *testing.T) {
	hour := time.Hour.Milliseconds()
	unknown := stored("t", 0, "unknown")
	unknown.StoredAt = time.Time{}
	dir, kept := keep(t, stored("t", 0, "a"), unknown, stored("t", 300, "c"), stored("t", 200, "b"), stored("t", 300+30_000, "d"), stored("t", 30_300+20*hour, "e"))
	gaps := Gaps()
	if want := []time.Duration{30300*time.Millisecond + gaps[0], 30300*time.Millisecond + gaps[1], 30300*time.Millisecond + gaps[2]}; !slices.Equal(kept.Lasts, want) || !slices.Equal(kept.Cut, []int64{1, 1, 1}) {
		t.Errorf("%v, %v", kept.Lasts, kept.Cut)
	}
	p := replay(kept, "t")
	p.Replay.Original, p.Replay.MaxGap = true, 10*time.Minute
	// leaves says when each leaves; held is how long the run is held before one.
	leaves := func(held map[string]time.Duration) (out []string) {
		m := maker(t, p, dir)
		synctest.Test(t, func(t *testing.T) {
			var tempo Tempo
			begun := time.Now()
			for {
				if err := tempo.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				made, err := m.Next(time.Now())
				if err != nil {
					return
				}
				time.Sleep(held[string(made.Draft.Body)])
				tempo.Then(m.Gap())
				out = append(out, fmt.Sprint(string(made.Draft.Body), " ", time.Since(begun)))
			}
		})
		return out
	}
	if d := cmp.Diff([]string{"a 0s", "unknown 0s", "b 200ms", "c 300ms", "d 30.3s", "e 10m30.3s"}, leaves(nil)); d != "" {
		t.Error(d)
	}
	// Half a second is made up for, an hour is not.
	if d := cmp.Diff([]string{"a 0s", "unknown 0s", "b 700ms", "c 700ms", "d 30.3s", "e 10m30.3s"}, leaves(map[string]time.Duration{"b": 500 * time.Millisecond})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"a 0s", "unknown 0s", "b 200ms", "c 1h0m0.3s", "d 1h0m30.3s", "e 1h10m30.3s"}, leaves(map[string]time.Duration{"c": time.Hour})); d != "" {
		t.Error(d)
	}
	synctest.Test(t, func(t *testing.T) {
		var tempo Tempo
		tempo.Then(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		begun := time.Now()
		if err := tempo.Wait(ctx); !errors.Is(err, context.Canceled) || time.Since(begun) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

// TestKeeperFaults: a file that is there, a disk that does not take it, too many.
func TestKeeperFaults(t *testing.T) {
	dir, _ := keep(t, stored("t", 0, "x"))
	if _, err := NewKeeper(SourceFile(dir)); !errors.Is(err, os.ErrExist) {
		t.Errorf("a file that is there: %v", err)
	}
	k, err := NewKeeper(filepath.Join(t.TempDir(), "source"))
	if err != nil {
		t.Fatal(err)
	}
	k.kept.Messages = MaxMessages
	if err := k.Add(stored("t", 0, "x")); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	_ = k.Close()
	k.kept.Messages = 0
	err = k.Add(stored("t", 0, strings.Repeat("x", 1<<20)))
	if _, finished := k.Finish(); err == nil && finished == nil {
		t.Error("a closed file takes all")
	}
}

// BenchmarkWhole makes messages of 1 KB out of a source of whole ones.
func BenchmarkWhole(b *testing.B) {
	k, err := NewKeeper(SourceFile(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Dir(k.file.Name())
	m := stored("t", 0, strings.Repeat("x", 1024), message.Property{Name: message.PropertyKeys, Value: "k"}, message.Property{Name: "a", Value: "b"})
	for range 10_000 {
		if err := k.Add(m); err != nil {
			b.Fatal(err)
		}
	}
	kept, err := k.Finish()
	if err != nil {
		b.Fatal(err)
	}
	mk, err := replay(kept, "t").Maker(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer mk.Close()
	for b.Loop() {
		if mk.seq == kept.Messages {
			mk.seq = 0
			mk.whole.from(0)
		}
		if _, err := mk.Next(time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}

// TestOnlyGroup: what goes to one group only goes to its retry topic, with what its members are
// told of the first; what nothing tells that of is left out, in the run as in the look before.
func TestOnlyGroup(t *testing.T) {
	dead := func(ms int64, topic string) *message.Message {
		m := stored("%DLQ%g", ms, topic, message.Property{Name: message.PropertyUniqueID, Value: "ID-" + topic})
		if topic != "" {
			m.Properties = append(m.Properties, message.Property{Name: message.PropertyRetryTopic, Value: topic}, message.Property{Name: message.PropertyOriginID, Value: "AT-" + topic})
		}
		return m.Redelivered()
	}
	nowhere := dead(1, "")
	nowhere.Body = []byte("from nowhere")
	dir, kept := keep(t, dead(0, "orders"), nowhere, dead(2, "stock"))
	p := replay(kept, "%RETRY%g")
	p.Replay.Redelivers, p.Replay.OnlyGroup, p.Replay.Original = "%DLQ%g", true, true
	tried, err := p.Try(t.Context(), dir, kept, 3, nil)
	if err != nil || tried.Messages != 2 || tried.Out != 1 || !errors.Is(tried.First[0].Why, NoOrigin) {
		t.Fatalf("%+v, %v", tried, err)
	}
	if p.Count = tried.Messages; p.Check() != nil {
		t.Error(p.Check())
	}
	m, err := p.Maker(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for i, x := range makeAll(t, m) {
		first := []string{"orders", "stock"}[i]
		want := []message.Property{{Name: message.PropertyRetryTopic, Value: first}, {Name: message.PropertyOriginID, Value: "AT-" + first}}
		if d := x.Draft; d.Topic != "%RETRY%g" || string(d.Body) != first || cmp.Diff(d.System, want) != "" || MarkOf(d) == "" || x.Leave.Seq != int64(i) {
			t.Errorf("%+v", d)
		}
	}
	for name, spoil := range map[string]func(*Plan){
		"another topic": func(p *Plan) { p.Topic = "orders" },
		"another group": func(p *Plan) { p.Replay.Redelivers = "%DLQ%h" },
		"ways":          func(p *Plan) { p.Topic, p.Replay.Ways = "", []Way{{From: "orders", To: "%RETRY%g"}} },
		"one-way":       func(p *Plan) { p.OneWay = true },
	} {
		other, r := *p, *p.Replay
		other.Replay = &r
		if spoil(&other); !errors.Is(other.Check(), ErrReplay) {
			t.Errorf("%s: %v", name, other.Check())
		}
	}
}
