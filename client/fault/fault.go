// Package fault names what can go wrong, so that nobody has to search a text for it:
// a Code, its arguments, and the raw words of whoever knew. A fault is made where the
// fact is known (an answer's code and remark, the client library's text, the system's
// error) and carried as it is, over the pipe of a worker too. Words for a person are
// the window's.
//
// Everything here is a value; its functions may be called from any goroutine.
package fault

// Code says what went wrong. It is an error by itself: wrapped by others with %w it is
// found again with errors.Is, and so is the more general Code that it is a kind of.
// Its text is for logs and never changes, because records hold it.
type Code string

// Unknown is the Code of what nobody could name; its words are the raw ones.
const Unknown Code = ""

// Between the caller and a server's answer.
const (
	// Unreachable: no TCP connection (refused, no route, no answer in time).
	Unreachable Code = "cannot connect"
	// Unresolvable: the host name has no address. It is an Unreachable.
	Unresolvable Code = "host name not resolved"
	// TLS: TCP connected, but the peer did not complete TLS, or answered a plain
	// request with TLS.
	TLS Code = "TLS failed"
	// Untrusted: the server's certificate comes from nobody who is trusted. It is a
	// TLS, as are the four below.
	Untrusted Code = "the server's certificate is not trusted"
	// WrongName: the server's certificate is for other names. Args: ArgHost, ArgNames.
	WrongName Code = "the server's certificate is for another name"
	// Expired: the server's certificate is not valid now, by this computer's clock.
	Expired Code = "the server's certificate is not valid now"
	// CertificateRefused: the server refuses this client's certificate, or wants one
	// and was shown none.
	CertificateRefused Code = "the server refuses the client's certificate"
	// PlainServer: the server answered without TLS.
	PlainServer Code = "the server does not speak TLS"
	// Timeout: no answer before the context's deadline or the call's own.
	Timeout Code = "no answer in time"
	// NotNameServer: the peer speaks RocketMQ's protocol, and is no name server.
	NotNameServer Code = "it is no name server"
	// IsBroker: the peer is a broker. It is a NotNameServer.
	IsBroker Code = "it is a broker"
	// NotRocketMQ: the peer answered in another protocol.
	NotRocketMQ Code = "peer does not speak RocketMQ's remoting protocol"
	// ConnectionLost: the connection ended while the answer was awaited, so it is not
	// known whether the request took effect.
	ConnectionLost Code = "connection lost"
	// ClosedBeforeAnswer: the peer closed a plain connection before it ever answered,
	// as a server does that demands TLS. It is a ConnectionLost.
	ClosedBeforeAnswer Code = "closed before the first answer (the server may demand TLS)"
	// TooLarge: a frame or a file is above what is taken.
	TooLarge Code = "too large"
	// Malformed: bytes that are no frame.
	Malformed Code = "malformed frame"
	// BadAnswer: an answer whose body or fields cannot be read.
	BadAnswer Code = "the answer cannot be read"
	// Closed: this side closed the connection.
	Closed Code = "connection closed"
	// Cancelled: the caller gave up.
	Cancelled Code = "cancelled"
)

// Files of certificates.
const (
	// NoFile: it is no ordinary file.
	NoFile Code = "it is no ordinary file"
	// NoAuthority: the file of authorities holds no certificate.
	NoAuthority Code = "no authority's certificate in PEM form is in it"
	// NoCertificate: the file of the certificate holds none.
	NoCertificate Code = "no certificate in PEM form is in it"
	// NoKey: the file of the key holds none.
	NoKey Code = "no private key in PEM form is in it"
	// KeyEncrypted: the private key needs a password.
	KeyEncrypted Code = "the private key is protected by a password"
	// KeyPair: certificate and key do not belong together, or are damaged.
	KeyPair Code = "certificate and private key do not belong together"
)

