package gui

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gantry/client/decode"
	"gantry/client/profile"
)

// TestFormatsAreKept: those of a saved connection in its profile, those of the sandbox with
// the settings; what was chosen for a topic counts where the profile says nothing.
func TestFormatsAreKept(t *testing.T) {
	saved := profile.Profile{ID: "a", Name: "orders", Environment: profile.Test, NameServers: []string{"127.0.0.1:1"}, Mapping: profile.OpenSource}
	r := newRig(t, saved)
	says := profile.Schema{Topic: "orders", Format: decode.Protobuf, Type: "shop.Order", File: "/protos/order.proto"}
	for _, id := range []string{"a", profile.SandboxID} {
		r.choose(id)
		s := r.spaces[id]
		f := s.formats()
		wrong := (*profile.FieldError)(nil)
		if err := f.Save(profile.Schema{Topic: "or ders", Format: decode.CBOR}); !errors.As(err, &wrong) || f.Of("or ders") != nil {
			t.Errorf("%s: %v", id, err)
		}
		if err := f.Save(says); err != nil {
			t.Fatal(err)
		}
		s.saveReading("stock", "CBOR")
		s.saveReading("orders", "MessagePack hex")
		s.saveReading("pay", "Protobuf") // nothing describes it
		if got := f.Of("orders"); got == nil || *got != says {
			t.Errorf("%s: of orders %+v", id, got)
		}
		if got := f.Of("stock"); got == nil || got.Format != decode.CBOR {
			t.Errorf("%s: of stock %+v", id, got)
		}
		if got := f.Of("pay"); got != nil {
			t.Errorf("%s: of pay %+v", id, got)
		}
	}
	want := []profile.Schema{says}
	r.until(func() bool { all, _ := r.client.Profiles.Load(); return slices.Equal(all[0].Schemas, want) })
	r.until(func() bool { all, _ := r.client.Settings.Load(); return slices.Equal(all.Sandbox, want) })
	if got := r.all()[0].Schemas; !slices.Equal(got, want) {
		t.Errorf("of the sandbox: %+v", got)
	}
}

// TestFormatsAreTold: what is in another format now is said of the topics that are, by what
// was chosen for one and by the profile.
func TestFormatsAreTold(t *testing.T) {
	saved := profile.Profile{ID: "a", Name: "orders", Environment: profile.Test, NameServers: []string{"127.0.0.1:1"}, Mapping: profile.OpenSource}
	r := newRig(t, saved)
	r.choose("a")
	s := r.spaces["a"]
	was := s.told
	tell := func() (changed []string) {
		for _, topic := range []string{"orders", "stock", ""} {
			if was.differs(s.told, topic) {
				changed = append(changed, topic)
			}
		}
		was = s.told
		return changed
	}
	s.saveReading("stock", "GBK text") // of text: no format
	if got := tell(); got != nil {
		t.Errorf("a charset changes %q", got)
	}
	s.saveReading("stock", "CBOR")
	if got := tell(); !slices.Equal(got, []string{"stock"}) {
		t.Errorf("a format that is chosen changes %q", got)
	}
	s.saveReading("stock", "CBOR hex")
	if got := tell(); got != nil {
		t.Errorf("hex changes %q", got)
	}
	p := s.profile
	p.Schemas = []profile.Schema{{Topic: "ord*", Format: decode.MessagePack}}
	s.setProfile(p)
	if got := tell(); !slices.Equal(got, []string{"orders"}) {
		t.Errorf("the profile changes %q", got)
	}
	file := filepath.Join(t.TempDir(), "stock.proto")
	p.Schemas = []profile.Schema{{Topic: "stock", Format: decode.Protobuf, Type: "S", File: file}}
	s.setProfile(p)
	tell()
	for i, c := range []struct {
		text string
		want []string
	}{{"message S { int32 n = 1; }", nil}, {"message S { int32 n = 1; }", nil}, {"message S { int32 count = 1; }", []string{"stock"}}, {"message", []string{"stock"}}} {
		if i != 1 { // then it stays as it is
			if err := os.WriteFile(file, []byte(`syntax = "proto3"; `+c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = r.client.Schemas.Load(t.Context(), file, "S")
		s.formats().Looked()
		if got := tell(); !slices.Equal(got, c.want) {
			t.Errorf("%d: the file changes %q", i, got)
		}
	}
}
