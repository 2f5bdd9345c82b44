package webhook

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// message is what a shop's server received.
type message struct {
	header http.Header
	body   []byte
}

// shop is a shop's server on this machine, which keeps what it receives.
type shop struct {
	t   *testing.T
	url string

	mu       sync.Mutex
	received []message
}

func newShop(t *testing.T, answer http.HandlerFunc) *shop {
	s := &shop{t: t}
	server := httptest.NewServer(s.keeping(answer))
	t.Cleanup(server.Close)
	s.url = server.URL + "/kassa"
	return s
}

func (s *shop) keeping(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		s.mu.Lock()
		s.received = append(s.received, message{r.Header, body})
		s.mu.Unlock()
		answer(w, r)
	})
}

func (s *shop) messages() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received
}

// target is the shop with these secrets, oneSecret if there are none.
func (s *shop) target(texts ...string) Target {
	if len(texts) == 0 {
		texts = []string{oneSecret}
	}
	return Target{URL: s.url, Secrets: secrets(s.t, texts...), Loopback: true}
}

func answering(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range header {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// listen serves connections as talk does, which begins after the request's headers were read, and ends when the client
// hangs up.
func listen(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var talks sync.WaitGroup
	talks.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talks.Go(func() {
				defer conn.Close()
				if _, err := conn.Read(make([]byte, 64<<10)); err == nil {
					talk(conn)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		talks.Wait()
	})
	return "http://" + l.Addr().String()
}

// silence waits until the other side hangs up.
func silence(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// forever says the same again and again until the other side hangs up.
func forever(conn net.Conn, text string) {
	for text = strings.Repeat(text, 100); ; {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
	}
}

// names is a name server: what each question about a host is answered with, the last one again and again.
type names map[string][]string

// resolver asks names, over a pipe and in DNS's own form (RFC 1035, 4).
func (n names) resolver() *net.Resolver {
	var mu sync.Mutex
	asked := map[string]int{}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer ours.Close()
			var size [2]byte
			if _, err := io.ReadFull(ours, size[:]); err != nil {
				return
			}
			question := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(ours, question); err != nil {
				return
			}
			mu.Lock()
			answer := n.answer(question, asked)
			mu.Unlock()
			_, _ = ours.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
		}()
		return theirs, nil
	}}
}

func (n names) answer(question []byte, asked map[string]int) []byte {
	var host []string
	at := 12
	for question[at] != 0 {
		host = append(host, string(question[at+1:at+1+int(question[at])]))
		at += 1 + int(question[at])
	}
	kind := binary.BigEndian.Uint16(question[at+1:])
	answers, known := n[strings.Join(host, ".")]
	flags, count := uint16(0x8180), uint16(0)
	var records []byte
	if known {
		key := string(question[12 : at+3])
		now := answers[min(asked[key], len(answers)-1)]
		asked[key]++
		for text := range strings.FieldsSeq(now) {
			ip := netip.MustParseAddr(text)
			if ip.Is4() != (kind == 1) {
				continue
			}
			count++
			records = append(records, 0xc0, 12)
			records = binary.BigEndian.AppendUint16(records, kind)
			records = append(records, 0, 1, 0, 0, 0, 0)
			records = binary.BigEndian.AppendUint16(records, uint16(len(ip.AsSlice())))
			records = append(records, ip.AsSlice()...)
		}
	} else {
		flags |= 3 // there is no such name
	}
	head := append([]byte{}, question[:2]...)
	for _, v := range []uint16{flags, 1, count, 0, 0} {
		head = binary.BigEndian.AppendUint16(head, v)
	}
	return append(append(head, question[12:at+5]...), records...)
}
