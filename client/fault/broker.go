package fault

import (
	"fmt"
	"strings"
)

// Response codes that mean a Code (ResponseCode.java, RemotingSysResponseCode.java).
const (
	systemError       = 1
	systemBusy        = 2
	notSupported      = 3
	messageIllegal    = 13
	serviceNotReady   = 14
	noPermission      = 16
	topicNotExist     = 17
	queryNotFound     = 22
	parseFailed       = 23
	subscriptionUnset = 24
	groupNotExist     = 26
	invalidParameter  = 29
	notOnline         = 206
	consumeTimeout    = 207
	flowControl       = 215
	userNotExist      = 3001
	policyNotExist    = 3002
	illegalOperation  = 604
)

// Refusal is the error for a server's answer: the answer itself, with the Code that it
// stands for. Answers that stand for none are returned as they are.
func Refusal(said *Answer) error {
	if c := said.Means(); c != Unknown {
		return fmt.Errorf("%w: %w", c, said)
	}
	return said
}

// Means is the Code that an answer stands for.
func (a *Answer) Means() Code {
	switch a.Code {
	case notSupported:
		return NotOffered
	case noPermission:
		return a.permission()
	case topicNotExist:
		return TopicNotFound
	case queryNotFound:
		return NotFound
	case parseFailed:
		return BadExpression
	case subscriptionUnset, groupNotExist:
		return GroupNotFound
	case notOnline:
		return GroupOffline
	case consumeTimeout: // a client that a broker asked
		return Timeout
	case systemBusy, flowControl:
		return Busy
	case messageIllegal:
		return a.illegal()
	case invalidParameter:
		return Invalid
	case userNotExist:
		return UserNotFound
	case policyNotExist:
		return RightNotFound
	case illegalOperation:
		if strings.Contains(a.Remark, "timestamp invalid") { // RecallMessageProcessor.java
			return TooLate
		}
	case systemError:
		return a.byRemark()
	}
	return Unknown
}

// permission tells credentials that are wrong from those that do not permit: both come
// with code 16. Wrong ones: ACL 1.0 of 4.4 to 5.3.2 (PlainPermissionManager.java) and 2.0
// (DefaultAuthenticationHandler.java). Where it cannot be told it is a Refused.
func (a *Answer) permission() Code {
	for _, known := range []struct {
		text string
		code Code
	}{
		// A queue's or broker's perm is no matter of accounts (PullMessageProcessor.java,
		// AbstractSendMessageProcessor.java).
		{"pulling message is forbidden", NotReadable},
		{"sending message is forbidden", NotWritable},
		{"sending transaction message is forbidden", NoTransactions}, // SendMessageProcessor.java
		{"recall failed, operation is forbidden", RecallOff},         // RecallMessageProcessor.java
		{"No accessKey is configured", SignInRefused},
		{"No acl config for", SignInRefused},
		{"Check signature failed", SignInRefused},
		{"check signature failed", SignInRefused},
		{"Authentication failed", SignInRefused},
		{"username cannot be null", SignInRefused},
		{"is not found", SignInRefused}, // User:…
		// orders about users and their rights (AuthenticationMetadataManagerImpl.java,
		// AuthorizationMetadataManagerImpl.java)
		{"user is existed", Exists},
		{"acl is not exist", RightNotFound},
		{"is not exist", UserNotFound}, // The user …, The subject of User:…
		{"super user can only be", NotPermitted},
		{"is disabled", SignInRefused},
		{"permission", NotPermitted}, // "… has no permission to access", "No default permission"
		{"not allowed to access", NotPermitted},
	} {
		if strings.Contains(a.Remark, known.text) {
			return known.code
		}
	}
	return Refused
}

// illegal tells apart what a broker finds wrong with a message (SendMessageProcessor.java,
// DefaultMessageStore.java, TimerMessageStore.java; the proxy's TopicMessageType).
func (a *Answer) illegal() Code {
	for _, known := range []struct {
		text string
		code Code
	}{
		{"body length", MessageTooLarge},
		{"TopicMessageType", WrongMessageType},
		{"max delay", DelayTooLong},
	} {
		if strings.Contains(a.Remark, known.text) {
			return known.code
		}
	}
	return MessageIllegal
}

// byRemark tells apart what servers put under code 1. ACL 1.0 throws AclException; the
// texts of ACL 2.0 come with code 16 from brokers but not from everything in front of
// them (AuthorizationException.java).
func (a *Answer) byRemark() Code {
	if strings.HasPrefix(a.Remark, "User:") { // "… is not found.", "… is disabled.", "… has no permission"
		return a.permission()
	}
	for _, known := range []struct {
		text string
		code Code
	}{
		{"AclException", Refused},
		{"username cannot be null", Refused},
		{"check signature failed", Refused},
		{"Authentication failed", Refused},
		{"no consumer for this group", GroupOffline},
		// what the 5.x proxy says instead (ConsumerManagerActivity.java)
		{`"consumerGroupInfo" is null`, GroupOffline},
		{"> not online", GroupOffline},        // one member (AdminBrokerProcessor.java, callConsumer)
		{"the producer group[", GroupOffline}, // … not exist
		{"filter message by SQL92", FilterNotSupported},
		{"can not find message", NotFound},
		{"illegal characters", Invalid},
		{"conflict with system topic", Invalid},
		{"timerWheelEnable", TimersOff},
		{"super user can only be", NotPermitted}, // … created by super user (AdminBrokerProcessor.java)
		// a 5.3 without accounts (AuthorizationMetadataManagerImpl.java)
		{"MetadataProvider is not configured", NotOffered},
		{"under flow control", Busy},
		{"broker busy", Busy},
	} {
		if strings.Contains(a.Remark, known.text) {
			if known.code == Refused {
				return a.permission()
			}
			return known.code
		}
	}
	// DefaultRequestProcessor.java, enableTopicList=false
	if strings.TrimSpace(a.Remark) == "disable" {
		return NotOffered
	}
	return Unknown
}
