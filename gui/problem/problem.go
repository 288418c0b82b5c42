// Package problem turns an error into words for a person: what happened, what
// follows from it, what to do. It is the only place that does.
//
// Its functions keep no state and may be called from any goroutine once the
// language is loaded.
package problem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/jsonpath"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Problem is an error in words.
type Problem struct {
	What    string // what happened, one sentence
	Do      string // what follows and what to do, or ""
	Details string // the raw text, for a fold with Copy
}

// Text is What and Do in one line.
func (p Problem) Text() string { return words.Sentences(p.What, p.Do) }

// Explain puts an error into words. A nil error is no problem: all empty.
func Explain(err error) Problem {
	if err == nil {
		return Problem{}
	}
	p := explain(err)
	p.Details = details(err)
	return p.bounded()
}

// mostDetails bounds the raw text, in bytes: a server's stack trace is that long.
const mostDetails = 16 << 10

// bounded is a problem with texts that can be drawn: they may hold names of any size, of an
// answer, a file, or what was pasted.
func (p Problem) bounded() Problem {
	return Problem{fault.Cut(p.What, fault.MostWords), fault.Cut(p.Do, fault.MostWords), fault.Cut(p.Details, mostDetails)}
}

// Short says in two or three words why connecting failed, for a narrow place.
func Short(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fault.NotRocketMQ):
		return lang.L("Not RocketMQ")
	case errors.Is(err, fault.IsBroker):
		return lang.L("A broker")
	case errors.Is(err, fault.NotNameServer):
		return lang.L("No name server")
	case errors.Is(err, fault.Unresolvable):
		return lang.L("Unknown host")
	case errors.Is(err, fault.Untrusted):
		return lang.L("Not trusted")
	case errors.Is(err, fault.WrongName):
		return lang.L("Wrong name")
	case errors.Is(err, fault.Expired):
		return lang.L("Certificate expired")
	case errors.Is(err, fault.CertificateRefused):
		return lang.L("Certificate refused")
	case errors.Is(err, fault.TLS):
		return lang.L("TLS failed")
	case errors.Is(err, fault.ClosedBeforeAnswer):
		return lang.L("Closed by the server")
	case errors.Is(err, fault.Unreachable):
		return lang.L("Cannot be reached")
	case errors.Is(err, fault.Timeout), errors.Is(err, context.DeadlineExceeded):
		return lang.L("No answer")
	case errors.Is(err, fault.NotPermitted):
		return lang.L("Not permitted")
	case errors.Is(err, fault.Refused):
		return lang.L("Sign-in refused")
	}
	return lang.L("Failed to connect")
}

func details(err error) string {
	text := err.Error()
	if _, remark, _ := fault.Remark(err); remark != "" && !strings.Contains(text, remark) {
		text += "\n" + remark
	}
	var d interface{ Detail() string }
	if errors.As(err, &d) {
		text += "\n" + d.Detail()
	}
	return text
}

func explain(err error) Problem {
	// The keyring first: an answer that it owes is a deadline too. Then files of
	// certificates: one that may not be read is not Gantry's folder, one that is
	// too large no message.
	for _, f := range []func(error) (Problem, bool){run, schemas, templates, changes, keyring, certificate, network, refusal, subscription, places, files, names} {
		if p, ok := f(err); ok {
			return p
		}
	}
	if _, remark, addr := fault.Remark(err); addr != "" {
		first, _, _ := strings.Cut(remark, "\n")
		return Problem{What: lang.L("{{.Server}} refused the request: {{.Reason}}", map[string]any{"Server": addr, "Reason": first})}
	}
	return Problem{What: lang.L("It did not work: {{.Reason}}", map[string]any{"Reason": firstLine(err)})}
}

func firstLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

