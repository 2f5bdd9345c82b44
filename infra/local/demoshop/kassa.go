package demoshop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/infra/local/demoshop/books"
	"kassa/infra/local/demoshop/goods"
	"kassa/infra/local/demoshop/words"
)

// kassa calls the payment API over HTTP as any foreign shop would: nothing of
// Kassa's own code is imported here.
type kassa struct {
	base   string // without a slash at the end
	client *http.Client
}

// payment is one attempt to pay an order, as the API shows it. Amounts are
// minor units.
type payment struct {
	ID          string     `json:"id"`
	OrderRef    string     `json:"order_ref"`
	Bank        string     `json:"bank"`
	Status      string     `json:"status"`
	BankStatus  string     `json:"bank_status"`
	BankOrderID string     `json:"bank_order_id"`
	Amount      int64      `json:"amount"`
	Currency    string     `json:"currency"`
	Captured    int64      `json:"captured_amount"`
	Refunded    int64      `json:"refunded_amount"`
	Term        int        `json:"term"` // months of an instalment plan, 0 for none
	RedirectURL string     `json:"redirect_url"`
	ClientToken string     `json:"client_token"`
	CreatedAt   time.Time  `json:"created_at"`
	Sequence    int64      `json:"sequence"`
	PollAfter   int64      `json:"poll_after_seconds"`
	Late        bool       `json:"late"`
	Overpaid    bool       `json:"overpaid"`
	Review      reasons    `json:"review"`
	Decline     *decline   `json:"decline"` // why the bank refused; nil where it did not, or did not say
	Receipt     *receipt   `json:"receipt"` // nil where the bank tells none of it
	Refunds     []refund   `json:"refunds"`
	History     []occasion `json:"history"`
}

// refund is money on its way back, or back already.
type refund struct {
	ID           string `json:"id"`
	Amount       int64  `json:"amount"`
	Status       string `json:"status"` // succeeded, processing or failed
	Origin       string `json:"origin"` // shop or bank
	Reason       string `json:"reason"`
	Reference    string `json:"reference"` // the shop's own number of it
	BankRefundID string `json:"bank_refund_id"`
}

// occasion is one entry of a payment's history.
type occasion struct {
	Sequence int64     `json:"sequence"`
	At       time.Time `json:"at"`
	What     string    `json:"what"`
	By       string    `json:"by"`
	Code     string    `json:"code"`
}

// reasons are why people must look at a payment; none, one word or a list.
type reasons []string

// UnmarshalJSON accepts null, "amount" and ["amount"].
func (r *reasons) UnmarshalJSON(data []byte) error {
	*r = nil
	if len(data) > 0 && data[0] == '"' {
		var one string
		if err := json.Unmarshal(data, &one); err != nil || one == "" {
			return err
		}
		*r = reasons{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(r))
}

// live says whether the attempt may still be paid.
func (p payment) live() bool { return p.Status == "created" || p.Status == "pending" }

// newPayment is the body of POST /v1/payments.
type newPayment struct {
	OrderRef    string     `json:"order_ref"`
	Bank        string     `json:"bank"`
	Amount      int64      `json:"amount"`
	Currency    string     `json:"currency"`
	Description string     `json:"description"`
	Locale      string     `json:"locale"`
	ReturnURLs  returnURLs `json:"return_urls"`
	Term        int        `json:"term,omitempty"` // months; this and what follows only for instalments
	Items       []item     `json:"items,omitempty"`
	Customer    *customer  `json:"customer,omitempty"`
}

// item is one line of what is bought; together they are the amount.
type item struct {
	SKU        string `json:"sku"`
	Name       string `json:"name"`
	Quantity   int64  `json:"quantity"`
	UnitAmount int64  `json:"unit_amount"`
}

// itemsOf is a basket as the API wants it: together the lines are the amount.
func itemsOf(b goods.Basket) []item {
	items := make([]item, len(b))
	for i, l := range b {
		items[i] = item{SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, UnitAmount: l.Price.Minor}
	}
	return items
}

// spoken is a basket with the names of its things in the customer's language.
func spoken(say words.Speech, b goods.Basket) goods.Basket {
	named := slices.Clone(b)
	for i, l := range b {
		named[i].Name = say.Goods(l.SKU, l.Name)
	}
	return named
}

// customer is who applies at the bank.
type customer struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Phone     string `json:"phone"`
	Email     string `json:"email"`
}

// returnURLs are where a customer comes back to; Kassa adds payment_id and status, which this shop does not believe.
type returnURLs struct {
	Success string `json:"success"`
	Cancel  string `json:"cancel"`
	Decline string `json:"decline"`
}

