package problem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/outbox/placeholder"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/source"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/client/vault"
	"gantry/gui/words"
)

func TestEveryKnownErrorHasItsWords(t *testing.T) {
	test.NewTempApp(t)
	seen := map[string]error{}
	for _, err := range []error{
		fault.NotRocketMQ, fault.Unresolvable, fault.TLS, fault.Untrusted, fault.WrongName, fault.Expired,
		fault.CertificateRefused, fault.PlainServer, fault.ClosedBeforeAnswer, fault.Unreachable,
		fault.Timeout, fault.ConnectionLost, fault.NotConnected, fault.Refused, fault.NotOffered,
		fault.TooLarge, fault.Busy, fault.ReadOnly, fault.NotConfirmed, fault.NoTransactions, fault.NotWaiting, fault.NoReplies, fault.KeptGroup, plan.ErrUndecided, message.ErrTransaction, message.ErrReply, plan.ErrTooMany, plan.ErrPace, plan.ErrBatch, plan.ErrNoRow, source.NoHeader, fault.TopicNotFound, fault.GroupNotFound, fault.NoRetryTopic,
		fault.SubscriptionNotKnown, fault.FilterNotSupported, fault.TagQuote, fault.TagNotASCII,
		fault.GroupInUse, fault.AlreadyRunning, fault.NotListed, fault.NotAsked, fault.NeedGroup, fault.NoBroker, fault.NoBrokers,
		fault.WorkerDied, fault.Evicted, fault.JournalFull, fault.NoRoom, vault.ErrNotFound, vault.ErrUnavailable,
		vault.ErrTooLong, profile.ErrNewer, fault.NewerList, profile.ErrCorrupt, message.ErrDamaged, fault.FolderInUse, fault.Sandbox, syscall.ENOSPC,
		message.ErrEmptyName, message.ErrLongName, message.ErrBadName, message.ErrInnerTopic, message.ErrEmptyBody, message.ErrLongProperties,
		message.ErrBadProperty, &message.TypedError{Typed: message.Typed{Charset: message.GBK}, Sign: "é"}, &message.TypedError{Typed: message.Typed{As: message.AsHex}}, message.ErrHides, &client.SecretError{Name: "token", Err: plan.ErrSecret}, message.ErrBadDelivery, message.ErrPastDelivery, &client.LevelsError{Levels: []time.Duration{time.Second}}, context.Canceled, fmt.Errorf("%w: %w", vault.ErrNoAnswer, context.DeadlineExceeded),
	} {
		p := Explain(fmt.Errorf("outer words: %w", err))
		if p.What == "" || strings.Contains(p.What, "outer words") || strings.ContainsAny(p.Text(), "!") {
			t.Errorf("%v: %+v", err, p)
		}
		if !strings.Contains(p.Details, "outer words") {
			t.Errorf("%v: the raw text is not among the details: %q", err, p.Details)
		}
		if other, ok := seen[p.Text()]; ok {
			t.Errorf("%v and %v are told alike: %s", err, other, p.Text())
		}
		seen[p.Text()] = err
	}
	if p := Explain(errors.New("something else\nand more")); !strings.Contains(p.What, "something else") || strings.Contains(p.What, "more") {
		t.Errorf("an unknown error: %+v", p)
	}
	if p := Explain(nil); p != (Problem{}) {
		t.Errorf("no error: %+v", p)
	}
}

// TestUncertainAndLater: what waits is not found by who looks for it.
func TestUncertainAndLater(t *testing.T) {
	test.NewTempApp(t)
	r := message.Receipt{Status: message.StatusUncertain, Fault: &fault.Fault{Raw: "request timeout"}, Due: time.Now().Add(time.Minute)}
	if p := Receipt(&r); strings.Contains(p.Do, "Look for") || !strings.Contains(p.Do, "not found before") {
		t.Errorf("%+v", p)
	}
	r.Due = time.Now().Add(-time.Minute)
	if p := Receipt(&r); !strings.Contains(p.Do, "Look for") {
		t.Errorf("delivered meanwhile: %+v", p)
	}
}

// failed is a send that a broker refused.
func failed(code int, remark string) message.Receipt {
	f := fault.From(fault.Refusal(&fault.Answer{Code: code, Remark: remark, Addr: "a broker"}))
	return message.Receipt{Status: message.StatusFailed, Fault: f}
}

