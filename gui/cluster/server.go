package cluster

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/insight"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// server is one row: a name server, or a process of a broker.
type server struct {
	nameServer bool
	addr       string
	rtt        time.Duration
	broker     insight.BrokerState
	err        error
}

// serversOf are the name servers, then the brokers.
func serversOf(st insight.Health) []server {
	var all []server
	for _, n := range st.NameServers {
		all = append(all, server{nameServer: true, addr: n.Addr, rtt: n.RTT, err: n.Err})
	}
	for _, b := range st.Brokers {
		all = append(all, server{addr: b.Addr, broker: b, err: b.Err})
	}
	return all
}

// first is the one that is shown at first: a broker, if there is one.
func first(all []server) *server {
	for i := range all {
		if !all[i].nameServer {
			return &all[i]
		}
	}
	if len(all) > 0 {
		return &all[0]
	}
	return nil
}

// key tells servers apart.
func (x *server) key() string {
	if x.nameServer {
		return "namesrv " + x.addr
	}
	return fmt.Sprint(x.broker.Name, " ", x.broker.ID)
}

func (x *server) name() string {
	if x.nameServer {
		return x.addr
	}
	return x.broker.Name
}

// role is what the server is.
func (x *server) role() string {
	switch {
	case x.nameServer:
		return lang.L("name server")
	case x.broker.ID == 0:
		return lang.L("master")
	}
	return lang.L("replica {{.Id}}", map[string]any{"Id": x.broker.ID})
}

// columns of the list: dot, name, role, version, in, out, disk.
func columns() []widgets.Column {
	return []widgets.Column{
		{Kind: widgets.DotColumn, Width: 12},
		{Width: 120, Share: 1},
		{Width: 92, Fit: true}, // why a server does not answer has the room of what it does not tell
		{Width: 60, Drop: 2},
		{Width: 66, Right: true},
		{Width: 66, Right: true},
		{Kind: widgets.BarColumn, Width: 50, Share: 0.4, Drop: 1},
		{Width: 44, Right: true},
	}
}

func heads() []string {
	return []string{"", lang.L("Server"), lang.L("Role"), lang.L("Version"), lang.L("In"), lang.X("cluster.out", "Out"), lang.L("Disk"), ""}
}

// fullDisk is from where on a disk is worth a warning: brokers refuse to store
// at 0.9 (DefaultMessageStore.java, diskSpaceWarningLevelRatio).
const fullDisk = 0.85

func (x *server) cells(selected string) []widgets.Item {
	out := make([]widgets.Item, 8)
	out[0].Dot = widgets.DotOn
	out[1] = widgets.Item{Text: x.name(), Bold: x.key() == selected}
	out[2] = widgets.Item{Text: x.role(), Tint: theme.Muted}
	switch {
	case x.err != nil:
		out[0].Dot, out[2] = widgets.DotError, widgets.Item{Text: problem.Short(x.err), Tint: theme.Err}
		return out
	case x.nameServer:
		out[7] = widgets.Item{Text: fmt.Sprintf("%d ms", max(x.rtt.Milliseconds(), 1)), Tint: theme.Muted}
		return out
	}
	r := x.broker.Runtime
	out[3] = widgets.Item{Text: r.Version, Tint: theme.Muted}
	out[4], out[5] = widgets.Item{Text: words.Rate(r.In)}, widgets.Item{Text: words.Rate(r.Out)}
	out[7] = widgets.Item{Text: "—", Tint: theme.Muted} // not told
	if r.Disk >= 0 {
		tint := theme.Accent
		if r.Disk >= fullDisk {
			tint = theme.Warn
		}
		out[6] = widgets.Item{Part: r.Disk, Tint: tint}
		out[7] = widgets.Item{Text: fmt.Sprintf("%.0f %%", r.Disk*100)}
	}
	return out
}