// What a cluster answers when it does not do what it was asked.
const (
	// NoNameServer: the configuration names none.
	NoNameServer Code = "no name server is configured"
	// TopicNotFound: no route, or the broker does not have the topic.
	TopicNotFound Code = "topic not found"
	// GroupNotFound: the broker does not know the consumer group.
	GroupNotFound Code = "consumer group not found"
	// GroupOffline: no member of the group is connected.
	GroupOffline Code = "no member of the consumer group is connected"
	// NoRetryTopic: no member of the group was ever there, or its retry topic was deleted.
	NoRetryTopic Code = "the group has no retry topic"
	// NotFound: the message, offset or value asked for does not exist.
	NotFound Code = "not found"
	// Refused: the credentials are wrong or do not permit this.
	Refused Code = "refused"
	// SignInRefused: the credentials themselves are wrong. It is a Refused.
	SignInRefused Code = "sign-in refused"
	// NotPermitted: the credentials are right and do not permit this. It is a Refused.
	NotPermitted Code = "not permitted"
	// NotOffered: this endpoint does not answer such questions at all, as TDMQ and the
	// 5.x proxy do for most. It is no failure of the cluster.
	NotOffered Code = "not offered by this endpoint"
	// BadExpression: the subscription expression does not parse.
	BadExpression Code = "the expression is not valid"
	// FilterNotSupported: the broker does not filter by SQL92
	// (enablePropertyFilter=false).
	FilterNotSupported Code = "the broker does not filter by SQL92"
	// Invalid: the server finds a parameter illegal, such as a topic's name.
	Invalid Code = "the server refuses the value"
	// Busy: the server asks to come back later.
	Busy Code = "the server is busy"
	// NoBroker: the route names no address for the broker.
	NoBroker Code = "no address for the broker"
	// NoBrokers: the name servers list none. It is a NoBroker.
	NoBrokers Code = "no broker is registered"
	// NoMaster: the brokers of a topic that take its messages have no master now, and what
	// remains only answers. It is a NoBroker.
	NoMaster Code = "no master takes the topic's messages"
	// NotReadable: the topic's brokers do not let it be read (a queue's perm). It is a
	// Refused, as is NotWritable.
	NotReadable Code = "the topic may not be read"
	// NotWritable: the topic's brokers do not let it be written.
	NotWritable Code = "the topic may not be written"
	// Crowded: the index of keys answers 64 messages of a second at most.
	Crowded Code = "the index answers 64 messages of a second at most"
	// SubscriptionNotKnown: the broker does not know the subscription.
	SubscriptionNotKnown Code = "the broker does not know the subscription"
	// NotListed: the broker does not list this member of the group.
	NotListed Code = "the broker does not list this member of the group"
	// NotAsked: there are too many to ask every one, or the others took the time for it.
	NotAsked Code = "too many to ask every one"
	// NeedGroup: this cluster creates no groups.
	NeedGroup Code = "this cluster creates no groups"
	// NeedTopic: a producer's message id is found within a topic only.
	NeedTopic Code = "the topic is needed"
	// WrongPosition: a group's position lies behind the queue's end: it is that of another
	// queue, which was there before, or was set by hand.
	WrongPosition Code = "the group's position does not fit the queue"
	// Deleted: the broker deleted messages while they were read.
	Deleted Code = "deleted while it was read"
	// Damaged: stored bytes that are no message.
	Damaged Code = "not a stored message"
)

// What a broker says of a message that it does not take.
const (
	// MessageIllegal: the message is not as the broker wants it. It is an Invalid, as
	// are the four below.
	MessageIllegal Code = "the broker refuses the message"
	// MessageTooLarge: the body or the properties are above the broker's limit.
	MessageTooLarge Code = "the message is larger than the broker takes"
	// WrongMessageType: the topic takes messages of another type.
	WrongMessageType Code = "the topic takes messages of another type"
	// DelayTooLong: the broker keeps no message for so long.
	DelayTooLong Code = "the broker delays no message for so long"
	// TimersOff: the broker's timers are switched off.
	TimersOff Code = "the broker's timers are off"
	// RecallOff: the broker takes no message back.
	RecallOff Code = "the broker takes no messages back"
	// TooLate: the message is due already.
	TooLate Code = "the message is due already"
	// NotTimed: the message waits in a delay level, which nothing is taken back from.
	NotTimed Code = "the message waits in a delay level"
	// LevelsOnly: the brokers delay by levels, and the wanted delay is none of them.
	LevelsOnly Code = "the brokers delay by levels only"
	// NoTransactions: the broker takes no half messages.
	NoTransactions Code = "the broker takes no transactional messages"
	// NoReplies: the endpoint hands no replies over.
	NoReplies Code = "the endpoint hands no replies over"
	// Uncertain: no answer came; the broker may have stored the message.
	Uncertain Code = "no answer: it may have been stored"
)

