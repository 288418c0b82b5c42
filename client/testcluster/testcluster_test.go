package testcluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stand is set in the processes that stand in for Java: this test binary itself.
const stand = "GANTRY_TEST_STAND"

func TestMain(m *testing.M) {
	switch os.Getenv(stand) {
	case "":
		os.Exit(m.Run())
	case "ends":
		os.Stderr.WriteString("no class found\n")
		os.Exit(3)
	case "parent": // starts a process of its own and waits to be killed
		os.Setenv(stand, "stays")
		c := &Cluster{dir: os.Getenv("ROCKETMQ_HOME"), java: os.Args[0]}
		p, err := c.launch(BrokerPart)
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString("started\n")
		<-p.ended
	case "stays":
		time.Sleep(time.Minute)
	}
}

func standIn(t *testing.T, kind string) *Cluster {
	t.Helper()
	t.Setenv(stand, kind)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Cluster{opts: Options{Log: io.Discard}, dir: t.TempDir(), java: exe, procs: make(map[string]*process)}
}

func TestPartThatEndsIsReported(t *testing.T) {
	c := standIn(t, "ends")
	if err := c.run(BrokerPart); err != nil {
		t.Fatal(err)
	}
	if err := c.procs[BrokerPart].wait(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	if err := c.ended(); !errors.Is(err, ErrStart) || !strings.Contains(err.Error(), "no class found") {
		t.Error(err)
	}
}

func TestKillAndStop(t *testing.T) {
	c := standIn(t, "stays")
	for _, part := range []string{NameServerPart, BrokerPart} {
		if err := c.run(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Kill(BrokerPart, os.Kill); err != nil || c.procs[BrokerPart].running() {
		t.Error(err)
	}
	if err := c.Kill(BrokerPart, os.Kill); err != nil {
		t.Error("a second time:", err)
	}
	if err := c.ended(); err != nil {
		t.Error("an end that was asked for is reported:", err)
	}
	if err := c.Kill("nobody", os.Kill); err == nil {
		t.Error("no such part, no error")
	}
	p := c.procs[NameServerPart]
	if !p.running() {
		t.Error("the other part ended as well")
	}
	if err := c.Stop(); err != nil || p.running() {
		t.Error(err)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{Version: "5.5.1"}, {Brokers: 10}, {Brokers: -1}, {Version: V497, Proxy: true}} {
		if _, err := o.withDefaults(); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	o, err := Options{ClientCertificates: true}.withDefaults()
	if err != nil || o.Version != V550 || o.Brokers != 1 || !o.TLS {
		t.Error(o, err)
	}
	if got := strings.Join(Options{Brokers: 3}.brokers(), " "); got != "broker broker2 broker3" {
		t.Error(got)
	}
}

func TestFreeBaseAvoidsTakenPorts(t *testing.T) {
	o := Options{Brokers: 2, Slave: true}
	base, reserved, err := freeBase(o)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := net.Listen("tcp", loopback(base+reservePort)); err == nil {
		l.Close()
		t.Error("another cluster could take the same ports")
	}
	defer reserved.Close()
	seen := make(map[int]bool)
	for _, p := range ports(base, o) {
		if seen[p] {
			t.Error("port taken twice:", p)
		}
		seen[p] = true
	}
	// The second broker's HA port: where somebody has taken it meanwhile, it is taken too.
	if l, err := net.Listen("tcp", loopback(base+firstBroker+brokerStep+1)); err == nil {
		defer l.Close()
	}
	if allFree(ports(base, o)) {
		t.Error("a taken port is not noticed")
	}
}

func TestConfiguration(t *testing.T) {
	o, err := Options{Brokers: 2, Slave: true, ACL: true, Config: map[string]string{"brokerIP1": "10.255.255.1", "x": "y"}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{opts: o, dir: t.TempDir(), base: 20000}
	if err := c.writeConf(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(c.dir, "broker2.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"brokerName=broker-b", "listenPort=20030", "brokerIP1=10.255.255.1", "x=y", "authenticationEnabled=true", "namesrvAddr=127.0.0.1:20000"} {
		if !bytes.Contains(text, []byte(line+"\n")) {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
	slave, err := os.ReadFile(filepath.Join(c.dir, "slave.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"brokerName=broker-a", "brokerId=1", "brokerRole=SLAVE", "listenPort=20010", "storePathRootDir=" + filepath.ToSlash(c.dir) + "/store-slave", "x=y"} {
		if !bytes.Contains(slave, []byte(line+"\n")) {
			t.Errorf("no line %s in\n%s", line, slave)
		}
	}
	if got := c.advertised(1); got != "10.255.255.1:20030" {
		t.Error(got)
	}
}

func TestCertificates(t *testing.T) {
	c := &Cluster{opts: Options{TLS: true, ClientCertificates: true}, dir: t.TempDir()}
	if err := c.writeTLS(); err != nil {
		t.Fatal(err)
	}
	conf, err := c.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(c.dir, "tls", "server.crt"), filepath.Join(c.dir, "tls", "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: conf.RootCAs,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if nc, err := l.Accept(); err == nil {
			io.WriteString(nc, "hello")
			nc.Close()
		}
	}()
	nc, err := tls.Dial("tcp", l.Addr().String(), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if got, err := io.ReadAll(nc); string(got) != "hello" {
		t.Error(string(got), err)
	}
}

func TestLockIsExclusive(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	if os.TempDir() != os.Getenv("TMPDIR") {
		t.Skip("the temporary folder cannot be set here")
	}
	first, err := Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := first.Release(); err != nil {
		t.Error(err)
	}
	second, err := Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Release(); err != nil {
		t.Error(err)
	}
	if err := (*Lock)(nil).Release(); err != nil {
		t.Error(err)
	}
}

func TestMissingJavaIsNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JAVA_HOME", "")
	if _, err := Start(t.Context(), Options{}); !errors.Is(err, ErrNotInstalled) || !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
}
