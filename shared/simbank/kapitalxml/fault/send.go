package fault

import (
	"net/http"
	"strings"
	"time"
)

// Send misbehaves on the connection. The answer is what the bank would have
// said; it is nil where the fault leaves the operation undone.
func (p *Plan) Send(w http.ResponseWriter, r *http.Request, f Fault, answer []byte) {
	switch kind := strings.TrimSuffix(f.Kind, "_after"); kind {
	case "timeout_before", "timeout":
		p.hold(r, f.DelayMS, 30*time.Second)
		cut()
	case "http_500":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case "html_200":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		write(w, []byte("<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1><br></body></html>"))
	case "empty":
		write(w, nil)
	case "truncated":
		write(w, answer[:len(answer)/2])
	case "bom":
		write(w, append([]byte("\xef\xbb\xbf"), answer...))
	case "slow":
		p.hold(r, f.DelayMS, 2*time.Second)
		write(w, answer)
	case "refuse_connection", "cut":
		cut()
	default: // status_NN: the caller has made the answer for it
		write(w, answer)
	}
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

// write drops the error: a client that is gone needs no answer.
func write(w http.ResponseWriter, body []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	}
	_, _ = w.Write(body)
}
