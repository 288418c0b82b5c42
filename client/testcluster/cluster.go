package testcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"gantry/client/admin"
	"gantry/client/remoting"
)

const (
	// startBudget bounds a start or restart together with ctx.
	startBudget = 2 * time.Minute
	// readyPoll is how often a starting part is asked.
	readyPoll = 50 * time.Millisecond
	// stopBudget is how long a part may take to end by itself.
	stopBudget = 10 * time.Second
)

// Cluster is a running RocketMQ.
type Cluster struct {
	opts  Options
	dir   string
	temp  bool // dir is removed by Stop
	lib   string
	java  string
	base  int
	clock []string // environment of parts with a clock of their own
	// reserved keeps other clusters from these ports; nil once stopped.
	reserved net.Listener
	admin    *admin.Client

	tools *Tools

	mu    sync.Mutex
	procs map[string]*process    // guarded by mu; by part
	users []remoting.Credentials // guarded by mu; accounts of 4.x
}

// Start starts a cluster and returns when every broker is known to the name
// server and accounts exist. Where it fails nothing is left running; the error is
// ErrNotInstalled or ErrStart with the end of a part's output, or the context's.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	c, err := newCluster(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	fmt.Fprintf(c.opts.Log, "RocketMQ %s: name server %s\n", c.opts.Version, c.NameServer())
	return c, nil
}

