//go:build unix

package relay

import (
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

// own tells whether the other end of a connection is a socket of this process:
// one of its descriptors has the same two addresses, the other way round.
func own(nc net.Conn) (bool, error) {
	near, far := addrPort(nc.LocalAddr()), addrPort(nc.RemoteAddr())
	dir, err := os.Open("/dev/fd")
	if err != nil {
		return false, err
	}
	names, err := dir.Readdirnames(-1)
	_ = dir.Close()
	if err != nil {
		return false, err
	}
	for _, n := range names {
		fd, err := strconv.Atoi(n)
		if err != nil {
			continue
		}
		local, err := syscall.Getsockname(fd)
		if err != nil || sockaddr(local) != far {
			continue
		}
		if peer, err := syscall.Getpeername(fd); err == nil && sockaddr(peer) == near {
			return true, nil
		}
	}
	return false, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		p := t.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

func sockaddr(a syscall.Sockaddr) netip.AddrPort {
	switch s := a.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(s.Addr), uint16(s.Port))
	case *syscall.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(s.Addr).Unmap(), uint16(s.Port))
	}
	return netip.AddrPort{}
}
