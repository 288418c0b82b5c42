package code

import (
	"encoding/base64"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

func draft(change func(*message.Draft)) *message.Draft {
	d := &message.Draft{ProducerGroup: "desk", Topic: "orders", Body: []byte("hello")}
	if change != nil {
		change(d)
	}
	return d
}

func at(servers ...string) Where { return Where{NameServers: servers} }

// TestLacks: what a target cannot carry is named, all of it, and the others carry it.
func TestLacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*message.Draft)
		want   []Field // of mqadmin
		all    []Field // of all
	}{
		"plain": {},
		"all that it takes": {change: func(d *message.Draft) {
			d.Tag, d.Keys, d.To, d.Body = "t", []string{"a", "b"}, &message.Target{Broker: "b", Queue: 3}, []byte("-n 'x'\n$(y)`z`")
		}},
		"nothing that it takes": {change: func(d *message.Draft) {
			d.Properties, d.ShardingKey, d.OneWay = []message.Property{{Name: "a", Value: "b"}}, "k", true
			d.Deliver.After, d.Packed, d.Body, d.Flag = time.Second, true, []byte{0xff}, -7
		}, want: []Field{Binary, Packing, Properties, Delay, ShardingKey, OneWay, Flag}},
		"at a time":        {change: func(d *message.Draft) { d.Deliver.At = time.Now() }, want: []Field{Delay}},
		"NUL":              {change: func(d *message.Draft) { d.Body = []byte("a\x00b") }, want: []Field{Binary}},
		"blank before":     {change: func(d *message.Draft) { d.Body = []byte(" a") }, want: []Field{Edges}},
		"line end behind":  {change: func(d *message.Draft) { d.Body = []byte("a\n") }, want: []Field{Edges}},
		"packed by itself": {change: func(d *message.Draft) { d.Packed, d.Body = true, []byte(strings.Repeat("x", 4096)) }},
		"an argument":      {change: func(d *message.Draft) { d.Body = []byte(strings.Repeat("x", mostArgument)) }},
		"longer":           {change: func(d *message.Draft) { d.Body = []byte(strings.Repeat("x", mostArgument+1)) }, want: []Field{Length}},
		"tag and keys":     {change: func(d *message.Draft) { d.Tag, d.Keys = "a ", []string{"\x00"} }, want: []Field{Tag, Keys}},
		"too long for all": {change: func(d *message.Draft) { d.Body = make([]byte, message.MaxBody+1) }, want: []Field{Length, Binary, Edges}, all: []Field{Length}},
	} {
		s := &Send{Where: at("h:1"), Draft: draft(c.change)}
		for _, target := range Targets() {
			want := c.want
			if target != MQAdmin {
				want = c.all
			}
			text, err := s.Make(target)
			var lack *LackError
			if errors.As(err, &lack) != (want != nil) || lack != nil && (lack.Target != target || !reflect.DeepEqual(lack.Fields, want)) {
				t.Errorf("%s: %s says %v, want %v", name, target, err, want)
			}
			if (text == "") != (err != nil) {
				t.Errorf("%s: %s writes %q beside %v", name, target, text, err)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		draft  *message.Draft
		target Target
		want   error
	}{
		"no topic":  {draft(func(d *message.Draft) { d.Topic = "" }), Go, message.ErrEmptyName},
		"no body":   {draft(func(d *message.Draft) { d.Body = nil }), Java, message.ErrEmptyBody},
		"bad group": {draft(func(d *message.Draft) { d.ProducerGroup = "a\nb" }), Java, message.ErrBadName},
		"no target": {draft(nil), "cobol", ErrTarget},
	} {
		s := &Send{Where: at("h:1"), Draft: c.draft}
		if text, err := s.Make(c.target); !errors.Is(err, c.want) || text != "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	s := &Send{Draft: draft(nil)}
	if text, err := s.Make(Go); !errors.Is(err, fault.NotConnected) || text != "" {
		t.Errorf("no name server: %q, %v", text, err)
	}
}

// TestCarried looks for what the code must say.
func TestCarried(t *testing.T) {
	t.Parallel()
	due := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		change    func(*Send)
		java, go_ []string
	}{
		"level": {
			func(s *Send) { s.Draft.Deliver.After = 10 * time.Second },
			[]string{"setDelayTimeLevel(3)"},
			[]string{"WithDelayTimeLevel(3)"},
		},
		"the level that it was sent with": {func(s *Send) {
			s.Draft.Deliver.After, s.Draft.System = 7*time.Second, []message.Property{{Name: "DELAY", Value: "4"}}
		}, []string{"setDelayTimeLevel(4)"}, []string{"WithDelayTimeLevel(4)"}},
		"the timer that it was sent with": {func(s *Send) {
			s.Draft.Deliver.After, s.Draft.System = 10*time.Second, []message.Property{{Name: "TIMER_DELAY_MS", Value: "10000"}}
		}, []string{`"TIMER_DELAY_MS", String.valueOf(10000L)`}, []string{`"TIMER_DELAY_MS", "10000"`}},
		"any delay": {
			func(s *Send) { s.Draft.Deliver.After = 1500 * time.Millisecond },
			[]string{`"TIMER_DELAY_MS", String.valueOf(1500L)`},
			[]string{`"TIMER_DELAY_MS", "1500"`},
		},
		"at a time": {
			func(s *Send) { s.Draft.Deliver.At = due },
			[]string{`"TIMER_DELIVER_MS", String.valueOf(1798859045000L)`, "2027-01-02T03:04:05Z"},
			[]string{`"TIMER_DELIVER_MS", "1798859045000"`, "2027-01-02T03:04:05Z"},
		},
		"at a time, Tencent": {
			func(s *Send) { s.Draft.Deliver.At, s.Tencent = due, true },
			[]string{`"__STARTDELIVERTIME", String.valueOf(1798859045000L)`},
			[]string{`"__STARTDELIVERTIME", "1798859045000"`},
		},
		"any delay, Tencent": {
			func(s *Send) { s.Draft.Deliver.After, s.Tencent = 1500*time.Millisecond, true },
			[]string{`"__STARTDELIVERTIME", String.valueOf(System.currentTimeMillis() + 1500L)`},
			[]string{`"__STARTDELIVERTIME", strconv.FormatInt(time.Now().UnixMilli()+1500, 10)`},
		},
		"one-way": {func(s *Send) { s.Draft.OneWay = true }, []string{"producer.sendOneway(message);"}, []string{"return p.SendOneWay(ctx, message)"}},
		"a queue": {
			func(s *Send) { s.Draft.To = &message.Target{Broker: "broker-a", Queue: 7}; s.Draft.ShardingKey = "k" },
			[]string{`send(message, new MessageQueue("orders", "broker-a", 7))`, `PROPERTY_SHARDING_KEY, "k"`},
			[]string{`BrokerName: "broker-a", QueueId: 7}`, "NewManualQueueSelector", `"__SHARDINGKEY", "k"`},
		},
		"a key": {
			func(s *Send) { s.Draft.ShardingKey = "k" },
			[]string{`send(message, new SelectMessageQueueByHash(), "k")`},
			[]string{`byKey("k")`, "func (k byKey) Select("},
		},
		"packed":       {func(s *Send) { s.Draft.Packed = true }, []string{"setCompressMsgBodyOverHowmuch(1)"}, []string{"WithCompressMsgBodyOverHowmuch(1)"}},
		"long, as is":  {func(s *Send) { s.Draft.Body = make([]byte, 5000) }, []string{"setCompressMsgBodyOverHowmuch(2147483647)"}, []string{"WithCompressMsgBodyOverHowmuch(2147483647)"}},
		"encrypted":    {func(s *Send) { s.TLS = true }, []string{"setUseTLS(true)"}, []string{"WithTls(true)", "does not check"}},
		"name servers": {func(s *Send) { s.NameServers = []string{"a:1", "b:2"} }, []string{`setNamesrvAddr("a:1;b:2")`}, []string{`{"a:1", "b:2"}`}},
		"a user": {
			func(s *Send) { s.Account = &Account{Name: "alice"} },
			[]string{`getenv("ROCKETMQ_SECRET")`, `SessionCredentials("alice", secret)`},
			[]string{`Getenv("ROCKETMQ_SECRET")`, `AccessKey: "alice", SecretKey: secret`},
		},
		"a role": {
			func(s *Send) { s.Account = &Account{Name: "tester", Token: true} },
			[]string{`SessionCredentials(secret, "tester")`, "to the token of"},
			[]string{`AccessKey: secret, SecretKey: "tester"`, "to the token of"},
		},
		"dynamic":           {func(s *Send) { s.Dynamic, s.Draft.Body = true, []byte("{{uuid}}") }, []string{dynamicRemark, `"{{uuid}}"`}, []string{dynamicRemark, `"{{uuid}}"`}},
		"property of blank": {func(s *Send) { s.Draft.Properties = []message.Property{{Name: "a", Value: " "}} }, []string{`MessageAccessor.putProperty(message, "a", " ")`}, []string{`WithProperty("a", " ")`}},
	} {
		s := &Send{Where: at("h:1"), Draft: draft(nil)}
		c.change(s)
		for target, want := range map[Target][]string{Java: c.java, Go: c.go_} {
			text, err := s.Make(target)
			if err != nil {
				t.Errorf("%s: %s: %v", name, target, err)
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s: %s has no %s:\n%s", name, target, w, text)
				}
			}
			if target == Go {
				wellFormed(t, text)
			}
		}
	}
}

