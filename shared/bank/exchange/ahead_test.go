package exchange

import (
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// callers notes from where the requests to a server came.
type callers struct {
	mu  sync.Mutex
	all []string
}

func (c *callers) answer(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.all = append(c.all, r.RemoteAddr)
	c.mu.Unlock()
	answering(w, r)
}

// ahead opens a client's next connection, and gives its own address.
func ahead(t *testing.T, c *Client, p *place) string {
	t.Helper()
	if err := c.Ahead(t.Context(), p.address); err != nil {
		t.Fatal(err)
	}
	return c.line.ahead.LocalAddr().String()
}

// TestTheNextRequestGoesOverTheConnectionAhead, unless it is one of money, which goes over none that is older than it.
func TestTheNextRequestGoesOverTheConnectionAhead(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		var from callers
		p := serve(t, false, version, from.answer)
		c := p.client(t, nil, p.ca.pem)
		opened := ahead(t, c, p)
		for _, care := range []Care{Money, Effect, Question} {
			if _, err := c.Post(t.Context(), p.request(care)); err != nil {
				t.Fatal(err)
			}
		}
		if got := from.all; got[0] == opened || got[1] != opened || got[2] != opened {
			t.Errorf("%s: money, effect and question came from %q, and %s was opened ahead", tls.VersionName(version), got,
				opened)
		}
	}
}

// TestAConnectionAheadIsNotKeptForLong: by then the server may have closed it, and nobody has heard that.
func TestAConnectionAheadIsNotKeptForLong(t *testing.T) {
	var from callers
	p := serve(t, false, tls.VersionTLS13, from.answer)
	c := p.client(t, nil, p.ca.pem)
	first := ahead(t, c, p)
	second := ahead(t, c, p)
	old := c.line.ahead
	c.line.until = c.line.until.Add(-aheadFor)
	if _, err := c.Post(t.Context(), p.request(Effect)); err != nil {
		t.Fatal(err)
	}
	if slices.Contains([]string{first, second}, from.all[0]) || c.line.ahead != nil {
		t.Errorf("a request went over a connection that had waited too long")
	}
	if _, err := old.Write([]byte("x")); err == nil {
		t.Error("a connection that waited too long stays open")
	}
}

// TestAConnectionAheadMayBeDead: a question is asked once more over another; an effect is sent once.
func TestAConnectionAheadMayBeDead(t *testing.T) {
	var from callers
	p := serve(t, false, tls.VersionTLS13, from.answer)
	c := p.client(t, nil, p.ca.pem)
	for _, care := range []Care{Question, Effect} {
		ahead(t, c, p)
		p.server.CloseClientConnections()
		c.kept.(*http.Transport).CloseIdleConnections()
		_, err := c.Post(t.Context(), p.request(care))
		if (err == nil) != (care == Question) {
			t.Errorf("care %d: %v", care, err)
		}
	}
	if n := p.calls.Load(); n != 1 {
		t.Errorf("the server read %d requests, want the question alone", n)
	}
}

// TestARefusalOnAConnectionAheadStaysARefusal: with TLS 1.3 it comes in place of the first answer.
func TestARefusalOnAConnectionAheadStaysARefusal(t *testing.T) {
	p := serve(t, true, tls.VersionTLS13, answering)
	c := p.client(t, nil, p.ca.pem)
	ahead(t, c, p)
	_, err := c.Post(t.Context(), p.request(Effect))
	if e, ok := errors.AsType[*Error](err); !ok || e.Outcome != Distrusted || p.calls.Load() != 0 {
		t.Errorf("%v after %d requests", err, p.calls.Load())
	}
}

// TestNothingIsOpenedAheadOfAServerThatIsNotThere, and the next request finds out by itself.
func TestNothingIsOpenedAheadOfAServerThatIsNotThere(t *testing.T) {
	p := serve(t, false, tls.VersionTLS13, answering)
	c := p.client(t, nil, p.ca.pem)
	p.server.Close()
	if err := c.Ahead(t.Context(), p.address); err == nil || c.line.ahead != nil || !c.line.until.Equal(time.Time{}) {
		t.Errorf("%v", err)
	}
}
