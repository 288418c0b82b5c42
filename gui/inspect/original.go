package inspect

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/gui/task"
)

// queryOriginal is the query for what a retry or a dead letter was first.
const queryOriginal = "original"

// hasOriginal tells whether the message was another one first, with which it can be
// compared.
func (i *Inspector) hasOriginal() bool {
	if i.m == nil || i.p.Compare == nil {
		return false
	}
	_, ids := i.m.Original()
	return len(ids) > 0
}

// compareOriginal looks up what a retry or a dead letter was first, and compares the two.
func (i *Inspector) compareOriginal() {
	m, conn := i.m, i.p.Conn()
	i.p.Say(lang.L("Looking for the original…"))
	task.Ask(i.p.Tasks, i.scope, queryOriginal, func(ctx context.Context) (*message.Message, error) {
		if conn == nil {
			return nil, fault.NotConnected
		}
		return conn.Original(ctx, m)
	}, func(first *message.Message, err error) {
		switch {
		case errors.Is(err, client.ErrNoOriginal):
			i.p.Say(lang.L("The original is not kept any more."))
		case err != nil:
			i.p.Fail(err)
		case i.m == m: // else another one is looked at
			i.p.Compare(first, m)
		}
	})
}
