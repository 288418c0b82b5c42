//go:build unix

package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/filter"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/tail"
)

// findRecords is in how many messages BenchmarkFind looks.
const findRecords = 1_000_000

// BenchmarkFind compares what a filter looks for in a list of a million messages of 1 KB
// with grep and rg over the same files, by turns, all of it warm. Run it with -benchtime 1x.
func BenchmarkFind(b *testing.B) {
	dir, list := findJournal(b)
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		b.Fatal(err)
	}
	slices.Sort(files)
	grep := func(args ...string) func(*testing.B) time.Duration {
		return func(b *testing.B) time.Duration { return counted(b, append(args, files...)) }
	}
	fixed := func(needle string) func(*testing.B) time.Duration {
		return grep("grep", "-a", "-c", "-F", "--", needle)
	}
	cases := []struct {
		name, text string
		fit        int
		other      string
		with       func(*testing.B) time.Duration
	}{
		{"a rare word", "order-0000777777", 1, "grep -F", fixed("order-0000777777")},
		{"a word of all", "WECHAT", findRecords, "grep -F", fixed("wechat")},
		{"a word of none", "teetotaleer", 0, "grep -F", fixed("teetotaleer")},
		{"in any case", "ORDER-0000777777", 1, "grep -F -i", grep("grep", "-a", "-c", "-F", "-i", "--", "ORDER-0000777777")},
		{"tag:", "tag:refunded", findRecords / 100, "grep -F", fixed("refunded")},
		{"a pattern", `/order-0000777\d{2}7/`, 100, "rg", grep("rg", "-a", "-c", "-j1", "--no-mmap", `order-0000777\d{2}7`)},
		{"a path", `.order.id:order-0000777777`, 1, "grep -F", fixed("order-0000777777")},
		{"a path, compared", `.order.amount>9999`, 99, "grep -F", fixed("order-0000777777")},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				for _, cores := range []int{1, 2} {
					find := func() time.Duration { return findIn(b, list, c.text, c.fit, cores) }
					find()
					c.with(b)
					var all []float64
					var took, other []time.Duration
					for range benchPairs {
						x, y := find(), c.with(b)
						took, other, all = append(took, x), append(other, y), append(all, y.Seconds()/x.Seconds())
					}
					fmt.Printf("%s, %s, %d processors: %v, %s %v; speed to it, min median max: %.2f %.2f %.2f\n", c.name, c.text, cores,
						slices.Sorted(slices.Values(took))[len(took)/2].Round(time.Millisecond), c.other, slices.Sorted(slices.Values(other))[len(other)/2].Round(time.Millisecond),
						slices.Min(all), middle(all), slices.Max(all))
					b.ReportMetric(middle(all), fmt.Sprintf("speed-ratio-%d", cores))
				}
			}
		})
	}
}

// findJournal is a list of a million messages on disk, followed to its end.
func findJournal(b *testing.B) (dir string, list *tail.Tail) {
	b.Helper()
	dir = b.TempDir()
	w, err := journal.OpenWriter(dir, journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	pad := strings.Repeat("lorem ipsum dolor sit amet ", 26)
	var buf []byte
	for i := range findRecords {
		tag := "paid"
		if i%100 == 0 {
			tag = "refunded"
		}
		buf = message.AppendMessage(buf, &message.Message{
			Topic: "orders", Broker: "broker-a", QueueID: i % 8, QueueOffset: int64(i / 8), StoredAt: time.UnixMilli(1_800_000_000_000 + int64(i)), BornAt: time.UnixMilli(1_800_000_000_000),
			// Each ends its line, so that grep counts messages.
			Body: fmt.Appendf(nil, `{"order":{"id":"order-%010d","amount":%d.%02d,"channel":"wechat"},"note":"%s"}`+"\n", i, i%10_000, i/10_000%100, pad),
			Properties: []message.Property{
				{Name: message.PropertyTags, Value: tag}, {Name: message.PropertyKeys, Value: fmt.Sprint("key-", i)}, {Name: message.PropertyUniqueID, Value: fmt.Sprintf("7F0000013C2A%020X", i)},
			},
		})
		if i%1000 == 999 {
			if err := w.Append(buf, 1000); err != nil {
				b.Fatal(err)
			}
			buf = buf[:0]
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	caps := profile.Caps{Messages: 2 * findRecords, Bytes: 8 << 30, TotalBytes: 16 << 30}
	room := tail.NewRoom(filepath.Dir(dir))
	room.SetCaps(caps)
	list = tail.New(tail.Params{ID: "find", Dir: dir, Room: room, Log: slog.New(slog.DiscardHandler)})
	if err := list.Open(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(list.Close)
	eventually(b, time.Minute, func() string {
		if _, next := list.Range(); next != findRecords {
			return fmt.Sprint(next)
		}
		return ""
	})
	return dir, list
}

// findIn looks for a filter in all of the list, with so many processors.
func findIn(b *testing.B, list *tail.Tail, text string, fit, cores int) time.Duration {
	b.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	keep, err := filter.Parse(text, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	numbers, at, err := list.Sift(b.Context(), 0, findRecords, keep)
	took := time.Since(begun)
	if err != nil || at != findRecords || len(numbers) != fit {
		b.Fatalf("%s: %d found, want %d, up to %d, %v", text, len(numbers), fit, at, err)
	}
	return took
}

// counted runs a program that counts lines.
func counted(b *testing.B, args []string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), args[0], args[1:]...)
	begun := time.Now()
	out, err := cmd.Output()
	took := time.Since(begun)
	var none *exec.ExitError
	if err != nil && !(errors.As(err, &none) && none.ExitCode() == 1) {
		b.Fatalf("%v: %v", args[:2], err)
	}
	for line := range bytes.Lines(out) {
		if _, err := strconv.Atoi(string(bytes.TrimSpace(line[bytes.LastIndexByte(line, ':')+1:]))); err != nil {
			b.Fatalf("%s", line)
		}
	}
	return took
}
