package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"kassa/infra/local/stack"
)

// program is infra/local as `make run` runs it, built once.
var program = sync.OnceValues(func() (string, error) {
	folder, err := scratch()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "kassa-local")
	command := exec.Command("go", "build", "-o", path, "./infra/local")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// child is a running infra/local.
type child struct {
	command *exec.Cmd
	out     *bufio.Reader
	errs    *bytes.Buffer
}

// launch prepares the program on a folder and a port.
func launch(t testing.TB, dir, data string, port int) *child {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{command: exec.Command(path), errs: &bytes.Buffer{}}
	c.command.Dir, c.command.Stderr = dir, c.errs
	c.command.Env = append(os.Environ(), "PORT="+strconv.Itoa(port), "KASSA_DATA="+data)
	out, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c.command.ProcessState == nil {
			_ = c.command.Process.Kill()
			_ = c.command.Wait()
		}
	})
	return c
}

// ready waits for the line that scripts wait for, and goes on reading so that the program can go on writing.
func (c *child) ready(ctx context.Context) error {
	found := make(chan error, 1)
	go func() {
		for {
			line, err := c.out.ReadString('\n')
			if err != nil {
				found <- fmt.Errorf("ended before it was ready: %w", err)
				return
			}
			if strings.HasPrefix(line, "kassa: ready http://127.0.0.1:") {
				found <- nil
				_, _ = io.Copy(io.Discard, c.out) // until it ends
				return
			}
		}
	}()
	select {
	case err := <-found:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// code ends with the program's exit code.
func (c *child) code() (int, error) {
	err := c.command.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// dataFolder is a fresh data folder that has the functions' binaries already: the go command then finds nothing to
// build.
func dataFolder(t testing.TB, binaries string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(data, "bin"), os.DirFS(binaries)); err != nil {
		t.Fatal(err)
	}
	return data
}

// ownWorld is a world over a stack that the test may stop and start as it likes, and its data folder. The banks'
// settings replace those of the stack, by bank.
func ownWorld(t *testing.T, banks map[string]map[string]any) (world, string) {
	t.Helper()
	data := dataFolder(t, builtBinaries(t))
	s, err := start(data, stack.Config{Binaries: filepath.Join(data, "bin"), BankSettings: banks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return newWorld(s), data
}

// freePorts finds ten ports in a row that nobody uses.
func freePorts(t testing.TB) int {
	t.Helper()
search:
	for range 100 {
		base := 10000 + 10*rand.IntN(900)
		for port := base; port < base+10; port++ {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
			if err != nil {
				continue search
			}
			_ = l.Close()
		}
		return base
	}
	t.Fatal("no ten free ports in a row")
	return 0
}

// noFunctionLeft waits until no process runs a binary of the folder, where the system lets us see it.
func noFunctionLeft(t testing.TB, data string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	for alive := true; alive; {
		alive = false
		links, err := filepath.Glob("/proc/[0-9]*/exe")
		if err != nil || t.Context().Err() != nil {
			t.Fatal("functions are still running", err)
		}
		for _, link := range links {
			target, err := os.Readlink(link)
			alive = alive || err == nil && filepath.Dir(target) == filepath.Join(data, "bin")
		}
		runtime.Gosched()
	}
}

func info(t testing.TB, data string) (i stack.Info) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "local.json"))
	if err == nil {
		err = json.Unmarshal(text, &i)
	}
	if err != nil {
		t.Fatal(err)
	}
	return i
}
