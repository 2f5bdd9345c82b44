package town

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"time"

	"kassa/infra/explore/world"
	"kassa/shared/bank"
	"kassa/shared/payment"
)

// callbacks is the base of our callback addresses.
const callbacks = "https://callback.example"

// Invocations may run for so long.
const (
	request  = 29 * time.Second
	schedule = time.Minute
)

// How long a bank may tell what was true before: of what went back less than the bank day that lies between two
// readings which call a refund not done; of a payment as long as a customer may still be on her page.
const (
	lagTime = 20 * time.Hour
	lagPaid = 5 * time.Minute
)

var errBroken = errors.New("the connection is broken")

// watched is a bank that is known again where it carries something out.
type watched struct {
	bank.Bank
	p *place
}

// matter is what a request to the bank is about.
type matter struct {
	o        *order // nil while the bank does not know it
	bankID   string // what the bank calls it
	about    string // the same in every run
	refund   string // its id, of a refund
	question bool   // it moves nothing
}

type matterKey struct{}

// matter is what a request about an order of the bank's is about.
func (b watched) matter(h bank.Handle) matter {
	m := matter{o: b.p.orders[h.OrderID], bankID: h.OrderID}
	if m.o != nil {
		m.about = m.o.ref
	}
	return m
}

// Open opens an order.
func (b watched) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	return b.Bank.Open(context.WithValue(ctx, matterKey{}, matter{about: o.ID.String()}), o)
}

// Status asks, and moves nothing.
func (b watched) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	m := b.matter(h)
	m.question = true
	return b.Bank.Status(context.WithValue(ctx, matterKey{}, m), h)
}

// Refund gives money back.
func (b watched) Refund(ctx context.Context, r bank.Refund) (string, error) {
	m := b.matter(r.Handle)
	m.refund = r.ID
	return b.Bank.Refund(context.WithValue(ctx, matterKey{}, m), r)
}

// wire carries requests of the bank folder to the bank, in place of TLS.
type wire struct{ p *place }

// RoundTrip carries a request.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	t, ctx := w.p.t, r.Context()
	m, _ := ctx.Value(matterKey{}).(matter)
	if !t.arrive(ctx, "bank "+r.Method, m.about) {
		return nil, errBroken
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if t.refuses() { // nothing of the body is read, so nothing was sent
		t.meet(ctx, "bank", m.about)
		return nil, errBroken
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaders()
	}
	body, err := whole(r)
	if err != nil {
		return nil, err
	}
	call, moves := w.p.side.Call(r, string(body))
	if !moves {
		call += "?"
	}
	met := t.meet(ctx, "bank "+call, m.about)
	serve := func() *http.Response { return w.p.serve(r, m, body) }
	switch met {
	case world.Cut, world.Killed:
		return nil, errBroken
	case world.Lost:
		_ = serve()
		return nil, errBroken
	case world.Done:
		_ = serve()
		invocationOf(ctx).kill()
		return nil, errBroken
	case world.Garbage:
		_ = serve()
		return answer(r, http.StatusBadGateway, "<html>Bad gateway</html>"), nil
	case world.Slow:
		_ = serve()
		return nil, t.wait(ctx)
	case world.Overdue:
		t.overdue = append(t.overdue, func() { _ = serve() }) //nolint:bodyclose // it comes from memory
		return nil, t.wait(ctx)
	}
	if !moves {
		defer w.p.mayLag(m, met)()
	}
	return serve(), nil
}

// mayLag has the bank answer a question by what was true before, where it is to or still does; what it gives ends that.
// The bank never calls money unpaid that it has called paid. What the desk gave back may be missed for good then: the
// bank is asked about it once.
func (p *place) mayLag(m matter, met world.Kind) (end func()) {
	o, now := m.o, p.t.Now()
	if o == nil {
		return func() {}
	}
	if met == world.Lags {
		o.lagging = now.Add(lagTime)
	}
	longer := met == world.Lags || now.Before(o.lagging) && !o.lag.taken
	if o.lag.back == nil || o.lag.bankID != m.bankID || met != world.Stale && !longer ||
		o.lag.taken && now.After(o.lag.at.Add(lagPaid)) {
		if o.lag.taken && o.lag.bankID == m.bankID {
			o.lag = lag{}
		}
		return func() {}
	}
	p.t.tally.Stale++
	o.unseen = o.desk
	end = p.side.Keep(m.bankID)
	o.lag.back()
	return end
}

// serve has the bank carry a request out, and notes for which refund it gave money back.
func (p *place) serve(r *http.Request, m matter, body []byte) *http.Response {
	before := p.side.Account(m.bankID).Returned
	back := p.side.Keep(m.bankID)
	again := r.Clone(context.WithoutCancel(r.Context()))
	again.Body = reader(body)
	recorder := httptest.NewRecorder()
	p.side.API.ServeHTTP(recorder, again)
	if given := p.side.Account(m.bankID).Returned - before; given != 0 {
		m.o.asked[m.refund] += given
		m.o.lag = lag{back: back, bankID: m.bankID}
		p.t.moved[m.o] = true
	}
	made := recorder.Result()
	made.Request = r
	return made
}

// answer is one of whoever stands in front of the bank, or ours.
func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Request: r, Body: reader([]byte(body))}
}

func reader(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// whole reads what a request brings.
func whole(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(r.Body)
}

// door is our callback address, as the bank's messages and its customers' browsers find it.
type door struct{ t *Town }

// RoundTrip takes a message as the callback function does: an invocation of its own.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := whole(r)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(r.URL.Path, "/")
	id, _ := payment.ParseID(parts[1])
	message := bank.Message{Method: r.Method, Query: r.URL.Query(), Header: map[string]string{}, Body: body,
		Browser: parts[3] == "return"}
	for name, values := range r.Header {
		message.Header[strings.ToLower(name)] = strings.Join(values, ",")
	}
	survived := invoke(r.Context(), request, func(ctx context.Context) {
		_, err = d.t.kassa.Read(ctx, id, parts[2], message)
	})
	status := http.StatusOK
	switch kind := payment.KindOf(err); {
	case !survived:
		return nil, errBroken
	case err == nil || payment.CodeOf(err) == "asked_soon":
	case kind == payment.Forged:
		status = http.StatusUnauthorized
	case kind == payment.NotFound:
		status = http.StatusNotFound
	default:
		status = http.StatusServiceUnavailable
	}
	return answer(r, status, ""), nil
}
