// Package changes is where the window changes a cluster: a sheet for where a consumer group
// goes on, and one for what topics, groups, users and rights there are, which show what will happen to each
// queue and broker before anything is agreed to, the result of each, and the list of what
// was changed, from which it can be put back. It also has a
// member consume a message once, and half messages that were given up checked again.
//
// Everything here runs on Fyne's main goroutine. A preview is a query of its sheet, which
// each change of it supersedes: nothing can be agreed to that was not looked at as it
// stands. A change is a job: it goes on when its sheet is closed.
package changes

import (
	"context"
	"io"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/task"
)

// Connection is what a change needs of an open connection. All calls block.
type Connection interface {
	PreviewOffsets(ctx context.Context, o orders.Offsets) (*orders.Preview, error)
	ChangeOffsets(ctx context.Context, p *orders.Preview, yes client.Confirmed, tell func(orders.Record)) (orders.Record, error)
	setupConnection
	PreviewResume(ctx context.Context, o orders.Resume) (*orders.ResumePreview, error)
	ResumeHalves(ctx context.Context, p *orders.ResumePreview, yes client.Confirmed, tell func(orders.Record)) (orders.Record, error)
	GroupsOfTopic(ctx context.Context, topic string) ([]string, cluster.Missing, error)
	GroupMembers(ctx context.Context, group string) ([]cluster.Member, error)
	OffersOnce(ctx context.Context) error
	ConsumeOnce(ctx context.Context, o orders.Once, yes client.Confirmed) (orders.Record, error)
}

// Diary is what was changed. All calls block.
type Diary interface {
	List() ([]orders.Record, error)
	Export(w io.Writer) error
}

var (
	_ Connection = (*client.Connection)(nil)
	_ Diary      = (*orders.Diary)(nil)
)

// Params are what a sheet needs.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Profile profile.Profile
	// Conn is the open connection, nil while there is none.
	Conn func() Connection
	// Read reads messages of a queue of a topic, by its full name, in the Browse tab.
	Read func(topic string, q cluster.Queue, from int64, count int)
	// KeptFile is where the messages lie that a change skipped and kept, "" where there are
	// none; SendKept has them sent again.
	KeptFile func(*orders.Record) string
	SendKept func(file string)
	// Changed says that something was changed.
	Changed func()
	// OpenRun shows a run by its id; OpenKept what was kept of messages that were skipped, by
	// the name of its file.
	OpenRun func(string)
	Fail    func(error)
	Say     func(string)
}

// Offsets opens the sheet for a group, by its full name; topics are those that it reads,
// the likeliest first.
func Offsets(p Params, group string, topics []string) {
	o := orders.Offsets{Group: group, To: orders.Target{Kind: orders.ToNewest}}
	if len(topics) > 0 {
		o.Topic = topics[0]
	}
	show(p, o, topics, "")
}

// Skip opens the sheet that has a group go past the message at an offset of a queue, which is
// kept first.
func Skip(p Params, group, topic string, q cluster.Queue, at int64) {
	show(p, orders.Offsets{
		Group: group, Topic: topic, Queues: []cluster.Queue{q}, Keep: true,
		To: orders.Target{Kind: orders.ToPlaces, Places: []orders.Place{{Broker: q.Broker, Queue: q.ID, Offset: at + 1}}},
	}, nil, "")
}

// queryPreview is the query that asks what a change would do.
const queryPreview = "preview"
