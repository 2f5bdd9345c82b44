package exchange

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"
)

// aheadFor is how long a connection that was opened ahead may wait for its first request. A server may close one that
// says nothing, and nobody reads on it meanwhile; it is also less than an environment lies frozen.
const aheadFor = 5 * time.Second

// line opens the connections to one server, and may have opened the next one ahead.
type line struct {
	trust *tls.Config

	mu    sync.Mutex
	ahead *conn // nil when there is none
	until time.Time
}

// Ahead opens a connection now, for the next request that may go over a kept one. Nothing is sent on it.
func (c *Client) Ahead(ctx context.Context, address *url.URL) error {
	opened, err := open(ctx, "tcp", hostPort(address), c.line.trust)
	if err != nil {
		return fmt.Errorf("shake hands with %s: %w", address.Host, err)
	}
	opened.ahead = true
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	c.line.drop()
	// By the wall clock: the other one may stand still while an environment is frozen.
	c.line.ahead, c.line.until = opened, time.Now().Round(0).Add(aheadFor)
	return nil
}

// drop closes what was opened ahead. The line must be locked.
func (l *line) drop() {
	if l.ahead != nil {
		_ = l.ahead.Close() // nothing was said on it
		l.ahead = nil
	}
}

// dial gives the connection that was opened ahead, if it is fresh, and else a new one. A client has one server.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	l.mu.Lock()
	if !time.Now().Round(0).Before(l.until) {
		l.drop()
	}
	opened := l.ahead
	l.ahead = nil
	l.mu.Unlock()
	if opened != nil {
		return opened, nil
	}
	return l.fresh(ctx, network, address)
}

// fresh gives a connection on which nothing can have happened yet.
func (l *line) fresh(ctx context.Context, network, address string) (net.Conn, error) {
	opened, err := open(ctx, network, address, l.trust)
	if err != nil {
		return nil, err // and no conn that is nil
	}
	return opened, nil
}

// hostPort is where a server listens.
func hostPort(address *url.URL) string {
	port := address.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(address.Hostname(), port)
}
