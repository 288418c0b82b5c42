package cluster

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/gui/overview"
	"gantry/gui/stage"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// fake is a connection whose answers a test sets.
type fake struct {
	mu          sync.Mutex
	state       insight.Health
	err         error
	settings    []cluster.Setting
	settingsErr error
	asked       []string
	accounts    []cluster.Account
	accountsErr error
	files       []cluster.AccountFile
}

func (f *fake) AccountFiles(context.Context) ([]cluster.AccountFile, cluster.Missing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.files) == 0 {
		return nil, nil, fault.NotOffered
	}
	return f.files, nil, nil
}

func (f *fake) Accounts(context.Context) ([]cluster.Account, cluster.Missing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accounts, nil, f.accountsErr
}

func (f *fake) Health(context.Context) (insight.Health, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state, f.err
}

func (f *fake) BrokerSettings(_ context.Context, addr string) ([]cluster.Setting, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, "broker "+addr)
	return f.settings, f.settingsErr
}

func (f *fake) NameServerSettings(_ context.Context, addr string) ([]cluster.Setting, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, "name server "+addr)
	return f.settings, f.settingsErr
}

type rig struct {
	*stage.Stage
	screen *Screen
	conn   Connection
	orders []orders.Setup
}

func newRig(t *testing.T, f *fake) *rig {
	r := &rig{Stage: stage.New(t), conn: f}
	r.screen = New(Params{Setup: func(o orders.Setup) { r.orders = append(r.orders, o) }, Params: overview.Params[Connection]{
		Tasks: r.Tasks, Window: r.Window, Conn: func() Connection { return r.conn }, Connect: func() {}, Say: func(string) {},
	}})
	r.Show(r.screen.Content())
	t.Cleanup(r.screen.Close)
	r.screen.SetShown(true)
	r.settle()
	return r
}

// settle runs what comes until no question is under way.
func (r *rig) settle() {
	r.Quiet(5*time.Millisecond, func() bool {
		return slices.ContainsFunc([]string{queryState, querySettings}, r.screen.Scope.Running)
	})
}

func (r *rig) text() string { return strings.Join(stage.Cells(r.screen.detail.sheet), "|") }

func twoBrokers() *fake {
	return &fake{
		state: insight.Health{
			Listed:      true,
			NameServers: []insight.NameServerState{{Addr: "ns:9876", RTT: 3 * time.Millisecond}, {Addr: "ns2:9876", Err: fault.Unreachable}},
			Brokers: []insight.BrokerState{
				{Name: "broker-a", Cluster: "C", Addr: "a:10911", Runtime: cluster.Runtime{
					Version: "5.5.0", In: 12, Out: 3.5, Disk: 0.91, InToday: 1200, Started: time.Now().Add(-2 * time.Hour), Table: map[string]string{"putTps": "12.0 1.0 0.0"},
				}},
				{Name: "broker-a", Cluster: "C", Addr: "a:10921", ID: 1, Runtime: cluster.Runtime{Version: "5.5.0", Disk: -1}},
				{Name: "broker-b", Cluster: "C", Addr: "b:10911", Err: fault.Unreachable, Gone: true},
			},
		},
		settings: []cluster.Setting{{Key: "brokerName", Value: "broker-a"}, {Key: "storePathRootDir", Value: "/data"}},
	}
}