// newCluster prepares everything that needs no running part.
func newCluster(ctx context.Context, opts Options) (*Cluster, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Cluster{opts: opts, procs: make(map[string]*process)}
	c.tools = &Tools{start: func() (*exec.Cmd, error) {
		return toolsCommand(c.java, c.lib, c.dir, c.NameServer(), c.javaOptions()...)
	}}
	if c.java, err = javaPath(); err != nil {
		return nil, err
	}
	if c.lib, err = jars(ctx, opts); err != nil {
		return nil, err
	}
	if c.base, c.reserved, err = freeBase(opts); err != nil {
		return nil, err
	}
	if err := c.fill(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// fill makes the cluster's folder and what its parts read.
func (c *Cluster) fill() (err error) {
	if c.opts.Dir == "" {
		c.dir, err = os.MkdirTemp("", "gantry-rocketmq-")
		c.temp = true
	} else if c.dir, err = filepath.Abs(c.opts.Dir); err == nil {
		err = os.MkdirAll(c.dir, 0o700)
	}
	if err != nil {
		return err
	}
	if err := c.writeConf(); err != nil {
		return err
	}
	if c.opts.OwnClock {
		if err := c.ownClock(); err != nil {
			return err
		}
	}
	if c.opts.TLS {
		if err := c.writeTLS(); err != nil {
			return err
		}
	}
	conf, err := c.AdminConfig()
	if err != nil {
		return err
	}
	c.admin = admin.New(conf)
	return nil
}

// start launches the name server, as soon as it answers the brokers side by
// side, and then the slave and the proxy. A broker that is up before the name server,
// and a slave before its master, would not be known for another 10 s.
func (c *Cluster) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startBudget)
	defer cancel()
	if err := c.StartPart(ctx, NameServerPart); err != nil {
		return err
	}
	for _, part := range c.opts.brokers() {
		if err := c.run(part); err != nil {
			return err
		}
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	if c.opts.ACL && !c.opts.old() {
		if err := c.AddAccount(ctx, User()); err != nil {
			return fmt.Errorf("%w: accounts: %w", ErrStart, err)
		}
	}
	for part, wanted := range map[string]bool{SlavePart: c.opts.Slave, ProxyPart: c.opts.Proxy} {
		if wanted {
			if err := c.run(part); err != nil {
				return err
			}
		}
	}
	return c.ready(ctx)
}

// run starts one part without waiting for it.
func (c *Cluster) run(part string) error {
	fmt.Fprintf(c.opts.Log, "starting %s\n", part)
	p, err := c.launch(part)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.procs[part] = p
	c.mu.Unlock()
	return nil
}

// StartPart starts a part that was killed, with the same port and store, and
// waits until the cluster is whole again, 2 minutes at most. A part that is
// still ending is waited for; one that runs is an error.
func (c *Cluster) StartPart(ctx context.Context, part string) error {
	ctx, cancel := context.WithTimeout(ctx, startBudget)
	defer cancel()
	c.mu.Lock()
	old := c.procs[part]
	c.mu.Unlock()
	if old != nil {
		if err := old.wait(stopBudget); err != nil {
			return err
		}
	}
	if err := c.run(part); err != nil {
		return err
	}
	return c.ready(ctx)
}

// PID is the process of a part that was started, 0 of one that was not.
func (c *Cluster) PID(part string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.procs[part]; p != nil {
		return p.os.Pid
	}
	return 0
}

// Kill sends sig to a part: os.Kill ends it at once (Kill returns when it is
// gone), SIGTERM lets it end, SIGSTOP and SIGCONT freeze and thaw it.
func (c *Cluster) Kill(part string, sig os.Signal) error {
	c.mu.Lock()
	p := c.procs[part]
	c.mu.Unlock()
	if p == nil {
		return fmt.Errorf("no part %q", part)
	}
	if err := p.signal(sig); err != nil {
		return err
	}
	if sig == os.Kill {
		return p.wait(stopBudget)
	}
	return nil
}

// Stop ends every part, by force where it does not end in 10 s, and removes the
// folder unless Options.Dir named it. It may be called again.
func (c *Cluster) Stop() error {
	c.mu.Lock()
	procs, reserved := c.procs, c.reserved
	c.procs, c.reserved = make(map[string]*process), nil
	c.mu.Unlock()
	var failed []error
	if c.tools != nil {
		failed = append(failed, c.tools.Close())
	}
	if reserved != nil {
		defer reserved.Close()
	}
	if c.admin != nil {
		failed = append(failed, c.admin.Close())
	}
	var work sync.WaitGroup
	for _, p := range procs {
		work.Go(func() { p.end(c.temp) })
	}
	work.Wait()
	return errors.Join(append(failed, c.removeTemp())...)
}

// end ends the process, at once where its store is thrown away anyway.
func (p *process) end(force bool) {
	if !force {
		p.thaw()
		if p.signal(syscall.SIGTERM) == nil && p.wait(stopBudget) == nil {
			return
		}
	}
	if p.signal(os.Kill) == nil {
		<-p.ended
	}
}

func (c *Cluster) removeTemp() error {
	if !c.temp || c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}

// NameServer is host:port.
func (c *Cluster) NameServer() string { return loopback(c.base) }

// Proxy is the proxy's remoting port, host:port, empty without Options.Proxy. It
// serves as a name server that knows only some 24 codes, as TDMQ does.
func (c *Cluster) Proxy() string {
	if !c.opts.Proxy {
		return ""
	}
	return loopback(c.base + proxyPort)
}

// BrokerAddr is the address of broker i, from 0.
func (c *Cluster) BrokerAddr(i int) string { return loopback(c.brokerPort(i)) }

func (c *Cluster) brokerPort(i int) int { return c.base + firstBroker + brokerStep*i }

// SlaveAddr is the slave's address.
func (c *Cluster) SlaveAddr() string { return loopback(c.base + slavePort) }

// advertised is the address that broker i registers, see register.
func (c *Cluster) advertised(i int) string { return c.register(c.brokerPort(i)) }

// register is what a broker at a port registers: tests set brokerIP1 to an address that
// clients cannot reach.
func (c *Cluster) register(port int) string {
	if ip := c.opts.Config["brokerIP1"]; ip != "" {
		return fmt.Sprintf("%s:%d", ip, port)
	}
	return loopback(port)
}

// Masters lists the addresses of all brokers as routes name them. A Client with
// AdminConfig reaches them.
func (c *Cluster) Masters() []string {
	addrs := make([]string, c.opts.Brokers)
	for i := range addrs {
		addrs[i] = c.advertised(i)
	}
	return addrs
}

// Dir holds configuration, logs, stores and, with TLS, certificates.
func (c *Cluster) Dir() string { return c.dir }

// Version is the version that runs, such as 5.5.0.
func (c *Cluster) Version() string { return c.opts.Version }

// AdminConfig is what admin.New needs for this cluster, with the account that
// may do everything and verified TLS where these are on.
func (c *Cluster) AdminConfig() (admin.Config, error) {
	conf := admin.Config{NameServers: []string{c.NameServer()}}
	if c.opts.ACL {
		conf.Credentials = Admin()
	}
	if c.opts.Config["brokerIP1"] != "" {
		conf.Addresses = remoting.AddressMap{}
		for i, addr := range c.Masters() {
			conf.Addresses[addr] = c.BrokerAddr(i)
		}
		conf.Addresses[c.register(c.base+slavePort)] = c.SlaveAddr()
	}
	var err error
	conf.TLS, err = c.TLSConfig()
	return conf, err
}
