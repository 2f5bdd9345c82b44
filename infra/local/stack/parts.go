// A stack in parts, each in a process of its own, so that each can be killed alone.

package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"kassa/infra/local/demo"
)

// The parts beside the simulated banks, which have their own names.
const (
	EnginePart = "engine"
	HostPart   = "host" // what AWS would do between them: it runs the functions, their gateways, stream and schedules
)

// Parts are all parts of a stack but the shop, which is whoever listens at its port.
func Parts() []string {
	all := []string{EnginePart, HostPart}
	for _, entry := range demo.Simulators() {
		all = append(all, entry.Name)
	}
	return all
}

// StartPart starts one part on the folder that a whole stack on the same ports has filled before. Its addresses stay
// those of the whole stack, and it listens in c.Sockets alone.
func StartPart(ctx context.Context, c Config, part string) (*Stack, error) {
	s := newStack(c)
	s.Ports = portsFrom(c.Port)
	switch part {
	case EnginePart:
		return s.start(ctx, s.openEngine, s.listenAt(s.Ports.Engine), s.serveEngine)
	case HostPart:
		return s.start(ctx, s.readInfo, s.resolveTemplate, s.prepareBinaries, s.listenAt(s.Ports.API, s.Ports.Callbacks),
			s.startFunctions, s.startStreams, s.startSchedules)
	}
	all := demo.Simulators()
	i := slices.IndexFunc(all, func(e demo.Entry) bool { return e.Name == part })
	if i < 0 {
		return nil, fmt.Errorf("a stack has no part %q; it has %v", part, Parts())
	}
	door := s.Ports.Simulators[part]
	return s.start(ctx, s.listenAt(door.API, door.Pages), func(context.Context) error {
		_, err := s.startSimulator(all[i])
		return err
	})
}

// Socket is where a part listens in place of a port.
func Socket(folder string, port int) string { return filepath.Join(folder, strconv.Itoa(port)) }

// listenAt listens in place of ports. Whoever was killed has left its sockets behind.
func (s *Stack) listenAt(ports ...int) func(context.Context) error {
	return func(ctx context.Context) error {
		s.onClose(func(context.Context) error { return s.Ports.release() })
		for _, port := range ports {
			at := Socket(s.config.Sockets, port)
			if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			l, err := new(net.ListenConfig).Listen(ctx, "unix", at)
			if err != nil {
				return err
			}
			s.Ports.listeners[port] = l
		}
		return nil
	}
}

// readInfo takes up what the whole stack has written.
func (s *Stack) readInfo(context.Context) error {
	text, err := os.ReadFile(s.InfoFile())
	if err == nil {
		err = json.Unmarshal(text, &s.Info)
	}
	if err != nil {
		return fmt.Errorf("read what the whole stack has written: %w", err)
	}
	return nil
}
