package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/vault"
)

// TestF20SecondStartKnocks: the first comes to the front, also behind what a crash left,
// and hears nothing any more once it is closed.
func TestF20SecondStartKnocks(t *testing.T) {
	folders := client.FoldersIn(t.TempDir())
	if client.Knock(folders) {
		t.Fatal("nobody is there, and answers")
	}
	p := client.Params{Folders: folders, Vault: vault.New()}
	first, err := client.New(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folders.Data, "gantry.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	front := make(chan struct{}, 8)
	if err := first.Front(func() { front <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := client.New(p); !errors.Is(err, fault.FolderInUse) {
			t.Fatal(err)
		}
		if !client.Knock(folders) {
			t.Fatal("the first does not hear")
		}
		<-front
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if client.Knock(folders) {
		t.Error("a closed one answers")
	}
}
