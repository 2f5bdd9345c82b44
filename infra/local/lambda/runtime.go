// The Lambda Runtime API (Developer Guide, "Using the Lambda runtime API for custom runtimes"), as aws-lambda-go
// speaks it: the functions are the very binaries of a deployment and know of no other host.

package lambda

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// FunctionError is an invocation that failed, as Lambda reports it to the caller.
type FunctionError struct {
	Function  string
	RequestID string // empty when the function failed to start
	Type      string // the function's own error type, or Sandbox.Timedout, Runtime.ExitError, ...
	Message   string
	Log       string // path of the function's log
}

func (e *FunctionError) Error() string {
	return fmt.Sprintf("%s failed: %s: %s (log: %s)", e.Function, e.Type, e.Message, e.Log)
}

// runtimeAPI speaks the Lambda Runtime API, version 2018-06-01, to one process.
func (e *environment) runtimeAPI() http.Handler {
	const base = "/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/invocation/next", e.serveNext)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", e.serveResponse)
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", e.serveError)
	mux.HandleFunc("POST "+base+"/init/error", e.serveInitError)
	return mux
}

// serveNext is the runtime's request for work: it means that the previous invocation is over, and it waits for the
// next.
func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case e.idle <- struct{}{}:
	default: // nobody has taken the last signal yet; one is enough
	}
	select {
	case in := <-e.next:
		e.mu.Lock()
		e.current = in
		e.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", in.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", e.arn())
		h.Set("Lambda-Runtime-Trace-Id", traceID(in))
		if _, err := w.Write(in.event); err != nil {
			e.function.note("hand over %s: %v", in.id, err)
		}
	case <-r.Context().Done():
	}
}

// arn is the function's name; the account is that of no real one.
func (e *environment) arn() string {
	return "arn:aws:lambda:" + e.function.options.Region + ":000000000000:function:" + e.function.spec.Name
}

// traceID has the form of X-Ray's root identifiers and says that nothing is sampled.
func traceID(in *invocation) string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return fmt.Sprintf("Root=1-%08x-%x;Sampled=0", in.deadline.Unix(), b)
}

// serveResponse takes an answer. One that is too large or broken off fails the invocation, as it would at AWS, and the
// process lives on.
func (e *environment) serveResponse(w http.ResponseWriter, r *http.Request) {
	in := e.claim(w, r)
	if in == nil {
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		in.done <- outcome{err: e.failed(in, "Function.ResponseSizeTooLarge",
			"the answer is larger than the 6 MB that Lambda returns")}
		reply(w, http.StatusRequestEntityTooLarge, "Exceeded maximum allowed payload size (6291556 bytes).",
			"RequestEntityTooLarge")
		return
	}
	if err != nil {
		in.done <- outcome{err: e.failed(in, "Runtime.TruncatedResponse", err.Error())}
		reply(w, http.StatusInternalServerError, "the answer broke off", "TruncatedResponse")
		return
	}
	in.done <- outcome{answer: body}
	accepted(w)
}

// serveError takes the failure of one invocation; what the function returned as an error comes this way, as does a
// panic, after which the process ends by itself.
func (e *environment) serveError(w http.ResponseWriter, r *http.Request) {
	in := e.claim(w, r)
	if in == nil {
		return
	}
	kind, message := readError(r)
	in.done <- outcome{err: e.failed(in, kind, message)}
	accepted(w)
}

// serveInitError takes the reason of a start that failed. The process ends after it, and startError tells the reason.
func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	kind, message := readError(r)
	e.mu.Lock()
	e.initErr = &FunctionError{Function: e.function.spec.Name, Type: kind, Message: message, Log: e.function.LogFile()}
	e.mu.Unlock()
	accepted(w)
}

// claim finds the invocation that the runtime answers and makes sure that it is answered once.
func (e *environment) claim(w http.ResponseWriter, r *http.Request) *invocation {
	e.mu.Lock()
	defer e.mu.Unlock()
	in := e.current
	if in == nil || in.id != r.PathValue("id") {
		reply(w, http.StatusBadRequest, "Invalid request ID", "InvalidRequestID")
		return nil
	}
	e.current = nil
	return in
}

// readError reads the runtime's error report; one that cannot be read still is an error.
func readError(r *http.Request) (kind, message string) {
	var report struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 256<<10))
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(body)).Decode(&report)
	}
	if err != nil || report.Type == "" {
		report.Type = "Runtime.Unknown"
	}
	if report.Message == "" {
		report.Message = "the runtime gave no reason"
	}
	return report.Type, report.Message
}

// accepted is the Runtime API's only good answer.
func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`) // a runtime that is gone needs no answer
}

// reply refuses what the runtime sent, in the API's form.
func reply(w http.ResponseWriter, status int, message, kind string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errorMessage":%q,"errorType":%q}`, message, kind) // a runtime that is gone needs no answer
}
