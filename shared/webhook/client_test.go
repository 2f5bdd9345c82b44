package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const id = "evt_pay_a-1_3"

func TestWhatIsSent(t *testing.T) {
	now := time.Date(2026, 11, 21, 20, 0, 0, 999e6, time.UTC)
	shop := newShop(t, answering(204, ""))
	c := New(Options{Now: func() time.Time { return now }})
	body := []byte(`{"type":"payment.paid"}`)
	if a := c.Send(t.Context(), shop.target(oneSecret, otherSecret), id,
		body); a != (Answer{Accepted: true, Code: "204"}) {
		t.Fatalf("%+v", a)
	}
	got := shop.messages()[0]
	want := http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))},
		"User-Agent": {"Kassa/1"}, "Accept": {"*/*"},
		"Connection": {"close"}, "Webhook-Id": {id}, "Webhook-Timestamp": {"1795291200"},
		"Webhook-Signature": {Sign(secrets(t, oneSecret, otherSecret), id, now, body)}}
	if fmt.Sprint(got.header) != fmt.Sprint(want) || string(got.body) != string(body) {
		t.Errorf("%v %s, want %v", got.header, got.body, want)
	}
	if c.public.Proxy != nil || c.local.Proxy != nil {
		t.Error("somebody's proxy may dial in our place")
	}
}

// TestNothingIsSent: what is wrong on our own side is no news of the shop.
func TestNothingIsSent(t *testing.T) {
	shop := newShop(t, answering(200, ""))
	sound := shop.target()
	for _, c := range []struct {
		change func(*Target)
		id     string
		want   string
	}{
		{func(t *Target) { t.Secrets = nil }, id, "unsigned"},
		{func(t *Target) { t.Secrets = []Secret{{}} }, id, "unsigned"},
		{func(*Target) {}, "", "unsigned"},
		{func(*Target) {}, "evt.1", "unsigned"},
		{func(*Target) {}, "evt_1\r\nx: y", "unsigned"},
		{func(*Target) {}, strings.Repeat("e", 129), "unsigned"},
		{func(t *Target) { t.Loopback = false }, id, "bad_url"},
		{func(t *Target) { t.URL = "" }, id, "bad_url"},
		{func(t *Target) { t.URL = "https://169.254.169.254/" }, id, "bad_url"},
	} {
		target := sound
		c.change(&target)
		if a := New(Options{}).Send(t.Context(), target, c.id, nil); a != (Answer{Code: c.want}) {
			t.Errorf("%+v, want %s", a, c.want)
		}
	}
	if n := len(shop.messages()); n != 0 {
		t.Errorf("%d messages", n)
	}
}

func TestAnswers(t *testing.T) {
	now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	elsewhere := newShop(t, answering(200, `{"ok":true}`))
	for _, c := range []struct {
		name        string
		answer      http.HandlerFunc
		acknowledge bool
		want        Answer
	}{
		{"200", answering(200, "", "Retry-After: 60"), false, Answer{Accepted: true, Code: "200"}},
		{"202 with a page", answering(202, "<html>"), false, Answer{Accepted: true, Code: "202"}},
		{"299", answering(299, ""), false, Answer{Accepted: true, Code: "299"}},
		{"acknowledged", answering(201, `{"ok":true,"applied":1}`), true, Answer{Accepted: true, Code: "201"}},
		{"not acknowledged", answering(200, ""), true, Answer{Code: "not_acknowledged"}},
		{"not acknowledged in words", answering(200, `{"ok":false}`, "Retry-After: 60"), true,
			Answer{Code: "not_acknowledged", RetryAfter: time.Minute}},
		{"acknowledged behind too much", answering(200, strings.Repeat(" ", 64<<10)+`{"ok":true}`), true,
			Answer{Code: "not_acknowledged"}},
		{"longer by a byte", answering(200, strings.Repeat(" ", 64<<10-10)+`{"ok":true}`), true,
			Answer{Code: "not_acknowledged"}},
		{"as long as it may be", answering(200, strings.Repeat(" ", 64<<10-11)+`{"ok":true}`), true,
			Answer{Accepted: true, Code: "200"}},
		{"compressed", answering(200, "\x1f\x8b\x08", "Content-Encoding: gzip"), true, Answer{Code: "not_acknowledged"}},
		{"acknowledged with an error", answering(500, `{"ok":true}`), true, Answer{Code: "500"}},
		{"gone", answering(410, ""), false, Answer{Gone: true, Code: "410"}},
		{"not found", answering(404, ""), false, Answer{Code: "404"}},
		{"busy", answering(429, "", "Retry-After: 120"), false, Answer{Code: "429", RetryAfter: 2 * time.Minute}},
		{"busy until", answering(503, "", "Retry-After: Sat, 21 Nov 2026 20:05:00 GMT"), false,
			Answer{Code: "503", RetryAfter: 5 * time.Minute}},
		{"busy for ever", answering(503, "", "Retry-After: 99999999999999999999"), false,
			Answer{Code: "503", RetryAfter: 24 * time.Hour}},
		{"redirect", answering(302, "", "Location: "+elsewhere.url), false, Answer{Code: "redirect"}},
		{"redirect that keeps the method", answering(307, "", "Location: "+elsewhere.url), false, Answer{Code: "redirect"}},
		{"redirect for ever", answering(308, "", "Location: "+elsewhere.url), true, Answer{Code: "redirect"}},
		{"redirect to the metadata", answering(301, "", "Location: http://169.254.169.254/latest/meta-data"), false,
			Answer{Code: "redirect"}},
		{"redirect to nowhere", answering(303, "", "Location: http://[::", "Retry-After: 1"), false,
			Answer{Code: "redirect", RetryAfter: time.Second}},
		{"not modified", answering(304, ""), false, Answer{Code: "redirect"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t, c.answer)
			target := shop.target()
			target.Acknowledge = c.acknowledge
			got := New(Options{Now: func() time.Time { return now }}).Send(t.Context(), target, id, []byte("{}"))
			if got != c.want || len(shop.messages()) != 1 {
				t.Errorf("%+v after %d messages, want %+v", got, len(shop.messages()), c.want)
			}
		})
	}
	if n := len(elsewhere.messages()); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// TestCall: what a server says is handed on, up to a bound, without what stands around it, and nothing is called that
