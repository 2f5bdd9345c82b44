package e2e

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"kassa/infra/local/stack"
)

// TestKilledAndStartedAgain: the program as `make run` runs it is killed with SIGKILL. None of its functions outlives
// it; started again it has the same keys and addresses, and SIGTERM ends it in order.
func TestKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	data, port := dataFolder(t, builtBinaries(t)), freePorts(t)
	var first stack.Info
	for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		c := launch(t, root, data, port)
		if err := c.ready(within(t, time.Minute)); err != nil {
			t.Fatal(err, c.errs)
		}
		now := info(t, data)
		if err := c.command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		code, err := c.code()
		noFunctionLeft(t, data)
		if signal == syscall.SIGKILL {
			first = now
			continue
		}
		if code != 0 || err != nil || c.errs.Len() > 0 {
			t.Errorf("SIGTERM ended it with %d %v: %s", code, err, c.errs)
		}
		if !reflect.DeepEqual(first, now) {
			t.Errorf("keys or addresses changed\nbefore %+v\nafter  %+v", first, now)
		}
	}
}

// TestProgramRefusesToStartInOneLine holds what a script sees: the exit code, and one line on stderr.
func TestProgramRefusesToStartInOneLine(t *testing.T) {
	t.Parallel()
	w := shared(t)
	data := filepath.Dir(w.InfoFile())
	nowhere := t.TempDir()
	for name, c := range map[string]struct {
		dir, data string
		port      int
		want      string
	}{
		"a second one on the data": {root, data, freePorts(t), "is kassa running already?"},
		"a port in use":            {root, t.TempDir(), w.Ports.Shop, "cannot listen on 127.0.0.1:"},
		"no template":              {nowhere, filepath.Join(nowhere, "data"), freePorts(t), "template.yaml: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, c.dir, c.data, c.port)
			out := make(chan error, 1)
			go func() { out <- p.ready(t.Context()) }()
			if err := <-out; err == nil {
				t.Error("it says that it is ready")
			}
			code, err := p.code()
			said := p.errs.String()
			if err != nil || code != 1 || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "kassa: ") ||
				!strings.Contains(said, c.want) {
				t.Errorf("exit code %d (%v), %q; want 1 and a line with %q", code, err, said, c.want)
			}
		})
	}
	if _, err := os.Stat(w.InfoFile()); err != nil {
		t.Errorf("the running one lost its addresses: %v", err)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