// What happens here.
const (
	// NotConfirmed: what was agreed to is something else than what would be done.
	NotConfirmed Code = "not confirmed"
	// NotWaiting: the message waits for no decision, or no more.
	NotWaiting Code = "the message waits for no decision"
	// KeptGroup: transactions alone use the producer group: a plain producer would take
	// what brokers ask, and answer nothing.
	KeptGroup Code = "the producer group is kept for transactions"
	// Broadcasts: every member of the group keeps its positions to itself.
	Broadcasts Code = "the members keep their positions to themselves"
	// MembersInTheWay: the brokers put a group to such a place only while it has no members.
	MembersInTheWay Code = "the group has members"
	// Stale: the cluster is no longer as the preview says that was agreed to.
	Stale Code = "changed since it was previewed"
	// Reserved: RocketMQ needs it as it is. It is an Invalid.
	Reserved Code = "it is RocketMQ's own"
	// NeedPassword: a password is put that is not given.
	NeedPassword Code = "the password is missing"
	// UserNotFound and RightNotFound: the broker does not know the user, or the user has no
	// such right. Exists: it has it already.
	UserNotFound  Code = "user not found"
	RightNotFound Code = "the user has no such right"
	Exists        Code = "it is there already"
	// OneByOne: in production what cannot be put back is done to one at a time.
	OneByOne Code = "one at a time in production"
	// NotTaken: the broker took the order, and the group is not where it was put.
	NotTaken Code = "the position is not as it was set"
	// NotKept: the broker took the order, and has it otherwise.
	NotKept Code = "the broker has it otherwise than it was told"
	// TooManyKept: an order that keeps what it skips would skip more than it keeps.
	TooManyKept Code = "more messages are skipped than are kept"
	// ReadOnly: the connection is read-only.
	ReadOnly Code = "the connection is read-only"
	// NotConnected: the connection is not open.
	NotConnected Code = "not connected"
	// GroupInUse: another subscription of this Gantry has joined the group.
	GroupInUse Code = "another subscription of this Gantry has joined the group"
	// AlreadyRunning: the subscription runs already.
	AlreadyRunning Code = "the subscription runs already"
	// TagQuote: a tag with a quote or backslash cannot be subscribed to.
	TagQuote Code = "a tag with a quote or backslash cannot be subscribed to"
	// TagNotASCII: the tag cannot be subscribed to in a shared group.
	TagNotASCII Code = "this tag cannot be subscribed to in a shared group"
	// Sandbox: the sandbox could not be started.
	Sandbox Code = "the sandbox did not start"
	// FolderInUse: another Gantry uses the data folder.
	FolderInUse Code = "another Gantry uses this data folder"
	// WorkerDied: a worker ended without being told to.
	WorkerDied Code = "worker ended by itself"
	// OutOfMemory: a worker reached the bound of its memory. It is a WorkerDied.
	OutOfMemory Code = "a worker reached the bound of its memory"
	// UnpacksTooLarge: a message unpacks to more than a worker may hold, and the client
	// library unpacks it. Args: ArgTopic, ArgQueue, ArgOffset, ArgSize (as stored, in bytes).
	UnpacksTooLarge Code = "a message unpacks to more than can be held"
	// GroupOnline: members of the group are connected.
	GroupOnline Code = "members of the consumer group are connected"
	// NotStarted: the client library did not start.
	NotStarted Code = "the client library did not start"
	// NewerList: the list was written by a newer Gantry.
	NewerList Code = "the list was written by a newer Gantry"
	// Evicted: the record is no longer kept.
	Evicted Code = "record is no longer kept"
	// JournalLocked: another process writes the journal.
	JournalLocked Code = "another process writes this journal"
	// JournalFull: the journal is over its cap and nothing makes room.
	JournalFull Code = "journal is over its cap and nothing makes room"
	// NoRoom: all lists together have reached their cap.
	NoRoom Code = "all lists together have reached their cap"
	// DiskFull: the system has no room left.
	DiskFull Code = "no space left on device"
)

// Error is the code itself.
func (c Code) Error() string {
	if c == Unknown {
		return "unknown"
	}
	return string(c)
}

// Is reports whether target is the more general Code that c is a kind of.
func (c Code) Is(target error) bool {
	t, ok := target.(Code)
	return ok && t != Unknown && c.general() == t
}

// general is the Code that c is a kind of, or Unknown.
func (c Code) general() Code {
	switch c {
	case Unresolvable:
		return Unreachable
	case Untrusted, WrongName, Expired, CertificateRefused, PlainServer:
		return TLS
	case ClosedBeforeAnswer:
		return ConnectionLost
	case SignInRefused, NotPermitted, NotReadable, NotWritable:
		return Refused
	case OutOfMemory:
		return WorkerDied
	case IsBroker:
		return NotNameServer
	case NoBrokers, NoMaster:
		return NoBroker
	case MessageIllegal, MessageTooLarge, WrongMessageType, DelayTooLong, TimersOff, Reserved:
		return Invalid
	}
	return Unknown
}
