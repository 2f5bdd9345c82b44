package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// drivers read calls, one JSON object a line, make each with the page's function, and print one line of JSON for each:
// the status and the answer, or an error.
func drivers() map[string]map[string]string {
	return map[string]map[string]string{
		"Go": {"drive.go": `package main

import (
	"context"
	"encoding/json"
	"os"
)

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var c struct {
			Method, Path, Key string
			Body              any
		}
		if in.Decode(&c) != nil {
			return
		}
		status, answer, err := kassa(context.Background(), c.Method, c.Path, c.Body, c.Key)
		if err != nil {
			out.Encode(map[string]any{"error": err.Error()})
			continue
		}
		out.Encode(map[string]any{"status": status, "answer": answer})
	}
}
`},
		"PHP": {"drive.php": `<?php
require __DIR__ . '/main.php';
while (($line = fgets(STDIN)) !== false) {
    $c = json_decode($line, true);
    try {
        [$status, $answer] = kassa($c['method'], $c['path'], $c['body'] ?? null, $c['key'] ?? '');
        echo json_encode(['status' => $status, 'answer' => $answer]), "\n";
    } catch (RuntimeException $e) {
        echo json_encode(['error' => $e->getMessage()]), "\n";
    }
}
`},
		"Node": {"drive.mjs": `import { createInterface } from "node:readline";
import { kassa } from "./main.mjs";
for await (const line of createInterface({ input: process.stdin })) {
  const c = JSON.parse(line);
  try {
    console.log(JSON.stringify(await kassa(c.method, c.path, c.body, c.key)));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
`},
		"Python": {"drive.py": `import json
import sys

from main import kassa

for line in sys.stdin:
    c = json.loads(line)
    try:
        status, answer = kassa(c["method"], c["path"], c.get("body"), c.get("key"))
        print(json.dumps({"status": status, "answer": answer}), flush=True)
    except TimeoutError as error:
        print(json.dumps({"error": str(error)}), flush=True)
`},
	}
}

// call is one line of a driver's input, said one of its output.
type (
	call struct {
		Method string         `json:"method"`
		Path   string         `json:"path"`
		Body   map[string]any `json:"body,omitempty"`
		Key    string         `json:"key,omitempty"`
	}
	said struct {
		Status int            `json:"status"`
		Answer map[string]any `json:"answer"`
		Error  string         `json:"error"`
	}
)

// caller is a program of a shop's that calls Kassa by the page's function. ask makes one call.
func caller(t *testing.T, name, api, key string) (ask func(call) said) {
	t.Helper()
	l := languages()[name]
	files := map[string]string{l.file: find(t, l.fence, "client")}
	for file, text := range drivers()[name] {
		files[file] = text
		if l.fence != "go" {
			l.file = file
		}
	}
	cmd := l.command(t, write(t, files))
	cmd.Env = append(os.Environ(), "KASSA_API="+api, "KASSA_API_KEY="+key)
	return converse(t, cmd)
}

func converse(t *testing.T, cmd *exec.Cmd) func(call) said {
	t.Helper()
	errs := &output{}
	cmd.Stderr = errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	answers := json.NewDecoder(out)
	return func(c call) (s said) {
		t.Helper()
		if err := json.NewEncoder(in).Encode(c); err != nil {
			t.Fatalf("%v\n%s", err, errs)
		}
		if err := answers.Decode(&s); err != nil {
			t.Fatalf("%s %s: %v\n%s", c.Method, c.Path, err, errs)
		}
		return s
	}
}

// moody is a Kassa that answers as its script says, one step for each request.
type moody struct {
	*httptest.Server
	mu   sync.Mutex
	left []step
	seen []string
}

type step struct {
	status int // 0 cuts the connection
	after  string
}

func newMoody(t *testing.T) *moody {
	m := &moody{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.seen = append(m.seen, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header.Get("Authorization"), " ",
			r.Header.Get("Idempotency-Key"), " ", compact(body)))
		now := step{status: 201}
		if len(m.left) > 0 {
			now, m.left = m.left[0], m.left[1:]
		}
		if now.status == 0 {
			panic(http.ErrAbortHandler)
		}
		if now.after != "" {
			w.Header().Set("Retry-After", now.after)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(now.status)
		_, _ = fmt.Fprintf(w, `{"code":"c%d"}`, now.status)
	}))
	t.Cleanup(m.Close)
	return m
}

func compact(body []byte) string {
	var out bytes.Buffer
	if err := json.Compact(&out, body); err != nil {
		return string(body)
	}
	return out.String()
}

func (m *moody) script(steps ...step) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left, m.seen = steps, nil
}

func (m *moody) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.seen)
}

// TestCallsAreRepeatedAsThePageSays holds each language's function to the rules of "Repeat, and when".
func TestCallsAreRepeatedAsThePageSays(t *testing.T) {
	for name := range languages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMoody(t)
			ask := caller(t, name, m.URL, "sk_shop_k1_x")
			refund := call{Method: "POST", Path: "/v1/payments/pay_x-1/refunds", Body: map[string]any{"amount": 5000},
				Key: "r-1"}
			for _, c := range []struct {
				steps  []step
				status int
				tries  int
			}{
				{[]step{{503, "0"}, {409, "0"}, {429, "0"}, {500, "0"}, {201, ""}}, 201, 5},
				{[]step{{0, ""}, {201, ""}}, 201, 2},
				{[]step{{409, ""}}, 409, 1},
				{[]step{{422, ""}}, 422, 1},
				{[]step{{401, ""}}, 401, 1},
				{[]step{{503, "0"}, {503, "0"}, {503, "0"}, {503, "0"}, {503, "0"}}, 0, 5},
			} {
				m.script(c.steps...)
				s := ask(refund)
				if s.Status != c.status || (s.Error == "") != (c.status != 0) || c.status != 0 &&
					s.Answer["code"] != fmt.Sprintf("c%d", c.status) {
					t.Errorf("%v: %+v", c.steps, s)
				}
				seen := m.requests()
				if len(seen) != c.tries {
					t.Errorf("%v: %d requests, want %d: %v", c.steps, len(seen), c.tries, seen)
				}
				for _, r := range seen {
					if r != `POST /v1/payments/pay_x-1/refunds Bearer sk_shop_k1_x r-1 {"amount":5000}` {
						t.Errorf("%v: %s", c.steps, r)
					}
				}
			}
			m.script()
			if s := ask(call{Method: "GET", Path: "/v1/payments/pay_x-1"}); s.Status != 201 ||
				!strings.HasPrefix(m.requests()[0], "GET /v1/payments/pay_x-1 Bearer") {
				t.Errorf("%+v %v", s, m.requests())
			}
		})
	}
}
