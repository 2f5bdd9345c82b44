package demoshop

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kassa/infra/local/demoshop/words"
)

// problem is why a call of the API did not do what was asked: the API's own
// application/problem+json, or a code of ours when no such answer came.
type problem struct {
	Status     int        `json:"status"`
	Code       string     `json:"code"`
	Title      string     `json:"title"`
	Detail     string     `json:"detail"`
	RequestID  string     `json:"request_id"`
	PaymentID  string     `json:"payment_id"`
	Errors     []badField `json:"errors"`
	RetryAfter time.Duration
	cause      error
}

// badField is one field that the API refused.
type badField struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func (p *problem) Error() string {
	text := fmt.Sprintf("kassa: %d %s %s", p.Status, p.Code, p.Detail)
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s: %s", e.Pointer, e.Detail)
	}
	if p.cause != nil {
		text += ": " + p.cause.Error()
	}
	return text
}

func (p *problem) Unwrap() error { return p.cause }

// uncertain says that the call may have taken effect, or an earlier one under the
// same key. Only an answer about the request itself settles that; a refused key
// (401) or a proxy's 404 does not.
func (p *problem) uncertain() bool {
	switch p.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return false
	}
	return true
}

// Codes for what the API itself could not say.
const (
	codeUnreachable = "api_unreachable"
	codeUnreadable  = "api_unreadable"
)

// unreachable is when no answer came: the call may have taken effect.
func unreachable(cause error) *problem {
	return &problem{Status: http.StatusServiceUnavailable, Code: codeUnreachable, cause: cause}
}

// unreadable is when what came is no answer of this API's: the call may have taken effect.
func unreadable(cause error) *problem {
	return &problem{Status: http.StatusBadGateway, Code: codeUnreadable, cause: cause}
}

// readProblem trusts the status line over the body: a body that is not a
// problem, such as a proxy's page, still leaves a usable problem.
func readProblem(resp *http.Response, body []byte) *problem {
	p := problem{}
	if err := json.Unmarshal(body, &p); err != nil {
		p = problem{cause: fmt.Errorf("body is no problem+json: %w", err)}
	}
	p.Status = resp.StatusCode
	if seconds, err := strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 32); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return &p
}

// asProblem makes any error one that has words.
func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	return &problem{Status: http.StatusInternalServerError, Code: "shop_failed", cause: err}
}

// wording is a problem as the person before the screen reads it.
type wording struct{ Title, Text string }

func wordingOf(say words.Speech, key string) wording {
	return wording{say.Say("problem." + key + ".title"), say.Say("problem." + key + ".text")}
}

// words falls back from the code, whose next step is its own, to the kind of answer.
func (p *problem) words(say words.Speech) wording {
	if say.Has("problem." + p.Code + ".title") {
		return wordingOf(say, p.Code)
	}
	switch p.Status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return wordingOf(say, "busy")
	case http.StatusUnauthorized:
		return wordingOf(say, "key")
	case http.StatusNotFound:
		return wordingOf(say, "unknown")
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return wordingOf(say, "refused")
	case http.StatusConflict:
		return wordingOf(say, "conflict")
	}
	return wordingOf(say, "ours")
}

// sentence is the problem in one message, with what support asks for.
func (p *problem) sentence(say words.Speech) string { return p.sentenceWith(say, p.words(say).Text) }

// sentenceWith puts another next step into the message than the customer's. What the API says of fields is English.
func (p *problem) sentenceWith(say words.Speech, next string) string {
	text := p.words(say).Title + ". " + next
	for _, e := range p.Errors {
		text += " " + strings.TrimPrefix(e.Pointer, "/") + ": " + e.Detail + "."
	}
	if seconds := int64(p.RetryAfter / time.Second); seconds > 0 {
		text += " " + say.Say("problem.waitFirst", seconds)
	}
	if p.RequestID != "" {
		text += " " + say.Say("problem.reference", p.RequestID)
	}
	return text
}