func network(err error) (Problem, bool) {
	switch {
	case errors.Is(err, context.Canceled):
		return Problem{What: lang.L("Cancelled.")}, true
	case errors.Is(err, fault.NotRocketMQ):
		return Problem{
			What: lang.L("The server does not speak RocketMQ's protocol."),
			Do:   lang.L("Check the port: a name server usually listens on 9876, a proxy on 8080; an HTTP port does not work."),
		}, true
	case errors.Is(err, fault.IsBroker):
		return Problem{What: lang.L("This is a broker."), Do: lang.L("Name servers usually listen on 9876.")}, true
	case errors.Is(err, fault.NotNameServer):
		return Problem{What: lang.L("This server is no name server."), Do: lang.L("Name servers usually listen on 9876, a proxy on 8080.")}, true
	case errors.Is(err, fault.Unresolvable):
		return Problem{What: lang.L("The host name is not known here."), Do: lang.L("Check its spelling, the DNS, or the VPN.")}, true
	case errors.Is(err, fault.TLS):
		return encryption(err)
	case errors.Is(err, fault.ClosedBeforeAnswer):
		return Problem{What: lang.L("The server closed the connection before it answered."), Do: lang.L("It may demand TLS: try the TLS switch of this connection.")}, true
	case errors.Is(err, fault.Unreachable):
		return Problem{What: lang.L("The server cannot be reached."), Do: lang.L("Check the address and port, the firewall, or the VPN.")}, true
	case errors.Is(err, fault.Timeout), errors.Is(err, context.DeadlineExceeded):
		return Problem{What: lang.L("The server did not answer in time."), Do: lang.L("It may be overloaded, or something else listens on this port.")}, true
	case errors.Is(err, fault.ConnectionLost):
		return Problem{What: lang.L("The connection was lost while waiting for the answer."), Do: lang.L("Try again.")}, true
	case errors.Is(err, fault.NotConnected):
		return Problem{What: lang.L("Not connected."), Do: lang.L("Connect first.")}, true
	}
	return Problem{}, false
}

// account explains a refusal in the terms of the form in which the account was entered.
func account(err error) Problem {
	user := fault.Arg(err, fault.ArgAccount) == fault.AccountUser
	switch permitted := errors.Is(err, fault.NotPermitted); {
	case permitted && user:
		return Problem{What: lang.L("The broker does not permit this to the user."), Do: lang.L("Ask for the permission, or use another user.")}
	case permitted:
		return Problem{What: lang.L("The broker does not permit this to the role."), Do: lang.L("Ask for the permission, or use another role.")}
	case user:
		return Problem{What: lang.L("The broker refused user or password."), Do: lang.L("Check both.")}
	}
	return Problem{What: lang.L("The broker refused the role or the token."), Do: lang.L("Check both, and which of them is the access key.")}
}

