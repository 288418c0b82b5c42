package remoting

import "net"

// AddressMap says where servers are reached whose own address cannot be: behind
// a port forward, a VPN, or in Docker. A key is "host:port", or a host for all
// of its ports; its value is of the same kind. Nil changes nothing.
type AddressMap map[string]string

// Reach returns the address to dial for addr (host:port): that of its own
// entry, else of its host's, else addr.
func (m AddressMap) Reach(addr string) string {
	if to, ok := m[addr]; ok {
		return to
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if to, ok := m[host]; ok {
		return net.JoinHostPort(to, port)
	}
	return addr
}
