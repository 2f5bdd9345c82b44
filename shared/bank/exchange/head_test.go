package exchange

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestHeadsThatOthersRead: cURL and PHP read each of these answers, over a new connection and over a kept one.
func TestHeadsThatOthersRead(t *testing.T) {
	const ok, size, chunks = "HTTP/1.1 200 OK\r\n", "Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n"
	const inChunks = "4\r\n<b/>\r\n0\r\n\r\n"
	many := strings.Repeat("X-By: "+strings.Repeat("a", 900)+"\r\n", 30)
	for name, answer := range map[string]string{
		"as net/http reads it":  ok + size + "\r\n<b/>",
		"in chunks":             ok + chunks + "\r\n" + inChunks,
		"in chunks, said twice": ok + chunks + "Content-Type: text/xml\r\n" + chunks + "\r\n" + inChunks,
		"in small letters":      ok + chunks + "transfer-encoding: chunked\r\n\r\n" + inChunks,
		"in one line":           ok + "Transfer-Encoding: chunked, Chunked\r\n\r\n" + inChunks,
		"with a size beside":    ok + chunks + size + chunks + "\r\n" + inChunks,
		"identity":              ok + "Transfer-Encoding: identity\r\n" + size + "\r\n<b/>",
		"no coding":             ok + "Transfer-Encoding:\r\n" + size + "\r\n<b/>",
		"a size said twice":     ok + "Content-Length: 4, 4\r\n\r\n<b/>",
		"a name from a text":    ok + size + "Strict\u2010Transport\u2010Security: max-age=1\r\n\r\n<b/>",
		"a name in quotes":      ok + "\"X-Frame-Options\": DENY\r\n" + size + "\r\n<b/>",
		"no name":               ok + ": DENY\r\n on two lines\r\n" + size + "\r\n<b/>",
		"a control character":   ok + "X-By: a\x1bb\r\n" + size + "\r\n<b/>",
		"bare line feeds":       strings.ReplaceAll(ok+chunks+chunks+"\r\n", "\r", "") + inChunks,
		"a head in the body":    ok + "Content-Length: 35\r\n\r\n<b/>\r\nTransfer-Encoding: identity\r\n",
		"a head of several reads": ok + chunks + many +
			chunks + "\r\n" + inChunks,
		"a colon in the first line": "HTTP/1.1 200 OK: done\r\n" + size + "\r\n<b/>",
		"a coding in the next line": ok + "Transfer-Encoding:\r\n chunked\r\n\r\n" + inChunks,
		"behind another":            "HTTP/1.1 100 Continue\r\n\r\n" + ok + chunks + chunks + "\r\n" + inChunks,
		"behind two of one write": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink\u2010: </b>\r\n\r\n" +
			"HTTP/1.1 100 Continue: go on\r\n\r\n" + ok + chunks + chunks + "\r\n" + inChunks,
	} {
		p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			conn, rest, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			for err == nil {
				_, _ = io.WriteString(conn, answer)
				err = next(rest.Reader)
			}
		})
		client := p.client(t, nil, p.ca.pem)
		for _, care := range []Care{Effect, Effect, Effect, Money} {
			got, err := client.Post(t.Context(), p.request(care))
			if err != nil || !strings.HasPrefix(string(got.Body), "<b/>") {
				t.Errorf("%s: %q, %v", name, got.Body, err)
			}
		}
	}
}

// next reads one request more.
func next(from *bufio.Reader) error {
	r, err := http.ReadRequest(from)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return err
}

// answeredBy asks a bank for money that answers so, byte for byte, and hangs up.
func answeredBy(t *testing.T, raw string) (Answer, error) {
	t.Helper()
	p := serve(t, false, tls.VersionTLS13, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_, _ = io.WriteString(conn, raw)
			_ = conn.Close()
		}
	})
	return p.client(t, nil, p.ca.pem).Post(t.Context(), p.request(Money))
}

// TestHeadsThatNobodyReads stay what they are: nobody knows what the bank has done.
func TestHeadsThatNobodyReads(t *testing.T) {
	for _, answer := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\n<b/>",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\n<b/>\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nX-By: a",
		"HTTP/1.1 200 OK\r\nno field\r\nContent-Length: 4\r\n\r\n<b/>", "HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/1.1 200 OK\r\nfailed to parse certificate from server\r\n\r\n<b/>",
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: a\r\n", 9000)} {
		got, err := answeredBy(t, answer)
		if OutcomeOf(err) != Unknown || err == nil {
			t.Errorf("%.60q: %q, %v", answer, got.Body, err)
		}
	}
}

// TestChunksOfHTTP10: an answer of HTTP/1.0 has none, and some servers send some. cURL and PHP read these; of the last
// ones, some servers only say so.
func TestChunksOfHTTP10(t *testing.T) {
	const head = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"
	for answer, want := range map[string]string{
		head + "\r\n4\r\n<b/>\r\n0\r\n\r\n":                                        "<b/>",
		head + "Connection: keep-alive\r\n\r\n2;a=b\r\n<b\r\n2\r\n/>\r\n0\r\n\r\n": "<b/>",
		head + "\r\n<b/>":             "<b/>",
		head + "\r\n4\r\n<b/>\r\n":    "4\r\n<b/>\r\n", // it breaks off
		"HTTP/1.0 200 OK\r\n\r\n<b/>": "<b/>",
	} {
		got, err := answeredBy(t, answer)
		if err != nil || string(got.Body) != want {
			t.Errorf("%q: %q, %v", answer, got.Body, err)
		}
	}
}