// Send would not call.
func TestCall(t *testing.T) {
	now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	whole := strings.Repeat("a", 64<<10)
	broken := listen(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
		_ = conn.Close()
	})
	for name, c := range map[string]struct {
		url  string
		want Reply
	}{
		"an answer":             {newShop(t, answering(200, "said")).url, Reply{200, []byte("said"), "200", 0}},
		"no more than a status": {newShop(t, answering(204, "")).url, Reply{204, []byte{}, "204", 0}},
		"the longest":           {newShop(t, answering(200, whole)).url, Reply{200, []byte(whole), "200", 0}},
		"a byte more":           {newShop(t, answering(200, whole+"a")).url, Reply{200, nil, "200", 0}},
		"an error": {newShop(t, answering(503, "later", "Retry-After: 60")).url,
			Reply{503, []byte("later"), "503", time.Minute}},
		"a redirect": {newShop(t, answering(302, "there", "Location: https://shop.example")).url,
			Reply{302, nil, "redirect", 0}},
		"the last that is none":   {newShop(t, answering(400, "no")).url, Reply{400, []byte("no"), "400", 0}},
		"what breaks off":         {broken, Reply{200, nil, "connection", 0}},
		"nobody there":            {"http://127.0.0.1:1/", Reply{Code: "connection"}},
		"an address that is none": {"https://169.254.169.254/", Reply{Code: "bad_url"}},
	} {
		got := New(Options{Now: func() time.Time { return now }}).Call(t.Context(), c.url, true, []byte("{}"))
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s: %.200s, want %.200s", name, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", c.want))
		}
	}
	if got := New(Options{}).Call(t.Context(), newShop(t, answering(200, "")).url, false, nil); got.Code != "bad_url" {
		t.Errorf("this very machine was called where it must not be: %+v", got)
	}
}

