package e2e

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// weather is what the roads between the parts do to whoever is on them. The draws come from one seed; who meets which
// depends on how the parts run.
type weather struct {
	calm         atomic.Bool
	cut, slowed  atomic.Int64
	mu           sync.Mutex
	draws        *rand.Rand
	everyCut     int // one stretch of a road in so many cuts it; of one to a bank's API a tenth of that
	everySlow    int // or holds up who is there
	longestDelay time.Duration
}

// stretch says of the n bytes on their way how many arrive, when, and whether the road is cut behind them.
func (w *weather) stretch(n, everyCut int) (arrive int, delay time.Duration, cut bool) {
	if w.calm.Load() {
		return n, 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.draws.IntN(w.everySlow) == 0 {
		w.slowed.Add(1)
		delay = time.Duration(w.draws.Int64N(int64(w.longestDelay)))
	}
	if w.draws.IntN(everyCut) == 0 {
		w.cut.Add(1)
		return w.draws.IntN(n + 1), delay, true
	}
	return n, delay, false
}

// path leads from a port to the socket of the part that belongs there.
type path struct {
	listener net.Listener
	socket   string
	weather  *weather
	everyCut int
}

func openPath(port int, socket string, w *weather, everyCut int) (*path, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	r := &path{l, socket, w, everyCut}
	go r.serve()
	return r, nil
}

func (r *path) serve() {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.travel(from)
	}
}

// travel brings a caller to the part; where there is none at this moment, it is as if nobody listened.
func (r *path) travel(from net.Conn) {
	to, err := net.Dial("unix", r.socket)
	if err != nil {
		reset(from)
		return
	}
	var both sync.WaitGroup
	both.Go(func() { r.carry(from, to) })
	r.carry(to, from)
	both.Wait()
}

// carry brings what comes from one end to the other, until one of both is gone or the road is cut.
func (r *path) carry(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			arrive, delay, cut := r.weather.stretch(n, r.everyCut)
			if delay > 0 {
				<-time.After(delay)
			}
			if _, err := to.Write(buffer[:arrive]); err != nil {
				return
			}
			if cut {
				reset(from)
				reset(to)
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				reset(to)
			}
			return
		}
	}
}

// reset ends a connection as a machine does that is gone: without a farewell.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
