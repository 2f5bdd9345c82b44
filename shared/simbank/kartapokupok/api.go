package kartapokupok

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"kassa/shared/simbank/journal"
	"kassa/shared/simbank/kartapokupok/ledger"
	"kassa/shared/simbank/kartapokupok/partnerapi"
)

const maxBody = 1 << 20

// API is the partner API. The caller serves it over TLS with [PKI.ServerTLS],
// which demands the partner's certificate.
func (s *Sim) API() http.Handler {
	doors := map[string]func(context.Context, call) answer{
		"create": s.create, "status": s.status, "refund": s.refund,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation, known := strings.CutPrefix(r.URL.Path, "/installment/")
		perform := doors[operation]
		if !known || perform == nil {
			send(w, refused(http.StatusNotFound, "not_found", "There is no such call."))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			send(w, refused(http.StatusRequestEntityTooLarge, "too_large", "The request is too large or was cut off."))
			return
		}
		s.serve(w, r, operation, func() answer {
			if bad := unfit(r); bad.status != 0 {
				return bad
			}
			return perform(r.Context(), call{document: body, settings: s.Settings(), caller: s.caller(r)})
		}, body)
	})
}

// call is a request that got through the door.
type call struct {
	document []byte
	settings Settings
	caller   string // the partner that the certificate is for
}

// answer is what the bank says, and what it does after it has said it.
type answer struct {
	status    int
	body      []byte
	why       string // for the history
	session   string
	reference string
	after     func()
}

func refused(status int, code, message string) answer {
	return answer{status: status, body: partnerapi.Failure(code, message), why: message}
}

// of says which application the answer is about.
func (a answer) of(session, reference string) answer {
	a.session, a.reference = session, reference
	return a
}

// caller is the name in the client's certificate. Without certificates everybody
// is the partner.
func (s *Sim) caller(r *http.Request) string {
	if s.opts.Auth == "none" {
		return s.opts.Partner
	}
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	return r.TLS.PeerCertificates[0].Subject.CommonName
}

// strange refuses a sender who is not the partner that the request is about.
func (s *Sim) strange(c call, partner string) answer {
	switch {
	case c.caller == "":
		return refused(http.StatusForbidden, "forbidden", "A client certificate is needed.")
	case partner != c.caller:
		return refused(http.StatusForbidden, "forbidden", "The client certificate is for another partner.")
	case partner != s.opts.Partner:
		return refused(http.StatusForbidden, "forbidden", "The partner is not registered.")
	}
	return answer{}
}

func unfit(r *http.Request) answer {
	if r.Method != http.MethodPost {
		return refused(http.StatusMethodNotAllowed, "method_not_allowed", "This call takes POST only.")
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refused(http.StatusUnsupportedMediaType, "unsupported_media_type", "Content-Type is not application/json.")
	}
	return answer{}
}

// serve meets the scripted fault, answers, and then does what follows the answer,
// also when the connection is cut.
func (s *Sim) serve(w http.ResponseWriter, r *http.Request, operation string, perform func() answer, body []byte) {
	f, hit := s.Script.Take(operation)
	var done answer
	if !hit || f.CarriesOut() {
		done = perform()
	}
	if !s.Journal.Off {
		s.Journal.Add(Exchange{SessionID: done.session, OrderRef: done.reference, Status: done.status,
			Exchange: journal.Exchange{At: s.Now(), Path: r.URL.Path, Operation: operation, Why: done.why, Fault: f.Kind,
				Request: journal.Cut(partnerapi.Masked(body)), Response: journal.Cut(withoutKey(string(done.body)))}})
	}
	if done.after != nil {
		defer done.after()
	}
	if hit {
		s.Script.Send(w, r, f, done.status, done.body)
		return
	}
	send(w, done)
	if done.after != nil {
		// The caller has the answer in hand before the bank goes on. A connection that is gone needs none.
		_ = http.NewResponseController(w).Flush()
	}
}

// withoutKey hides what opens the customer's page.
func withoutKey(body string) string {
	before, after, found := strings.Cut(body, pageKey)
	if !found || len(after) < keyLength {
		return body
	}
	return before + pageKey + "…" + after[keyLength:]
}

// send states the length, so that the answer is whole before the handler ends.
func send(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	w.WriteHeader(a.status)
	// A client that is gone needs no answer.
	_, _ = w.Write(a.body)
}

// statusOf maps the code of a refusal to HTTP.
func statusOf(no ledger.Refusal) int {
	if no.Code == ledger.CodeState || no.Code == ledger.CodeDuplicate {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}