func TestServers(t *testing.T) {
	r := newRig(t, twoBrokers())
	cells := func(i int) string {
		var out []string
		for _, c := range r.screen.servers[i].cells(r.screen.selected) {
			out = append(out, c.Text)
		}
		return strings.Join(out, "|")
	}
	for i, want := range []string{
		"|ns:9876|name server|||||3 ms", "|ns2:9876|Cannot be reached|||||",
		"|broker-a|master|5.5.0|12 /s|3.5 /s||91 %", "|broker-a|replica 1|5.5.0|0 /s|0 /s||—", "|broker-b|Cannot be reached|||||",
	} {
		if got := cells(i); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	if c := r.screen.servers[2].cells(""); c[6].Part != 0.91 || c[6].Tint != theme.Warn || c[0].Dot != widgets.DotOn {
		t.Errorf("%+v", c)
	}
	// A broker is shown at first, with its configuration.
	if r.screen.selected != "broker-a 0" || !strings.Contains(r.text(), "brokerName|broker-a") || !strings.Contains(r.text(), "putTps|12.0 1.0 0.0") {
		t.Error(r.screen.selected, r.text())
	}
	facts := factsOf(r.screen.chosenServer(), time.Now())
	if facts[2].Value != "2 h 0 min" || facts[3].Value != "1,200 stored · 0 sent to consumers" {
		t.Errorf("%+v", facts)
	}
	r.screen.Table.Select(4)
	if !r.screen.detail.banner.Visible() {
		t.Error("nothing is said of the broker that is gone")
	}
}

// TestAServerComesBack: its configuration is asked for again, and until then its row
// says whole why it is not there.
func TestAServerComesBack(t *testing.T) {
	f := twoBrokers()
	f.state.Brokers[0].Err, f.settingsErr = fault.Unreachable, fault.Unreachable
	r := newRig(t, f)
	if !strings.Contains(r.text(), "cannot be reached") || !r.Has("Cannot be reached\n") {
		t.Fatalf("%s\n%s", r.text(), stage.Texts(r.Window))
	}
	asked := len(f.asked)
	r.screen.ask()
	r.settle()
	if len(f.asked) != asked {
		t.Error("asked while it is away")
	}
	f.mu.Lock()
	f.state.Brokers = slices.Clone(f.state.Brokers)
	f.state.Brokers[0].Err, f.settingsErr = nil, nil
	f.mu.Unlock()
	r.screen.ask()
	r.settle()
	if !strings.Contains(r.text(), "brokerName|broker-a") {
		t.Error(r.text())
	}
	asked = len(f.asked)
	r.screen.ask()
	r.settle()
	if len(f.asked) != asked {
		t.Error("it is asked again and again")
	}
}

func TestTheConfigurationIsSearched(t *testing.T) {
	f := twoBrokers()
	r := newRig(t, f)
	r.screen.detail.filter.SetText("STORE")
	if got := r.text(); got != "Configuration|1 of 2|storePathRootDir|/data|State|0 of 1" {
		t.Error(got)
	}
	r.screen.detail.filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	r.screen.Table.Select(0)
	r.settle()
	if last := f.asked[len(f.asked)-1]; last != "name server ns:9876" || !strings.HasPrefix(r.text(), "Configuration|2") {
		t.Error(f.asked, r.text())
	}
	f.mu.Lock()
	f.settings, f.settingsErr = nil, fault.NotOffered
	f.mu.Unlock()
	r.screen.Refresh()
	r.settle()
	if got := r.text(); !strings.Contains(got, "Not offered here") {
		t.Error(got)
	}
}

func TestAnEndpointThatListsNoBrokers(t *testing.T) {
	f := &fake{state: insight.Health{NameServers: []insight.NameServerState{{Addr: "proxy:8080", RTT: time.Millisecond}}}, settingsErr: fault.NotOffered}
	r := newRig(t, f)
	if r.screen.above() == "" || len(r.screen.servers) != 1 || !strings.Contains(r.text(), "Not offered here") {
		t.Error(r.screen.servers, r.text())
	}
}

func TestFailureAndConnection(t *testing.T) {
	f := twoBrokers()
	f.err = fault.Timeout
	r := newRig(t, f)
	if w := r.screen.words(); !strings.Contains(w.Title, "did not answer") || w.Act == nil {
		t.Error(w.Title)
	}
	f.mu.Lock()
	f.err = nil
	f.mu.Unlock()
	r.screen.SetShown(true)
	r.settle()
	if len(r.screen.servers) != 5 {
		t.Error(len(r.screen.servers))
	}
	// What was told stays, with a word, when asking fails later.
	f.mu.Lock()
	f.err = fault.Timeout
	f.mu.Unlock()
	r.screen.SetShown(true)
	r.settle()
	if len(r.screen.servers) != 5 || r.screen.above() == "" {
		t.Error("the list is gone")
	}
	r.conn = nil
	r.screen.ConnectionChanged()
	if w := r.screen.words(); w.Title != "Not connected" || len(r.screen.servers) != 0 {
		t.Error(w.Title)
	}
}
