package admin

import (
	"errors"
	"fmt"
	"strings"

	"gantry/client/remoting"
)

// What a cluster answers when it does not do what it was asked. Errors wrap one
// of these and, where a server said so, its *remoting.ResponseError with the raw
// text; what happens before an answer is one of remoting's sentinels.
var (
	// ErrNoNameServer: the configuration names none.
	ErrNoNameServer = remoting.ErrNoServer
	// ErrTopicNotFound: no route, or the broker does not have the topic.
	ErrTopicNotFound = errors.New("topic not found")
	// ErrGroupNotFound: the broker does not know the consumer group.
	ErrGroupNotFound = errors.New("consumer group not found")
	// ErrGroupOffline: no member of the group is connected.
	ErrGroupOffline = errors.New("no member of the consumer group is connected")
	// ErrNotFound: the message, offset or value asked for does not exist.
	ErrNotFound = errors.New("not found")
	// ErrRefused: the credentials are wrong or do not permit this.
	ErrRefused = errors.New("refused")
	// ErrNotOffered: this endpoint does not answer such questions at all, as
	// TDMQ and the 5.x proxy do for most. It is no failure of the cluster.
	ErrNotOffered = errors.New("not offered by this endpoint")
	// ErrBadExpression: the subscription expression does not parse.
	ErrBadExpression = errors.New("the expression is not valid")
	// ErrFilterNotSupported: the broker does not filter by SQL92
	// (enablePropertyFilter=false).
	ErrFilterNotSupported = errors.New("the broker does not filter by SQL92")
	// ErrInvalid: the server finds a parameter illegal, such as a topic's name.
	ErrInvalid = errors.New("the server refuses the value")
	// ErrBusy: the server asks to come back later.
	ErrBusy = errors.New("the server is busy")
	// ErrNoBroker: the route names no address for the broker.
	ErrNoBroker = errors.New("no address for the broker")
	// ErrNoBrokers: the name servers list none. It is an ErrNoBroker.
	ErrNoBrokers = fmt.Errorf("no broker is registered: %w", ErrNoBroker)
	// ErrBadAnswer: an answer whose body or fields cannot be read.
	ErrBadAnswer = remoting.ErrBadBody
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
	var re *remoting.ResponseError
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
	return classify(&remoting.ResponseError{Code: code, Remark: remark, Addr: addr})
}

func sentinel(re *remoting.ResponseError) error {
	switch re.Code {
	case remoting.RequestCodeNotSupported:
		return ErrNotOffered
	case remoting.NoPermission:
		return ErrRefused
	case remoting.TopicNotExist:
		return ErrTopicNotFound
	case remoting.QueryNotFound:
		return ErrNotFound
	case remoting.SubscriptionParseFailed:
		return ErrBadExpression
	case remoting.SubscriptionNotExist, remoting.GroupNotExist:
		return ErrGroupNotFound
	case remoting.ConsumerNotOnline:
		return ErrGroupOffline
	case remoting.ConsumeTimeout: // a client that a broker asked
		return remoting.ErrTimeout
	case remoting.SystemBusy, remoting.FlowControl:
		return ErrBusy
	case remoting.InvalidParameter, remoting.MessageIllegal:
		return ErrInvalid
	case remoting.SystemError:
		return byRemark(re.Remark)
	}
	return nil
}

// byRemark tells apart what servers put under code 1. ACL 1.0 (4.4 to 5.3.2)
// throws AclException (PlainPermissionManager.java); the texts of ACL 2.0 come
// with code 16 from brokers but not from everything in front of them
// (DefaultAuthenticationHandler.java, AuthorizationException.java).
func byRemark(remark string) error {
	if strings.HasPrefix(remark, "User:") { // "… is not found.", "… is disabled.", "… has no permission"
		return ErrRefused
	}
	for _, known := range []struct {
		text string
		err  error
	}{
		{"AclException", ErrRefused},
		{"username cannot be null", ErrRefused},
		{"check signature failed", ErrRefused},
		{"Authentication failed", ErrRefused},
		{"no consumer for this group", ErrGroupOffline},
		// what the 5.x proxy says instead (ConsumerManagerActivity.java)
		{`"consumerGroupInfo" is null`, ErrGroupOffline},
		{"> not online", ErrGroupOffline},        // one member (AdminBrokerProcessor.java, callConsumer)
		{"the producer group[", ErrGroupOffline}, // … not exist
		{"filter message by SQL92", ErrFilterNotSupported},
		{"can not find message", ErrNotFound},
		{"illegal characters", ErrInvalid},
		{"conflict with system topic", ErrInvalid},
	} {
		if strings.Contains(remark, known.text) {
			return known.err
		}
	}
	// DefaultRequestProcessor.java, enableTopicList=false
	if strings.TrimSpace(remark) == "disable" {
		return ErrNotOffered
	}
	return nil
}
