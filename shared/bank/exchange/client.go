package exchange

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"kassa/shared/strict/head"
)

// Limits of one exchange. Idle connections are dropped soon and by the wall clock, so that one that died while a Lambda
// environment was frozen is not written to.
const (
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 10 * time.Second
	idleTimeout      = 15 * time.Second
)

// Client asks a bank over TLS. It follows no redirect, uses no proxy and never repeats a request that may have an
// effect. It may be used by several goroutines at once.
type Client struct {
	kept, fresh http.RoundTripper
	line        *line
	timeout     time.Duration
	maxAnswer   int
}

// NewClient makes a client of a configuration that came from Config. timeout bounds one Post from dialling to the last
// byte; an answer of more than maxAnswer bytes is an error.
func NewClient(trust *tls.Config, timeout time.Duration, maxAnswer int) *Client {
	l := &line{trust: trust}
	return &Client{kept: transport(l.dial, true), fresh: transport(l.fresh, false), line: l, timeout: timeout,
		maxAnswer: maxAnswer}
}

// transport sends over what dial opens: net/http uses that as it is. There is no http.Client around it: a redirect
// would carry a request with an effect to somebody else.
func transport(dial func(ctx context.Context, network, address string) (net.Conn, error), keep bool) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialTLSContext:         dial, // it also keeps HTTP/2, which repeats requests on its own terms, switched off
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    4,
		MaxResponseHeaderBytes: head.Longest,
		DisableCompression:     true,
		DisableKeepAlives:      !keep,
	}
}

// Care says how a request is to be treated when the connection fails under it.
type Care int

const (
	// Question has no effect: it is asked once more when a kept connection turns out to be dead.
	Question Care = iota
	// Effect is sent once, whatever happens.
	Effect
	// Money is sent once and never over a kept connection, since a dead one would leave its outcome unknown.
	Money
)

// Request is one POST or GET. The address is https; the caller has checked it.
type Request struct {
	Address     *url.URL
	Login       *url.Userinfo // for HTTP Basic; nil = none
	Bearer      string        // a key that the bank knows the shop by; "" = none. It goes as RFC 6750 says
	ContentType string
	Accept      string // the form that the answer is wanted in; "" = any
	Body        []byte
	Care        Care
}

// Answer is what came back with any HTTP status.
type Answer struct {
	Status int
	Type   string // its Content-Type, as it came
	Body   []byte
}

// Get asks without a body, which makes every request a Question. See Post.
func (c *Client) Get(ctx context.Context, r Request) (Answer, error) {
	r.Body, r.Care = nil, Question
	return c.exchange(ctx, http.MethodGet, r)
}

// Post sends the request and reads the whole answer. Every error is an *Error.
func (c *Client) Post(ctx context.Context, r Request) (Answer, error) {
	return c.exchange(ctx, http.MethodPost, r)
}

func (c *Client) exchange(ctx context.Context, method string, r Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if r.Care == Money {
		answer, _, err := c.send(ctx, c.fresh, method, r)
		return answer, err
	}
	answer, old, err := c.send(ctx, c.kept, method, r)
	if err != nil && old && r.Care == Question && ctx.Err() == nil {
		answer, _, err = c.send(ctx, c.fresh, method, r)
	}
	return answer, err
}

// send also says whether the connection was older than the request, so that it may have been dead.
func (c *Client) send(ctx context.Context, through http.RoundTripper, method string, r Request) (_ Answer, old bool,
	err error) {
	var kept, ahead, headed atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			first, ok := info.Conn.(*conn)
			kept.Store(info.Reused)
			ahead.Store(ok && first.ahead)
			if ok {
				first.heads.Await()
			}
		},
		WroteHeaders: func() { headed.Store(true) },
	})
	// The body has no GetBody and the header no Idempotency-Key: without them net/http cannot send the request a second
	// time.
	body := &gate{rest: bytes.NewReader(r.Body)}
	request, err := http.NewRequestWithContext(ctx, method, r.Address.String(), body)
	if err != nil {
		return Answer{}, false, &Error{Outcome: NotSent, Message: "the address cannot be used", Cause: inner(err)}
	}
	if request.ContentLength = int64(len(r.Body)); method == http.MethodGet {
		request.Body = http.NoBody // else it would be sent in chunks, of which there are none
	} else {
		request.Header.Set("Content-Type", r.ContentType)
	}
	if r.Login != nil {
		password, _ := r.Login.Password()
		request.SetBasicAuth(r.Login.Username(), password)
	}
	if r.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+r.Bearer)
	}
	request.Header.Set("User-Agent", "Kassa")
	// Firewalls refuse a request that names none (rule 960015 of ModSecurity's core rules); cURL always does.
	request.Header.Set("Accept", cmp.Or(r.Accept, "*/*"))

	response, err := through.RoundTrip(request)
	if err != nil {
		begun := body.shut() || method == http.MethodGet && headed.Load()
		return Answer{}, kept.Load() || ahead.Load(), failure(err, begun, kept.Load())
	}
	defer func() { _ = response.Body.Close() }() // the answer was read or is given up; there is nothing left to lose
	answer, err := io.ReadAll(io.LimitReader(response.Body, int64(c.maxAnswer)+1))
	if err != nil {
		return Answer{}, kept.Load() || ahead.Load(), &Error{Outcome: Unknown, Message: "the answer broke off", Cause: err}
	}
	if !response.ProtoAtLeast(1, 1) {
		answer = head.Unchunked(answer)
	}
	codings := strings.Join(response.Header.Values("Content-Encoding"), ",")
	if answer = Unpacked(answer, codings, c.maxAnswer); len(answer) > c.maxAnswer {
		return Answer{}, false, &Error{Outcome: Unknown, Message: "the answer is too long"}
	}
	return Answer{Status: response.StatusCode, Type: response.Header.Get("Content-Type"), Body: answer}, false, nil
}

