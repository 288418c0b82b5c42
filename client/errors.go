package client

import (
	"errors"

	"gantry/client/admin"
	"gantry/client/journal"
	"gantry/client/remoting"
	"gantry/client/worker"
)

// Errors that the window tells apart. All come wrapped, with details. They are
// those of the packages below, so that the window needs none of them.
var (
	ErrUnreachable        = remoting.ErrUnreachable
	ErrUnresolvable       = remoting.ErrUnresolvable
	ErrTLS                = remoting.ErrTLS
	ErrUntrusted          = remoting.ErrUntrusted
	ErrWrongName          = remoting.ErrWrongName
	ErrExpired            = remoting.ErrExpired
	ErrCertificateRefused = remoting.ErrCertificateRefused
	ErrPlainServer        = remoting.ErrPlainServer
	ErrNoAuthority        = remoting.ErrNoAuthority
	ErrNoCertificate      = remoting.ErrNoCertificate
	ErrNoKey              = remoting.ErrNoKey
	ErrKeyEncrypted       = remoting.ErrKeyEncrypted
	ErrKeyPair            = remoting.ErrKeyPair
	ErrTimeout            = remoting.ErrTimeout
	ErrNotRocketMQ        = remoting.ErrNotRocketMQ
	ErrConnectionLost     = remoting.ErrConnectionLost
	ErrClosedBeforeAnswer = remoting.ErrClosedBeforeAnswer
	ErrTooLarge           = remoting.ErrTooLarge
	ErrTopicNotFound      = admin.ErrTopicNotFound
	ErrGroupNotFound      = admin.ErrGroupNotFound
	ErrGroupOffline       = admin.ErrGroupOffline
	ErrNotFound           = admin.ErrNotFound
	ErrRefused            = admin.ErrRefused
	ErrCrowded            = admin.ErrCrowded
	ErrNotOffered         = admin.ErrNotOffered
	ErrBadExpression      = admin.ErrBadExpression
	ErrFilterNotSupported = admin.ErrFilterNotSupported
	ErrBusy               = admin.ErrBusy
	ErrNoBroker           = admin.ErrNoBroker
	ErrNoBrokers          = admin.ErrNoBrokers
	ErrBadAnswer          = admin.ErrBadAnswer
	ErrWorkerDied         = worker.ErrDied
	ErrEvicted            = journal.ErrEvicted
	ErrJournalLocked      = journal.ErrLocked
	ErrJournalFull        = journal.ErrFull
	ErrNoFile             = errors.New("it is no ordinary file")
	ErrNewerList          = errors.New("the list was written by a newer Gantry")
	ErrReadOnly           = errors.New("the connection is read-only")
	ErrNotConnected       = errors.New("not connected")
	ErrGroupInUse         = errors.New("another subscription of this Gantry has joined the group")
	ErrAlreadyRunning     = errors.New("the subscription runs already")
	ErrTagQuote           = errors.New("a tag with a quote or backslash cannot be subscribed to")
	ErrTagNotASCII        = errors.New("this tag cannot be subscribed to in a shared group")
	// ErrSandbox says that the sandbox could not be started.
	ErrSandbox              = errors.New("the sandbox did not start")
	ErrNeedGroup            = errors.New("this cluster creates no groups")
	ErrSubscriptionNotKnown = errors.New("the broker does not know the subscription")
	ErrNotListed            = errors.New("the broker does not list this member of the group")
)

// Remark returns what the server itself said, or "".
func Remark(err error) (code int, remark, addr string) {
	var r *remoting.ResponseError
	if errors.As(err, &r) {
		return r.Code, r.Remark, r.Addr
	}
	return 0, "", ""
}
