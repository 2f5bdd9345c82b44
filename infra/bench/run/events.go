package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// order is the body of a request for a payment that nobody has asked for before, by the first shop, which sells by
// card.
func (w *world) order() map[string]any {
	w.orders++
	ref := fmt.Sprintf("bench-%d", w.orders)
	back := w.Info.ShopURL + "/?back="
	return map[string]any{"order_ref": ref, "bank": w.Info.Shops[0].Banks[0], "amount": 15000, "currency": "AZN",
		"description": ref,
		"return_urls": map[string]string{"success": back + "success", "cancel": back + "cancel", "decline": back + "decline"}}
}

// opening is the event of such a request.
func (w *world) opening() ([]byte, error) { return w.event("POST", "/v1/payments", w.order()) }

// opened is what the API tells of a payment, as far as it matters here.
type opened struct {
	ID          string `json:"id"`
	Status      string `json:"status"`
	BankOrderID string `json:"bank_order_id"`
}

// paidAtBank opens a payment and lets the customer pay; nobody has told us yet.
func (w *world) paidAtBank(ctx context.Context) (opened, error) {
	event, err := w.opening()
	if err != nil {
		return opened{}, err
	}
	raw, err := w.opener.Invoke(ctx, event)
	if err != nil {
		return opened{}, err
	}
	body, err := answered(raw)
	if err != nil {
		return opened{}, err
	}
	var p opened
	if err := json.Unmarshal(body, &p); err != nil {
		return opened{}, err
	}
	return p, w.PayByCard(p.BankOrderID)
}

// answered gives the body of a function's answer that is none of a failure.
func answered(raw []byte) ([]byte, error) {
	var a struct {
		Status int    `json:"statusCode"`
		Body   string `json:"body"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, fmt.Errorf("an answer is no JSON: %w", err)
	}
	if a.Status >= 400 {
		return nil, fmt.Errorf("answered %d: %s", a.Status, a.Body)
	}
	return []byte(a.Body), nil
}

// returning is the message by which the bank brings a customer back who has just paid.
func (w *world) returning(ctx context.Context) (opened, []byte, error) {
	p, err := w.paidAtBank(ctx)
	if err != nil {
		return p, nil, err
	}
	w.returned.Store(nil)
	if err := w.BringBack(ctx, p.BankOrderID); err != nil {
		return p, nil, err
	}
	event := w.returned.Load()
	if event == nil {
		return p, nil, errors.New("the bank sent no message")
	}
	return p, *event, nil
}

// settled is a payment that we know as paid.
func (w *world) settled(ctx context.Context) (opened, error) {
	p, event, err := w.returning(ctx)
	if err != nil {
		return p, err
	}
	raw, err := w.Invoke(ctx, "Callback", event)
	if err == nil {
		_, err = answered(raw)
	}
	return p, err
}

// events make the next event of each function that is asked for something. What changes a payment gets a new one each
// time, so that no request finds more to do than the first.
func (w *world) events(ctx context.Context) (map[string]func() ([]byte, error), error) {
	known, err := w.settled(ctx)
	if err != nil {
		return nil, fmt.Errorf("a payment that is paid: %w", err)
	}
	seller := w.Info.Shops[1] // the one that sells by instalments
	minute := func() ([]byte, error) { return []byte("{}"), nil }
	return map[string]func() ([]byte, error){
		"Initiate": w.opening,
		// the same payment each time: what is measured is the look at it, and no question to the bank
		"StatusPoll": func() ([]byte, error) {
			return w.event("GET", "/v1/payments/"+known.ID, nil)
		},
		"Refund": func() ([]byte, error) {
			p, err := w.settled(ctx)
			if err != nil {
				return nil, err
			}
			return w.event("POST", "/v1/payments/"+p.ID+"/refunds", map[string]any{"amount": 1000, "reason": "sour"},
				"Idempotency-Key", "k")
		},
		"Instalments": func() ([]byte, error) {
			return w.event("GET", "/v1/instalments?shop="+seller.ID+"&amount=15000", nil)
		},
		"Callback": func() ([]byte, error) {
			_, event, err := w.returning(ctx)
			return event, err
		},
		"ExpirySweep": minute,
		"Notify":      minute,
	}, nil
}
