package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// answer is what a function returns in payload format 2.0.
type answer struct {
	Status  int
	Headers map[string]string
	Cookies []string
	Body    []byte
}

var errAnswer = errors.New("the function's answer is not one that API Gateway understands")

// readAnswer reads a function's return value. JSON without a statusCode is a 200 whose body is that JSON; a status
// outside of HTTP's range, which an unset field of Go's struct sends, is an error.
func readAnswer(raw []byte) (answer, error) {
	if !json.Valid(raw) {
		return answer{}, fmt.Errorf("%w: it is not JSON", errAnswer)
	}
	var named map[string]json.RawMessage
	if json.Unmarshal(raw, &named) != nil || named["statusCode"] == nil {
		return answer{Status: http.StatusOK, Headers: map[string]string{"content-type": "application/json"}, Body: raw}, nil
	}
	var a struct {
		Status  json.Number    `json:"statusCode"`
		Headers map[string]any `json:"headers"`
		Cookies []string       `json:"cookies"`
		Body    string         `json:"body"`
		Encoded bool           `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	status, err := a.Status.Int64()
	if err != nil || status < 100 || status > 599 {
		return answer{}, fmt.Errorf("%w: statusCode %s", errAnswer, a.Status)
	}
	out := answer{Status: int(status), Headers: map[string]string{}, Cookies: a.Cookies, Body: []byte(a.Body)}
	for name, value := range a.Headers {
		switch v := value.(type) {
		case string, float64, bool:
			out.Headers[strings.ToLower(name)] = fmt.Sprint(v)
		default:
			return answer{}, fmt.Errorf("%w: the header %s is not a text", errAnswer, name)
		}
	}
	if a.Encoded {
		if out.Body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return answer{}, fmt.Errorf("%w: the body is not base64: %w", errAnswer, err)
		}
	}
	return out, nil
}

// write sends the answer; contentType is the default of the service.
func (a answer) write(w http.ResponseWriter, contentType string) {
	h := w.Header()
	for name, value := range a.Headers {
		switch name {
		case "connection", "content-length", "date", "server", "transfer-encoding", "set-cookie":
			// The server's own business; a cookie must come in Cookies.
		case "vary":
			h.Add(name, value) // beside the gateway's own
		default:
			h.Set(name, value)
		}
	}
	for _, cookie := range a.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if h.Get("Content-Type") == "" && len(a.Body) > 0 {
		h.Set("Content-Type", contentType)
	}
	w.WriteHeader(a.Status)
	if len(a.Body) > 0 && bodyAllowed(a.Status) {
		_, _ = w.Write(a.Body) // a client that is gone needs no answer
	}
}

// bodyAllowed is false for the answers that have no body by HTTP itself (RFC 9110, section 6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
