package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"kassa/shared/strict/ascii"
	"kassa/shared/webhook"
)

// Portal is one shop's portal.
type Portal struct {
	Client   *webhook.Client
	Address  string // of its incoming webhook, as CheckURL takes it
	Loopback bool   // Address may be on this very machine; for the stage "local" alone
}

// Error is a call that the portal did not carry out, or did not answer. It holds nothing of the address.
type Error struct {
	Code       string        // the portal's own word for it, or else as webhook.Reply has it
	RetryAfter time.Duration // how long the portal asked to be left alone; 0 = not said
	status     int
}

func (e *Error) Error() string { return "the portal answers " + e.Code }

// Refuses says that the portal does not let us, or does not know the method: somebody must mend the incoming webhook,
// its scopes or its owner's rights. Nothing was done.
func (e *Error) Refuses() bool {
	return e.status == 401 || e.status == 403 || slices.Contains([]string{"NO_AUTH_FOUND", "INVALID_CREDENTIALS",
		"insufficient_scope", "expired_token", "invalid_token", "ACCESS_DENIED", "user_access_error", "INVALID_REQUEST",
		"ERROR_METHOD_NOT_FOUND", "200040300010"}, e.Code)
}

// Refuses says that of any error.
func Refuses(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Refuses()
}

// CodeOf is the code of an error of Call, "" for another.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// isCode says what is kept of a portal's word for an error: words and short numbers, so that nothing else can come in
// that way.
func isCode(text string) bool {
	return ascii.Only(text, ascii.Letters+"_", 1, 40) || ascii.Only(text, ascii.Digits, 1, 12)
}

// Call calls a method of the portal with params, a JSON object, and reads its result into result. The error is an
// *Error; an answer with an error in it is one, whatever its HTTP status.
func (p Portal) Call(ctx context.Context, name string, params, result any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return &Error{Code: "no_message"}
	}
	reply := p.Client.Call(ctx, method(p.Address, name), p.Loopback, body)
	failed := &Error{Code: reply.Code, RetryAfter: reply.RetryAfter, status: reply.Status}
	var said struct {
		Result json.RawMessage `json:"result"`
		Error  json.RawMessage `json:"error"`
	}
	readable := json.Unmarshal(reply.Body, &said) == nil
	if code := word(said.Error); code != "" {
		failed.Code = code
	}
	switch {
	case !readable && reply.Status == 200:
		failed.Code = "no_json"
		return failed
	case reply.Status != 200 || !empty(said.Error):
		return failed
	case json.Unmarshal(said.Result, result) != nil:
		failed.Code = "no_result"
		return failed
	}
	return nil
}

// word is the portal's code of an error, text or number; "" where it is none that is kept.
func word(raw json.RawMessage) string {
	text := string(raw)
	var quoted string
	if json.Unmarshal(raw, &quoted) == nil {
		text = quoted
	}
	if !isCode(text) || empty(raw) {
		return ""
	}
	return text
}

// empty says that a member is not there, or says nothing.
func empty(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null" || string(raw) == `""` || string(raw) == "false"
}
