package relay

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// own tells whether the other end of a connection is a socket of this process:
// Windows says which process has a TCP connection.
func own(nc net.Conn) (bool, error) {
	near, far := nc.LocalAddr().(*net.TCPAddr).AddrPort(), nc.RemoteAddr().(*net.TCPAddr).AddrPort()
	rows, err := connections()
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		if row.owner == uint32(os.Getpid()) && row.local == far && row.remote == near {
			return true, nil
		}
	}
	return false, nil
}

// connection is one row of the system's table of TCP connections over IPv4
// (MIB_TCPROW_OWNER_PID).
type connection struct {
	local, remote netip.AddrPort
	owner         uint32
}

const (
	tableOwnerPIDConnections = 4 // TCP_TABLE_OWNER_PID_CONNECTIONS
	rowSize                  = 24
)

func connections() ([]connection, error) {
	table := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
	if err := table.Find(); err != nil {
		return nil, err
	}
	size := uint32(16 << 10)
	for range 10 { // the table may grow between two calls
		b := make([]byte, size)
		status, _, _ := table.Call(uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size)), 0,
			windows.AF_INET, tableOwnerPIDConnections, 0)
		switch windows.Errno(status) {
		case 0:
			return rows(b), nil
		case windows.ERROR_INSUFFICIENT_BUFFER:
		default:
			return nil, windows.Errno(status)
		}
	}
	return nil, fmt.Errorf("the table of connections does not hold still")
}

// rows reads a table: a count, then for each row state, local address and port,
// remote address and port, process. Ports are in network order.
func rows(b []byte) (all []connection) {
	le := binary.LittleEndian
	for n := le.Uint32(b); n > 0 && len(b) >= 4+rowSize; n-- {
		row := b[4 : 4+rowSize]
		at := func(i int) netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte(row[i:i+4])), binary.BigEndian.Uint16(row[i+4:]))
		}
		all = append(all, connection{at(4), at(12), le.Uint32(row[20:])})
		b = b[rowSize:]
	}
	return all
}
