package sandbox

import (
	"errors"
	"fmt"
	"strconv"

	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// handler answers one kind of request. A refusal becomes the answer that it says,
// any other error a system error.
type handler func(*broker, *request) (*remoting.Command, error)

// refusal is an answer that is no success.
type refusal struct {
	code   int
	remark string
}

func (r *refusal) Error() string { return r.remark }

func refuse(code int, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// request is a command with the client it came from.
type request struct {
	*remoting.Command
	from     *peer
	bad      error // the first parameter that was missing or malformed
	reserved int   // bytes of the room for answers that it has
}

// handle answers a request.
func (s *broker) handle(from *peer, c *remoting.Command) *remoting.Command {
	h := handlerOf(c.Code)
	if h == nil {
		return s.finish(c.Answer(remoting.RequestCodeNotSupported, fmt.Sprintf(" request type %d not supported", c.Code)))
	}
	q := &request{Command: c, from: from}
	if len(c.Body) > maxWords && !sends(c.Code) {
		return s.finish(c.Answer(remoting.SystemError, fmt.Sprintf("a request of %d bytes", len(c.Body))))
	}
	// What its answer may take is there before it is made, and until it is out.
	if err := q.reserve(costOf(c)); err != nil {
		return nil // it is not there any more
	}
	defer q.release()
	resp := s.outcome(q, h)
	if resp == nil {
		return nil
	}
	q.shrink(cap(resp.Body))
	from.Answer(c, resp)
	return nil
}

// outcome is what a handler answers, or why it does not.
func (s *broker) outcome(q *request, h handler) *remoting.Command {
	resp, err := h(s, q)
	if err != nil {
		resp = failure(q, err)
	}
	return s.finish(resp)
}

// failure is the answer to a request that failed.
func failure(q *request, err error) *remoting.Command {
	var no *refusal
	switch {
	case errors.As(err, &no):
		return q.Answer(no.code, no.remark)
	case errors.Is(err, store.ErrFull):
		return q.Answer(remoting.ServiceNotAvailable, err.Error())
	case errors.Is(err, store.ErrTooLate):
		return q.Answer(remoting.MessageIllegal, fmt.Sprintf("timer message illegal, the delay time should not be bigger than the max delay %dms; "+
			"or if set del msg, the delay time should be bigger than the current time", store.TimerMost.Milliseconds()))
	}
	return q.Answer(remoting.SystemError, err.Error())
}

// finish signs a command with who gives it, unless a client did: what it answers is
// passed on as its own.
func (s *broker) finish(c *remoting.Command) *remoting.Command {
	if c != nil && c.Language == "" {
		c.Language, c.Version = "JAVA", version
	}
	return c
}

// handlerOf returns what answers a request code, or nil.
func handlerOf(code int) handler {
	switch code {
	case remoting.SendMessage, remoting.SendMessageV2, remoting.SendBatchMessage:
		return (*broker).send
	case remoting.SendReply, remoting.SendReplyV2:
		return (*broker).reply
	case remoting.ConsumerSendMsgBack:
		return (*broker).sendBack
	case remoting.EndTransaction:
		return (*broker).endTransaction
	case remoting.RecallMessage:
		return (*broker).recall
	case remoting.ResumeCheckHalf:
		return (*broker).resumeHalf
	case remoting.PullMessage, remoting.LitePullMessage:
		return (*broker).pull
	case remoting.QueryConsumerOffset:
		return (*broker).queryOffset
	case remoting.UpdateConsumerOffset:
		return (*broker).updateOffset
	case remoting.HeartBeat:
		return (*broker).heartBeat
	case remoting.UnregisterClient:
		return (*broker).unregister
	case remoting.ConsumerListByGroup:
		return (*broker).listConsumers
	case remoting.CheckClientConfig:
		return (*broker).checkConfig
	case remoting.LockBatchMQ:
		return (*broker).lockQueues
	case remoting.UnlockBatchMQ:
		return (*broker).unlockQueues
	}
	return adminHandlerOf(code)
}

func ok(c *request) *remoting.Command { return c.Answer(remoting.Success, "") }

// okFields is a success with parameters.
func okFields(c *request, ext map[string]string) *remoting.Command {
	a := ok(c)
	a.ExtFields = ext
	return a
}

// okBody is a success with a body.
func okBody(c *request, body []byte) *remoting.Command {
	a := ok(c)
	a.Body = body
	return a
}

// text returns a parameter that must be there.
func (q *request) text(name string) string {
	v, has := q.ExtFields[name]
	if !has && q.bad == nil {
		q.bad = refuse(remoting.SystemError, "the request has no %s", name)
	}
	return v
}

// long returns a number that must be there.
func (q *request) long(name string) int64 {
	v := q.text(name)
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil && q.bad == nil {
		q.bad = refuse(remoting.SystemError, "%s is no number", name)
	}
	return n
}

// longOr returns a number that may be left out.
func (q *request) longOr(name string, or int64) int64 {
	if _, has := q.ExtFields[name]; !has {
		return or
	}
	return q.long(name)
}

func (q *request) number(name string) int { return int(int32(q.long(name))) }

func itoa[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }
