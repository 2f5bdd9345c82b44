package api

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/payment"
)

// Handler answers one route. With an error the answer is the problem from the catalogue, unless the handler made an answer all
// the same: that is then sent, and the error is for the log alone.
type Handler func(ctx context.Context, r *Request) (Response, error)

// Edge stands around the handlers of one function: it dispatches, limits, turns errors and panics into problems and writes the
// one log line. It may serve several invocations at once.
type Edge struct {
	Routes  map[string]Handler // by routeKey, as template.yaml declares them
	MaxBody int                // bytes
	Log     *slog.Logger
	Now     func() time.Time

	// Show words a problem for callers who cannot read JSON; nil sends Problem.Response.
	Show func(r *Request, p Problem) Response
}

// HTTPAPI serves an event of an API Gateway HTTP API. It never returns an error: the gateway would answer with its own words.
func (e Edge) HTTPAPI(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	r, err := FromHTTPAPI(event)
	return e.serve(ctx, &r, err).HTTPAPI(), nil
}

// FunctionURL serves an event of a Lambda function URL, whose route is "$default". It never returns an error.
func (e Edge) FunctionURL(ctx context.Context, event events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
	r, err := FromFunctionURL(event)
	return e.serve(ctx, &r, err).FunctionURL(), nil
}

func (e Edge) serve(ctx context.Context, r *Request, unreadable error) Response {
	began := e.Now()
	a, err := e.run(context.WithValue(ctx, served{}, r.ID), r, unreadable)
	if err != nil && a.Status == 0 {
		p := NewProblem(err, r.ID)
		a = e.show(r, p)
		if r.log.payment == "" {
			r.log.payment = p.PaymentID
		}
	}
	e.record(ctx, r, a.Status, err, e.Now().Sub(began))
	return a.finished()
}

// served is where a context holds the id of the request that it serves.
type served struct{}

// RequestID is the id of the request that ctx serves, "" when it serves none: what is logged on the way is found by it.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(served{}).(string)
	return id
}

func (e Edge) run(ctx context.Context, r *Request, unreadable error) (a Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			a, err = Response{}, &payment.Error{Kind: payment.Internal, Message: "panic", Cause: fmt.Errorf("%v\n%s", v, debug.Stack())}
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

// record writes the one line of a request. Everything in it is an id, a word of ours or a number; bodies, headers, paths, tokens
// and customer data have no way in. An error's level says whether somebody must act (5xx but 503) or may want to know.
func (e Edge) record(ctx context.Context, r *Request, status int, err error, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("request_id", r.ID), slog.String("route", r.Route), slog.Int("status", status)}
	for _, a := range []slog.Attr{slog.String("shop", r.log.shop), slog.String("payment_id", r.log.payment), slog.String("order_ref", r.log.orderRef)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if err != nil {
		kind := payment.KindOf(err)
		switch kind {
		case payment.Internal, payment.Misconfigured:
			level = slog.LevelError
		case payment.Unavailable, payment.Uncertain, payment.Forged:
			level = slog.LevelWarn
		}
		attrs = append(attrs, slog.String("kind", kind.String()), slog.String("code", payment.CodeOf(err)), slog.String("error", err.Error()))
	}
	attrs = append(attrs, slog.Int64("duration_ms", took.Milliseconds()))
	e.Log.LogAttrs(ctx, level, "request", attrs...)
}