func refusal(err error) (Problem, bool) {
	switch {
	case errors.Is(err, fault.NotReadable):
		return Problem{What: lang.L("The topic may not be read: its permission on the broker does not allow it."), Do: lang.L("Have its permission (perm) changed.")}, true
	case errors.Is(err, fault.NotWritable):
		return Problem{What: lang.L("The topic may not be written: its permission on the broker does not allow it."), Do: lang.L("Have its permission (perm) changed.")}, true
	case errors.Is(err, fault.Refused):
		return account(err), true
	case errors.Is(err, fault.NoTransactions):
		return Problem{What: lang.L("The broker takes no transactional messages."), Do: lang.L("Have its rejectTransactionMessage switched off, or send another type.")}, true
	case errors.Is(err, fault.NoReplies):
		return Problem{What: lang.L("This endpoint hands no replies over."), Do: lang.L("Send another type. Nothing was sent.")}, true
	case errors.Is(err, fault.NotWaiting):
		return Problem{What: lang.L("The message waits for no decision, or no more.")}, true
	case errors.Is(err, fault.KeptGroup):
		return Problem{What: lang.L("Gantry keeps this producer group for transactions."), Do: lang.L("Enter another one.")}, true
	case errors.Is(err, fault.NotOffered):
		return Problem{What: lang.L("Not offered by this endpoint.")}, true
	case errors.Is(err, fault.TooLarge):
		return Problem{What: lang.L("The message is larger than a frame may be."), Do: lang.L("Send a smaller body.")}, true
	case errors.Is(err, fault.Busy):
		return Problem{What: lang.L("The broker is busy."), Do: lang.L("Try again in a moment.")}, true
	case errors.As(err, new(*client.LevelsError)):
		return Problem{What: lang.L("A broker is older than 5.0 and delays by levels only."), Do: lang.L("Choose another delay. Nothing was sent.")}, true
	case errors.Is(err, fault.Broadcasts):
		return Problem{What: lang.L("The group broadcasts: each member keeps its positions to itself, and nobody else can change them.")}, true
	case errors.Is(err, fault.MembersInTheWay):
		return Problem{What: lang.L("While members are connected this endpoint moves the group by time, to the earliest or to the newest only, and in all queues of a topic, or not at all."), Do: lang.L("Stop the members first.")}, true
	case errors.Is(err, fault.NotTaken):
		return Problem{What: lang.L("The broker took the position, and the group is elsewhere.")}, true
	case errors.Is(err, fault.NotKept):
		return Problem{What: lang.L("The broker took the order, and has it otherwise now.")}, true
	case errors.Is(err, fault.NeedPassword):
		return Problem{What: lang.L("The password is missing."), Do: lang.L("Enter it: it is kept nowhere.")}, true
	case errors.Is(err, fault.UserNotFound):
		return Problem{What: lang.L("The broker does not know this user."), Do: lang.L("Create it first.")}, true
	case errors.Is(err, fault.RightNotFound):
		return Problem{What: lang.L("The user has no such right.")}, true
	case errors.Is(err, fault.Exists):
		return Problem{What: lang.L("It is there already.")}, true
	case errors.Is(err, fault.Reserved):
		return Problem{What: lang.L("The name is RocketMQ's own, or stands twice."), Do: lang.L("Choose another one.")}, true
	case errors.Is(err, fault.RecallOff):
		return Problem{What: lang.L("The broker takes no messages back, because its recallMessageEnable is off."), Do: lang.L("Have it switched on. The message comes when it is due.")}, true
	case errors.Is(err, fault.TooLate):
		return Problem{What: lang.L("It is due already: it is too late to take it back.")}, true
	case errors.Is(err, fault.NotTimed):
		return Problem{What: lang.L("It waits in a delay level, which nothing is taken back from."), Do: lang.L("Brokers take back what waits for an exact time, from 5.3 on.")}, true
	case errors.Is(err, fault.OneByOne):
		return Problem{What: lang.L("In production one at a time is deleted.")}, true
	case errors.Is(err, fault.TooManyKept):
		return Problem{What: lang.L("More messages would be skipped than are kept first, or not all of them are known."), Do: lang.L("Change the group's offsets instead, or skip fewer.")}, true
	case errors.Is(err, fault.ReadOnly):
		return Problem{What: lang.L("This connection is read-only.")}, true
	}
	return Problem{}, false
}

