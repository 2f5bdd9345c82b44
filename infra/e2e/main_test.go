// Package e2e holds no code: its tests attack the whole checkout from outside, as shops, customers, banks and bad luck
// do. What runs are the functions' real binaries behind real HTTP, the simulated bank behind real TLS, and the engine
// on a real file.
//
// One stack is shared by all tests that leave it as they found it; those that need a power cut, or a bank that
// misbehaves for everybody, start their own. When all are done the whole run is audited: the banks' ledgers against
// ours, and every log, answer and stored byte for what must not be there.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kassa/infra/local/stack"
)

const root = "../.."

// built is where the functions of these tests are built, and stay: other packages build theirs at the same time.
var built = filepath.Join(root, ".build", "e2e")

// scratch is the folder of the run.
var scratch = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "kassa-e2e") })

// used says that common was asked for: a run that only lists tests has nothing to audit.
var used atomic.Bool

// common is the stack that tests share. The binaries that it builds serve the other stacks, too.
var common = sync.OnceValues(func() (*stack.Stack, error) {
	folder, err := scratch()
	if err != nil {
		return nil, err
	}
	used.Store(true)
	s, err := start(filepath.Join(folder, "common"), stack.Config{Built: built})
	if err != nil {
		return nil, err
	}
	return s, seedSecondShop(context.Background(), s)
})

// start runs a stack on a folder. Its schedules stand still: a test that wants the sweep calls it.
func start(data string, c stack.Config) (*stack.Stack, error) {
	c.Root, c.Data, c.Ticks = root, data, make(chan time.Time)
	if c.Errors == nil {
		c.Errors = io.Discard
	}
	if err := lend(data); err != nil {
		return nil, err
	}
	s, err := stack.Start(context.Background(), c)
	if err == nil {
		started.Lock()
		defer started.Unlock()
		started.stacks = append(started.stacks, s)
	}
	return s, err
}

// lend gives a new stack the common one's RSA key for callbacks: to find its primes would be a good part of a start.
func lend(data string) error {
	const name = "kartapokupok/sign-rsa.pem"
	folder, err := scratch()
	if err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(folder, "common", name))
	if errors.Is(err, os.ErrNotExist) {
		return nil // this is the common one
	} else if err != nil {
		return err
	}
	into := filepath.Join(data, name)
	if _, err = os.Stat(into); err == nil {
		return nil // it is started again
	}
	return errors.Join(os.MkdirAll(filepath.Dir(into), 0o700), os.WriteFile(into, key, 0o600))
}

// TestMain lets more tests run at once than there are cores: what they do most is wait, for a Retry-After or a silent
// bank.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	if err := spoken.verdict(); err != nil {
		fmt.Println("FAIL: what openapi.yaml does not say:", err)
		code = 1
	}
	if err := finish(); err != nil {
		fmt.Println("FAIL: the audit of the whole run:", err)
		code = 1
	}
	if err := writeUses(code == 0); err != nil {
		fmt.Println("FAIL: the record of calls:", err)
		code = 1
	}
	os.Exit(code)
}

// finish audits the common stack and ends it.
func finish() error {
	if !used.Load() {
		return nil
	}
	folder, err := scratch()
	if err != nil {
		return err
	}
	s, err := common()
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	w := newWorld(s)
	never, _, err := w.secrets(context.Background())
	all := []error{err, w.conserved(context.Background()), w.silent(), w.untold(), w.documented()}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	all = append(all, s.Close(ctx), w.unstored(never), os.RemoveAll(folder))
	return errors.Join(all...)
}

// shared gives the common stack to a test.
func shared(t *testing.T) world {
	t.Helper()
	s, err := common()
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(s)
}

// alone starts a stack for one test.
func alone(t *testing.T, c stack.Config) world {
	t.Helper()
	c.Binaries = builtBinaries(t)
	s, err := start(t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return newWorld(s)
}

// builtBinaries is where the common stack has built the functions.
func builtBinaries(t *testing.T) string {
	t.Helper()
	shared(t)
	return built
}
