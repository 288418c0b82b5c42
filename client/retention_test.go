package client_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/profile"
)

// sendJournals are the folders of single sends.
func sendJournals(t *testing.T, d *desk) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(d.dir, "data", "sends", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestProductionIsWrittenByTheDay: a connection that stays open goes on in a new journal, so
// that each can go after its week; and what was sent goes in one step while it is open.
func TestProductionIsWrittenByTheDay(t *testing.T) {
	t.Parallel()
	n := serverOf("sandbox").node(t)
	top := topicOn(t, n, "day-", 1)
	d := deskAt(t, profile.Profile{ID: "p", Name: "test", Environment: profile.Production, NameServers: []string{n.NameServer()}}, "")
	d.send(top, "", "one")
	d.send(top, "", "two")
	if all := sendJournals(t, d); len(all) != 1 {
		t.Fatalf("%v", all)
	}
	const day = 25 * time.Hour
	client.AgeSenders(d.conn, day)
	file := filepath.Join(sendJournals(t, d)[0], "meta.json")
	b, err := os.ReadFile(file)
	meta := map[string]any{}
	if err == nil {
		err = json.Unmarshal(b, &meta)
	}
	if err == nil {
		meta["begun"] = time.Now().Add(-day)
		b, err = json.Marshal(meta)
	}
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.send(top, "", "three")
	d.send(top, "", "four")
	if all := sendJournals(t, d); len(all) != 2 {
		t.Errorf("%v", all)
	}
	if err := d.client.DeleteSent("p"); err != nil {
		t.Error(err)
	}
	if all := sendJournals(t, d); len(all) != 0 {
		t.Errorf("%v are left", all)
	}
	d.send(top, "", "five")
	if all := sendJournals(t, d); len(all) != 1 {
		t.Errorf("%v", all)
	}
}