// TestA2F21AccountsInTheFormsWords: a refused sign-in is no missing permission, and both are
// told in the words of the form in which the account was entered, over the pipe too.
func TestA2F21AccountsInTheFormsWords(t *testing.T) {
	test.NewTempApp(t)
	wrong := fault.Refusal(&fault.Answer{Code: 16, Remark: "check signature failed.", Addr: "a:1"})
	may := fault.Refusal(&fault.Answer{Code: 16, Remark: "User:u has no permission to access Topic:t", Addr: "a:1"})
	for _, c := range []struct {
		err     error
		account string
		want    string
	}{
		{wrong, fault.AccountUser, "The broker refused user or password."},
		{wrong, fault.AccountRole, "The broker refused the role or the token."},
		{may, fault.AccountUser, "The broker does not permit this to the user."},
		{may, fault.AccountRole, "The broker does not permit this to the role."},
	} {
		err := fault.SignedAs(c.err, c.account)
		if p := Explain(err); p.What != c.want {
			t.Errorf("%s: %+v", c.account, p)
		}
		crossed := fault.Decode(fault.From(err).Encode())
		if p := Explain(crossed); p.What != c.want {
			t.Errorf("%s, over the pipe: %+v", c.account, p)
		}
		sent := Receipt(&message.Receipt{Status: message.StatusFailed, Fault: crossed})
		if errors.Is(err, fault.SignInRefused) != (sent.What == c.want) {
			t.Errorf("%s, of a send: %+v", c.account, sent)
		}
	}
}

func TestReceiptsInWords(t *testing.T) {
	test.NewTempApp(t)
	for want, r := range map[string]message.Receipt{
		"may have stored it":           {Status: message.StatusUncertain, Fault: &fault.Fault{Raw: "request timeout"}},
		"larger":                       failed(13, "the message is illegal, maybe msg body or properties length not matched. msg body length limit 4194304B"),
		"another type only: TopicMe":   failed(13, "TopicMessageType validate failed, the expected type is NORMAL, but actual type is DELAY"),
		"for so long: timer message":   failed(13, "timer message illegal, the delay time should not be bigger than the max delay 259200000ms; or if set del msg, the delay time should be bigger than the current time"),
		"timerWheelEnable is off":      failed(1, "accurate timer message is not enabled, timerWheelEnable is false"),
		"busy and did not":             failed(1, "timer message is under flow control, max num limit is 1 or the current value is greater than 2"),
		"illegal: bad":                 failed(13, "bad"),
		"No permission":                failed(16, "User:u has no permission"),
		"No permission to":             failed(1, "org.apache.rocketmq.acl.common.AclException: No default permission"),
		"does not exist":               {Status: message.StatusFailed, Fault: &fault.Fault{Code: fault.TopicNotFound, Raw: "the topic=x route info not found"}},
		"busy":                         failed(2, "[TIMEOUT_CLEAN_QUEUE]broker busy"),
		"not trusted here":             {Status: message.StatusFailed, Fault: fault.From(fmt.Errorf("a:1: %w", fault.Untrusted))},
		"cannot be reached":            {Status: message.StatusFailed, Fault: &fault.Fault{Code: fault.Unreachable, Raw: "dial tcp 10.0.0.1:1: connection refused"}},
		"refused the message: service": failed(15, "service\nat line 3"),
		"It did not work: brand new":   {Status: message.StatusFailed, Fault: &fault.Fault{Raw: "brand new\nwords"}},
	} {
		if p := Receipt(&r); !strings.Contains(p.What, want) || !strings.Contains(p.Details, r.Fault.Raw) {
			t.Errorf("%+v: %+v, want %q", r, p, want)
		}
	}
}

// TestNamesOfAnySize: a megabyte of a name, of an answer, a file or what was pasted, is drawn
// as far as a person reads.
func TestNamesOfAnySize(t *testing.T) {
	test.NewTempApp(t)
	name := strings.Repeat("名", 1<<20)
	for _, err := range []error{
		errors.New(name), &fault.Answer{Code: 1, Remark: name, Addr: "h:1"}, fmt.Errorf("%w: %w", fault.BadExpression, &fault.Answer{Code: 23, Remark: name, Addr: "h:1"}),
		&client.SecretError{Name: name, Err: plan.ErrSecret}, &message.TypedError{Typed: message.Typed{Charset: message.GBK}, Sign: name},
		&schema.Error{File: "/protos/a.proto", Why: schema.NoMessage, Reason: name}, &placeholder.Error{Code: placeholder.NoSuch, Name: name},
	} {
		p := Explain(err)
		for text, most := range map[string]int{p.What: fault.MostWords, p.Do: fault.MostWords, p.Details: mostDetails} {
			if len(text) > most+len("…") || !utf8.ValidString(text) {
				t.Errorf("%T: %d bytes", err, len(text))
			}
		}
		if !strings.Contains(p.What, "名…") {
			t.Errorf("%T: it does not say that there is more", err)
		}
	}
	if got := Field(&profile.FieldError{Field: profile.FieldNameServers, Text: name, Err: profile.ErrNoPort}); len(got) > fault.MostWords+len("…") {
		t.Errorf("of a field: %d bytes", len(got))
	}
	if _, err := filter.Parse("size>"+name, time.Now()); err == nil || len(words.Filter(err)) > fault.MostWords+len("…") {
		t.Errorf("of a filter: %d bytes", len(words.Filter(err)))
	}
}