// wellFormed tells whether a Go program is formatted and imports what it uses.
func wellFormed(t *testing.T, text string) *ast.File {
	t.Helper()
	formatted, err := format.Source([]byte(text))
	if err != nil || string(formatted) != text {
		t.Fatalf("%v, formatted it is\n%s\nand not\n%s", err, formatted, text)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		if !strings.Contains(text, name+".") {
			t.Fatalf("%s is imported and not used in\n%s", path, text)
		}
	}
	return file
}

// TestShell: comments that are pasted into a shell that knows none do no harm, an account
// is written to a folder that is gone, and the arguments are as they are.
func TestShell(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*Send{
		"all": {Where: Where{NameServers: []string{"a:1", "b:2"}, TLS: true}, Dynamic: true, Draft: draft(func(d *message.Draft) {
			d.Tag, d.Keys, d.To = "it's", []string{"订单", "k2"}, &message.Target{Broker: "broker-a", Queue: 2}
			d.Body = []byte("-x '\n$HOME `id` \\ \r\t!" + strings.Repeat("y", 5000))
		})},
		"user": {Where: Where{NameServers: []string{"a:1"}, Account: &Account{Name: "o'neill \"$x\""}}, Draft: draft(nil)},
		"role": {Where: Where{NameServers: []string{"a:1"}, Account: &Account{Name: "tester", Token: true}}, Draft: draft(nil)},
	} {
		text, err := s.Make(MQAdmin)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(text) {
			if c, ok := strings.CutPrefix(l, "# "); ok && strings.Trim(c, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,\n ") != "" {
				t.Errorf("%s: the comment %q has signs", name, c)
			}
		}
		got := runShell(t, text, "it's \"my\" $ecret \\n")
		want := []string{"sendMessage", "--namesrvAddr=" + strings.Join(s.NameServers, ";"), "--topic=orders"}
		if name == "all" {
			want = append(want, "--tags=it's", "--key=订单 k2", "--broker=broker-a", "--qid=2")
		}
		want = append(want, "--body="+string(s.Draft.Body))
		if !slices.Equal(got.args, want) {
			t.Errorf("%s: %q, want %q\n%s", name, got.args, want, text)
		}
		wantOptions, wantFile := "", ""
		switch name {
		case "all":
			wantOptions = " -Dtls.enable=true"
		case "user":
			wantFile = "accessKey: 'o''neill \"$x\"'\nsecretKey: 'it''s \"my\" $ecret \\n'\n"
		case "role":
			wantFile = "accessKey: 'it''s \"my\" $ecret \\n'\nsecretKey: 'tester'\n"
		}
		if got.file != wantFile || wantFile == "" && got.options != wantOptions {
			t.Errorf("%s: the options are %q, the file is %q, want %q", name, got.options, got.file, wantFile)
		}
		if _, err := os.Stat(got.home); got.home != "" && !os.IsNotExist(err) {
			t.Errorf("%s: %s is left behind", name, got.home)
		}
		if strings.Contains(text, "ecret \\n") || strings.Contains(strings.Join(got.args, " "), "$ecret") {
			t.Errorf("%s has the secret", name)
		}
	}
}