func subscription(err error) (Problem, bool) {
	switch {
	case errors.Is(err, fault.TopicNotFound):
		return Problem{What: lang.L("The topic does not exist."), Do: lang.L("Check the name, or create the topic first.")}, true
	case errors.Is(err, fault.GroupNotFound):
		return Problem{What: lang.L("The broker does not know the consumer group, and creates none."), Do: lang.L("Enter a group that exists.")}, true
	case errors.Is(err, fault.NoRetryTopic):
		return Problem{What: lang.L("The group has no retry topic here: no member of it was ever connected, or the topic was deleted."), Do: lang.L("Start a member first, or redeliver to the original topic.")}, true
	case errors.Is(err, fault.SubscriptionNotKnown):
		return Problem{What: lang.L("The broker does not take the subscription."), Do: lang.L("All members of a group must subscribe to the same topics with the same expression.")}, true
	case errors.Is(err, fault.FilterNotSupported):
		return Problem{What: lang.L("The broker does not filter by SQL92."), Do: lang.L("Use tags, or set enablePropertyFilter=true on the broker.")}, true
	case errors.Is(err, fault.BadExpression):
		_, remark, _ := fault.Remark(err)
		first, _, _ := strings.Cut(strings.TrimSpace(remark), "\n")
		if first == "" {
			first = firstLine(err)
		}
		return Problem{What: lang.L("The broker does not understand the expression: {{.Reason}}", map[string]any{"Reason": first})}, true
	case errors.Is(err, fault.TagQuote):
		return Problem{What: lang.L("A tag with a quote or a backslash cannot be subscribed to.")}, true
	case errors.Is(err, fault.TagNotASCII):
		return Problem{
			What: lang.L("Tags outside ASCII do not work in a shared group: the broker would never match them."),
			Do:   lang.L("Use SQL92 instead: TAGS = 'your tag'."),
		}, true
	case errors.Is(err, fault.GroupInUse):
		return Problem{What: lang.L("Another subscription here has joined this group already; the two would share the messages."), Do: lang.L("Use another group, or stop the other subscription.")}, true
	case errors.Is(err, fault.AlreadyRunning):
		return Problem{What: lang.L("The subscription runs already.")}, true
	case errors.Is(err, fault.NotListed):
		return Problem{What: lang.L("The broker does not list this member of the group, so it gets no messages."), Do: lang.L("After a restart of the broker that takes up to 30 s. Otherwise look at the group's rights.")}, true
	case errors.Is(err, fault.NotAsked):
		return Problem{What: lang.L("There are too many to ask every one.")}, true
	case errors.Is(err, fault.NeedGroup):
		return Problem{What: lang.L("This cluster creates no groups."), Do: lang.L("Enter a group that exists.")}, true
	}
	return Problem{}, false
}

// places explains what is not where it was looked for, and workers that ended.
func places(err error) (Problem, bool) {
	switch {
	case errors.Is(err, fault.WrongPosition):
		return Problem{What: lang.L("The group's position does not fit the queue: it lies behind its end."), Do: lang.L("The topic was deleted and made anew, or the position was set by hand.")}, true
	case errors.Is(err, fault.NeedTopic):
		return Problem{What: lang.L("A producer's message id is found within its topic only."), Do: lang.L("Enter the topic.")}, true
	case errors.Is(err, fault.NotFound):
		return Problem{What: lang.L("There is no such message or queue.")}, true
	case errors.Is(err, fault.NoBrokers):
		return Problem{What: lang.L("The name server lists no broker."), Do: lang.L("The brokers are down, or have not reported yet: a broker that starts does within 30 s.")}, true
	case errors.Is(err, fault.NoMaster):
		return Problem{What: lang.L("No master takes the topic's messages now."), Do: lang.L("What is stored can still be searched and followed; groups get none of it. The master may be down.")}, true
	case errors.Is(err, fault.NoBroker):
		return Problem{What: lang.L("The name server knows no address for the broker."), Do: lang.L("The broker may be down.")}, true
	case errors.Is(err, fault.UnpacksTooLarge):
		return tooLarge(err), true
	case errors.Is(err, fault.GroupOnline):
		return Problem{What: lang.L("Members of the group are connected; they would set its position back."), Do: lang.L("Stop them first.")}, true
	case errors.Is(err, fault.OutOfMemory):
		return Problem{What: lang.L("The helper process reached the bound of its memory and was not started again."), Do: lang.L("Follow the topic instead: that unpacks nothing.")}, true
	case errors.Is(err, fault.WorkerDied):
		return Problem{What: lang.L("The helper process ended."), Do: lang.L("It is started again; nothing that was received is lost.")}, true
	case errors.Is(err, fault.Evicted):
		return Problem{What: lang.L("The message is no longer kept.")}, true
	}
	return Problem{}, false
}

// tooLarge names a message that unpacks to too much.
func tooLarge(err error) Problem {
	size, _ := strconv.ParseInt(fault.Arg(err, fault.ArgSize), 10, 64)
	at := map[string]any{
		"Topic": fault.Arg(err, fault.ArgTopic), "Queue": fault.Arg(err, fault.ArgQueue), "Offset": fault.Arg(err, fault.ArgOffset),
		"Size": widgets.Bytes(size),
	}
	return Problem{
		What: lang.L("The message at {{.Queue}} · {{.Offset}} of {{.Topic}}, {{.Size}} as stored, unpacks to more than 64 MB, and a member of a group has to unpack it.", at),
		Do:   lang.L("It is kept here as it is stored. Skip it once nobody of the group is connected, or follow the topic instead."),
	}
}

