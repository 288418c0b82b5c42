package worker

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A frame is
//
//	uint32  size of header and raw bytes together
//	uint32  size of the header
//	header  JSON
//	raw     bytes, where a body travels
//
// big-endian. maxFrame bounds it: a body that a broker could take, and more.
const maxFrame = 64 << 20

var errFrame = errors.New("frame out of bounds")

// writer writes whole frames; it may be used from many goroutines.
type writer struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *writer) send(header any, raw []byte) error {
	h, err := json.Marshal(header)
	if err != nil {
		return err
	}
	if len(h)+len(raw) > maxFrame {
		return fmt.Errorf("%w: %d bytes", errFrame, len(h)+len(raw))
	}
	b := make([]byte, 8, 8+len(h)+len(raw))
	binary.BigEndian.PutUint32(b, uint32(len(h)+len(raw)))
	binary.BigEndian.PutUint32(b[4:], uint32(len(h)))
	b = append(append(b, h...), raw...)
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.w.Write(b)
	return err
}

// receive reads one frame into header and returns its raw bytes.
func receive(r io.Reader, header any) ([]byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	total, n := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if total > maxFrame || n > total {
		return nil, fmt.Errorf("%w: %d and %d bytes", errFrame, total, n)
	}
	b := make([]byte, total)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b[:n], header); err != nil {
		return nil, err
	}
	return b[n:], nil
}
