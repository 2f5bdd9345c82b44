package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kassa/shared/strict"
	"kassa/shared/strict/head"
)

// maxRetryAfter bounds what a shop may ask for.
const maxRetryAfter = 24 * time.Hour

// Answer is what came of one delivery. Code is short and holds nothing of the shop's but a number, so that it may be
// stored and logged. It is the HTTP status, or else
//
//	redirect          a status of 3xx, which is not followed
//	not_acknowledged  2xx without the words that Target.Acknowledge wants
//	timeout           not done in time
//	cancelled         the caller could not wait
//	dns               the host's name has no address
//	refused_address   it has one that must not be called
//	tls               no handshake, or a certificate that is not valid for the host
//	connection        refused, broken off, or no HTTP
//	bad_url, unsigned the target is wrong, or the id: nothing was sent
type Answer struct {
	Accepted   bool          // the shop took it
	Gone       bool          // the shop says (410) that it never wants it
	Code       string        // see above
	RetryAfter time.Duration // how long a shop that did not take it asked to be left alone, at most 24 hours; 0 = not said
}

// read is what the shop's answer means. Its body is read where nobody asks for it, too: a shop's server may stop its
// program when we hang up while it writes.
func (c *Client) read(ctx context.Context, answered *http.Response, acknowledge bool) Answer {
	a := Answer{Code: strconv.Itoa(answered.StatusCode), Gone: answered.StatusCode == http.StatusGone}
	switch answered.StatusCode / 100 {
	case 2:
		body, err := readBody(answered)
		switch {
		case !acknowledge || err == nil && len(body) <= maxAnswer && acknowledged(body):
			a.Accepted = true
			return a
		case err != nil:
			a.Code = codeOf(ctx, err)
		default:
			a.Code = "not_acknowledged"
		}
	case 3:
		a.Code = "redirect"
	}
	a.RetryAfter = retryAfter(answered.Header.Get("Retry-After"), c.now())
	return a
}

// readBody reads up to one byte more than the bound.
func readBody(answered *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(answered.Body, maxAnswer+1))
	if !answered.ProtoAtLeast(1, 1) {
		body = head.Unchunked(body)
	}
	return body, err
}

// codeOf names the way in which a delivery failed. The errors themselves hold names and addresses.
func codeOf(ctx context.Context, err error) string {
	_, noName := errors.AsType[*net.DNSError](err)
	late, netErr := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errAddress):
		return "refused_address"
	case errors.Is(ctx.Err(), context.Canceled):
		return "cancelled"
	case ctx.Err() != nil:
		return "timeout"
	case noName:
		return "dns"
	case netErr && late.Timeout():
		return "timeout"
	case errors.Is(err, errHandshake):
		return "tls"
	}
	return "connection"
}

// acknowledged says whether a body is one JSON object with "ok": true, and nothing that another reader could take for
// another "ok".
func acknowledged(body []byte) bool {
	yes, seen := false, 0
	err := strict.Members(body, func(name string, value json.RawMessage) {
		if strings.EqualFold(name, "ok") {
			seen++
			yes = name == "ok" && string(value) == "true"
		}
	})
	return err == nil && seen == 1 && yes
}

// retryAfter reads that header: seconds, or an HTTP date (RFC 9110, 10.2.3). What is neither says nothing.
func retryAfter(text string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
