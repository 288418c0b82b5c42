package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCodesAreKindsOfOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, kind Code
		is         bool
	}{
		{Untrusted, TLS, true},
		{Unresolvable, Unreachable, true},
		{NoBrokers, NoBroker, true},
		{SignInRefused, Refused, true},
		{Refused, SignInRefused, false},
		{Timeout, Unreachable, false},
		{Unknown, Unknown, true},
		{Busy, Unknown, false},
	} {
		err := fmt.Errorf("10.0.0.1:9876: %w: more", c.code)
		if got := errors.Is(err, c.kind); got != c.is {
			t.Errorf("%v is %v: %v", c.code, c.kind, got)
		}
	}
}

// TestAcross: what goes into JSON and comes out means the same.
func TestAcross(t *testing.T) {
	t.Parallel()
	said := &Answer{Code: 16, Remark: "User:u has no permission\n at", Addr: "10.0.0.1:10911", Version: 493}
	for _, c := range []struct {
		err  error
		want *Fault
	}{
		{nil, nil},
		{errors.New("something new"), &Fault{Raw: "something new"}},
		{fmt.Errorf("b: %w: dial", Unresolvable), &Fault{Code: Unresolvable, Raw: "b: host name not resolved: dial"}},
		{fmt.Errorf("write: %w", syscall.ENOSPC), &Fault{Code: DiskFull, Raw: "write: no space left on device"}},
		{context.Canceled, &Fault{Code: Cancelled, Raw: "context canceled"}},
		{fmt.Errorf("pull: %w: %w", NotPermitted, said), &Fault{Code: NotPermitted, Raw: "pull: not permitted: " + said.Error(), Said: said}},
	} {
		f := From(c.err)
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var got *Fault
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(Fault{})); diff != "" {
			t.Errorf("%v: %s", c.err, diff)
		}
		if got == nil {
			continue
		}
		if f != nil && !errors.Is(f, c.err) {
			t.Errorf("%v: where it was made the error is lost", c.err)
		}
		if From(got) != got {
			t.Errorf("%v: carried again it is another", c.err)
		}
		if code := Of(got); code != c.want.Code || code != Unknown && !errors.Is(got, code) {
			t.Errorf("%v: code %q", c.err, code)
		}
		if !strings.Contains(got.Error(), c.err.Error()) {
			t.Errorf("%v: %q", c.err, got.Error())
		}
		if n, _, addr := Remark(got); c.want.Said != nil && (n != 16 || addr != said.Addr) {
			t.Errorf("%v: %d of %s", c.err, n, addr)
		}
	}
}

// TestBounds: what is carried is bounded, and a secret leaves all of it.
func TestBounds(t *testing.T) {
	t.Parallel()
	f := From(fmt.Errorf("%s: %w", strings.Repeat("é", mostRaw), &Answer{Remark: "tok", Addr: "tok:1"}))
	if len(f.Raw) > mostRaw+len("…") || !strings.HasSuffix(f.Raw, "…") {
		t.Errorf("%d bytes are carried", len(f.Raw))
	}
	f.Args = map[string]string{ArgHost: "tok"}
	hidden := f.Hide(func(s string) string { return strings.ReplaceAll(s, "tok", "***") })
	if b, _ := json.Marshal(hidden); strings.Contains(string(b), "tok") || f.Said.Remark != "tok" {
		t.Errorf("%s, %v", b, f.Said)
	}
	if (*Fault)(nil).Hide(nil) != nil {
		t.Error("nothing became something")
	}
}

