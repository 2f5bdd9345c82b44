// Package console serves `kassa console`: screens for a shop's staff on the operator's own machine, over the operator's
// own rights. It listens on loopback, lets one browser in, and ends with its terminal.
package console

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"kassa/infra/console/guard"
	"kassa/infra/console/screen"
)

// Console is a console that listens, and serves once Serve is called.
type Console struct {
	listener net.Listener
	guard    *guard.Guard
	handler  http.Handler
}

// Listen takes a port of 127.0.0.1, any one for 0. Nobody else can reach it, whatever the machine's other addresses.
func Listen(k screen.Kassa, port int) (*Console, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	g := guard.New(l.Addr().String())
	site, err := screen.New(k, g)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &Console{l, g, g.Around(site, site.Refuse)}, nil
}

// Address is where to enter, once; whoever has it first is let in.
func (c *Console) Address() string { return c.guard.Address() }

// How long a request may take: what asks a bank takes up to 40 s, and is waited for when the console ends, since money
// may be on its way.
const (
	answerTime = 90 * time.Second
	endTime    = 45 * time.Second
)

// Serve answers until ctx is over and what is under way is done.
func (c *Console) Serve(ctx context.Context) error {
	server := &http.Server{Handler: c.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 10 * answerTime, IdleTimeout: answerTime, MaxHeaderBytes: 32 << 10}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		patient, cancel := context.WithTimeout(context.Background(), endTime)
		defer cancel()
		if server.Shutdown(patient) != nil {
			_ = server.Close() // what moves money is over by now; a long list is cut, and the browser says so
		}
		close(ended)
	})
	err := server.Serve(c.listener)
	if stop() { // it ended by itself
		return fmt.Errorf("serve the console: %w", err)
	}
	<-ended
	return nil
}
