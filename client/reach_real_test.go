package client_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

// tlsOf is what a profile says of a cluster whose servers want certificates.
func tlsOf(c *testcluster.Cluster) profile.TLS {
	in := func(name string) string { return filepath.Join(c.Dir(), "tls", name) }
	return profile.TLS{On: true, CAFile: in("ca.crt"), CertFile: in("client.crt"), KeyFile: in("client.key"), ServerName: "localhost"}
}

// TestReach: brokers that name an address which nobody reaches, and servers that
// want certificates. The whole main job works once the profile says how; what is
// missing is named.
func TestReach(t *testing.T) {
	t.Parallel()
	on := serverOf("tls")
	top := on.topic(t, 2)
	p := on.at(t)
	t.Run("the map from the failing check", func(t *testing.T) {
		t.Parallel()
		unmapped := p
		unmapped.Addresses = nil
		var failed client.Check
		client.TestConnection(t.Context(), unmapped, "", top, func(c client.Check) {
			if c.Done && c.Kind == client.CheckBroker {
				failed = c
			}
		})
		if !errors.Is(failed.Err, fault.Unreachable) || !strings.HasPrefix(failed.Addr, unreachable+":") {
			t.Fatalf("%+v", failed)
		}
		mapped := p
		mapped.Addresses = map[string]string{failed.Addr: on.real(t).BrokerAddr(0)}
		client.TestConnection(t.Context(), mapped, "", top, func(c client.Check) {
			if c.Done && c.Err != nil {
				t.Errorf("%+v", c)
			}
		})
		d := deskAt(t, mapped, "")
		sub := d.subscribe(on.spec(t, top))
		r := d.send(top, "tag", "encrypted 正文")[0]
		wait(t, sub, 1, 30*time.Second)
		m := messages(t, sub)[0]
		if string(m.Body) != "encrypted 正文" || m.ID() != r.MessageID || m.OffsetID() != r.OffsetMessageID || m.StoreHost.Addr().String() != unreachable {
			t.Errorf("%+v, the receipt says %+v", m, r)
		}
	})
	t.Run("not mapped", func(t *testing.T) {
		t.Parallel()
		unmapped := p
		unmapped.Addresses = nil
		d := deskAt(t, unmapped, "")
		r, err := d.conn.Send(t.Context(), draft(top, "x"))
		if err != nil || r.Status.Stored() || !errors.Is(r.Fault, fault.Unreachable) || !strings.Contains(r.Fault.Raw, unreachable) || strings.Contains(r.Fault.Raw, "127.0.0.1") {
			t.Errorf("%+v, %v", r, err)
		}
		s := on.spec(t, top)
		sub, err := d.client.Sessions.Open(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.conn.Start(t.Context(), sub, s); !errors.Is(err, fault.Unreachable) {
			t.Errorf("%v", err)
		}
	})
	foreignCert, foreignKey, err := testcluster.ForeignCertificate(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*profile.TLS)
		want   error
	}{
		"another authority":   {func(v *profile.TLS) { v.CAFile = foreignCert }, fault.Untrusted},
		"the system's":        {func(v *profile.TLS) { v.CAFile = "" }, fault.Untrusted},
		"another name":        {func(v *profile.TLS) { v.ServerName = "mq.example.com" }, fault.WrongName},
		"no certificate":      {func(v *profile.TLS) { v.CertFile, v.KeyFile = "", "" }, fault.CertificateRefused},
		"foreign certificate": {func(v *profile.TLS) { v.CertFile, v.KeyFile = foreignCert, foreignKey }, fault.CertificateRefused},
		"a plain profile":     {func(v *profile.TLS) { *v = profile.TLS{} }, fault.ClosedBeforeAnswer},
		"a file that is gone": {func(v *profile.TLS) { v.CAFile += "x" }, errFile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl, _ := offline(t)
			wrong := p
			c.change(&wrong.TLS)
			begin := time.Now()
			conn, err := cl.Open(t.Context(), wrong, "")
			if took := time.Since(begin); took > 5500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			var file *client.FileError
			if conn != nil || !errors.Is(err, c.want) && !(c.want == errFile && errors.As(err, &file) && file.Path == wrong.TLS.CAFile) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// errFile stands for a client.FileError.
var errFile = errors.New("a file")
