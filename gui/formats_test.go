package gui

import (
	"errors"
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
