package fault

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// Send misbehaves on the connection. Status and answer are what the bank would
// have said; the answer is empty where the fault leaves the operation undone.
func (p *Plan) Send(w http.ResponseWriter, r *http.Request, f Fault, status int, answer []byte) {
	if scripted, html := f.status(); scripted != 0 {
		p.sendStatus(w, scripted, html)
		return
	}
	switch strings.TrimSuffix(f.Kind, "_after") {
	case "timeout_before", "timeout":
		p.hold(r, f.DelayMS, 30*time.Second)
		cut()
	case "reset":
		reset(w)
	case "empty":
		write(w, http.StatusOK, p.bank.ContentType, nil)
	case "empty_json":
		write(w, http.StatusOK, "application/json", []byte("{}"))
	case "no_json":
		write(w, http.StatusOK, "text/plain", []byte("OK, thank you"))
	case "truncated":
		write(w, status, p.bank.ContentType, answer[:len(answer)/2])
	case "bom":
		write(w, status, p.bank.ContentType, append([]byte("\xef\xbb\xbf"), answer...))
	case "twice":
		write(w, status, p.bank.ContentType, append(append([]byte{}, answer...), answer...))
	case "slow":
		p.hold(r, f.DelayMS, 2*time.Second)
		write(w, status, p.bank.ContentType, answer)
	case "refuse_connection", "cut":
		cut()
	default: // status_NN: the caller has made the answer for it
		write(w, status, p.bank.ContentType, answer)
	}
}

func (p *Plan) sendStatus(w http.ResponseWriter, status int, html bool) {
	if status/100 == 3 {
		w.Header().Set("Location", "/elsewhere")
	}
	if html {
		page := "<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1><br></body></html>"
		write(w, status, "text/html; charset=utf-8", []byte(page))
		return
	}
	write(w, status, p.bank.ContentType, p.bank.Failure(status))
}

// hold keeps the connection until the client gives up, the bound passes or the
// simulator closes.
func (p *Plan) hold(r *http.Request, ms int, bound time.Duration) {
	if ms > 0 {
		bound = time.Duration(ms) * time.Millisecond
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
	case <-p.stop:
	}
}

// cut ends the connection without an answer: ErrAbortHandler is net/http's own
// way to say so and is not logged.
func cut() {
	panic(http.ErrAbortHandler) //nolint:forbidigo // net/http recovers it and closes the connection
}

// reset ends the connection below TLS with a TCP reset, so that the client sees
// neither an answer nor an orderly end.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		cut() // HTTP/2 cannot be hijacked; its stream is reset instead
	}
	if wrapped, ok := connection.(interface{ NetConn() net.Conn }); ok {
		connection = wrapped.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		// Without a linger time the kernel sends RST; where that fails it is a plain close.
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// write drops the error: a client that is gone needs no answer.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
