//go:build canaries

package e2e

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"

	"kassa/infra/canary"
	"kassa/infra/local/stack"
)

// garden is a stack of its own, in which each field of each input holds a canary, and everything that comes out of it
// is kept to be searched.
type garden struct {
	world
	flock canary.Flock
	data  string // the folder of the stack

	mu      sync.Mutex
	said    map[string]map[string]string // texts, by what they came out of, with what was planted then
	planted string                       // what is being planted now
	alter   alteration                   // of a bank's answers
	stage   int                          // 1 once the bank has approved
	answers map[string]string            // the last of each operation of a bank, as it was before it was altered
	shops   map[string]string            // the payments that were opened, with the keys of their shops
	plots   map[string]string            // and with what was planted then
	numbers int
}

// alteration changes what a bank answers to an operation.
type alteration func(operation string, answer *httptest.ResponseRecorder)

// newGarden starts the stack.
func newGarden(t *testing.T) *garden {
	t.Helper()
	g := &garden{said: map[string]map[string]string{}, answers: map[string]string{},
		shops: map[string]string{}, plots: map[string]string{}}
	g.world = alone(t, stack.Config{Between: g.between})
	g.data = filepath.Dir(g.InfoFile())
	g.browser.http = newHTTP()
	g.browser.http.Transport = ear{g, g.browser.http.Transport}
	g.shop.http = g.browser.http
	return g
}

// keep remembers what came out of something.
func (g *garden) keep(from, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.said[from] == nil {
		g.said[from] = map[string]string{}
	}
	if _, known := g.said[from][text]; !known {
		g.said[from][text] = g.planted
	}
}

// ear hears each answer that Kassa gives over HTTP, with its headers.
type ear struct {
	garden *garden
	next   http.RoundTripper
}

var (
	ids    = regexp.MustCompile(`pay_[0-9a-z-]+`)
	tokens = regexp.MustCompile(`/(pay_|kqj|\d)[^/]*(/[A-Za-z0-9_-]{22})?`) // what names a payment in an address
)

func (e ear) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := e.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	if err == nil {
		err = response.Body.Close()
	}
	response.Body = io.NopCloser(bytes.NewReader(text))
	from := "answer "
	switch r.URL.Scheme + "://" + r.URL.Host {
	case e.garden.Info.APIURL:
	case e.garden.Info.CallbackURL:
		from = "callback "
	default: // a bank's page, or the shop's
		return response, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		from = "error "
	}
	e.garden.keep(from+r.Method+" "+tokens.ReplaceAllString(r.URL.Path, "/{id}"), fmt.Sprint(response.Header, "\n",
		string(text)))
	return response, err
}

var operationTag = regexp.MustCompile(`<Operation>(\w+)</Operation>`)

// between keeps what a bank is sent, and alters what it answers.
func (g *garden) between(simulator string, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		operation := simulator + " " + filepath.Base(r.URL.Path)
		if tag := operationTag.FindSubmatch(body); tag != nil {
			operation = simulator + " " + string(tag[1])
		} else if r.Method == http.MethodGet {
			operation = simulator + " order"
		}
		g.keep("bank "+operation, fmt.Sprint(r.URL, r.Header, "\n", string(body)))
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		api.ServeHTTP(answer, r)
		g.mu.Lock()
		g.answers[operation] = answer.Body.String()
		if g.alter != nil {
			g.alter(operation, answer)
		}
		g.mu.Unlock()
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// altering alters banks' answers until it is called again.
func (g *garden) altering(a alteration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.alter = a
}

// at says how far a life has come.
func (g *garden) at(stage int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stage = stage
}

// opened remembers a payment and the key that reads it.
func (g *garden) opened(id, bearer string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shops[id] == "" {
		g.shops[id], g.plots[id] = bearer, g.planted
	}
}

// plant says what is planted from now on.
func (g *garden) plant(field string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.planted = field
}

// payments are those that were opened, in order.
func (g *garden) payments() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(maps.Keys(g.shops))
}