func keyring(err error) (Problem, bool) {
	switch {
	case errors.Is(err, vault.ErrNotFound):
		return Problem{What: lang.L("No token is stored for this connection."), Do: lang.L("Enter it in the connection's settings.")}, true
	case errors.Is(err, vault.ErrNoAnswer):
		return Problem{What: lang.L("The system's keyring has not answered; it may be waiting for its password."), Do: lang.L("Unlock it and try again, or keep the token in memory until you quit.")}, true
	case errors.Is(err, vault.ErrTooLong):
		return Problem{What: lang.L("The system's keyring takes no token of this length."), Do: lang.L("Keep it in memory until you quit.")}, true
	case errors.Is(err, vault.ErrUnavailable):
		return Problem{What: lang.L("The system's keyring is missing or locked."), Do: lang.L("Unlock it and try again, or keep the token in memory until you quit.")}, true
	}
	return Problem{}, false
}

func files(err error) (Problem, bool) {
	switch {
	case errors.Is(err, profile.ErrNewer):
		return Problem{What: lang.L("The file was written by a newer Gantry and is left as it is."), Do: lang.L("Nothing is saved in this run. Use the newer version.")}, true
	case errors.Is(err, fault.NewerList):
		return Problem{What: lang.L("This list was written by a newer Gantry and is left as it is."), Do: lang.L("Use the newer version, or close this subscription and make another.")}, true
	case errors.Is(err, message.ErrDamaged):
		return Problem{What: lang.L("What was kept here is damaged on the disk; it was one message or more."), Do: lang.L("The rest of the list is whole.")}, true
	case errors.Is(err, profile.ErrCorrupt):
		return Problem{What: lang.L("The file is damaged or is not what it should be.")}, true
	case errors.Is(err, fault.Sandbox):
		return Problem{What: lang.L("The Sandbox did not start."), Do: lang.L("The details say why. Connect tries again.")}, true
	case errors.Is(err, fault.FolderInUse):
		return Problem{What: lang.L("Another Gantry uses this data folder."), Do: lang.L("Use that window, or start this one with -data and another folder.")}, true
	case errors.Is(err, fault.JournalFull):
		return Problem{What: lang.L("The list has reached its limit and waits until the oldest messages are gone.")}, true
	case errors.Is(err, fault.NoRoom):
		return Problem{What: lang.L("All lists together have reached their limit."), Do: lang.L("Delete recordings that nobody needs, or raise the limit in Settings.")}, true
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, fault.DiskFull): // the same, over a pipe
		return Problem{What: lang.L("The disk is full."), Do: lang.L("Free some space; it goes on by itself.")}, true
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR):
		return Problem{What: lang.L("Gantry may not write into its folder."), Do: lang.L("Check the folder's permissions, or start with -data and another folder.")}, true
	case errors.Is(err, exec.ErrNotFound):
		return Problem{What: lang.L("The program file is gone; it may have been moved or updated."), Do: lang.L("Start Gantry again.")}, true
	}
	return Problem{}, false
}

func names(err error) (Problem, bool) {
	switch {
	case errors.Is(err, message.ErrEmptyName):
		return Problem{What: lang.L("A name is missing.")}, true
	case errors.Is(err, message.ErrEmptyBody):
		return Problem{What: lang.L("The body is empty."), Do: lang.L("RocketMQ takes no message without a body.")}, true
	case errors.Is(err, message.ErrLongName):
		return Problem{What: lang.L("The name is too long.")}, true
	case errors.Is(err, message.ErrBadName):
		return Problem{What: lang.L("Only letters, digits and % | _ - are allowed in the name.")}, true
	case errors.Is(err, message.ErrInnerTopic):
		return Problem{What: lang.L("Brokers keep what waits in this topic. What is sent to it is delivered to nobody, and can stop what waits there.")}, true
	case errors.Is(err, message.ErrLongProperties):
		return Problem{What: lang.L("Tag, keys and properties are too long together; 32 KB are allowed.")}, true
	case errors.Is(err, message.ErrReply):
		return Problem{What: lang.L("A reply is waited for up to 10 min, and not to a message that is delayed, one-way or transactional.")}, true
	case errors.Is(err, message.ErrTransaction):
		return Problem{What: lang.L("A transactional message cannot be delayed or sent one-way.")}, true
	case errors.Is(err, message.ErrBadDelivery):
		return Problem{What: lang.L("This is no time that a message can be delivered at.")}, true
	case errors.Is(err, message.ErrPastDelivery):
		return Problem{What: lang.L("The time of delivery has passed."), Do: lang.L("Nothing was sent.")}, true
	case errors.Is(err, message.ErrBadProperty):
		return Problem{What: lang.L("A property cannot be sent: it needs a name and a value without control characters, and no name that RocketMQ uses itself.")}, true
	}
	return Problem{}, false
}

