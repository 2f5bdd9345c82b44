// Ports. All of them follow from the first, so that a stack that is started again has the same addresses, which stand
// in secrets, in open payments and in people's bookmarks.

package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"kassa/infra/local/demo"
)

// Ports are where a stack listens, counted from the demo shop's.
type Ports struct {
	Shop      int // the first
	API       int // +1
	Callbacks int // +2
	// Simulators are +3 and up, two for each in the order of [demo.Simulators].
	Simulators map[string]Door
	Engine     int // after them: where it is stands in local.json alone

	listeners map[int]net.Listener
}

// Door is where one simulated bank listens: its API, by TLS, and its pages.
type Door struct{ API, Pages int }

// portsFrom counts them; the engine comes last, because its place depends on how many banks there are and nobody types
// it.
func portsFrom(base int) Ports {
	p := Ports{Shop: base, API: base + 1, Callbacks: base + 2, Simulators: map[string]Door{}, Engine: base + 3,
		listeners: map[int]net.Listener{}}
	for _, entry := range demo.Simulators() {
		p.Simulators[entry.Name] = Door{API: p.Engine, Pages: p.Engine + 1}
		p.Engine += 2
	}
	return p
}

// address is the base URL of a plain-http port.
func address(port int) string { return "http://" + hostPort(port) }

// hostPort is on the loopback interface alone: the engine holds every secret, and the simulators pay for anybody.
func hostPort(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// block is how many ports a stack may need.
const block = 20

// listen takes all ports at once, so that a port in use is noticed before anything is built or started.
func (s *Stack) listen(ctx context.Context) error {
	if s.config.Port != 0 {
		return s.take(ctx, s.config.Port)
	}
	var err error
	for range 50 {
		// Below the range that systems hand out.
		base := 20000 + block*rand.IntN(12000/block) //nolint:gosec // nothing secret hangs on it
		if err = s.take(ctx, base); err == nil {
			return nil
		}
	}
	return fmt.Errorf("found no free block of ports; the last try: %w", err)
}

// take listens on each port of a block, or on none: what was taken is let go of when one fails.
func (s *Stack) take(ctx context.Context, base int) error {
	p := portsFrom(base)
	if base < 1 || p.Engine > 65535 {
		return fmt.Errorf("PORT %d is out of range: it and the %d after it must lie between 1 and 65535", base,
			p.Engine-base)
	}
	for port := base; port <= p.Engine; port++ {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", hostPort(port))
		if err != nil {
			return errors.Join(explainPort(base, port, err), p.release())
		}
		p.listeners[port] = l
	}
	s.Ports = p
	s.onClose(func(context.Context) error { return p.release() })
	return nil
}

// explainPort says which of the ports is in use, counted from PORT, since that is what people can change.
func explainPort(base, port int, err error) error {
	what := "the port itself"
	if port != base {
		what = fmt.Sprintf("PORT %d + %d", base, port-base)
	}
	if reason := new(net.OpError); errors.As(err, &reason) {
		err = reason.Err
	}
	return fmt.Errorf("cannot listen on 127.0.0.1:%d (%s): %w; stop the other program or set PORT", port, what, err)
}

// release closes what no server has taken over.
func (p Ports) release() error {
	var all []error
	for port, l := range p.listeners {
		all = append(all, l.Close())
		delete(p.listeners, port)
	}
	return errors.Join(all...)
}

// idleConnection is how long a connection may stand unused: a client that opens one for each call leaves those of so
// many minutes behind, and no more.
const idleConnection = 2 * time.Minute

// serve starts a server on a port that was taken before; config is nil for plain http.
func (s *Stack) serve(port int, handler http.Handler, config *tls.Config) {
	l := s.Ports.listeners[port]
	delete(s.Ports.listeners, port)
	if config != nil {
		l = tls.NewListener(l, config)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       idleConnection,
		ErrorLog:          log.New(errorWriter{s.log}, "", 0),
	}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("server ended", "port", port, "error", err)
		}
	}()
	s.onClose(func(ctx context.Context) error {
		if err := server.Shutdown(ctx); err != nil { // the time to finish is over
			return server.Close()
		}
		return nil
	})
}

// errorWriter hands net/http's own complaints (a broken handshake, a panic) to the log.
type errorWriter struct{ log *slog.Logger }

func (w errorWriter) Write(line []byte) (int, error) {
	w.log.Error("http server", "error", string(line))
	return len(line), nil
}