// mostCodings bounds the work that a sender makes.
const mostCodings = 3

// Unpacked undoes the compressions of what a bank has sent, a list as in Content-Encoding, up to one byte more than a
// bound: a request that names no coding leaves the server any (RFC 9110, section 12.5.3; 8.4.1.2 says that deflate may
// come without its frame). What cannot be unpacked, or is no coding, is given as it came.
func Unpacked(answer []byte, codings string, bound int) []byte {
	all := strings.Split(strings.ToLower(codings), ",")
	for _, coding := range slices.Backward(all[max(0, len(all)-mostCodings):]) { // the last was applied last
		if len(answer) <= bound {
			answer = unpacked(answer, strings.TrimSpace(coding), bound)
		}
	}
	return answer
}

func unpacked(answer []byte, coding string, bound int) []byte {
	var r io.Reader
	var err error
	switch packed := bytes.NewReader(answer); coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(packed)
	case "deflate":
		if r, err = zlib.NewReader(packed); err != nil && !utf8.Valid(answer) { // text may look like a deflated one
			r, err = flate.NewReader(bytes.NewReader(answer)), nil
		}
	default:
		return answer
	}
	if err != nil {
		return answer
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(bound)+1))
	if err != nil {
		return answer
	}
	return plain
}

// failure says what is known when there is no answer. begun tells whether a byte of the body, or the head of what has
// none, was handed to the connection.
func failure(err error, begun, reused bool) *Error {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &Error{Outcome: Distrusted, Message: "the server's certificate does not verify", Cause: err}
	}
	// crypto/tls has no type for it, and what a server has answered may hold these words, too.
	if !begun && strings.Contains(err.Error(), "failed to parse certificate from server") {
		return &Error{Outcome: Distrusted, Message: "the server's certificate cannot be read", Cause: err}
	}
	if _, ok := errors.AsType[*incompatible](err); ok {
		return &Error{Outcome: Incompatible, Message: "no TLS in common", Cause: err}
	}
	if _, ok := errors.AsType[*lateRefusal](err); ok {
		return &Error{Outcome: Unknown,
			Message: "the server read our request, asked for our certificate and did not accept it, or wants one", Cause: err}
	}
	if _, ok := errors.AsType[*mute](err); ok {
		return &Error{Outcome: Distrusted, Message: "our certificate does not suit the server", Cause: err}
	}
	// With TLS 1.3 the client has finished its handshake before the server has looked at our certificate, so the refusal
	// comes in place of the first answer (see conn). A server reads no request before its own handshake ends: nothing
	// happened.
	if !reused && refusedCertificate(err) {
		return &Error{Outcome: Distrusted, Message: "the server does not accept our certificate, or wants one", Cause: err}
	}
	if !begun {
		return &Error{Outcome: NotSent, Message: "no connection", Cause: err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Outcome: Unknown, Message: "no answer in time", Cause: err}
	}
	return &Error{Outcome: Unknown, Message: "the connection broke before the answer", Cause: err}
}

// inner drops the address that is written into an error.
func inner(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// gate is a request body that knows whether it was ever read and can be shut for good. What was never read was never
// sent, and after shut it never will be, even if a goroutine of net/http is still at work.
type gate struct {
	mu     sync.Mutex
	rest   *bytes.Reader
	begun  bool
	closed bool
}

var errShut = errors.New("exchange: the request was given up")

// Read hands out the body until the gate is shut.
func (g *gate) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return 0, errShut
	}
	g.begun = true
	return g.rest.Read(p)
}

// Close is called by net/http when it has done with the body.
func (g *gate) Close() error {
	g.shut()
	return nil
}

// shut ends the body and says whether a byte of it may have been sent.
func (g *gate) shut() (begun bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	return g.begun
}
