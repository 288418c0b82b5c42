package msglist

import (
	"context"
	"errors"
	"slices"
	"testing"

	"gantry/client/message"
)

// TestSendAll hands over what the list shows: by its filter, without what was cleared, and
// none that came later.
func TestSendAll(t *testing.T) {
	r := newFilterRig(t, 500)
	var got Listed
	r.list.SendAll() // nobody can
	r.list.p.SendAll = func(l Listed) { got = l }
	keys := func() (all []string) {
		r.list.SendAll()
		r.src.next.Add(1000) // they came later
		skipped, err := got.Each(t.Context(), func(uint64) {}, func(m *message.Message) error {
			all = append(all, m.Keys()[0])
			return nil
		})
		if err != nil || skipped != (Skipped{}) {
			t.Errorf("%+v, %v", skipped, err)
		}
		return all
	}
	if all := keys(); len(all) != 500 || all[499] != "k499" || got.Most() != 500 {
		t.Errorf("%d messages of %d", len(all), got.Most())
	}
	r.list.hide(1495)
	r.turn()
	r.filter("key:k1499")
	if all := keys(); !slices.Equal(all, []string{"k1499"}) || got.Most() != 5 {
		t.Errorf("%v of %d", all, got.Most())
	}
	boom := errors.New("boom")
	if _, err := got.Each(t.Context(), func(uint64) {}, func(*message.Message) error { return boom }); !errors.Is(err, boom) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := got.Each(ctx, func(uint64) {}, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
