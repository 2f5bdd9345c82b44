package webhook

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"kassa/shared/strict"
)

// Reply is what came of a call that wants an answer.
type Reply struct {
	Status     int           // of HTTP; 0 = there was no answer
	Body       []byte        // without what stands around it; nil where it is longer than 64 KB or broke off
	Code       string        // the status, or what else there is to say, as in Answer
	RetryAfter time.Duration // as in Answer
}

// Call posts JSON to a server and gives what it says. The server is the same stranger as Send's, and guarded against
// in the same way; what it says is handed on, so that the caller must not log or keep it. The message is not signed:
// an address such as a portal's holds the secret itself, and stands in no error and no code.
func (c *Client) Call(ctx context.Context, to string, loopback bool, body []byte) Reply {
	u, err := parseURL(to, loopback)
	if err != nil {
		return Reply{Code: "bad_url"}
	}
	var r Reply
	code := c.exchange(ctx, u, post{plainHeader(), body}, func(ctx context.Context, answered *http.Response) {
		r = c.listen(ctx, answered)
	})
	if code != "" {
		return Reply{Code: code}
	}
	return r
}

func (c *Client) listen(ctx context.Context, answered *http.Response) Reply {
	r := Reply{Status: answered.StatusCode, Code: strconv.Itoa(answered.StatusCode),
		RetryAfter: retryAfter(answered.Header.Get("Retry-After"), c.now())}
	body, err := readBody(answered)
	switch {
	case answered.StatusCode/100 == 3:
		r.Code = "redirect"
	case err != nil:
		r.Code = codeOf(ctx, err)
	case len(body) <= maxAnswer:
		r.Body = strict.Bare(body)
	}
	return r
}
