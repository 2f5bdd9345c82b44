package api

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api/event"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// Handler answers one route. With an error the answer is the problem from the catalogue, unless the handler made an
// answer all the same: that is then sent, and the error is for the log alone.
type Handler func(ctx context.Context, r *Request) (Response, error)

// Edge stands around the handlers of one function: it dispatches, limits, turns errors and panics into problems and
// writes the one log line. It may serve several invocations at once.
type Edge struct {
	Routes  map[string]Handler // by routeKey, as template.yaml declares them
	MaxBody int                // bytes
	Log     *slog.Logger
	Now     func() time.Time
	Stage   string // the dimension of the figures that a request's line carries

	// Show words a problem for callers who cannot read JSON; nil sends Problem.Response.
	Show func(r *Request, p Problem) Response
}

// Invoke serves an event of an API Gateway HTTP API as it comes from Lambda, where HTTPAPI serves one that is read. The
// error is of an event that is none.
func (e Edge) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	read, err := event.Read(payload)
	if err != nil {
		return nil, err
	}
	r, err := FromHTTPAPI(read)
	a := e.serve(ctx, &r, err)
	return event.Write(a.Status, a.Header, a.Body), nil
}

// HTTPAPI serves an event of an API Gateway HTTP API. It never returns an error: the gateway would answer with its own
// words.
func (e Edge) HTTPAPI(ctx context.Context, read events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse,
	error) {
	r, err := FromHTTPAPI(read)
	return e.serve(ctx, &r, err).HTTPAPI(), nil
}

// FunctionURL serves an event of a Lambda function URL, whose route is "$default". It never returns an error.
func (e Edge) FunctionURL(ctx context.Context, read events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse,
	error) {
	r, err := FromFunctionURL(read)
	return e.serve(ctx, &r, err).FunctionURL(), nil
}

func (e Edge) serve(ctx context.Context, r *Request, unreadable error) Response {
	began := e.Now()
	counting, figures := metric.Begin(context.WithValue(ctx, requestKey{}, r.ID))
	a, err := e.run(counting, r, unreadable)
	if err != nil && a.Status == 0 {
		p := NewProblem(err, r.ID)
		a = e.show(r, p)
		if r.log.payment == "" {
			r.log.payment = p.PaymentID
		}
	}
	e.record(ctx, r, outcome{a.Status, err, e.Now().Sub(began), figures})
	return a.finished()
}

// requestKey is where a context holds the id of the request that it serves.
type requestKey struct{}

// RequestID is the id of the request that ctx serves, "" when it serves none: what is logged on the way is found by it.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func (e Edge) run(ctx context.Context, r *Request, unreadable error) (a Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			a, err = Response{}, &payment.Error{Kind: payment.Internal, Message: "panic",
				Cause: fmt.Errorf("%v\n%s", v, debug.Stack())}
		}
	}()
	handler, known := e.Routes[r.Route]
	if unreadable == nil {
		unreadable = r.limit(e.MaxBody)
	}
	switch {
	case !known:
		return Response{}, notFound()
	case unreadable != nil:
		return Response{}, unreadable
	}
	return handler(ctx, r)
}

func (e Edge) show(r *Request, p Problem) Response {
	if e.Show == nil {
		return p.Response()
	}
	return e.Show(r, p)
}

// outcome is what a request came to.
type outcome struct {
	status  int
	err     error
	took    time.Duration
	figures *metric.Tally
}

// record writes the one line of a request. Everything in it is an id, a word of ours or a number; bodies, headers,
// paths, tokens and customer data have no way in. An error's level says whether somebody must act (5xx but 503) or may
// want to know.
func (e Edge) record(ctx context.Context, r *Request, o outcome) {
	level := slog.LevelInfo
	attrs := append(make([]slog.Attr, 0, 16), slog.String("request_id", r.ID), slog.String("route", r.Route),
		slog.Int("status", o.status))
	for _, a := range []slog.Attr{slog.String("shop", r.log.shop), slog.String("payment_id", r.log.payment),
		slog.String("order_ref", r.log.orderRef), slog.String("bank", r.log.bank)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if o.err != nil {
		kind := payment.KindOf(o.err)
		level = kind.Level()
		attrs = append(attrs, slog.String("kind", kind.String()), slog.String("code", payment.CodeOf(o.err)),
			slog.String("error", o.err.Error()))
	}
	attrs = append(attrs, slog.Int64("duration_ms", o.took.Milliseconds()))
	for _, a := range o.figures.Attrs(e.Now(), e.Stage) {
		if figure, ok := a.(slog.Attr); ok {
			attrs = append(attrs, figure)
		}
	}
	e.Log.LogAttrs(ctx, level, "request", attrs...)
}
