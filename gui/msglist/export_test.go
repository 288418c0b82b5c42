package msglist

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gantry/client/exchange"
	"gantry/client/message"
	"gantry/gui/stage"
	"gantry/gui/words"
)

// TestExportForms: what is asked, and that the other forms have what the list shows.
func TestExportForms(t *testing.T) {
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	r := newFilterRig(t, 5_000)
	var said string
	r.list.p.Say = func(s string) { said = s }
	r.list.p.OnError = func(err error) { t.Error(err) }
	r.list.p.Window = r.win
	r.filter("key:k49")
	r.list.Export()
	for _, want := range []string{"JSON lines", "CSV", "Folder of bodies", "with every byte", "All messages that the list shows."} {
		if !strings.Contains(stage.Texts(r.win), want) {
			t.Errorf("%q is not shown:\n%s", want, stage.Texts(r.win))
		}
	}
	stage.Tap(t, r.win, "Cancel")
	r.press(1, 0)
	r.press(3, shift)
	if r.list.Export(); !strings.Contains(stage.Texts(r.win), "3 chosen messages.") {
		t.Errorf("it does not say which:\n%s", stage.Texts(r.win))
	}
	stage.Tap(t, r.win, "Cancel")
	done := func() {
		for len(r.tasks.Jobs()) > 0 {
			(<-r.queue)()
		}
	}
	var f file
	r.list.export(r.list.listed(), "x.csv", func(message.Export) (exchange.Writer, error) { return exchange.CSV(&f) })
	done()
	rows, err := csv.NewReader(strings.NewReader(f.String())).ReadAll()
	if err != nil || len(rows) != 112 || said != "Exported 111 messages to x.csv." {
		t.Errorf("%d rows, %q, %v", len(rows), said, err)
	}
	dir := t.TempDir()
	r.list.exportFolder(r.list.listed(), dir, "orders")
	done()
	files, err := filepath.Glob(filepath.Join(dir, "orders-*", "*"))
	if err != nil || len(files) != 112 || said != "Exported 111 messages to orders." {
		t.Fatalf("%d files, %q, %v", len(files), said, err)
	}
	if b, err := os.ReadFile(files[1]); err != nil || string(b) != `{"n":490}` {
		t.Errorf("%s: %q, %v", files[1], b, err)
	}
}
