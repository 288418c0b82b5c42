package plan

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/message"
	"gantry/client/outbox/source"
)

func sample(n int64) *Plan {
	return &Plan{
		Texts: Texts{
			ProducerGroup: "g", Topic: "t", Tag: "a{{seq}}", Keys: "k-{{uuid}} {{rand 1 99}}", ShardingKey: "{{pick x y z}}", JSON: true,
			Properties: []message.Property{{Name: "p{{seq}}", Value: "{{now ms}}"}},
			Body:       []byte(`{"id":"{{uuid}}","at":"{{now}}","n":{{rand 1 1000000}}}`),
		},
		Count: n, AtOnce: 1, Seed: rand.Uint64(),
	}
}

// withSource puts rows into a folder and returns what they are.
func withSource(t *testing.T, dir string, kind source.Kind, text string) *source.Info {
	t.Helper()
	f, err := os.Create(SourceFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	info, err := source.Copy(t.Context(), f, strings.NewReader(text), kind)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return &info
}

// TestMadeAgain: each message is made again to the byte, by another process's maker, out
// of what its record says.
func TestMadeAgain(t *testing.T) {
	dir := t.TempDir()
	p := sample(1000)
	p.Source = withSource(t, dir, source.CSV, "id,名\n"+strings.Repeat("7,\"a, \"\"b\"\"\"\n8,李婷\n", 20))
	p.Body = []byte(`{"id":"{{uuid}}","who":"{{col "名"}}","row":"{{col "id"}}","at":"{{now}}"}`)
	if err := Write(dir, p); err != nil {
		t.Fatal(err)
	}
	m, err := p.Maker(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	read, err := Read(dir)
	if d := cmp.Diff(p, read); d != "" || err != nil {
		t.Fatal(err, d)
	}
	other, err := read.Maker(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var all []Made
	for {
		made, err := m.Next(time.Now())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made)
	}
	if len(all) != 40 {
		t.Fatalf("%d messages of 40 rows", len(all))
	}
	for _, i := range rand.Perm(len(all)) {
		again, err := other.Again(&all[i].Leave)
		if d := cmp.Diff(all[i].Draft, again); d != "" || err != nil {
			t.Fatal(i, err, d)
		}
	}
	if s := string(all[0].Draft.Body); !strings.Contains(s, `"who":"a, \"b\""`) || !strings.Contains(s, `"row":"7"`) {
		t.Errorf("%s", s)
	}
}

// TestGoOn: a run goes on behind the message that left last.
func TestGoOn(t *testing.T) {
	dir := t.TempDir()
	p := sample(1000)
	p.Source = withSource(t, dir, source.Text, "one\ntwo\nthree\nfour\n")
	p.Body = []byte("{{line}} {{seq}}")
	p.JSON = false
	first, err := p.Maker(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	var last Made
	for range 2 {
		if last, err = first.Next(time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	then, err := p.Maker(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer then.Close()
	if err := then.GoOn(last.Leave.Seq+1, last.Leave.Row); err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		made, err := then.Next(time.Now())
		if err != nil {
			break
		}
		got = append(got, string(made.Draft.Body))
	}
	if d := cmp.Diff([]string{"three 3", "four 4"}, got); d != "" {
		t.Error(d)
	}
}

// TestLiteral: content that came from elsewhere is sent as it is.
func TestLiteral(t *testing.T) {
	p := sample(1)
	p.Literal = true
	m, err := p.Maker("", nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := m.Next(time.Now())
	if err != nil || string(made.Draft.Body) != string(p.Body) || made.Draft.Tag != "a{{seq}}" || made.Draft.Properties[0] != p.Properties[0] {
		t.Errorf("%+v, %v", made.Draft, err)
	}
	if _, err := m.Next(time.Now()); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last: %v", err)
	}
}

func TestWhatIsWrong(t *testing.T) {
	for name, change := range map[string]func(*Plan){
		"none": func(p *Plan) { p.Count = 0 }, "too many": func(p *Plan) { p.Count = MaxMessages + 1 },
		"nobody": func(p *Plan) { p.AtOnce = 0 }, "a crowd": func(p *Plan) { p.AtOnce = MaxAtOnce + 1 },
		"pace": func(p *Plan) { p.PerSecond = -1 }, "a delayed batch": func(p *Plan) { p.Batch, p.Deliver.After = 2, time.Second },
		"a batch one-way": func(p *Plan) { p.Batch, p.OneWay = 2, true },
	} {
		p := sample(1)
		change(p)
		if p.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for want, change := range map[Field]func(*Plan){
		FieldBody:     func(p *Plan) { p.Body = []byte("{{uuidd}}") },
		FieldTag:      func(p *Plan) { p.Tag = "{{" },
		FieldKeys:     func(p *Plan) { p.Keys = "{{rand}}" },
		FieldShard:    func(p *Plan) { p.ShardingKey = "{{now \"Y\"}}" },
		FieldProperty: func(p *Plan) { p.Properties[0].Value = "{{env}}" },
	} {
		p := sample(1)
		change(p)
		_, err := p.Maker("", nil)
		var at *FieldError
		if !errors.As(err, &at) || at.Field != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	p := sample(1)
	p.Body = []byte(`{{env "host"}}`)
	m, err := p.Maker("", map[string]string{"other": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Next(time.Now()); err == nil {
		t.Error("an undefined value is sent")
	}
	p.Env = map[string]string{"host": "h"}
	if m, err = p.Maker("", nil); err != nil {
		t.Fatal(err)
	}
	if made, err := m.Next(time.Now()); err != nil || string(made.Draft.Body) != "h" {
		t.Error(err)
	}
}

// TestTimes: what is absolute is of each message's own time.
func TestTimes(t *testing.T) {
	p := sample(2)
	p.Deliver.After = time.Minute
	p.Timing = Timing{AtNames: []string{message.PropertyStartDeliver}, Properties: []message.Property{{Name: "A", Value: "1"}}}
	p.Queues = []message.Target{{Broker: "a", Queue: 0}, {Broker: "b", Queue: 1}}
	m, err := p.Maker("", nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.UnixMilli(1_000_000)
	made, err := m.Next(at)
	want := []message.Property{{Name: "A", Value: "1"}, {Name: message.PropertyStartDeliver, Value: fmt.Sprint(1_060_000)}}
	if d := cmp.Diff(want, made.Draft.System); d != "" || err != nil {
		t.Error(err, d)
	}
	if made.Draft.To == nil || *made.Draft.To != p.Queues[message.Shard(made.Draft.ShardingKey, 2)] {
		t.Errorf("to %+v", made.Draft.To)
	}
}

// BenchmarkNext makes messages of 1 KB with ten dynamic values.
func BenchmarkNext(b *testing.B) {
	p := sample(MaxMessages)
	p.Body = append([]byte(`{"x":"`+strings.Repeat("x", 900)+`","a":"`), []byte(strings.Repeat("{{uuid}}{{seq}}", 5)+`"}`)...)
	m, err := p.Maker("", nil)
	if err != nil {
		b.Fatal(err)
	}
	at := time.Now()
	for b.Loop() {
		if m.seq == p.Count {
			m.seq = 0
		}
		if _, err := m.Next(at); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSecretValues: a maker for eyes hides them, one that sends needs those that are named,
// and what a plan is on disk has none.
func TestSecretValues(t *testing.T) {
	dir := t.TempDir()
	p := sample(2)
	p.Tag, p.Secret = `{{env "token"}}`, []string{"token", "other"}
	p.How = message.Typed{Charset: message.GBK, Gzip: true}
	p.Body = []byte(`{"a":"{{env "token"}} 中"}`)
	if err := Write(dir, p); err != nil {
		t.Fatal(err)
	}
	p, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"token"}, p.Hidden()); d != "" {
		t.Error(d)
	}
	if _, err := p.Maker(dir, map[string]string{}); !errors.Is(err, ErrSecret) {
		t.Errorf("it sends without: %v", err)
	}
	for want, secrets := range map[string]map[string]string{"***": nil, `a"b`: {"token": `a"b`}} {
		m, err := p.Maker(dir, secrets)
		if err != nil {
			t.Fatal(err)
		}
		made, err := m.Next(time.Now())
		if err != nil || made.Draft.Tag != want || made.Draft.Hides != (secrets == nil) {
			t.Errorf("%v: %+v", err, made.Draft)
		}
		text, ok := p.How.Retype(made.Draft.Body, 1000)
		if want := `{"a":"` + strings.ReplaceAll(want, `"`, `\"`) + ` 中"}`; !ok || string(text) != want {
			t.Errorf("%q instead of %q", text, want)
		}
	}
}

// TestCharsets: values in a text come in its charset, and what is not in it stops the send.
func TestCharsets(t *testing.T) {
	p := &Plan{Texts: Texts{ProducerGroup: "g", Topic: "t", Body: []byte(`中{{env "who"}}`), How: message.Typed{Charset: message.GBK}}, Count: 1, AtOnce: 1}
	for who, want := range map[string]string{"国": "\xD6\xD0\xB9\xFA", "😀": ""} {
		p.Env = map[string]string{"who": who}
		m, err := p.Maker("", nil)
		if err != nil {
			t.Fatal(err)
		}
		made, err := m.Next(time.Now())
		if want == "" {
			var at *FieldError
			if !errors.As(err, &at) || at.Field != FieldBody || !errors.Is(err, message.NotTyped) {
				t.Errorf("%v", err)
			}
			continue
		}
		if err != nil || string(made.Draft.Body) != want || made.Draft.How != p.How {
			t.Errorf("%q, %v", made.Draft.Body, err)
		}
	}
	p.Body = []byte("{{seq}}\n😀") // at its place, before anything is made
	var wrong *message.TypedError
	if _, err := p.Maker("", nil); !errors.As(err, &wrong) || wrong.At != 8 {
		t.Errorf("%v", err)
	}
}
