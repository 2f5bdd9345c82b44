package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What the API says, as a shop's programmer reads openapi.yaml. The structs are not the product's own, so that a
// wrong name cannot agree with itself.
type (
	paymentDoc struct {
		ID          string      `json:"id"`
		OrderRef    string      `json:"order_ref"`
		Status      string      `json:"status"`
		BankStatus  string      `json:"bank_status"`
		BankOrderID string      `json:"bank_order_id"`
		Amount      int64       `json:"amount"`
		Currency    string      `json:"currency"`
		Captured    int64       `json:"captured_amount"`
		Refunded    int64       `json:"refunded_amount"`
		RedirectURL string      `json:"redirect_url"`
		ClientToken string      `json:"client_token"`
		Sequence    int64       `json:"sequence"`
		Late        bool        `json:"late"`
		Overpaid    bool        `json:"overpaid"`
		Review      string      `json:"review"`
		Refunds     []refundDoc `json:"refunds"`
	}
	refundDoc struct {
		ID        string `json:"id"`
		PaymentID string `json:"payment_id"`
		Amount    int64  `json:"amount"`
		Status    string `json:"status"`
		Origin    string `json:"origin"`
		BankID    string `json:"bank_refund_id"`
	}
	problemDoc struct {
		Status    int    `json:"status"`
		Code      string `json:"code"`
		Title     string `json:"title"`
		RequestID string `json:"request_id"`
		PaymentID string `json:"payment_id"`
		Amount    int64  `json:"amount"`
		Errors    []struct {
			Pointer string `json:"pointer"`
			Code    string `json:"code"`
			Detail  string `json:"detail"`
		} `json:"errors"`
	}
)

// answer is one answer of the API.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

func decode(a answer, doc any) error { return json.Unmarshal(a.body, doc) }

func read[T any](t testing.TB, a answer) (doc T) {
	t.Helper()
	if err := decode(a, &doc); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	return doc
}

// client is a shop's server with its key, or whoever holds another bearer token.
type client struct {
	http   *http.Client
	api    string
	bearer string
	watch  *watch // sees every answer; may be nil
}

func newHTTP() *http.Client {
	return &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 100},
	}
}

// send sends one request. The body is nil, raw bytes, or whatever becomes JSON; header is names and values in turn.
func (c client) send(ctx context.Context, method, path string, body any, header ...string) (answer, error) {
	raw, isRaw := body.([]byte)
	if body != nil && !isRaw {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.api+path, bytes.NewReader(raw))
	if err != nil {
		return answer{}, err
	}
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	text, err := io.ReadAll(response.Body)
	a := answer{status: response.StatusCode, header: response.Header, body: text}
	if err == nil {
		spoken.hear(r, raw, a)
	}
	if c.watch != nil {
		c.watch.see(method+" "+path, a)
	}
	return a, errors.Join(err, response.Body.Close())
}

// must sends a request that has to be answered with one of the statuses.
func (c client) must(t testing.TB, want []int, method, path string, body any, header ...string) answer {
	t.Helper()
	a, err := c.send(t.Context(), method, path, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range want {
		if a.status == status {
			return a
		}
	}
	t.Fatalf("%s %s: %s, want %d", method, path, a, want)
	return a
}

// later reads "try again": how long to wait, false when the answer is final. A 409 must say which payment it means, a
// 503 and whatever may be repeated when to come back.
func later(a answer) (wait time.Duration, again bool, err error) {
	if a.status != http.StatusConflict && a.status != http.StatusServiceUnavailable {
		return 0, false, nil
	}
	if a.status == http.StatusServiceUnavailable && string(a.body) == `{"message":"Service Unavailable"}` {
		// API Gateway's own, when a function takes longer than it waits: on a busy machine it may
		return time.Second, true, nil
	}
	var p problemDoc
	if err := json.Unmarshal(a.body, &p); err != nil || p.Status != a.status || p.RequestID == "" {
		return 0, false, fmt.Errorf("%s: no problem document: %w", a, err)
	}
	if a.status == http.StatusConflict && p.PaymentID == "" {
		return 0, false, fmt.Errorf("%s: a 409 names no payment", a)
	}
	text := a.header.Get("Retry-After")
	if text == "" {
		if a.status == http.StatusServiceUnavailable {
			return 0, false, fmt.Errorf("%s: a 503 without Retry-After", a)
		}
		return 0, false, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 || seconds > 60 {
		return 0, false, fmt.Errorf("%s: Retry-After %q", a, text)
	}
	return time.Duration(seconds) * time.Second, true, nil
}

// insist repeats a request as Retry-After says, with the little spread that a good client adds, until the answer is
// final.
func insist(ctx context.Context, send func() (answer, error)) (answer, error) {
	for {
		a, err := send()
		if err != nil {
			return a, err
		}
		wait, again, err := later(a)
		if err != nil || !again {
			return a, err
		}
		timer := time.NewTimer(wait + rand.N(wait/4))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return a, ctx.Err()
		}
	}
}

// order is the body of POST /v1/payments. The description makes the bank's orders for it known.
func order(ref, shopURL string, amount int64) map[string]any {
	return map[string]any{
		"order_ref": ref, "bank": "kapital", "amount": amount, "currency": "AZN", "description": ref,
		"return_urls": map[string]string{
			"success": way(shopURL, "success"), "cancel": way(shopURL, "cancel"), "decline": way(shopURL, "decline"),
		},
	}
}

// way is an address back to the shop, as long as those of shops are: 80 characters.
func way(shopURL, back string) string {
	address := shopURL + "/?back=" + back + "&from="
	return address + strings.Repeat("x", max(0, 80-len(address)))
}
