package head_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"kassa/shared/strict/head"
)

// through is what a Reader hands on of an answer.
func through(t *testing.T, from io.Reader) []byte {
	t.Helper()
	h := &head.Reader{}
	h.Await()
	var all []byte
	for p := make([]byte, 512); ; {
		n, err := h.Read(from, p)
		if all = append(all, p[:n]...); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func parsed(raw []byte) (status string, body []byte, err error) {
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		return "", nil, err
	}
	body, err = io.ReadAll(answer.Body)
	return answer.Status, body, err
}

// FuzzReader: what net/http reads by itself it reads as the same behind a Reader, in whatever pieces an answer comes.
func FuzzReader(f *testing.F) {
	for _, raw := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<b/>", "HTTP/1.0 200\n\n<b/>",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<b/>\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 4,4\r\n\r\n<b/>",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole := through(t, bytes.NewReader(raw))
		if pieces := through(t, iotest.OneByteReader(bytes.NewReader(raw))); !bytes.Equal(whole, pieces) {
			t.Errorf("%q is handed on as %q, and by bytes as %q", raw, whole, pieces)
		}
		status, body, err := parsed(raw)
		if err != nil || strings.HasPrefix(status, "1") {
			return
		}
		if s, b, err := parsed(whole); err != nil || s != status || !bytes.Equal(b, body) {
			t.Errorf("%q is %q, %q, and behind the reader %q, %q, %v", raw, status, body, s, b, err)
		}
	})
}

// FuzzUnchunked: what is in chunks comes out as it went in, and nothing is ever lost.
func FuzzUnchunked(f *testing.F) {
	f.Add([]byte("4\r\n<b/>\r\n0\r\n\r\n"), []byte("<b/>"))
	f.Fuzz(func(t *testing.T, raw, body []byte) {
		if got := head.Unchunked(raw); len(got) > len(raw) {
			t.Errorf("%q grew to %q", raw, got)
		}
		if len(body) == 0 {
			return
		}
		chunks := bytes.NewBufferString("")
		for part := range bytes.SplitAfterSeq(body, []byte("\n")) {
			if len(part) > 0 {
				_, _ = io.WriteString(chunks, fmt.Sprintf("%X\r\n%s\r\n", len(part), part))
			}
		}
		if got := head.Unchunked([]byte(chunks.String() + "0\r\n\r\n")); !bytes.Equal(got, body) {
			t.Errorf("%q came out as %q", body, got)
		}
	})
}