// shell is the machine's POSIX shell; Windows may have none.
func shell(t *testing.T) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a POSIX shell")
	}
	return sh
}

type ran struct {
	args                []string
	options, home, file string
}

// runShell runs a command with an mqadmin that tells what it is given.
func runShell(t *testing.T, text, secret string) (r ran) {
	t.Helper()
	sh, dir := shell(t), t.TempDir()
	tell := `#!/bin/sh
dir=$(dirname "$0")
printf '%s\0' "$@" >"$dir/args"
printf %s "$JAVA_OPT" >"$dir/options"
home=${JAVA_OPT##*-Drocketmq.home.dir=}
if [ "$home" != "$JAVA_OPT" ]; then printf %s "$home" >"$dir/home"; cat "$home/conf/tools.yml" >"$dir/file"; fi
`
	if err := os.WriteFile(filepath.Join(dir, "mqadmin"), []byte(tell), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sh)
	cmd.Stdin = strings.NewReader(text)
	cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "JAVA_OPT=", SecretVariable+"="+secret)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s\n%s", err, out, text)
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return string(b)
	}
	return ran{strings.Split(strings.TrimSuffix(read("args"), "\x00"), "\x00"), read("options"), read("home"), read("file")}
}

// TestNoSecret: the command says what is missing, and runs nothing.
func TestNoSecret(t *testing.T) {
	t.Parallel()
	s := &Send{Where: Where{NameServers: []string{"a:1"}, Account: &Account{Name: "alice"}}, Draft: draft(nil)}
	text, err := s.Make(MQAdmin)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(shell(t))
	cmd.Stdin = strings.NewReader(text)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), SecretVariable) || strings.Contains(string(out), "mqadmin") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestLibraryVersion: the program is written for the library that Gantry has.
