package testcluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"
)

// quickStart leaves Java with its quick compiler: 7 s for a start, not 10.
const quickStart = "-XX:TieredStopAtLevel=1"

// process is one Java program that was started.
type process struct {
	part   string
	output string // path of its output
	os     *os.Process
	ended  chan struct{} // closed after err was set
	err    error         // why it ended
	killed atomic.Bool   // a signal was sent: its end is no surprise
}

// launch starts a part; its output goes to Dir/PART.out.
func (c *Cluster) launch(part string) (*process, error) {
	p := &process{part: part, output: filepath.Join(c.dir, part+".out"), ended: make(chan struct{})}
	out, err := os.OpenFile(p.output, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(c.java, c.arguments(part)...)
	cmd.Env = append(os.Environ(), "ROCKETMQ_HOME="+c.dir)
	cmd.Env = append(cmd.Env, c.clock...)
	cmd.Stdout, cmd.Stderr = out, out
	ownGroup(cmd)
	started := make(chan error)
	go func() {
		// The kernel ends the process together with the thread that started it
		// (prctl PR_SET_PDEATHSIG), so that thread must not serve others and be
		// retired by the runtime.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer out.Close()
		err := cmd.Start()
		if err == nil {
			p.os = cmd.Process
		}
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrStart, part, err)
	}
	return p, nil
}

// arguments are Java's for a part. The opened packages let 4.9 drop a torn index
// file; without them it does not start again after a kill.
func (c *Cluster) arguments(part string) []string {
	args := append(c.javaOptions(), "-Xms256m", "-Xmx256m", "-XX:MaxDirectMemorySize=256m",
		"--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
		"--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED")
	if !c.opts.FullSpeed {
		args = append(args, quickStart)
	}
	main, option := "broker.BrokerStartup", "-c"
	switch part {
	case NameServerPart:
		main = "namesrv.NamesrvStartup"
	case ProxyPart:
		main, option = "proxy.ProxyStartup", "-pc"
	}
	return append(args, "org.apache.rocketmq."+main, option, filepath.Join(c.dir, part+".conf"))
}

// javaOptions are those that mqadmin needs too.
func (c *Cluster) javaOptions() []string {
	args := []string{"-cp", filepath.Join(c.lib, "*"), "-Duser.home=" + c.dir, "-XX:+UseSerialGC"}
	if c.opts.TLS {
		args = append(args, "-Dtls.server.mode=enforcing", "-Dtls.enable=true", "-Dtls.config.file="+c.tlsProperties())
	}
	return args
}

// running reports whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// wait returns once the process has ended, or after d.
func (p *process) wait(d time.Duration) error {
	select {
	case <-p.ended:
		return nil
	case <-time.After(d):
		return fmt.Errorf("%s still runs after %v", p.part, d)
	}
}

// signal is no error where the process has ended already.
func (p *process) signal(sig os.Signal) error {
	p.killed.Store(true)
	if err := p.os.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s: %w", p.part, err)
	}
	return nil
}

// died is the error for a process that ended when it should not have.
func (p *process) died() error {
	out, _ := os.ReadFile(p.output)
	if len(bytes.TrimSpace(out)) == 0 {
		out = []byte("it printed nothing")
	}
	return fmt.Errorf("%w: %s ended (%v):\n%s", ErrStart, p.part, p.err, lastLines(out, 15))
}
