package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"kassa/shared/address"
	"kassa/shared/strict/head"
)

// Limits of one delivery.
const (
	defaultTimeout = 15 * time.Second
	maxAnswer      = 64 << 10 // bytes of the answer's body
)

// Options are the settings of a Client. The zero value is what a function wants.
type Options struct {
	Now      func() time.Time // the clock; nil = time.Now
	Timeout  time.Duration    // from looking up the name to the last byte; 0 = 15 seconds
	RootCAs  *x509.CertPool   // who may vouch for a shop's server; nil = whom the system trusts
	Resolver *net.Resolver    // who knows hosts' addresses; nil = the system
}

// Client delivers webhooks. It may be used by several goroutines at once.
type Client struct {
	now           func() time.Time
	timeout       time.Duration
	public, local *http.Transport
}

// New makes a Client. It makes no call.
func New(o Options) *Client {
	c := &Client{now: o.Now, timeout: cmp.Or(o.Timeout, defaultTimeout)}
	if c.now == nil {
		c.now = time.Now
	}
	trust := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs, Time: o.Now,
		// without ML-KEM, with which a first message takes two packets: some hosters' firewalls drop such a one
		CurvePreferences:   []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
		ClientSessionCache: tls.NewLRUClientSessionCache(64)}
	c.public = c.transport(&net.Dialer{Resolver: o.Resolver, ControlContext: only(isPublic)}, trust)
	c.local = c.transport(&net.Dialer{Resolver: o.Resolver, ControlContext: only(netip.Addr.IsLoopback)}, trust)
	return c
}

// transport sends one request over one connection. No proxy may dial in our place, no connection is kept: it would stay
// open to an address that was right once. Having its own DialTLSContext, it speaks HTTP/1.1.
func (c *Client) transport(dialer *net.Dialer, trust *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: head.Longest,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, c.timeout) // net/http detaches it from the request's
			defer cancel()
			plain, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return tidied(plain), nil
		},
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, c.timeout)
			defer cancel()
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return shakeHands(ctx, conn, address, trust)
		},
	}
}

func shakeHands(ctx context.Context, conn net.Conn, address string, trust *tls.Config) (net.Conn, error) {
	trust = trust.Clone()
	var err error
	if trust.ServerName, _, err = net.SplitHostPort(address); err == nil {
		secure := tls.Client(conn, trust)
		if err = secure.HandshakeContext(ctx); err == nil {
			return tidied(secure), nil
		}
	}
	return nil, errors.Join(errHandshake, err, conn.Close())
}

// conn is a connection for one request. Shops' servers write heads that net/http does not take, and all else does: what
// the shop has taken would be sent to it for days, and given up.
type conn struct {
	net.Conn
	head head.Reader
}

func tidied(plain net.Conn) net.Conn {
	c := &conn{Conn: plain}
	c.head.Await()
	return c
}

// Read reads.
func (c *conn) Read(p []byte) (int, error) { return c.head.Read(c.Conn, p) }

var (
	errAddress   = errors.New("this address must not be called")
	errHandshake = errors.New("no TLS with this server")
)

// only lets the dialer call those addresses alone. It sees each address after the name was looked up and right before
// the call, so that no answer of a name server's, and no second one that differs, leads anywhere else.
func only(allowed func(netip.Addr) bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err != nil || !allowed(to.Addr()) {
			return errAddress
		}
		return nil
	}
}

// Target is where a shop wants to be told.
type Target struct {
	URL     string   // as CheckURL takes it
	Secrets []Secret // each signs
	// the shop has taken a message only when it answers {"ok":true}: some systems answer 200 to what they dropped
	Acknowledge bool
	Loopback    bool // URL may be on this very machine; for the stage "local" alone
}

// Send delivers a body once. The shop has taken it when it answers 2xx, and says so in words if Acknowledge wants that.
//
// The shop's server is a stranger. It is called by https alone, with a certificate for its name, and at a public
// address alone, whatever its name leads to; a redirect is not followed. What it sends is read up to a bound, within 15
// seconds in all, and nothing of it is handed on but the status.
func (c *Client) Send(ctx context.Context, to Target, id string, body []byte) Answer {
	u, err := parseURL(to.URL, to.Loopback)
	if err != nil {
		return Answer{Code: "bad_url"}
	}
	header := c.header(to.Secrets, id, body)
	if header == nil {
		return Answer{Code: "unsigned"}
	}
	var a Answer
	code := c.exchange(ctx, u, post{header, body}, func(ctx context.Context, answered *http.Response) {
		a = c.read(ctx, answered, to.Acknowledge)
	})
	if code != "" {
		return Answer{Code: code}
	}
	return a
}

// post is what is sent to a server.
type post struct {
	header http.Header
	body   []byte
}

// exchange posts, and has the answer read while its connection stands. The code says why there was none, as Answer has
// it.
func (c *Client) exchange(ctx context.Context, to *url.URL, m post, read func(context.Context, *http.Response)) (
	code string) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(m.body))
	if err != nil {
		return "bad_url"
	}
	r.Header = m.header
	through := c.public
	if address.Loopback(to.Hostname()) {
		through = c.local
	}
	answered, err := through.RoundTrip(r) // not an http.Client, which would read where a redirect leads
	if err != nil {
		return codeOf(ctx, err)
	}
	defer func() { _ = answered.Body.Close() }() // its status stands, however the connection ends
	read(ctx, answered)
	return ""
}

// header is that of a message that leaves now; nil when it cannot be signed, for want of a secret or because of its id.
func (c *Client) header(secrets []Secret, id string, body []byte) http.Header {
	at := c.now()
	signature := Sign(secrets, id, at, body)
	if signature == "" || !isID(id) {
		return nil
	}
	h := plainHeader()
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", timestamp(at))
	h.Set("Webhook-Signature", signature)
	return h
}

func plainHeader() http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Kassa/1")
	h.Set("Accept", "*/*") // rule 960015 of ModSecurity's core rules answers 403 to a message without it
	return h
}
