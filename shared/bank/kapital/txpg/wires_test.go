package txpg

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"kassa/shared/payment"
)

// wire is a terminal whose bank's answers travel as the test writes them: it gets the answer's body and gives all bytes
// that go out, after which the connection ends.
func wire(t *testing.T, c *connected, write func(body string) string) *Gateway {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		c.bank.ServeHTTP(answer, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func(conn net.Conn) { _ = conn.Close() }(conn)
		_, _ = io.WriteString(conn, write(answer.Body.String()))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return c.terminal(t, map[string]any{"base_url": server.URL + "/api", "ca": string(ca)})
}

func answered(header, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", header, len(body), body)
}

func packed(body string, zip bool) string {
	var b bytes.Buffer
	var w io.WriteCloser = zlib.NewWriter(&b)
	if zip {
		w = gzip.NewWriter(&b)
	}
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return b.String()
}

func utf16le(text string, mark bool) string {
	var b bytes.Buffer
	if mark {
		b.WriteString("\xff\xfe")
	}
	_ = binary.Write(&b, binary.LittleEndian, utf16.Encode([]rune(text)))
	return b.String()
}

// TestOddWires: an answer that says one thing is read however it travels, and any other leaves a question open and what
// moves money unknown.
func TestOddWires(t *testing.T) {
	const read, open = true, false
	const chunked = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
	titled := func(body, title string) string { return strings.Replace(body, `{"`, `{"title":"`+title+`","`, 1) }
	for name, c := range map[string]struct {
		write func(body string) string
		want  bool
	}{
		"as it is":         {func(b string) string { return answered("", b) }, read},
		"a mark and lines": {func(b string) string { return answered("", "\ufeff\r\n"+b+"\r\n\x00") }, open},
		"a mark":           {func(b string) string { return answered("", "\ufeff\r\n"+b+"\r\n") }, read},
		"named as text":    {func(b string) string { return answered("Content-Type: text/html\r\n", b) }, read},
		"packed": {func(b string) string {
			return answered("Content-Encoding: gzip\r\n", packed(b, true))
		}, read},
		"packed by zlib": {func(b string) string {
			return answered("Content-Encoding: deflate\r\n", packed(b, false))
		}, read},
		"packed without a frame": {func(b string) string { // as some servers understand deflate
			bare := packed(b, false)
			return answered("Content-Encoding: deflate\r\n", bare[2:len(bare)-4])
		}, read},
		"packed, not so told": {func(b string) string { return answered("", packed(b, true)) }, open},
		"not packed":          {func(b string) string { return answered("Content-Encoding: gzip\r\n", b) }, read},
		"not packed at all": {func(b string) string {
			return answered("Content-Encoding: deflate\r\n", "{\n"+b[1:])
		}, read},
		"identity": {func(b string) string { return answered("Content-Encoding: identity\r\n", b) }, read},
		"early hints": {func(b string) string {
			return strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 3) + answered("", b)
		}, read},
		"go on": {func(b string) string { return "HTTP/1.1 100 Continue\r\n\r\n" + answered("", b) }, read},
		"hints for ever": {func(b string) string {
			return strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 4000) + answered("", b)
		}, open},
		"HTTP/1.0, to the end": {func(b string) string { return "HTTP/1.0 200 OK\r\n\r\n" + b }, read},
		"in chunks": {func(b string) string {
			return fmt.Sprintf(chunked+"%x\r\n%s\r\n0\r\n\r\n", len(b), b)
		}, read},
		"chunks without an end": {func(b string) string {
			return fmt.Sprintf(chunked+"%x\r\n%s\r\n", len(b), b)
		}, open},
		"a name in two letter cases": {func(b string) string {
			return answered("", strings.Replace(b, "{", `{"cReq":"a","creq":"a",`, 1))
		}, read},
		"half":        {func(b string) string { return answered("", b)[:len(answered("", b))-len(b)/2] }, open},
		"two lengths": {func(b string) string { return answered("Content-Length: 3\r\n", b) }, open},
		"no HTTP":     {func(b string) string { return b }, open},
		"nothing":     {func(string) string { return "" }, open},
		"another place": {func(b string) string {
			return "HTTP/1.1 302 Found\r\nLocation: https://a.example/\r\n" +
				answered("", b)[len("HTTP/1.1 200 OK\r\n"):]
		}, open},
		"Latin letters of one byte": {func(b string) string {
			return answered("Content-Type: application/json; charset=ISO-8859-9\r\n", titled(b, "\xd6d\xe9ni\xfe"))
		}, open},
		"Cyrillic letters of one byte": {func(b string) string {
			return answered("Content-Type: application/json; charset=windows-1251\r\n",
				titled(b, "\xcf\xee\xea\xf3\xef\xea\xe0"))
		}, open},
		"two bytes a letter, with a mark": {func(b string) string { return answered("", utf16le(b, true)) }, open},
		"a name twice": {func(b string) string {
			return answered("", strings.Replace(b, `"status":`, `"Status":"Declined","status":`, 1))
		}, open},
		"two documents": {func(b string) string { return answered("", b+b) }, open},
		"a list of one": {func(b string) string { return answered("", "["+b+"]") }, open},
		"a page":        {func(string) string { return answered("Content-Type: text/html\r\n", "<html>ok</html>") }, open},
		"a huge number": {func(b string) string {
			return answered("", strings.Replace(b, `{"`, `{"n":1e99999,"`, 1))
		}, read},
		"a long number": {func(b string) string {
			return answered("", strings.Replace(b, `{"`, `{"n":`+strings.Repeat("9", 9999)+`,"`, 1))
		}, read},
		"too long":      {func(b string) string { return answered("", b+strings.Repeat(" ", maxAnswer)) }, open},
		"a long header": {func(b string) string { return answered("X: "+strings.Repeat("x", 64<<10)+"\r\n", b) }, open},
	} {
		k := connect(t, nil)
		h, _ := k.paid(t)
		g := wire(t, k, c.write)
		report, err := g.Status(t.Context(), h)
		if got := err == nil && report.State == payment.BankApproved && report.Amount.Minor == 15050; got != c.want {
			t.Errorf("%s: asked: %+v %v", name, report, err)
		}
		if err != nil && payment.KindOf(err) != payment.Unavailable && name != "another place" {
			t.Errorf("%s: asked: %s, %v", name, payment.KindOf(err), err)
		}
		if _, err := g.Open(t.Context(), k.order()); err != nil && payment.KindOf(err) != payment.Uncertain &&
			name != "another place" || (err == nil) != c.want && name != "a name twice" {
			t.Errorf("%s: opened: %s, %v", name, payment.KindOf(err), err)
		}
	}
}
