//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"kassa/infra/local/demo"
	"kassa/infra/local/stack"
)

// buyers make payments in all shops by turns, from outside: by the API, and at the banks by their controls.
type buyers struct {
	*stack.Stack
	http *http.Client
	// counted over all turns, so that no order's number comes twice
	orders atomic.Int64
	paid   atomic.Int64
	failed atomic.Int64
}

// newBuyers keep their connections, as browsers and shops do.
func newBuyers(s *stack.Stack) *buyers {
	return &buyers{Stack: s, http: &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
}

// buy makes so many payments a second for a while, and waits for those under way. On a machine that others use, too,
// one may fail now and then: a bank waits ten seconds for an answer. One in a hundred ends it.
func (b *buyers) buy(ctx context.Context, rate int, d time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	turns := time.NewTicker(time.Second / time.Duration(rate))
	defer turns.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	// as many as a small shop has at its checkout at once; more would only wait for one another
	free := make(chan struct{}, 16)
	for end := time.After(d); ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-end:
			all.Wait()
			return context.Cause(ctx)
		case <-turns.C:
		}
		select {
		case free <- struct{}{}:
		default: // the machine makes no more of them at once
			continue
		}
		all.Go(func() {
			defer func() { <-free }()
			n := b.orders.Add(1)
			if err := b.one(ctx, int(n)); err != nil && b.failed.Add(1) > 10+n/100 {
				cancel(err)
			}
		})
	}
}

// one buys something: a payment is opened and paid, the bank tells of it, and of every tenth a part is given back.
func (b *buyers) one(ctx context.Context, n int) error {
	at := n % len(b.Info.Shops)
	shop, plays := b.Info.Shops[at], demo.Shops()[at]
	var p struct {
		ID          string `json:"id"`
		Status      string `json:"status"`
		BankOrderID string `json:"bank_order_id"`
	}
	if err := b.ask(ctx, shop.APIKey, "POST", "/v1/payments", order(plays, n, b.Info.ShopURL), &p); err != nil {
		return err
	}
	// at the bank the customer pays, and is sent back where the bank does not tell by itself
	bank := b.Info.Simulators[plays.Simulator].PageURL + "/_sim/orders/" + p.BankOrderID
	if err := b.call(ctx, "POST", bank, map[string]string{"action": "approve"}, nil); err != nil {
		return err
	}
	if back := plays.Back; back != "" {
		if err := b.call(ctx, "POST", bank, map[string]string{"action": back}, nil); err != nil {
			return err
		}
	}
	// the shop looks, as it does before it delivers
	if err := b.ask(ctx, shop.APIKey, "GET", "/v1/payments/"+p.ID, nil, &p); err != nil {
		return err
	}
	if p.Status != "paid" {
		return fmt.Errorf("payment %s is %s", p.ID, p.Status)
	}
	b.paid.Add(1)
	if n%10 > 0 {
		return nil
	}
	return b.ask(ctx, shop.APIKey, "POST", "/v1/payments/"+p.ID+"/refunds", map[string]any{"amount": 1000,
		"reason": "sour"}, nil)
}

// order is the body of a request for a payment that nobody has asked for before.
func order(shop demo.Shop, n int, back string) map[string]any {
	ref := fmt.Sprintf("load-%d", n)
	body := map[string]any{"order_ref": ref, "bank": shop.Bank, "amount": 15000, "currency": shop.Currency,
		"description": ref, "return_urls": map[string]string{"success": back + "/"}}
	// whoever sells by an application tells what is in the cart, and who buys it
	if shop.Application {
		body["term"] = 12
		body["items"] = []map[string]any{{"sku": "1", "name": "Abrus linen set", "quantity": 1, "unit_amount": 15000}}
		body["customer"] = map[string]string{"first_name": "Anna", "last_name": "Nowak", "phone": "+375291234567",
			"email": "anna@shop.example"}
	}
	return body
}

// ask asks the API for a shop.
func (b *buyers) ask(ctx context.Context, key, method, path string, body, into any) error {
	return b.call(ctx, method, b.Info.APIURL+path, body, into, "Authorization", "Bearer "+key, "Idempotency-Key", "load")
}

// call sends JSON, or nothing where the body is nil, and reads the answer into something. Any but a 2xx is an error.
func (b *buyers) call(ctx context.Context, method, address string, body, into any, headers ...string) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, sent)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	// read to its end, so that the connection serves the next
	answer, err := b.http.Do(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s %s", method, address, answer.Status, text)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(text, into)
}