// Field puts the reason why a profile's field cannot be saved into words.
func Field(e *profile.FieldError) string { return fault.Cut(field(e), fault.MostWords) }

func field(e *profile.FieldError) string {
	var s string
	switch {
	case errors.Is(e.Err, profile.ErrEmpty) && e.Field == profile.FieldNameServers:
		return lang.L("Enter at least one name server, as host:port.")
	case errors.Is(e.Err, profile.ErrEmpty) && e.Field == profile.FieldCAFile:
		return lang.L("Choose the file with the authority's certificate.")
	case errors.Is(e.Err, profile.ErrEmpty):
		return lang.L("Must not be empty.")
	case errors.Is(e.Err, profile.ErrNoKeyFile):
		return lang.L("The certificate needs its private key.")
	case errors.Is(e.Err, profile.ErrNoCertFile):
		return lang.L("The private key needs its certificate.")
	case errors.Is(e.Err, profile.ErrTaken):
		return lang.L("Another connection has this name.")
	case errors.Is(e.Err, profile.ErrNoPort):
		s = lang.L("needs a port, as host:9876")
	case errors.Is(e.Err, profile.ErrBadPort):
		s = lang.L("the port must be a number from 1 to 65535")
	case errors.Is(e.Err, profile.ErrScheme):
		s = lang.L("write host:port without a scheme")
	case errors.Is(e.Err, profile.ErrBadHost):
		s = lang.L("is no host name or address")
	case errors.Is(e.Err, profile.ErrDuplicate):
		s = lang.L("is there twice")
	case errors.Is(e.Err, profile.ErrNoTarget):
		s = lang.L("needs the address to use instead, after =")
	case errors.Is(e.Err, profile.ErrMixedTarget):
		s = lang.L("either both sides need a port or neither")
	case errors.Is(e.Err, profile.ErrNoValue):
		s = lang.L("needs its value, after =")
	case errors.Is(e.Err, profile.ErrValueName):
		s = lang.L("a name has no blanks, quotes or braces")
	case errors.Is(e.Err, profile.ErrManyValues):
		return lang.L("There are too many values, or they are too long.")
	case errors.Is(e.Err, profile.ErrNoFormat):
		s = lang.L("needs MessagePack, CBOR, or Protobuf with a message and a file, after =")
	case errors.Is(e.Err, profile.ErrNoType):
		s = lang.L("Protobuf needs the full name of a message, and behind it the path of a .proto file or a descriptor set")
	case errors.Is(e.Err, profile.ErrManySchemas):
		return lang.L("There are too many formats, or they are too long.")
	case errors.Is(e.Err, jsonpath.BadPath):
		s = lang.L("is no path, as .order.items[0].price")
	case errors.Is(e.Err, mask.TooMany), errors.Is(e.Err, mask.BadName):
		return lang.L("There are too many masks, or they are too long.")
	case errors.Is(e.Err, profile.ErrBadSign):
		return lang.L("Only letters, digits and % | _ - are allowed.")
	case errors.Is(e.Err, profile.ErrNoRole):
		return lang.L("A token needs a role name.")
	default:
		return fmt.Sprint(e.Err)
	}
	return e.Text + ": " + s
}