// TestWordsAreBounded: a name of any size in an error takes no more room than a person reads,
// and is cut between runes; what it means stays.
func TestWordsAreBounded(t *testing.T) {
	name := strings.Repeat("名", 1<<20)
	err := fmt.Errorf("%s: %w", name, TopicNotFound)
	f := From(err)
	if len(f.Raw) > mostRaw+len("…") || !strings.HasSuffix(f.Raw, "名…") || !errors.Is(f, TopicNotFound) {
		t.Errorf("%d bytes, %v", len(f.Raw), f.Code)
	}
	if got := Words(err); len(got) > MostWords+len("…") || !utf8.ValidString(got) || !strings.HasSuffix(got, "名…") {
		t.Errorf("%d bytes", len(got))
	}
	asked := map[string]string{ArgNames: name, ArgHost: "h"}
	if f = From(&withArgs{asked}); len(f.Args[ArgNames]) > MostWords+len("…") || f.Args[ArgHost] != "h" || len(asked[ArgNames]) != len(name) {
		t.Errorf("%d bytes of an argument", len(f.Args[ArgNames]))
	}
	for text, want := range map[string]string{"": "", "abc": "abc", "abcd": "abc…", "a名b": "a…", "\xff\xff\xff\xff": "\ufffd…"} {
		if got := Cut(text, 3); got != want {
			t.Errorf("%q is cut to %q", text, got)
		}
	}
}

// withArgs is an error with arguments.
type withArgs struct{ args map[string]string }

func (*withArgs) Error() string             { return "failed" }
func (w *withArgs) Args() map[string]string { return w.args }

// TestRemarksAreBounded: a remark of a server may be of any size, and may be a fault itself. What
// is kept of it holds no part of a word, which might be a secret.
func TestRemarksAreBounded(t *testing.T) {
	const secret = "a-secret-of-some-length"
	long := "first " + strings.Repeat("x", mostRaw-len("first  ")-len(secret)/2) + " " + secret + strings.Repeat(" more", 1<<20)
	hide := func(s string) string { return strings.ReplaceAll(s, secret, "***") }
	bounded := func(what, text string) {
		t.Helper()
		if len(text) > mostRaw+len("…") || !strings.HasPrefix(text, "first ") || !strings.HasSuffix(text, "…") || strings.Contains(text, secret[:4]) {
			t.Errorf("%s: %d bytes, …%q", what, len(text), text[max(len(text)-40, 0):])
		}
	}
	a := Answered(1, long, "b:1", 5)
	bounded("an answer", a.Remark)
	bounded("its fault", From(a).Hide(hide).Said.Remark)
	bounded("raw words", From(errors.New(long)).Hide(hide).Raw)
	bounded("quoted", From(a).Quoting(long).Hide(hide).Raw)
	f := Decode((&Fault{Raw: long, Said: &Answer{Code: 7, Remark: long, Addr: "b:2", Version: 3}, Args: map[string]string{ArgHost: long}}).Encode()).Hide(hide)
	bounded("of a server that writes a fault", f.Raw)
	bounded("what that says was said", f.Said.Remark)
	if len(f.Args[ArgHost]) > MostWords+len("…") || f.Said.Code != 7 || f.Said.Addr != "b:2" || f.Said.Version != 3 {
		t.Errorf("%d bytes, %+v", len(f.Args[ArgHost]), f.Said.Addr)
	}
	if got := Answered(1, "short", "b:1", 0).Remark; got != "short" {
		t.Errorf("%q", got)
	}
	if again := From(a).Encode(); Decode(again).Said.Remark != a.Remark {
		t.Error("what is bounded is bounded again on its way")
	}
}

// TestLogIsBounded: what a log is told may be of any size, an error as well as a text, and holds
// no secret; numbers stay numbers.
func TestLogIsBounded(t *testing.T) {
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: LogAttr(func(s string) string { return strings.ReplaceAll(s, "token", "***") })}))
	long := "token" + strings.Repeat("名", 1<<20)
	log.Warn("it", "error", fmt.Errorf("%s: %w", long, Timeout), "text", long, "count", 7, "none", error(nil), "nil", (*Answer)(nil))
	got := b.String()
	if len(got) > 3*MostWords || strings.Contains(got, "token") || strings.Count(got, "***名") != 2 || !strings.Contains(got, "level=WARN msg=it") || !strings.Contains(got, "count=7") {
		t.Errorf("%d bytes: %.200s", len(got), got)
	}
}
