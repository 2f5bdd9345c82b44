//go:build bitrix

package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kassa/infra/local/stack"
	"kassa/infra/local/stack/past"
)

const root = "../.."

// rig is what the scenarios cannot do from outside: let time go by. The schedules stand still, and run when they say
// so.
type rig struct{ *stack.Stack }

// TestScenarios runs the scenarios of the handler. Their shops are set up by the command kassa, as an operator's are.
func TestScenarios(t *testing.T) {
	data := t.TempDir()
	s, err := stack.Start(t.Context(), stack.Config{Root: root, Data: data, Ticks: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	command := filepath.Join(data, "bin", "kassa-command")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", command,
		root+"/infra/kassa").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	control := httptest.NewServer(rig{s}.control())
	t.Cleanup(control.Close)

	args := []string{"-c", root + "/storefront/bitrix/tests/phpunit.xml", "--testsuite", "stack"}
	if only := os.Getenv("ONLY"); only != "" {
		args = append(args, "--filter", only)
	}
	phpunit := exec.CommandContext(t.Context(), "phpunit", args...)
	phpunit.Env = append(os.Environ(), "KASSA_DATA="+data, "KASSA_COMMAND="+command, "KASSA_RIG="+control.URL)
	phpunit.Stdout, phpunit.Stderr = os.Stdout, os.Stderr
	phpunit.WaitDelay = 10 * time.Second // a web server that outlived its test holds the pipes
	if err := phpunit.Run(); err != nil {
		t.Errorf("the scenarios: %v", err)
	}
}

// control answers the scenarios: /age makes a payment older, /sweep does what is due, /replace lets Notify read its
// settings anew.
func (r rig) control() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, run func(ctx context.Context, ask order) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) {
			var ask order
			err := json.NewDecoder(q.Body).Decode(&ask)
			if err == nil {
				err = run(q.Context(), ask)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	handle("POST /age", func(ctx context.Context, ask order) error {
		payment := past.Of(r.Info)
		if err := payment.Told(ctx, ask.Payment); err != nil { // whatever is new has been brought to Notify before
			return err
		}
		return payment.Move(ctx, ask.Payment, time.Duration(ask.Seconds)*time.Second)
	})
	handle("POST /sweep", func(ctx context.Context, _ order) error {
		_, swept := r.Invoke(ctx, "ExpirySweep", []byte(`{}`))
		_, told := r.Invoke(ctx, "Notify", []byte(`{}`))
		return errors.Join(swept, told)
	})
	return mux
}

// order is what a scenario asks for.
type order struct {
	Payment string `json:"payment"`
	Seconds int    `json:"seconds"`
}