// pay opens a payment, or answers the one that is already open for the order.
func (k kassa) pay(ctx context.Context, apiKey string, body newPayment) (payment, error) {
	var p payment
	err := k.call(ctx, apiKey, request{method: http.MethodPost, path: "/v1/payments", body: body}, &p)
	if err == nil && (p.OrderRef != body.OrderRef || p.Amount != body.Amount || p.Currency != body.Currency) {
		return payment{}, unreadable(fmt.Errorf("answer is about order %q, %d %s", p.OrderRef, p.Amount, p.Currency))
	}
	return p, err
}

// plan is one way to pay by instalments: all payments but the last are Monthly.
type plan struct {
	Term    int   `json:"term"` // months
	Monthly int64 `json:"monthly_amount"`
	Last    int64 `json:"last_amount"`
	Total   int64 `json:"total_amount"`
}

// plans lists the instalment plans that a shop offers for an amount, the shortest
// first. The call is public: it needs no key.
func (k kassa) plans(ctx context.Context, shop string, amount goods.Money) ([]plan, error) {
	var offered struct {
		Currency string `json:"currency"`
		Plans    []plan `json:"plans"`
	}
	query := url.Values{"shop": {shop}, "amount": {strconv.FormatInt(amount.Minor, 10)}}
	err := k.call(ctx, "", request{method: http.MethodGet, path: "/v1/instalments?" + query.Encode()}, &offered)
	if err == nil && offered.Currency != amount.Currency {
		return nil, unreadable(fmt.Errorf("plans are in %q, not in %s", offered.Currency, amount.Currency))
	}
	for _, p := range offered.Plans {
		if err == nil && p.Total != amount.Minor {
			return nil, unreadable(fmt.Errorf("a plan is about %d, not %s", p.Total, amount))
		}
	}
	return offered.Plans, err
}

// attempts lists every payment of an order, newest first.
func (k kassa) attempts(ctx context.Context, apiKey, orderRef string) ([]payment, error) {
	var list struct {
		Payments []payment `json:"payments"`
	}
	path := "/v1/payments?order_ref=" + url.QueryEscape(orderRef)
	err := k.call(ctx, apiKey, request{method: http.MethodGet, path: path}, &list)
	return list.Payments, err
}

// ask reads one payment; Kassa asks the bank while the payment is live.
func (k kassa) ask(ctx context.Context, apiKey, id string) (payment, error) {
	var p payment
	err := k.call(ctx, apiKey, request{method: http.MethodGet, path: "/v1/payments/" + url.PathEscape(id)}, &p)
	return p, err
}

// refund gives money back; minor 0 asks for all that remains.
func (k kassa) refund(ctx context.Context, apiKey string, intent books.RefundIntent) (refund, error) {
	var done refund
	body := struct {
		Amount    int64  `json:"amount,omitempty"`
		Reason    string `json:"reason,omitempty"`
		Reference string `json:"reference,omitempty"`
	}{intent.Minor, intent.Reason, intent.Reference}
	path := "/v1/payments/" + url.PathEscape(intent.PaymentID) + "/refunds"
	err := k.call(ctx, apiKey, request{method: http.MethodPost, path: path, key: intent.Key, body: body}, &done)
	return done, err
}

// cancel ends a payment that nobody has paid.
func (k kassa) cancel(ctx context.Context, apiKey, id string) (payment, error) {
	var p payment
	path := "/v1/payments/" + url.PathEscape(id) + "/cancel"
	err := k.call(ctx, apiKey, request{method: http.MethodPost, path: path}, &p)
	return p, err
}

// request is one call of the API.
type request struct {
	method, path string
	key          string // Idempotency-Key, where the call has one
	body         any    // nil for none
}

// maxAnswer caps what is read of an answer: a full page of payments is far
// smaller.
const maxAnswer = 4 << 20

// call makes one request and decodes the answer into out. Whatever goes wrong
// comes back as a *problem.
func (k kassa) call(ctx context.Context, apiKey string, r request, out any) error {
	req, err := k.build(ctx, apiKey, r)
	if err != nil {
		return unreachable(err)
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return unreachable(err)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil:
		return unreachable(err)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return readProblem(resp, data)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return unreadable(err)
	}
	return nil
}

// build makes the request: the shop's key, and on a refund the idempotency key, are all that it adds to the body.
func (k kassa) build(ctx context.Context, apiKey string, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, k.base+r.path, body)
	if err != nil {
		return nil, err
	}
	if apiKey != "" {
		req.Header.Set("Authorization", "Bearer "+apiKey)
	}
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	return req, nil
}

// browsable says whether a customer may be sent to this address at all.
func browsable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") &&
		!strings.ContainsAny(address, "\r\n")
}
