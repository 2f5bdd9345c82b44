package exchange

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
)

// segment is what one packet of the internet carries of a TCP connection.
const segment = 1460

// front stands before a server as some firewalls do: it looks for the client's whole hello in the first packet, and
// ends a connection that begins otherwise.
func front(t *testing.T, server string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(conn, server)
		}
	}()
	return listener.Addr().String()
}

func pass(conn net.Conn, server string) {
	defer func() { _ = conn.Close() }()
	head := make([]byte, 5)
	if _, err := io.ReadFull(conn, head); err != nil || len(head)+int(binary.BigEndian.Uint16(head[3:])) > segment {
		return
	}
	behind, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = behind.Close() }()
	_, _ = behind.Write(head)
	go func() { _, _ = io.Copy(behind, conn) }()
	_, _ = io.Copy(conn, behind)
}

// TestOurHelloFitsInOnePacket: one that also offers a key exchange for after quantum computers does not, and there are
// servers and firewalls that drop it.
func TestOurHelloFitsInOnePacket(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": 0x303, "TLS 1.3": 0x304} {
		p := serve(t, true, version, answering)
		ours, ourKey := issue(t, p.ca, strings.Repeat("E", 600), soon(), false) // it stands in the server's tickets
		pair, err := Pair(ours.pem, ourKey)
		if err != nil {
			t.Fatal(err)
		}
		p.address.Host = front(t, p.address.Host)
		c := p.client(t, &pair, p.ca.pem)
		for range 3 { // a ticket of an earlier session makes a hello longer
			got, err := c.Post(t.Context(), p.request(Money))
			if err != nil || got.Status != 200 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
}