// TestStrangeServers: whatever stands at the address, a delivery ends, and costs no more than its bounds.
func TestStrangeServers(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	say := func(text string) func(net.Conn) {
		return func(conn net.Conn) { _, _ = io.WriteString(conn, text) }
	}
	then := func(text string, next func(net.Conn)) func(net.Conn) {
		return func(conn net.Conn) { say(text)(conn); next(conn) }
	}
	repeat := func(text string) func(net.Conn) { return func(conn net.Conn) { forever(conn, text) } }
	for _, c := range []struct {
		name        string
		talk        func(net.Conn)
		acknowledge bool
		want        string
	}{
		{"hangs up", say(""), false, "connection"},
		{"speaks no HTTP", say("220 mail.example ESMTP\r\n"), false, "connection"},
		{"speaks no HTTP for ever", repeat("220-mail.example ESMTP "), false, "connection"},
		{"interim answers for ever", repeat("HTTP/1.1 102 Processing\r\n\r\n"), false, "connection"},
		{"hints for ever", repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"), false, "connection"},
		{"headers for ever", then(head, repeat("A: b\r\n")), false, "connection"},
		{"one header for ever", then(head+"A: ", repeat("b")), false, "connection"},
		{"another protocol", then("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", silence),
			false, "101"},
		{"a status below any", say("HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"), false, "0"},
		{"a status above any", say("HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n"), false, "999"},
		{"says nothing", silence, false, "timeout"},
		{"ends its headers never", then(head+"A: b\r\n", silence), false, "timeout"},
		{"a body for ever", then(head+"\r\n", repeat("x")), false, "200"},
		{"chunks for ever", then(head+"Transfer-Encoding: chunked\r\n\r\n", repeat("1\r\nx\r\n")), true, "not_acknowledged"},
		{"a body for ever, to be read", then(head+"\r\n", repeat("x")), true, "not_acknowledged"},
		{"ends its body never", then(head+"Content-Length: 11\r\n\r\n", silence), false, "200"},
		{"ends its words never", then(head+"Content-Length: 12\r\n\r\n{\"ok\":true}", silence), true, "timeout"},
		{"hangs up amid its words", say(head + "Content-Length: 12\r\n\r\n{\"ok\":true}"), true, "connection"},
		{"breaks its chunks", say(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), true, "connection"},
		{"more than it announced", say(head + "Content-Length: 11\r\n\r\n{\"ok\":true}{\"ok\":false}"), true, "200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{}
			switch {
			case c.want == "timeout":
				o.Timeout = 50 * time.Millisecond // nothing else ends it
			case c.name == "ends its body never":
				o.Timeout = time.Second // nor this, but its headers must have come
			}
			target := Target{URL: listen(t, c.talk), Secrets: secrets(t, oneSecret), Acknowledge: c.acknowledge, Loopback: true}
			if a := New(o).Send(t.Context(), target, id, make([]byte, 100)); a.Code != c.want ||
				a.Accepted != (c.want == "200") {
				t.Errorf("%+v, want %s", a, c.want)
			}
		})
	}
	panicking := newShop(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if a := New(Options{}).Send(t.Context(), panicking.target(), id, nil); a != (Answer{Code: "connection"}) {
		t.Errorf("a server that panics: %+v", a)
	}
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	target := Target{URL: server.URL, Secrets: secrets(t, oneSecret), Loopback: true}
	if a := New(Options{}).Send(t.Context(), target, id, nil); a != (Answer{Code: "connection"}) {
		t.Errorf("%+v", a)
	}
	target.URL = "https://nobody.example/"
	if a := New(Options{Resolver: names{}.resolver()}).Send(t.Context(), target, id, nil); a != (Answer{Code: "dns"}) {
		t.Errorf("%+v", a)
	}
}

func TestCallerEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	shop := newShop(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if a := New(Options{}).Send(ctx, shop.target(), id, nil); a != (Answer{Code: "cancelled"}) {
		t.Errorf("%+v", a)
	}
}

// TestTLS: the certificate must be valid for the host's name, and come from somebody who is trusted.
func TestTLS(t *testing.T) {
	shop := &shop{t: t}
	server := httptest.NewUnstartedServer(shop.keeping(answering(200, "")))
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	trusted, strangers := x509.NewCertPool(), x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	here := "https://" + server.Listener.Addr().String()
	named := "https://localhost:" + strings.Split(server.Listener.Addr().String(), ":")[1]
	old := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	for _, c := range []struct {
		name, url string
		roots     *x509.CertPool
		want      string
	}{
		{"valid", here, trusted, "200"},
		{"of the past", here, trusted, "tls"},
		{"of a stranger", here, strangers, "tls"},
		{"of nobody the system knows", here, nil, "tls"},
		{"of another name", named, trusted, "tls"},
		{"of a version long gone", old.URL, trusted, "tls"},
		{"none", strings.Replace(listen(t, silence), "http", "https", 1), trusted, "timeout"},
		{"no TLS at all", strings.Replace(newShop(t, answering(200, "")).url, "http", "https", 1), trusted, "tls"},
	} {
		o := Options{RootCAs: c.roots}
		if c.name == "of the past" {
			o.Now = func() time.Time { return server.Certificate().NotAfter.Add(time.Hour) }
		}
		if c.want == "timeout" {
			o.Timeout = 50 * time.Millisecond
		}
		target := Target{URL: c.url, Secrets: secrets(t, oneSecret), Loopback: true}
		if a := New(o).Send(t.Context(), target, id, nil); a.Code != c.want {
			t.Errorf("%s: %+v, want %s", c.name, a, c.want)
		}
	}
	if n := len(shop.messages()); n != 1 {
		t.Errorf("%d messages arrived, want 1", n)
	}
}

func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	server := httptest.NewUnstartedServer(answering(200, ""))
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// TestPublicNames goes the way of a real shop: by its name to port 443, only that the last step leads to a server here.
func TestPublicNames(t *testing.T) {
	shop := &shop{t: t}
	server := httptest.NewTLSServer(shop.keeping(answering(200, "")))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := New(Options{RootCAs: roots})
	dialled := ""
	c.public.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = address
		conn, err := (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		if err != nil {
			return nil, err
		}
		return shakeHands(ctx, conn, address, &tls.Config{RootCAs: roots})
	}
	target := Target{URL: "https://example.com/kassa", Secrets: secrets(t, oneSecret)}
	if a := c.Send(t.Context(), target, id, nil); !a.Accepted || dialled != "example.com:443" {
		t.Errorf("%+v at %s", a, dialled)
	}
	target.URL = "https://example.org/kassa"
	if a := c.Send(t.Context(), target, id, nil); a != (Answer{Code: "tls"}) {
		t.Errorf("another shop's name: %+v", a)
	}
}

// TestForbiddenAddresses: wherever a name leads, with or without loopback allowed, these are not called.
func TestForbiddenAddresses(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "::1", "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "10.1.2.3",
		"100.64.0.1", "192.168.1.1", "0.0.0.0",
		"64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:a9fe:a9fe::", "::ffff:127.0.0.1",
		"::ffff:169.254.169.254", "fec0::1", "198.18.0.1",
		"255.255.255.255", "224.0.0.1", "127.0.0.1 ::1", "169.254.169.254 10.0.0.1 fe80::1"} {
		c := New(Options{Resolver: names{"shop.example": {address}}.resolver()})
		for _, loopback := range []bool{false, true} {
			target := Target{URL: "https://shop.example/kassa", Secrets: secrets(t, oneSecret), Loopback: loopback}
			if a := c.Send(t.Context(), target, id, nil); a != (Answer{Code: "refused_address"}) {
				t.Errorf("%s, loopback %t: %+v", address, loopback, a)
			}
		}
	}
}

