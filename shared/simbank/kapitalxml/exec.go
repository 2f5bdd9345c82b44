package kapitalxml

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"kassa/shared/simbank/journal"
	"kassa/shared/simbank/kapitalxml/ledger"
	"kassa/shared/simbank/kapitalxml/tkkpg"
)

const maxBody = 64 << 10

// API is the XML door. The caller serves it over TLS, with client certificates
// when Auth is "certificate"; Sim.ServerTLS makes the configuration.
func (s *Sim) API() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		door := s.door(r.URL.Path)
		if door == nil {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "the gateway takes POST only", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "the request is too large or was cut off", http.StatusRequestEntityTooLarge)
			return
		}
		s.serve(w, r, door(r, body))
	})
}

// letter is what came through a door: the document and the reasons, if any,
// not to read it or not to obey it.
type letter struct {
	document []byte
	unfit    string                       // why the envelope is wrong
	strange  func(merchant string) string // why the sender is not that merchant
}

func (s *Sim) door(path string) func(*http.Request, []byte) letter {
	path = strings.ToLower(strings.TrimSuffix(path, "/"))
	if path == "/execpasswordauth" {
		return s.passwordDoor
	}
	for _, known := range append([]string{"/exec", "/api/order"}, s.opts.Paths...) {
		if path == strings.ToLower(strings.TrimSuffix(known, "/")) {
			return s.plainDoor
		}
	}
	return nil
}

// plainDoor takes the bare document; who sent it is proved by the client's
// certificate, or not at all.
func (s *Sim) plainDoor(r *http.Request, body []byte) letter {
	return letter{document: body, unfit: unfit(r, "text/xml"), strange: func(merchant string) string {
		switch s.opts.Auth {
		case "password":
			return "this terminal signs in by password; use /ExecPasswordAuth"
		case "certificate":
			if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
				return "no client certificate"
			}
			if name := r.TLS.PeerCertificates[0].Subject.CommonName; name != merchant {
				return "the client certificate is for " + name
			}
		}
		return ""
	}}
}

// passwordDoor takes the document in a form, with a proof over its exact bytes.
func (s *Sim) passwordDoor(r *http.Request, body []byte) letter {
	form, err := url.ParseQuery(string(body))
	l := letter{document: []byte(form.Get("xmlRequest")), unfit: unfit(r, "application/x-www-form-urlencoded")}
	if err != nil {
		l.unfit = "the form is malformed"
	}
	l.strange = func(merchant string) string {
		if s.opts.Auth == "certificate" || s.opts.Password == "" {
			return "this terminal does not sign in by password"
		}
		if form.Get("authData") != tkkpg.AuthData(l.document, merchant, s.opts.Password) {
			return "authData does not fit the document and the password"
		}
		return ""
	}
	return l
}

func unfit(r *http.Request, want string) string {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != want {
		return "Content-Type is not " + want
	}
	if charset := params["charset"]; want == "text/xml" && !strings.EqualFold(charset, "utf-8") {
		return "Content-Type has no charset=utf-8"
	}
	return ""
}

// result is what the bank answers, and why when it refuses.
type result struct {
	body   []byte
	status string
	why    string
}

func refusal(operation, status, orderID, why string) result {
	return result{body: tkkpg.Failure(operation, status, orderID), status: status, why: why}
}

// serve reads the letter, meets the scripted fault, and answers.
func (s *Sim) serve(w http.ResponseWriter, r *http.Request, l letter) {
	q, bad := read(l)
	operation := cmp.Or(q.Operation, bad.Operation)
	f, hit := s.Script.Take(operation)
	var done result
	if !hit || f.CarriesOut() {
		done = s.answer(r.Context(), q, bad, l)
	}
	if status := f.Word(); status != "" {
		done = refusal(operation, status, idText(q.OrderID), "scripted: "+f.Kind)
	}
	if !s.Journal.Off {
		s.Journal.Add(Exchange{OrderID: idText(q.OrderID), Merchant: q.Merchant, Status: done.status,
			Exchange: journal.Exchange{At: s.Now(), Path: r.URL.Path, Operation: operation, Why: done.why, Fault: f.Kind,
				Request: masked(string(l.document)), Response: masked(string(done.body))}})
	}
	if hit {
		s.Script.Send(w, r, f, http.StatusOK, done.body)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	if s.Settings().OddForms {
		w.WriteHeader(http.StatusCreated)
		done.body = tkkpg.Odd(done.body)
	}
	// A client that is gone needs no answer.
	_, _ = w.Write(done.body)
}

func read(l letter) (tkkpg.Request, tkkpg.FormatError) {
	if l.unfit != "" {
		return tkkpg.Request{}, tkkpg.FormatError{Status: ledger.BadFormat, Why: l.unfit}
	}
	q, err := tkkpg.Decode(l.document)
	var bad tkkpg.FormatError
	if errors.As(err, &bad) {
		return tkkpg.Request{}, bad
	}
	return q, tkkpg.FormatError{}
}

func (s *Sim) answer(ctx context.Context, q tkkpg.Request, bad tkkpg.FormatError, l letter) result {
	if bad.Status != "" {
		return refusal(bad.Operation, bad.Status, bad.OrderID, bad.Why)
	}
	why := l.strange(q.Merchant)
	if q.Merchant != s.opts.Merchant {
		why = "merchant " + q.Merchant + " is not registered"
	}
	if why != "" {
		return refusal(q.Operation, ledger.NotAllowed, idText(q.OrderID), why)
	}
	return s.perform(ctx, q)
}

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// Exchange is one request in the bank's history. Session ids and passwords
// are masked in it.
type Exchange struct {
	journal.Exchange
	OrderID  string `json:"order_id,omitempty"`
	Merchant string `json:"merchant,omitempty"`
	// Status is Response/Status of the answer; empty when a fault left the
	// operation undone.
	Status string `json:"status"`
}

// secrets are the session ids: whoever has one can open the customer's page.
var secrets = regexp.MustCompile(`(?i)\b([0-9A-F]{4})[0-9A-F]{28}\b`)

func masked(text string) string { return journal.Cut(secrets.ReplaceAllString(text, "$1…")) }
