package problem

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/gui/words"
)

// Receipt says in words why a send was not stored for certain: refused, or
// uncertain.
func Receipt(r *message.Receipt) Problem {
	if r.Fault == nil {
		return Problem{}
	}
	p := unsent(r.Fault)
	if r.Status == message.StatusUncertain {
		p = Problem{What: lang.L("No answer: the broker may have stored it."), Do: lang.L("Look for the message before you send it again.")}
		if now := time.Now(); r.Due.After(now) {
			p.Do = lang.L("It is not found before {{.Time}}, when it is delivered. Sent again it may come twice.", map[string]any{"Time": words.Clock(r.Due, now)})
		}
	}
	p.Details = details(r.Fault)
	return p
}

// unsent explains why a message was refused or never left.
func unsent(f *fault.Fault) Problem {
	if f.Said == nil { // no broker has answered
		return explain(f)
	}
	reason := map[string]any{"Reason": f.Said.Line()}
	switch f.Code {
	case fault.MessageTooLarge:
		return Problem{What: lang.L("The body is larger than the broker allows."), Do: lang.L("Brokers allow 4 MB unless set otherwise (maxMessageSize).")}
	case fault.WrongMessageType:
		return Problem{What: lang.L("The topic takes messages of another type only: {{.Reason}}", reason), Do: lang.L("Choose its type above the body.")}
	case fault.DelayTooLong:
		return Problem{What: lang.L("The broker keeps no message for so long: {{.Reason}}", reason), Do: lang.L("Brokers allow 3 days unless set otherwise (timerMaxDelaySec).")}
	case fault.MessageIllegal:
		return Problem{What: lang.L("The broker finds the message illegal: {{.Reason}}", reason)}
	case fault.TimersOff:
		return Problem{What: lang.L("The broker takes no exact time, because its timerWheelEnable is off."), Do: lang.L("Have it switched on.")}
	case fault.NotPermitted:
		return Problem{What: lang.L("No permission to send to this topic."), Do: account(f).Do}
	case fault.Refused, fault.SignInRefused, fault.TopicNotFound, fault.NotWritable, fault.NoTransactions, fault.KeptGroup:
		return explain(f)
	case fault.Busy:
		return Problem{What: lang.L("The broker is busy and did not take the message."), Do: lang.L("Try again in a moment.")}
	}
	return Problem{What: lang.L("The broker refused the message: {{.Reason}}", reason)}
}