// TestRebinding: a name that is public when it is looked at, and something else a moment later.
func TestRebinding(t *testing.T) {
	c := New(Options{})
	var called []string
	stop := errors.New("the test does not call strangers")
	check := only(isPublic)
	c.public = c.transport(&net.Dialer{
		Resolver: names{"shop.example": {"8.8.8.8", "127.0.0.1", "169.254.169.254", "127.0.0.1 8.8.4.4",
			"8.8.4.4 fd00:ec2::254"}}.resolver(),
		ControlContext: func(ctx context.Context, network, address string, raw syscall.RawConn) error {
			if err := check(ctx, network, address, raw); err != nil {
				return err
			}
			called = append(called, address)
			return stop
		},
	}, &tls.Config{MinVersion: tls.VersionTLS12})
	target := Target{URL: "https://shop.example/kassa", Secrets: secrets(t, oneSecret)}
	var codes []string
	for range 4 {
		codes = append(codes, c.Send(t.Context(), target, id, nil).Code)
	}
	if want := []string{"connection", "refused_address", "refused_address"}; !slices.Equal(codes[:3], want) {
		t.Errorf("%q, want %q", codes, want)
	}
	c.Send(t.Context(), target, id, nil)
	if want := []string{"8.8.8.8:443", "8.8.4.4:443", "8.8.4.4:443"}; !slices.Equal(called, want) {
		t.Errorf("called %q, want %q", called, want)
	}
}

// TestLoopbackLeadsNowhereElse: what is called this machine must be this machine.
func TestLoopbackLeadsNowhereElse(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "8.8.8.8:80": false,
		"10.0.0.1:80": false, "169.254.169.254:80": false, "0.0.0.0:80": false, "x": false, "": false} {
		if err := only(netip.Addr.IsLoopback)(t.Context(), "tcp", address, nil); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
	conn, err := New(Options{}).local.DialContext(t.Context(), "tcp", "8.8.8.8:80")
	if conn != nil || !errors.Is(err, errAddress) {
		t.Errorf("called: %v, %v", conn, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	shop := newShop(t, answering(200, `{"ok":true}`))
	c, target := New(Options{}), shop.target(oneSecret, otherSecret)
	target.Acknowledge = true
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if a := c.Send(t.Context(), target, id, []byte("{}")); !a.Accepted {
				t.Errorf("%+v", a)
			}
		})
	}
	all.Wait()
	if n := len(shop.messages()); n != 20 {
		t.Errorf("%d messages", n)
	}
}
