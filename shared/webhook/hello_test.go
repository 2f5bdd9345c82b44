package webhook

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// TestOurHelloFitsInOnePacket: a firewall that looks for the client's whole hello in the first packet, of 1,460 bytes,
// lets us through to a shop.
func TestOurHelloFitsInOnePacket(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	length := make(chan int, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		head := make([]byte, 5)
		_, _ = io.ReadFull(conn, head)
		length <- len(head) + int(binary.BigEndian.Uint16(head[3:]))
	}()
	a := New(Options{}).Send(t.Context(), Target{URL: "https://" + listener.Addr().String() + "/", Loopback: true,
		Secrets: secrets(t, oneSecret)}, id, nil)
	if n := <-length; n > 1460 || n < 100 || a.Code != "tls" && a.Code != "connection" {
		t.Errorf("%d bytes of a hello, %+v", n, a)
	}
}
