package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
)

// TestTheConsole is served over the running stack to whoever opens its address, names its shops, and ends with the
// command.
func TestTheConsole(t *testing.T) {
	w := open(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	told, out := io.Pipe()
	var complaints strings.Builder
	served := &tool.Tool{Console: &console.Console{Out: out, Err: &complaints}, Now: w.now, User: "tester"}
	served.Flags.Getenv = func(name string) string {
		return map[string]string{"KASSA_DATA": filepath.Join(w.dir, ".kassa"), "KASSA_STAGE": "local"}[name]
	}
	ended := make(chan int, 1)
	go func() {
		ended <- command.Run(ctx, served, []string{"console", "--no-open", "--write", "--json"})
		_ = out.Close()
	}()
	var result struct{ URL string }
	if err := json.NewDecoder(bufio.NewReader(told)).Decode(&result); err != nil {
		t.Fatalf("it ended with %d: %s", <-ended, complaints.String())
	}
	go func() { _, _ = io.Copy(io.Discard, told) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, result.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, err)
	}
	for _, part := range []string{"stage local", "demo-az", "demo-by", "operator (tester)", "UTC&#43;4"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page does not say %q:\n%s", part, page)
		}
	}
	end()
	if code := <-ended; code != console.Done {
		t.Errorf("it ended with %d: %s", code, complaints.String())
	}
}

// TestTheConsolesLine is refused where it cannot be meant, with all that is wrong at once.
func TestTheConsolesLine(t *testing.T) {
	w := open(t)
	w.want(console.Usage, []string{"--port 70000", "--shop", "who are you"}, "console", "--port", "70000", "--shop", "A B",
		"--write", "--as", "A B")
	w.want(console.Usage, []string{"one argument too many"}, "console", "now")
	w.want(console.Usage, []string{"--shop is empty"}, "console", "--shop", "")
}

// TestTheConsolesTerminalIsClosed: it ends as by Ctrl-C, with what is under way, although it is told so twice.
func TestTheConsolesTerminalIsClosed(t *testing.T) {
	w := open(t)
	w.build()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP) // where the tests run under nohup, the command would have it ignored, too
	defer signal.Stop(heard)
	c := exec.CommandContext(t.Context(), w.path(".build/kassa"), "console", "--no-open", "--stage", "local")
	c.Env = append(os.Environ(), "KASSA_DATA="+w.path(".kassa"))
	var complaints strings.Builder
	c.Stderr = &complaints
	told, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(told).ReadString('\n'); err != nil {
		t.Fatalf("it told no address: %v, %s", err, complaints.String())
	}
	for range 2 {
		if err := c.Process.Signal(syscall.SIGHUP); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v: %s", err, complaints.String())
	}
}
