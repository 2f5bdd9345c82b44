package world

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

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// callbacks is the base of our callback addresses.
const callbacks = "https://callback.example"

// invocations may run for so long; a run of a schedule for a minute.
const (
	request  = 29 * time.Second
	schedule = time.Minute
)

// lagTime is how long a bank may tell an old total: less than the bank day that lies between two readings which call a
// refund not done.
const lagTime = 20 * time.Hour

// lagPaid is how long a bank may call a payment unpaid that was made.
const lagPaid = 5 * time.Minute

// What a worker is about to do at the bank, as long as nobody has read what it sends.
const (
	Moving = "bank move"
	Asking = "bank question?"
)

// Unread is the name of a call of the bank of which nothing was read, since it was refused.
const Unread = "bank"

var errBroken = errors.New("the connection is broken")

// RoundTrip carries a request of the bank folder to the bank, in place of TLS.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := w.carry(r)
	if err != nil {
		w.hears(err)
		return nil, err
	}
	body, err := io.ReadAll(got.Body)
	got.Body = reader(body)
	w.hears(got.StatusCode, string(body))
	return got, err
}

func (w *World) carry(r *http.Request) (*http.Response, error) {
	about := Moving
	if r.Context().Value(question{}) != nil {
		about = Asking
	}
	if !w.arrive(about) {
		return nil, errBroken
	}
	if w.refuses() { // nothing of the body is read, so nothing was sent
		w.meet(Unread)
		return nil, errBroken
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaders()
	}
	body, err := whole(r)
	if err != nil {
		return nil, err
	}
	call, moves := w.side.Call(r, string(body))
	if !moves {
		call += "?"
	}
	met := w.meet("bank " + call)
	serve := func() *http.Response { return w.serve(r, body) }
	switch met {
	case Cut, Killed:
		return nil, errBroken
	case Lost:
		_ = serve()
		return nil, errBroken
	case Done:
		_ = serve()
		w.kill()
		return nil, errBroken
	case Garbage:
		_ = serve()
		return answer(r, http.StatusBadGateway, "<html>Bad gateway</html>"), nil
	case Slow:
		_ = serve()
		return nil, wait(r.Context())
	case Overdue:
		if w.turns != nil {
			w.late = words(r.URL.String()+string(body), w.turns.drawn.name)
		}
		w.overdue = func() { _ = serve() } //nolint:bodyclose // it comes from memory
		return nil, wait(r.Context())
	case Lags:
		w.lagging = w.Now().Add(lagTime)
	}
	if !moves && w.lags(met) {
		now := w.side.Mark()
		w.lag.back()
		defer now()
	}
	return serve(), nil
}

func reader(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// whole reads what a request brings.
func whole(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(r.Body)
}

// wait lets the time of a call pass.
func wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// lags says whether a question is answered by what was true before. That a payment was made shows within minutes,
// while its page is open. What the desk gave back may then be missed for good: the bank is asked about it once.
func (w *World) lags(met Kind) bool {
	longer := w.Now().Before(w.lagging) && !w.lag.taken
	if w.lag.back == nil || met != Stale && !longer || w.lag.taken && w.Now().After(w.lag.at.Add(lagPaid)) {
		return false
	}
	w.unseen, w.old = w.desk, w.old || !w.lag.taken
	return true
}

// serve has the bank carry a request out, and notes for which refund it gave money back.
func (w *World) serve(r *http.Request, body []byte) *http.Response {
	before, back, books := w.returned(), w.side.Mark(), w.books()
	again := r.Clone(context.WithoutCancel(r.Context()))
	again.Body = reader(body)
	recorder := httptest.NewRecorder()
	w.side.API.ServeHTTP(recorder, again)
	if given := w.returned() - before; given != 0 {
		id, _ := r.Context().Value(refundKey{}).(string)
		w.asked[id] += given
		w.lag = lag{back: back, books: books}
	}
	answer := recorder.Result()
	answer.Request = r
	return answer
}

// answer is one of whoever stands in front of the bank, or ours.
func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Request: r, Body: reader([]byte(body))}
}

// returned is what the bank gave back in all.
func (w *World) returned() (sum int64) {
	for _, a := range w.side.Accounts() {
		sum += a.Returned
	}
	return sum
}

// door is our callback address, as the bank's messages and its customers' browsers find it.
type door struct{ w *World }

// RoundTrip takes a message as the callback function does: an invocation of its own.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := whole(r)
	if err != nil {
		return nil, err
	}
	d.w.hears(r.URL.String(), string(body))
	parts := strings.Split(r.URL.Path, "/")
	id, _ := payment.ParseID(parts[1])
	message := bank.Message{Method: r.Method, Query: r.URL.Query(), Header: map[string]string{}, Body: body,
		Browser: parts[3] == "return"}
	for name, values := range r.Header {
		message.Header[strings.ToLower(name)] = strings.Join(values, ",")
	}
	survived := d.w.invoke(request, func(ctx context.Context) {
		_, err = d.w.kassa.Read(ctx, id, parts[2], message)
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
