package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/jsonpath"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox/change"
	"gantry/client/outbox/placeholder"
)

// changing is a replay that masks, drops a property and sets a field with dynamic values.
func changing(kept Kept) *Plan {
	p := replay(kept, "target")
	rules := mask.All()
	p.Seed, p.Env = 42, map[string]string{"host": "shop"}
	p.Replay.Production, p.Replay.From, p.Replay.Masks, p.Replay.Key = true, "id", &rules, bytes.Repeat([]byte{3}, mask.KeySize)
	p.Replay.Drop = []string{"trace"}
	p.Replay.Changes = []change.Change{
		{What: change.Field, Do: change.Set, Name: ".by", Value: `{{uuid}} {{seq}} {{now ms}} {{env "host"}} {{rand 1 1000000}}`},
		{What: change.Tag, Do: change.Set, Value: "{{seq}}"},
	}
	return p
}

// orders are messages of which every third is no JSON.
func orders(n int) (all []*message.Message) {
	for i := range n {
		body := fmt.Sprintf(`{ "n":%d.0, "phone":"1380013%04d" }`, i, i)
		if i%3 == 2 {
			body = "text"
		}
		all = append(all, stored("t", int64(i)*1000, body, message.Property{Name: "trace", Value: "x"}, message.Property{Name: "a", Value: "b"}))
	}
	return all
}

// TestChanges: what a change does not fit is passed, the rest is changed, and is made again to
// the byte from what is on the disk, on its own and behind any message.
func TestChanges(t *testing.T) {
	dir, kept := keep(t, orders(10)...)
	p := changing(kept)
	p.Count = 7
	if err := Write(dir, p); err != nil {
		t.Fatal(err)
	}
	all := makeAll(t, maker(t, p, dir))
	if len(all) != 7 {
		t.Fatalf("%d messages", len(all))
	}
	for i, m := range all {
		body := string(m.Draft.Body)
		if !strings.HasPrefix(body, `{ "n":`) || !strings.Contains(body, ".0, \"phone\":\"138") || strings.Contains(body, "1380013") || !strings.Contains(body, fmt.Sprintf(" %d %d shop ", i+1, m.Leave.At.UnixMilli())) {
			t.Error(body)
		}
		if m.Leave.Seq != int64(i) || m.Draft.Tag != fmt.Sprint(i+1) || len(m.Draft.Properties) != 1 || m.Draft.Properties[0].Name != "a" {
			t.Errorf("%+v", m)
		}
	}
	read, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, read, cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) })); d != "" {
		t.Fatal(d)
	}
	other := maker(t, read, dir)
	for _, i := range []int{6, 0, 3, 3} {
		again, err := other.Again(&all[i].Leave)
		if d := cmp.Diff(all[i].Draft, again); d != "" || err != nil {
			t.Error(i, err, d)
		}
	}
	then := maker(t, read, dir)
	if err := then.GoOn(3, all[2].Leave.Row); err != nil {
		t.Fatal(err)
	}
	made, err := then.Next(all[3].Leave.At)
	if d := cmp.Diff(all[3], made); d != "" || err != nil {
		t.Error(err, d)
	}
}

