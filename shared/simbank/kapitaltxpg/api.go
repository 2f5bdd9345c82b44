package kapitaltxpg

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"kassa/shared/simbank/journal"
	"kassa/shared/simbank/kapitaltxpg/ledger"
	"kassa/shared/simbank/kapitaltxpg/message"
)

const maxBody = 64 << 10

// operations are the gateway's calls by the names of its paths.
func operations() []string { return []string{opCreate, opOrder, opExec, opToken} }

const (
	opCreate = "create"
	opOrder  = "order"
	opExec   = "exec-tran"
	opToken  = "set-src-token" //nolint:gosec // the name of a call
)

// API is the JSON door. The caller serves it over TLS; [PKI] makes the
// configuration.
func (s *Sim) API() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, status := route(r)
		if status != 0 {
			s.lost(w, r, status)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.lost(w, r, http.StatusRequestEntityTooLarge)
			return
		}
		c.body = body
		s.serve(w, c)
	})
}

// call is one request that the router let through.
type call struct {
	*http.Request
	operation, id string
	body          []byte
}

// route finds the operation, or the HTTP status by which the router turns the
// request away. A slash at the end changes nothing.
func route(r *http.Request) (call, int) {
	path, ok := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), "/api/order")
	parts := strings.Split(path, "/")
	if !ok || parts[0] != "" || len(parts) > 3 {
		return call{}, http.StatusNotFound
	}
	c, method := call{Request: r, operation: opCreate}, http.MethodPost
	switch len(parts) {
	case 2:
		c.operation, c.id, method = opOrder, parts[1], http.MethodGet
	case 3:
		c.operation, c.id = parts[2], parts[1]
		if c.operation != opExec && c.operation != opToken {
			return c, http.StatusNotFound
		}
	}
	if r.Method != method {
		return c, http.StatusMethodNotAllowed
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if method == http.MethodPost && (err != nil || kind != "application/json") {
		return c, http.StatusUnsupportedMediaType
	}
	return c, 0
}

// lost is the router's own answer, which has nothing of the gateway's errors.
func (s *Sim) lost(w http.ResponseWriter, r *http.Request, status int) {
	done := result{status: status, why: "turned away by the router", body: message.Write("", message.RouterError{
		Timestamp: s.Now().UTC().Format("2006-01-02T15:04:05.000+00:00"), Status: status,
		Error: http.StatusText(status), Path: r.URL.Path}, nil)}
	s.record(call{Request: r}, done, Fault{})
	send(w, done)
}

// result is what the bank answers, and why when it refuses.
type result struct {
	status    int
	body      []byte
	code, why string
}

// serve meets the scripted fault, does the work and answers.
func (s *Sim) serve(w http.ResponseWriter, c call) {
	f, hit := s.Script.Take(c.operation)
	var done result
	if !hit || f.CarriesOut() {
		done = s.perform(c)
	}
	if code := f.Word(); code != "" {
		done = s.declined(c, code)
	}
	s.record(c, done, f)
	if hit {
		s.Script.Send(w, c.Request, f, done.status, done.body)
		return
	}
	send(w, done)
}

func (s *Sim) record(c call, done result, f Fault) {
	if s.Journal.Off {
		return
	}
	s.Journal.Add(Exchange{Method: c.Method, OrderID: c.id, Status: done.status, Code: done.code,
		Exchange: journal.Exchange{At: s.Now(), Path: masked(c.URL.RequestURI()), Operation: c.operation, Why: done.why,
			Fault:   f.Kind,
			Request: masked(string(c.body)), Response: masked(string(done.body))}})
}

func send(w http.ResponseWriter, done result) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(done.status)
	// A client that is gone needs no answer.
	_, _ = w.Write(done.body)
}

// failure is the gateway's error: 400 for nearly everything, also for a wrong login.
func (s *Sim) failure(status int, code, why string) result {
	set := s.Settings()
	if set.ErrorHTTP != 0 {
		status = set.ErrorHTTP
	}
	return result{status: status, code: code, why: why,
		body: message.Write("", message.Failure{Code: code, Description: why}, set.LeaveOut)}
}

// refused turns an error into the gateway's.
func (s *Sim) refused(err error) result {
	var form message.FormatError
	var no ledger.Refusal
	switch {
	case errors.As(err, &form) && form.Code == "":
		return s.failure(http.StatusBadRequest, "InvalidRequest", form.Why)
	case errors.As(err, &form):
		return s.failure(http.StatusBadRequest, form.Code, form.Why)
	case errors.As(err, &no):
		return s.failure(http.StatusBadRequest, no.Code, no.Why)
	case errors.Is(err, ledger.ErrUnknown):
		return s.failure(http.StatusNotFound, "ServiceError", "no order found")
	}
	return s.failure(http.StatusInternalServerError, "ServiceError", err.Error())
}

// declined is processing's no. Its text holds a masked card number, as the real one does.
func (s *Sim) declined(c call, code string) result {
	set := s.Settings()
	if set.TranDecline && c.operation == opExec {
		return result{status: http.StatusOK, code: code, why: "scripted",
			body: message.Write("tran", message.Done{Result: code}, set.LeaveOut)}
	}
	done := s.failure(http.StatusBadRequest, "PmoDecline", "scripted")
	done.body = message.Write("", message.Failure{Code: "PmoDecline", Description: "Transaction declined",
		Details: &message.Decline{Reason: "Declined by processing", Match: message.Match{PMO: "17000001"}, Result: code,
			Text: "card 416974******1778 declined"}}, set.LeaveOut)
	return done
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// login is the terminal's password and how often a wrong one came in a row.
type login struct {
	mu       sync.Mutex
	password string
	wrong    int
}

// signIn returns the errorCode for who does not get in, or nothing. A locked login
// is refused with the right password too, until the bank unlocks it.
func (s *Sim) signIn(r *http.Request) string {
	tries := s.Settings().PasswordTries
	if tries == 0 {
		tries = 5
	}
	name, password, ok := r.BasicAuth()
	l := &s.login
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wrong >= tries {
		return "PwdTryLimitExceeded"
	}
	if ok && name == s.opts.Login && subtle.ConstantTimeCompare([]byte(password), []byte(l.password)) == 1 {
		l.wrong = 0
		return ""
	}
	l.wrong++
	return "InvalidLogin"
}

// Unlock lets the login in again, with another password where one is given.
func (s *Sim) Unlock(password string) {
	s.login.mu.Lock()
	defer s.login.mu.Unlock()
	s.login.wrong = 0
	if password != "" {
		s.login.password = password
	}
}

// Exchange is one request in the bank's history. The login is not in it, and the
// passwords of orders are masked.
type Exchange struct {
	journal.Exchange
	Method  string `json:"method"`
	OrderID string `json:"order_id,omitempty"`
	// Status is the HTTP status of the answer, and Code its errorCode; zero and empty
	// when a fault left the operation undone.
	Status int    `json:"status"`
	Code   string `json:"error_code,omitempty"`
}

// secrets open the customer's page.
var secrets = regexp.MustCompile(`("(?:password|secret)":")[^"]*|(password=)[^&"]*`)

func masked(text string) string { return journal.Cut(secrets.ReplaceAllString(text, "${1}${2}…")) }
