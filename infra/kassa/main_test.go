package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/local/stack"
	"kassa/shared/simbank/kartapokupok/authority"
)

const root = "../.."

// update rewrites the golden outputs.
var update = flag.Bool("update", false, "write testdata anew")

// scratch is the folder of the run: the shop's directories, the stack's data in .kassa and the command in .build, as in
// the root of a clone.
var scratch = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "kassa-command") })

// running is the stack that the tests share: the real functions, the engine and both simulated banks.
var running = sync.OnceValues(func() (*stack.Stack, error) {
	folder, err := scratch()
	if err != nil {
		return nil, err
	}
	return stack.Start(context.Background(), stack.Config{Root: root, Data: filepath.Join(folder, ".kassa"),
		Built: filepath.Join(root, ".build", "functions"), Errors: io.Discard, Ticks: make(chan time.Time)})
})

// started says that there is a stack to end.
var started sync.Map

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if err := finish(); err != nil {
		fmt.Println("FAIL:", err)
		code = 1
	}
	os.Exit(code)
}

func finish() error {
	if _, used := started.Load("stack"); !used {
		return nil
	}
	s, err := running()
	if err != nil {
		return err
	}
	folder, err := scratch()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, s.Close(ctx), os.RemoveAll(folder))
}

// world is the running stack and a directory for shops.
type world struct {
	*stack.Stack
	t   *testing.T
	dir string
	now func() time.Time
}

// open is the stack as every test finds it: what an earlier one has switched at a bank is switched back.
func open(t *testing.T) world {
	t.Helper()
	started.Store("stack", true)
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Kapital.Reset(false), s.KartaPokupok.Reset(false),
		s.KartaPokupok.PKI().SetServer(authority.ServerOwn)); err != nil {
		t.Fatal(err)
	}
	dir, err := scratch()
	if err != nil {
		t.Fatal(err)
	}
	return world{s, t, dir, time.Now}
}

// output is what one run of the command said.
type output struct {
	out, err string
	code     int
}

// kassa runs one command line in this process, on the stage local; nobody sits at a terminal.
func (w world) kassa(args ...string) output {
	w.t.Helper()
	return w.asked(nil, args...)
}

// asked is kassa with somebody who answers.
func (w world) asked(person console.Terminal, args ...string) output {
	w.t.Helper()
	var out, complaints bytes.Buffer
	t := &tool.Tool{Console: &console.Console{Out: &out, Err: &complaints, Person: person}, Now: w.now, User: "tester"}
	t.Flags.Getenv = func(name string) string {
		return map[string]string{"KASSA_DATA": filepath.Join(w.dir, ".kassa"), "KASSA_STAGE": "local"}[name]
	}
	code := command.Run(w.t.Context(), t, args)
	watch(w.t, args, out.String()+complaints.String())
	return output{out.String(), complaints.String(), code}
}

// want runs a command line and demands its exit code and parts of what it says.
func (w world) want(code int, parts []string, args ...string) output {
	w.t.Helper()
	o := w.kassa(args...)
	if o.code != code {
		w.t.Fatalf("kassa %s ended with %d, want %d\n%s%s", strings.Join(args, " "), o.code, code, o.out, o.err)
	}
	for _, part := range parts {
		if !strings.Contains(o.out+o.err, part) {
			w.t.Errorf("kassa %s does not say %q:\n%s%s", strings.Join(args, " "), part, o.out, o.err)
		}
	}
	return o
}

// path is a path in the scratch folder.
func (w world) path(name string) string { return filepath.Join(w.dir, name) }

// compiled makes the command as make kassa does, once.
var compiled = sync.OnceValue(func() error {
	folder, err := scratch()
	if err != nil {
		return err
	}
	made := exec.Command("go", "build", "-o", filepath.Join(folder, ".build", "kassa"), "./infra/kassa")
	made.Dir = root
	if text, err := made.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	return nil
})

// build sees to it that the command is there.
func (w world) build() {
	w.t.Helper()
	if err := compiled(); err != nil {
		w.t.Fatal(err)
	}
}

// write replaces a file of the scratch folder.
func (w world) write(name string, content []byte) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), content, 0o600); err != nil {
		w.t.Fatal(err)
	}
}
