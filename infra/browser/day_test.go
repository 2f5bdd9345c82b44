//go:build browser

package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/demoshop/inbox"
	"kassa/shared/simbank/kapitalxml"
)

// day is a shop's day of payments of all kinds, made over the API and at the simulated bank, without a browser.
type day struct {
	*world
	t    *testing.T
	key  string
	made int

	described map[string]string // by the payment's id
}

// Orders of the day that scenarios look for.
const (
	plainOrder = "A-1001"
	longOrder  = "Sifariş-№-17/Gəncə-Заказ-2026-with-a-very-long-number-0001"
	wrongSum   = "A-2001" // the bank took another amount
	otherSum   = "A-2002" // the same, for the other screen
	deskOrder  = "A-3001" // the bank's desk gave a part back, and nobody here knows
	goneOrder  = "A-4001" // the shop did not want to hear of it
)

// aDay makes 30 payments.
func aDay(t *testing.T, w *world) *day {
	d := &day{world: w, t: t, key: w.Info.Shops[0].APIKey, described: map[string]string{}}
	for _, fault := range []inbox.Fault{{Kind: "http_410", OrderRef: goneOrder}, {Kind: "http_503", OrderRef: "A-1002"}} {
		if err := w.Shop.Inbox().Fail(fault); err != nil {
			t.Fatal(err)
		}
	}
	for i, ref := range []string{plainOrder, "A-1002", "A-1003", "A-1004", "A-1005", "A-1006", longOrder, goneOrder} {
		d.settle(d.open(ref, int64(15000+i*1750)), (*kapitalxml.Sim).Approve)
	}
	for i, ref := range []string{"B-1", "B-2", "Заказ на падарунак"} {
		id := d.open(ref, int64(9900+i*500))
		d.settle(id, (*kapitalxml.Sim).Approve)
		d.call("/v1/payments/"+id+"/refunds", map[string]any{"amount": 2500 * (i + 1), "reason": "one glass broke"})
	}
	for _, ref := range []string{"B-4", "B-5"} {
		id := d.open(ref, 12050)
		d.settle(id, (*kapitalxml.Sim).Approve)
		d.call("/v1/payments/"+id+"/refunds", map[string]any{})
	}
	for i, card := range []string{declinedCard, "7777770000000012", "7777770000000020", declinedCard} {
		d.settle(d.open(fmt.Sprintf("C-%d", i+1), int64(4400+i*100)), func(s *kapitalxml.Sim, order string) error {
			_, err := s.Pay(order, kapitalxml.Card{PAN: card, Expiry: nextYear(), CVV: "119"})
			return err
		})
	}
	for i, ref := range []string{"D-1", "D-2"} {
		d.settle(d.open(ref, int64(2000+i)), (*kapitalxml.Sim).Cancel)
	}
	for _, ref := range []string{"D-3", "D-4"} {
		d.settle(d.open(ref, 3100), (*kapitalxml.Sim).Expire)
	}
	for _, ref := range []string{"E-1", "E-2", "E-3"} {
		d.open(ref, 7777)
	}
	for _, ref := range []string{wrongSum, otherSum} {
		d.settle(d.open(ref, 25000), func(s *kapitalxml.Sim, order string) error {
			if err := s.SetAmount(order, 24900); err != nil {
				return err
			}
			return s.Approve(order)
		})
	}
	late := d.open("F-1", 8800)
	d.call("/v1/payments/"+late+"/cancel", nil)
	d.settle(late, (*kapitalxml.Sim).Approve)
	first := d.open("F-2", 6600)
	d.call("/v1/payments/"+first+"/cancel", nil)
	d.settle(d.open("F-2", 6600), (*kapitalxml.Sim).Approve)
	d.settle(first, (*kapitalxml.Sim).Approve) // both attempts are paid
	id := d.open(deskOrder, 31000)
	d.settle(id, (*kapitalxml.Sim).Approve)
	if err := d.Kapital.DeskRefund(d.bankOrder(id), 4000); err != nil {
		t.Fatal(err)
	}
	if d.made != 30 {
		t.Fatalf("the day has %d payments", d.made)
	}
	return d
}

// open opens a payment and gives its id.
func (d *day) open(ref string, minor int64) string {
	d.t.Helper()
	d.made++
	var p struct{ ID string }
	description := fmt.Sprintf("Order %d: tea glasses, armudu", d.made)
	text := d.call("/v1/payments", map[string]any{"order_ref": ref, "bank": "kapital", "amount": minor, "currency": "AZN",
		"description": description, "locale": "en",
		"return_urls": map[string]any{"success": d.Info.ShopURL + "/"}})
	if err := json.Unmarshal(text, &p); err != nil || p.ID == "" {
		d.t.Fatalf("%s: %v", text, err)
	}
	d.described[p.ID] = description
	return p.ID
}

// bankOrder is the bank's order of a payment. Kassa is not asked for it: that would ask the bank, and a callback then
// waits for its turn.
func (d *day) bankOrder(id string) string {
	d.t.Helper()
	orders := d.Kapital.Ledger().Orders
	for i := len(orders) - 1; i >= 0; i-- {
		if orders[i].Description == d.described[id] {
			return orders[i].OrderID
		}
	}
	d.t.Fatalf("the bank has no order %q", d.described[id])
	return ""
}

// settle does something at the bank, which then tells Kassa.
func (d *day) settle(id string, do func(s *kapitalxml.Sim, order string) error) {
	d.t.Helper()
	order := d.bankOrder(id)
	err := do(d.Kapital, order)
	if err == nil {
		_, err = d.Kapital.Callback(d.t.Context(), order, kapitalxml.Return{})
	}
	if err != nil {
		d.t.Fatalf("%s: %v", id, err)
	}
}

// call asks the API; a body, also an empty one, makes it a POST.
func (d *day) call(path string, body map[string]any) []byte {
	d.t.Helper()
	method, content := http.MethodGet, io.Reader(nil)
	if body != nil || strings.HasSuffix(path, "/cancel") {
		text, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		method, content = http.MethodPost, bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.Info.APIURL+path, content)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprintf("day-%d-%d", d.made, time.Now().UnixNano()))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 400 {
		d.t.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	return text
}