func TestLibraryVersion(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), goModule+" "+goLibrary+"\n") {
		t.Errorf("go.mod does not have %s %s", goModule, goLibrary)
	}
}

// TestAgain: a message that came again is the one that was sent first.
func TestAgain(t *testing.T) {
	t.Parallel()
	m := &message.Message{Topic: "%DLQ%g", Properties: []message.Property{
		{Name: "RETRY_TOPIC", Value: "orders"},
		{Name: "TAGS", Value: "t"},
		{Name: "KEYS", Value: "a  b"},
		{Name: "__SHARDINGKEY", Value: "k"},
		{Name: "UNIQ_KEY", Value: "ID"},
		{Name: "colour", Value: "red"},
	}}
	want := &message.Draft{
		ProducerGroup: "desk", Topic: "orders", Tag: "t", Keys: []string{"a  b"}, ShardingKey: "k",
		Properties: []message.Property{{Name: "colour", Value: "red"}}, Body: []byte("body"),
	}
	if got := Again(m, "desk", []byte("body")); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for target, line := range map[Target]string{Java: "message.setFlag(-7);", Go: "message.Flag = -7\n"} {
		with := Again(m, "desk", []byte("body"))
		with.Flag = -7
		if text, err := (&Send{Where: at("h:1"), Draft: with}).Make(target); err != nil || !strings.Contains(text, line) {
			t.Errorf("%s: %v, no flag in\n%s", target, err, text)
		}
	}
	m.Topic = "stock" // one that names a retry topic, and came from none
	if got := Again(m, "desk", nil); got.Topic != "stock" {
		t.Errorf("%s", got.Topic)
	}
}

// TestLongBodies: no line is longer than compilers and eyes take.
func TestLongBodies(t *testing.T) {
	t.Parallel()
	body := make([]byte, 1<<20)
	for i := range body {
		body[i] = byte(i * 7)
	}
	s := &Send{Where: at("h:1"), Draft: draft(func(d *message.Draft) { d.Body = body })}
	for _, target := range []Target{Java, Go} {
		text, err := s.Make(target)
		if err != nil {
			t.Fatal(err)
		}
		var whole strings.Builder
		for l := range strings.Lines(text) {
			if len(l) > 8100 {
				t.Errorf("%s: a line of %d", target, len(l))
			}
			if at := strings.IndexByte(l, '"'); at >= 0 && len(l) > 1000 {
				whole.WriteString(l[at+1 : strings.LastIndexByte(l, '"')])
			}
		}
		if rest := base64.StdEncoding.EncodeToString(body)[whole.Len():]; len(rest) > 1000 {
			t.Errorf("%s: %d bytes are missing", target, len(rest))
		} else if !strings.HasPrefix(base64.StdEncoding.EncodeToString(body), whole.String()) {
			t.Errorf("%s: the body is another", target)
		}
	}
}
