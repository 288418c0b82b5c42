package message

import (
	"bytes"
	"compress/zlib"
)

// packLevel is the client library's own.
const packLevel = 5

// Bits of SysFlag that a sender sets (MessageSysFlag.java): a packed body, a half message.
const (
	FlagPacked = flagCompressed
	FlagHalf   = 0x4
)

// Pack packs a body as every client unpacks it.
func Pack(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, packLevel)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
