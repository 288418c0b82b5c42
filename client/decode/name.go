package decode

import (
	"bytes"
	"encoding/binary"
)

// Named is a format that is recognised and not read.
type Named struct {
	Name string // as people know it, "" for none
	// Class is the class of the object that it begins with, "" where it does not tell.
	Class string
}

// longestClass is the longest name of a class, in bytes.
const longestClass = 512

// Name tells which format a body begins as. What is a text is none.
func Name(b []byte) Named {
	if readable(b) {
		return Named{}
	}
	switch {
	case bytes.HasPrefix(b, []byte{0xAC, 0xED, 0, 5}):
		return Named{"Java serialization", javaClass(b[4:])}
	case bytes.HasPrefix(b, []byte("Obj\x01")):
		return Named{Name: "Avro"}
	case len(b) > 10 && b[0] == 0xC3 && b[1] == 1: // one object: the print of its schema follows
		return Named{Name: "Avro"}
	case bytes.HasPrefix(b, []byte("H\x02\x00")):
		return Named{"Hessian 2", hessianClass(b[3:])}
	case bytes.HasPrefix(b, []byte{0xDA, 0xBB}):
		return Named{Name: "Dubbo"}
	}
	if class := hessianClass(b); class != "" { // of which many write no header
		return Named{"Hessian 2", class}
	}
	return Named{}
}

// javaClass is the class of an object of Java's (Object Serialization Stream Protocol, 6.4.2).
func javaClass(b []byte) string {
	if len(b) < 4 || b[0] != 0x73 || b[1] != 0x72 { // TC_OBJECT, TC_CLASSDESC
		return ""
	}
	return class(b[4:], int(binary.BigEndian.Uint16(b[2:])), 0)
}

// hessianClass is the class that a definition of Hessian 2 names (Hessian 2.0 Serialization
// Protocol, 4): 'C', and a string, short or middling.
func hessianClass(b []byte) string {
	switch {
	case len(b) < 4 || b[0] != 'C':
	case b[1] <= 0x1F:
		return class(b[2:], int(b[1]), '.')
	case b[1] >= 0x30 && b[1] <= 0x33:
		return class(b[3:], int(b[1]-0x30)<<8|int(b[2]), '.')
	}
	return ""
}

// class returns the first n bytes if they can be the name of a class of Java, with one of
// a sign in it, 0 for none.
func class(b []byte, n int, has byte) string {
	if n == 0 || n > longestClass || n > len(b) || has != 0 && bytes.IndexByte(b[:n], has) <= 0 {
		return ""
	}
	for _, c := range b[:n] {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '$', c == '[', c == ';', c >= 0x80:
		default:
			return ""
		}
	}
	return string(b[:n])
}
