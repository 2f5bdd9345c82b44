// The one call of Lambda's own API that a function makes: starting a function, asynchronously (Lambda API Reference,
// "Invoke").

package lambda

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxEvent is Lambda's limit on the event of an asynchronous invocation, in bytes.
const maxEvent = 256 << 10

// API serves the call Invoke for the functions of the host, by their logical ids, as far as it is asynchronous; all
// else it refuses in Lambda's form. note hears of each call before it is carried out. The signature is not verified,
// but must be there.
func (h *Host) API(note func(r *http.Request, function string)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
		f := h.function(name)
		switch {
		case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "):
			deny(w, http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
		case r.Header.Get("X-Amz-Invocation-Type") != "Event" || r.URL.Query().Has("Qualifier"):
			deny(w, http.StatusBadRequest, "InvalidParameterValueException",
				"The local host takes asynchronous invocations alone, and knows no versions.")
		case err != nil:
			deny(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", err.Error())
		case f == nil:
			deny(w, http.StatusNotFound, "ResourceNotFoundException", "There is no such function.")
		default:
			note(r, name)
			go func() { _, _ = f.Invoke(context.Background(), event) }() // what fails stands in the function's log
			w.WriteHeader(http.StatusAccepted)
		}
	})
	return mux
}

// function is the one of that name, nil where there is none.
func (h *Host) function(name string) *Function {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.functions {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// deny refuses a call in Lambda's form.
func deny(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"Type":"User","Message":%q}`, message) // a client that has gone needs no answer
}
