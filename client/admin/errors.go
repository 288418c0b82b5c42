package admin

import (
	"errors"
	"fmt"
	"strings"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// classify adds the sentinel that an answer stands for, to each of
// several servers' reasons. Errors without an answer and answers without a sentinel come back
// as they are.
func classify(err error) error {
	if all, ok := err.(remoting.Reasons); ok {
		each := make(remoting.Reasons, len(all))
		for i, reason := range all {
			each[i] = classify(reason)
		}
		return each
	}
	var re *fault.Answer
	if !errors.As(err, &re) {
		return err
	}
	if s := sentinel(re); s != nil {
		return fmt.Errorf("%w: %w", s, err)
	}
	return err
}

// Refusal is the error for an answer that came some other way than through a
// Client, with the sentinel that it stands for.
func Refusal(code int, remark, addr string) error {
	return classify(&fault.Answer{Code: code, Remark: remark, Addr: addr})
}

func sentinel(re *fault.Answer) error {
	switch re.Code {
	case remoting.RequestCodeNotSupported:
		return fault.NotOffered
	case remoting.NoPermission:
		return forbidden(re.Remark)
	case remoting.TopicNotExist:
		return fault.TopicNotFound
	case remoting.QueryNotFound:
		return fault.NotFound
	case remoting.SubscriptionParseFailed:
		return fault.BadExpression
	case remoting.SubscriptionNotExist, remoting.GroupNotExist:
		return fault.GroupNotFound
	case remoting.ConsumerNotOnline:
		return fault.GroupOffline
	case remoting.ConsumeTimeout: // a client that a broker asked
		return fault.Timeout
	case remoting.SystemBusy, remoting.FlowControl:
		return fault.Busy
	case remoting.InvalidParameter, remoting.MessageIllegal:
		return fault.Invalid
	case remoting.SystemError:
		return byRemark(re.Remark)
	}
	return nil
}

// forbidden tells apart what brokers do not permit (PullMessageProcessor.java,
// AbstractSendMessageProcessor.java): a queue's or broker's perm is no matter of accounts.
func forbidden(remark string) error {
	switch {
	case strings.Contains(remark, "pulling message is forbidden"):
		return fault.NotReadable
	case strings.Contains(remark, "sending message is forbidden"):
		return fault.NotWritable
	}
	return fault.Refused
}

// byRemark tells apart what servers put under code 1. ACL 1.0 (4.4 to 5.3.2)
// throws AclException (PlainPermissionManager.java); the texts of ACL 2.0 come
// with code 16 from brokers but not from everything in front of them
// (DefaultAuthenticationHandler.java, AuthorizationException.java).
func byRemark(remark string) error {
	if strings.HasPrefix(remark, "User:") { // "… is not found.", "… is disabled.", "… has no permission"
		return fault.Refused
	}
	for _, known := range []struct {
		text string
		err  error
	}{
		{"AclException", fault.Refused},
		{"username cannot be null", fault.Refused},
		{"check signature failed", fault.Refused},
		{"Authentication failed", fault.Refused},
		{"no consumer for this group", fault.GroupOffline},
		// what the 5.x proxy says instead (ConsumerManagerActivity.java)
		{`"consumerGroupInfo" is null`, fault.GroupOffline},
		{"> not online", fault.GroupOffline},        // one member (AdminBrokerProcessor.java, callConsumer)
		{"the producer group[", fault.GroupOffline}, // … not exist
		{"filter message by SQL92", fault.FilterNotSupported},
		{"can not find message", fault.NotFound},
		{"illegal characters", fault.Invalid},
		{"conflict with system topic", fault.Invalid},
	} {
		if strings.Contains(remark, known.text) {
			return known.err
		}
	}
	// DefaultRequestProcessor.java, enableTopicList=false
	if strings.TrimSpace(remark) == "disable" {
		return fault.NotOffered
	}
	return nil
}