// TestSecretsInChanges: a secret value is what is sent, is hidden from eyes, and stands nowhere
// on the disk.
func TestSecretsInChanges(t *testing.T) {
	dir, kept := keep(t, orders(1)...)
	p := replay(kept, "target")
	p.Secret = []string{"token", "unused"}
	p.Replay.Changes = []change.Change{{What: change.Field, Do: change.Set, Name: ".token", Value: `{{env "token"}}`}}
	if got := p.Hidden(); !slices.Equal(got, []string{"token"}) {
		t.Errorf("%q", got)
	}
	if _, err := p.Maker(dir, map[string]string{}); !errors.Is(err, ErrSecret) {
		t.Errorf("a secret that is not at hand: %v", err)
	}
	m, err := p.Maker(dir, map[string]string{"token": "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	made, err := m.Next(time.Now())
	if err != nil || !strings.Contains(string(made.Draft.Body), `"token":"s3cret"`) || made.Draft.Hides {
		t.Fatalf("%+v, %v", made.Draft, err)
	}
	again, err := maker(t, p, dir).Again(&made.Leave)
	if err != nil || !strings.Contains(string(again.Body), `"token":"***"`) || !again.Hides {
		t.Errorf("%+v, %v", again, err)
	}
	tried, err := p.Try(t.Context(), dir, kept, 1, nil)
	if err != nil || !strings.Contains(string(tried.After[0].Body), `"token":"***"`) {
		t.Errorf("%+v, %v", tried.After, err)
	}
}

// TestTry tells what will be sent without sending it.
func TestTry(t *testing.T) {
	dir, kept := keep(t, orders(70)...)
	if len(kept.Properties) != 2 || kept.Properties[0] != (OfProperty{"a", 70}) || kept.MoreProperties != 0 {
		t.Errorf("%+v", kept.Properties)
	}
	p := changing(kept)
	got, err := p.Try(t.Context(), dir, kept, 3, nil)
	if err != nil || !got.Changed || got.Messages != 47 || got.Out != 23 || len(got.First) != MaxLeftOut || len(got.After) != 3 || len(got.Before) != 3 {
		t.Fatalf("%+v, %v", got.Kept, err)
	}
	why := (*change.Misfit)(nil)
	if first := got.First[0]; !errors.As(first.Why, &why) || why.Index != 0 || !errors.Is(first.Why, jsonpath.NotJSON) || first.Topic != "t" {
		t.Errorf("%+v", got.First[0])
	}
	if string(got.Before[2].Body) != `{ "n":3.0, "phone":"13800130003" }` || got.After[2].Tag != "3" || got.After[2].Topic != "target" {
		t.Errorf("%+v, %+v", got.Before[2], got.After[2])
	}
	// The pauses are those between the messages that are left.
	if got.Lasts[2] != 69*time.Second || got.To.Sub(got.From) != 69*time.Second || got.Bodies == 0 {
		t.Errorf("%+v", got.Kept)
	}
	whole, err := replay(kept, "target").Try(t.Context(), dir, kept, 3, nil)
	if err != nil || whole.Changed || len(whole.After) != 3 || whole.Messages != 70 || !slices.Equal(whole.Lasts, kept.Lasts) {
		t.Errorf("%+v, %v", whole, err)
	}
	if d := cmp.Diff(whole.Before[0].Body, whole.After[0].Body); d != "" {
		t.Error(d)
	}
	p.Env = nil
	if _, err := p.Try(t.Context(), dir, kept, 3, nil); !errors.Is(err, placeholder.NoEnv) {
		t.Errorf("a value that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := changing(kept).Try(ctx, dir, kept, 3, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	// A change after which nothing can be sent.
	p = replay(kept, "target")
	p.Replay.Changes = []change.Change{{What: change.Property, Do: change.Set, Name: "x", Value: strings.Repeat("y", message.MaxProperties)}}
	if got, err := p.Try(t.Context(), dir, kept, 3, nil); err != nil || got.Messages != 0 || got.Out != 70 || !errors.Is(got.First[0].Why, message.ErrLongProperties) {
		t.Errorf("%+v, %v", got.Kept, err)
	}
}

// TestTryTells: who tries hears how far it is, and can end it in the middle.
func TestTryTells(t *testing.T) {
	dir, kept := keep(t, orders(2500)...)
	var told []int64
	got, err := changing(kept).Try(t.Context(), dir, kept, 1, func(n int64) { told = append(told, n) })
	if err != nil || got.Messages+got.Out != 2500 || !slices.Equal(told, []int64{1000, 2000}) {
		t.Errorf("%d messages, told %v, %v", got.Messages, told, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told = nil
	_, err = changing(kept).Try(ctx, dir, kept, 1, func(n int64) { told = append(told, n); cancel() })
	if !errors.Is(err, context.Canceled) || len(told) != 1 {
		t.Errorf("told %v, %v", told, err)
	}
	// As they are, no more than what is shown is read.
	if _, err := replay(kept, "target").Try(t.Context(), dir, kept, 1, func(n int64) { t.Error("told", n) }); err != nil {
		t.Error(err)
	}
}

// TestPaceOfChanged: at the original pace a message leaves as long after the one before as it
// was stored, whatever was left out between them.
func TestPaceOfChanged(t *testing.T) {
	dir, kept := keep(t, orders(6)...)
	p := changing(kept)
	p.Replay.Original = true
	m := maker(t, p, dir)
	var out []string
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
			tempo.Then(m.Gap())
			out = append(out, fmt.Sprint(made.Draft.Tag, " ", time.Since(begun)))
		}
	})
	if d := cmp.Diff([]string{"1 0s", "2 1s", "3 3s", "4 4s"}, out); d != "" {
		t.Error(d)
	}
}

// TestCheckChanges: an order that cannot be made is refused where it enters.
func TestCheckChanges(t *testing.T) {
	_, kept := keep(t, orders(1)...)
	for name, spoil := range map[string]func(*Plan){
		"no key":            func(p *Plan) { p.Replay.Key = nil },
		"no key of a mask":  func(p *Plan) { p.Replay.Masks, p.Replay.Key = nil, nil; p.Replay.Changes[0].Do = change.Mask },
		"a rule":            func(p *Plan) { p.Replay.Masks = &mask.Rules{Paths: []string{"["}} },
		"a change":          func(p *Plan) { p.Replay.Changes[0].Name = "[" },
		"too many changes":  func(p *Plan) { p.Replay.Changes = make([]change.Change, change.MaxChanges+1) },
		"too much left out": func(p *Plan) { p.Replay.Drop = make([]string, MaxProperties+1) },
	} {
		p := changing(kept)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if spoil(p); p.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestManyProperties: no more than a bounded number of names is listed, and kept in memory.
func TestManyProperties(t *testing.T) {
	var all []*message.Message
	for i := range mostProperties/100 + 1 {
		m := stored("t", int64(i), "x", message.Property{Name: "each", Value: "1"})
		for j := range 100 {
			m.Properties = append(m.Properties, message.Property{Name: fmt.Sprint("p", i, "-", j), Value: "1"})
		}
		all = append(all, m)
	}
	_, kept := keep(t, all...)
	if len(kept.Properties) != MaxProperties || kept.MoreProperties != mostProperties-MaxProperties || kept.Properties[0].Name != "each" {
		t.Errorf("%d and %d", len(kept.Properties), kept.MoreProperties)
	}
}

// BenchmarkChanged is BenchmarkWhole with masks and a field that is set.
func BenchmarkChanged(b *testing.B) {
	k, err := NewKeeper(SourceFile(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	body := `{"phone":"13800138000","n":1,"text":"` + strings.Repeat("x", 960) + `"}`
	for range 10_000 {
		if err := k.Add(stored("t", 0, body, message.Property{Name: "a", Value: "b"})); err != nil {
			b.Fatal(err)
		}
	}
	kept, err := k.Finish()
	if err != nil {
		b.Fatal(err)
	}
	rules := mask.All()
	p := replay(kept, "t")
	p.Replay.Masks, p.Replay.Key = &rules, make([]byte, mask.KeySize)
	p.Replay.Changes = []change.Change{{What: change.Field, Do: change.JSON, Name: ".n", Value: "2"}}
	mk, err := p.Maker(strings.TrimSuffix(k.file.Name(), "/"+sourceName), nil)
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
