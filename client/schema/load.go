package schema

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// load reads a file, and returns which files it read.
func load(ctx context.Context, file string) ([]protoreflect.FileDescriptor, []stamp, error) {
	r := &reading{main: file}
	if !strings.EqualFold(filepath.Ext(file), ".proto") {
		b, err := r.read(file)
		if err != nil {
			return nil, nil, unread(file, err)
		}
		files, err := parseSet(file, b)
		return files, r.files, err
	}
	if _, err := r.read(file); err != nil {
		return nil, nil, unread(file, err)
	}
	r.files, r.bytes = nil, 0 // it is read again in its turn
	c := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: r.open}),
		MaxParallelism: 1,
	}
	compiled, err := c.Compile(ctx, filepath.Base(file))
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil:
		return nil, nil, r.wrong(err)
	}
	var files []protoreflect.FileDescriptor
	for _, f := range compiled {
		files = append(files, f)
	}
	return files, r.files, nil
}

// reading reads the files of one schema.
type reading struct {
	main string

	mu    sync.Mutex
	bytes int64
	files []stamp
	paths map[string]string // by the name under which they are imported
	first error             // why one could not be read, but for that it is not there
}

// open finds what is imported under a name.
func (r *reading) open(name string) (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, fs.ErrNotExist
	}
	for dir := filepath.Dir(r.main); ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		b, err := r.read(path)
		if err == nil {
			if r.paths == nil {
				r.paths = map[string]string{}
			}
			r.paths[name] = path
			return io.NopCloser(bytes.NewReader(b)), nil
		}
		if why := (*Error)(nil); errors.As(err, &why) {
			r.first = errors.Join(r.first, err)
			return nil, err
		}
		if filepath.Dir(dir) == dir {
			return nil, fs.ErrNotExist
		}
	}
}

// read reads a file within the limits. The error is an *Error where it is there.
func (r *reading) read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fs.ErrNotExist
	case len(r.files) == MaxFiles || r.bytes+info.Size() > MaxBytes:
		return nil, &Error{File: path, Why: TooLarge}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Why: Unread, Reason: err.Error()}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxBytes-r.bytes))
	if err != nil {
		return nil, &Error{File: path, Why: Unread, Reason: err.Error()}
	}
	if strings.EqualFold(filepath.Ext(path), ".proto") {
		if line := deep(b); line > 0 {
			return nil, &Error{File: path, Line: line, Column: 1, Why: TooDeep}
		}
	}
	r.bytes += int64(len(b))
	r.files = append(r.files, stamp{path, info.Size(), info.ModTime()})
	return b, nil
}

// unread is the error of a file that is named by the user.
func unread(file string, err error) error {
	if why := (*Error)(nil); errors.As(err, &why) {
		return err
	}
	return &Error{File: file, Why: Unread, Reason: err.Error()}
}

// wrong is what the compiler says, with the path instead of the name of an import.
func (r *reading) wrong(err error) error {
	if why := (*Error)(nil); errors.As(r.first, &why) {
		return why
	}
	out := &Error{File: r.main, Why: Syntax, Reason: err.Error()}
	if at := reporter.ErrorWithPos(nil); errors.As(err, &at) {
		place := at.GetPosition()
		out.Line, out.Column, out.Reason = place.Line, place.Col, at.Unwrap().Error()
		if path := r.paths[place.Filename]; path != "" {
			out.File = path
		}
	}
	if len(out.Reason) > longestReason {
		out.Reason = out.Reason[:longestReason]
	}
	out.Reason = strings.ToValidUTF8(out.Reason, "")
	return out
}

// longestReason is how much of a parser's text is told, in bytes.
const longestReason = 500

// deep is the line on which a .proto nests deeper than is read, 0 for nowhere: what parses
// it calls itself for each level.
func deep(b []byte) int {
	depth, line := 0, 1
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '\n':
			line++
		case '/':
			switch {
			case bytes.HasPrefix(b[i:], []byte("//")):
				n := bytes.IndexByte(b[i:], '\n')
				if n < 0 {
					return 0
				}
				i += n - 1
			case bytes.HasPrefix(b[i:], []byte("/*")):
				n := bytes.Index(b[i+2:], []byte("*/"))
				if n < 0 {
					return 0
				}
				line += bytes.Count(b[i:i+2+n], []byte("\n"))
				i += n + 3
			}
		case '"', '\'':
			for i++; i < len(b) && b[i] != c && b[i] != '\n'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if i < len(b) && b[i] == '\n' {
				line++
			}
		case '{', '[', '<', '(':
			if depth++; depth > mostNested {
				return line
			}
		case '}', ']', '>', ')':
			depth = max(depth-1, 0)
		}
	}
	return 0
}
