package exchange

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gantry/client/message"
)

// indexName is the file that says what is in a folder of bodies.
const indexName = "index.jsonl"

// longestName bounds what a file's name has of a message, in bytes.
const longestName = 80

// folder writes bodies into files.
type folder struct {
	root  *os.Root
	index *lines
	from  message.Export
	n     int
}

// Folder makes a folder in dir, named by name and the time, and writes each message's body
// into a file of its own there, to the byte, unpacked where the client packed it. index.jsonl
// has a line of JSON for each: its file, and what message.JSON has but the body. Files are
// the user's alone.
func Folder(dir, name string, now time.Time, from message.Export) (Writer, error) {
	path := filepath.Join(dir, safe(name)+now.Format("-20060102-150405"))
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root, from: from}
	index, err := f.make(indexName)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	f.index = &lines{to: index, buf: bufio.NewWriterSize(index, bufferSize)}
	return f, nil
}

// make makes a file that is not there yet.
func (f *folder) make(name string) (*os.File, error) {
	return f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (f *folder) Write(m *message.Message) error {
	f.n++
	body := content(m)
	name := fmt.Sprintf("%06d-%s%s", f.n, safe(fmt.Sprintf("%s-%s-%d-%d-%s", m.Topic, m.Broker, m.QueueID, m.QueueOffset, strings.Join(m.Keys(), "-"))), ending(body))
	out, err := f.make(name)
	if err != nil {
		return err
	}
	_, err = out.Write(body)
	if err = closed(err, out); err != nil {
		return err
	}
	line, err := m.IndexJSON(f.from, name)
	if err == nil {
		_, err = f.index.buf.Write(append(line, '\n'))
	}
	return err
}

func (f *folder) Close() error { return errors.Join(f.index.Close(), f.root.Close()) }

// ending is that of a body's file.
func ending(body []byte) string {
	switch {
	case json.Valid(body):
		return ".json"
	case plain(body):
		return ".txt"
	}
	return ".bin"
}

// safe is a text as every file system takes it in a name, longestName at most: letters and
// digits of all scripts, and a sign for all else.
func safe(text string) string {
	var b strings.Builder
	last := '-'
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' || r == utf8.RuneError {
			r = '-'
		}
		if r == '-' && last == '-' {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > longestName {
			break
		}
		b.WriteRune(r)
		last = r
	}
	if name := strings.Trim(b.String(), "-."); name != "" {
		return name
	}
	return "messages"
}
