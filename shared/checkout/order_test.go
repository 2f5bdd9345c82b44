package checkout_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// All wrong fields are said at once, each with its place in the request.
func TestAllFieldErrorsAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	o := order("a b ", 0)
	o.Amount.Currency, o.Bank, o.Term = "BYR", "", -1
	o.Description = strings.Repeat("x", 251)
	o.Metadata = map[string]string{"card": "4111 1111 1111 1111", "a/b": "\x00", "": "x"}
	o.Return = payment.ReturnURLs{Cancel: "https://evil.example/", Decline: "http://shop.example/"}
	_, err := w.svc.Initiate(context.Background(), o)
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind != payment.Invalid {
		t.Fatalf("%v", err)
	}
	got := map[string]string{}
	for _, f := range e.Fields {
		got[f.Pointer] = f.Code
	}
	want := map[string]string{"/order_ref": "bad_format", "/bank": "required", "/amount": "out_of_range",
		"/currency":    "unknown_currency",
		"/description": "bad_text", "/term": "out_of_range", "/metadata/card": "card_number",
		"/metadata/a~1b": "bad_value", "/metadata/": "bad_key", "/return_urls/success": "required",
		"/return_urls/cancel":  "bad_url",
		"/return_urls/decline": "bad_url"}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if len(w.sim.Requests()) > 0 {
		t.Error("the bank was asked")
	}
}

func TestBoundsOfMetadata(t *testing.T) {
	for name, metadata := range map[string]map[string]string{
		"long key":   {strings.Repeat("k", 41): "v"},
		"long value": {"k": strings.Repeat("v", 501)},
		"too large": {"a": strings.Repeat("v", 500), "b": strings.Repeat("v", 500), "c": strings.Repeat("v", 500),
			"d": strings.Repeat("v", 500), "e": strings.Repeat("v", 60)},
	} {
		o := order("A", 100)
		o.Metadata = metadata
		if len(o.Check()) == 0 {
			t.Errorf("%s was taken", name)
		}
	}
	o := order("A", 100)
	o.Metadata = map[string]string{}
	for i := range 21 {
		o.Metadata[string(rune('a'+i))] = "v"
	}
	if len(o.Check()) == 0 {
		t.Error("21 pairs were taken")
	}
	delete(o.Metadata, "a")
	if fields := o.Check(); len(fields) > 0 {
		t.Errorf("20 pairs: %v", fields)
	}
}

// An instalment order keeps to what its shop offers; without a term the shop's limits do not matter.
func TestTermsThatTheShopOffers(t *testing.T) {
	offer := payment.InstalmentPolicy{Terms: []int{3, 12, 60}, MinAmount: 40, MaxAmount: 10000}
	for name, c := range map[string]struct {
		term   int
		amount int64
		offer  payment.InstalmentPolicy
		want   []string
	}{
		"offered":            {12, 10000, offer, nil},
		"smallest":           {12, 40, offer, []string{"/amount"}}, // 4 a month: paid off after ten
		"smallest that goes": {3, 40, offer, nil},
		"paid at once":       {0, 1_000_000, offer, nil},
		"not offered":        {6, 10000, offer, []string{"/term"}},
		"negative":           {-3, 10000, offer, []string{"/term"}},
		"above the limit":    {12, 10001, offer, []string{"/amount"}},
		"below the limit":    {12, 39, offer, []string{"/amount"}},
		"both":               {6, 39, offer, []string{"/term", "/amount"}},
		"no amount":          {12, 0, offer, []string{"/amount"}},
		"too small a plan":   {60, 50, offer, []string{"/amount"}},
		"no instalments":     {12, 10000, payment.InstalmentPolicy{}, []string{"/term"}},
	} {
		o := order("A", c.amount)
		o.Term, o.Instalments = c.term, c.offer
		var got []string
		for _, f := range o.Check() {
			got = append(got, f.Pointer)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: wrong are %v, want %v", name, got, c.want)
		}
	}
}

// The bank hears nothing of an order that its shop does not offer.
func TestTermIsRefusedBeforeTheBankIsAsked(t *testing.T) {
	w := newWorld(t, nil)
	o := order("A", 15000)
	o.Term, o.Instalments = 6, payment.InstalmentPolicy{Terms: []int{3}}
	if _, err := w.svc.Initiate(context.Background(), o); payment.KindOf(err) != payment.Invalid {
		t.Errorf("%v", err)
	}
	if len(w.sim.Requests()) > 0 {
		t.Error("the bank was asked")
	}
}

func TestUnknownBankIsAFieldError(t *testing.T) {
	w := newWorld(t, nil)
	o := order("A", 100)
	o.Bank = "sparkasse"
	_, err := w.svc.Initiate(context.Background(), o)
	e, ok := errors.AsType[*payment.Error](err)
	if !ok || e.Kind != payment.Invalid || len(e.Fields) != 1 || e.Fields[0].Pointer != "/bank" {
		t.Errorf("%v", err)
	}
}

// A hundred identical requests make one payment and one order at the bank; each answer carries the same id.
func TestHundredIdenticalRequests(t *testing.T) {
	w := newWorld(t, nil)
	ids := make(chan payment.ID, 100)
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			opened, err := w.svc.Initiate(context.Background(), order("A", 15000))
			if e, ok := errors.AsType[*payment.Error](err); ok && e.Kind == payment.Standing && e.Payment != nil {
				ids <- e.Payment.ID
				return
			}
			if err != nil {
				t.Error(err)
			}
			ids <- opened.Payment.ID
		})
	}
	group.Wait()
	close(ids)
	for id := range ids {
		if id != w.id("A") {
			t.Errorf("another id: %s", id)
		}
	}
	if n := len(w.sim.Ledger().Orders); n != 1 {
		t.Errorf("the bank has %d orders", n)
	}
}

// Callbacks, polls and the sweep come together over a paid order: it is paid once, and the bank is asked once.
func TestEverybodyFindsItPaidAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	w.perform([]string{"open", "A", "15000"})
	w.perform([]string{"bank", "approve", "A"})
	w.perform([]string{"asked"})
	w.advance(4 * time.Minute)
	w.svc.Wait = func(context.Context, time.Duration) bool { return true } // the clock stands: all of this is one moment
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { _, _ = w.svc.Poll(context.Background(), w.id("A"), checkout.Reader{Shop: "demo"}) })
		group.Go(func() { _, _ = w.come("A", true, nil) })
		group.Go(func() { _, _ = w.svc.Sweep(context.Background()) })
	}
	group.Wait()
	p := w.stored("A")
	paid := slices.DeleteFunc(slices.Clone(p.History), func(e payment.Entry) bool { return e.What != "paid" })
	if p.Status != payment.Paid || len(paid) != 1 {
		t.Errorf("%s", w.show(p))
	}
	if asked := w.perform([]string{"asked"}); asked != "GetOrderStatus GetOrderInformation" {
		t.Errorf("the bank was asked %s", asked)
	}
}

// Forty refunds of a tenth each at once, every one with its own key: the bank gives back what was captured, and not a
// qepik more.
func TestFortyRefunds(t *testing.T) {
	for name, fault := range map[string]string{"all answers come": "", "every second answer is lost": "cut_after"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			for _, c := range []string{"open A 15000", "bank approve A", "return A"} {
				w.perform(strings.Fields(c))
			}
			if fault != "" {
				for nth := 2; nth < 40; nth += 2 {
					w.perform([]string{"fault", "Refund", fault, "1", strconv.Itoa(nth)})
				}
			}
			var group sync.WaitGroup
			for i := range 40 {
				group.Go(func() {
					o := checkout.RefundOrder{ID: w.id("A"), Shop: "demo", By: "shop:k1", Key: "key" + string(rune('a'+i)),
						Amount: 1500}
					for {
						_, err := w.svc.Refund(context.Background(), o)
						if code := payment.CodeOf(err); code != "refund_in_progress" && code != "conflict" {
							if err != nil && code != "refund_exceeds_captured" {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			group.Wait()
			p, a := w.stored("A"), w.account("A")
			if p.Status != payment.Refunded || a.Charged != 15000 || a.Refunded != 15000 || len(p.Refunds) != 10 {
				t.Errorf("%d refunds; %s; the bank gave back %d", len(p.Refunds), w.line(p), a.Refunded)
			}
		})
	}
}

// A shop sees its own payments, a browser the one whose token it holds, and nobody can tell a foreign one from none.
func TestForeignPaymentsLookLikeNone(t *testing.T) {
	w := newWorld(t, nil)
	w.perform([]string{"open", "A", "15000"})
	p := w.stored("A")
	ctx := context.Background()
	for name, r := range map[string]checkout.Reader{"another shop": {Shop: "other"},
		"another token": {ClientToken: otherToken(p.ClientToken)}, "nobody": {}} {
		if _, err := w.svc.Poll(ctx, p.ID, r); payment.KindOf(err) != payment.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.svc.Poll(ctx, p.ID, checkout.Reader{ClientToken: p.ClientToken}); err != nil {
		t.Error(err)
	}
	if _, err := w.svc.Cancel(ctx, p.ID, "other", "shop:x"); payment.KindOf(err) != payment.NotFound {
		t.Errorf("cancel: %v", err)
	}
	if _, err := w.svc.Refund(ctx, checkout.RefundOrder{ID: p.ID, Shop: "other", Key: "k"}); payment.KindOf(
		err) != payment.NotFound {
		t.Errorf("refund: %v", err)
	}
	if _, err := w.svc.Read(ctx, p.ID, otherToken(p.CallbackToken), callbackFromBrowser); payment.KindOf(
		err) != payment.NotFound {
		t.Errorf("callback: %v", err)
	}
}

// otherToken differs from a token in its first character, whatever that is: a fixed one there is the token itself once
// in 64 runs.
func otherToken(token string) string {
	if token[0] == 'x' {
		return "y" + token[1:]
	}
	return "x" + token[1:]
}

// A bank secret that was deleted does not make its payments vanish: the poll answers with what is on record, a refund
// says that the settings are wrong, and a browser is brought back.
func TestBankWithoutSettings(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []string{"open A 15000", "bank approve A", "return A", "open B 15000"} {
		w.perform(strings.Fields(c))
	}
	w.svc.Banks = noBanks{}
	w.advance(time.Minute)
	for command, want := range map[string]string{
		"poll B": "B/1 pending", "refund A k1": "error misconfigured ", "return B": "error misconfigured ",
		"cancel B": "error misconfigured ",
	} {
		if got := w.perform(strings.Fields(command)); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

type noBanks struct{}

func (noBanks) With(context.Context, string, string, func(bank.Bank) error) error {
	return &payment.Error{Kind: payment.NotFound, Message: "This shop has no such bank."}
}

// The store takes the intent only after everybody has given up on it: the write comes too late to count, and the same
// request works.
func TestIntentThatArrivesTooLate(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []string{"open A 15000", "bank approve A", "return A"} {
		w.perform(strings.Fields(c))
	}
	before := w.stored("A")
	w.breakStore(memory.Save, "down")
	if got := w.perform([]string{"refund", "A", "k1", "5000"}); !strings.HasPrefix(got, "error unavailable") {
		t.Fatal(got)
	}
	late, err := payment.Apply(before, payment.RefundIntent{ID: payment.RefundID(before.ID, "k1"), Amount: 5000,
		By: "shop:k1", Until: w.now()}, w.now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Save(context.Background(), late); !errors.Is(err, checkout.ErrConflict) {
		t.Errorf("the late write counts: %v", err)
	}
	if got := w.perform([]string{"refund", "A", "k1", "5000"}); !strings.HasPrefix(got, "refund succeeded 5000") {
		t.Error(got)
	}
}

// An address with what an advertisement added is taken, and one with a card is not, also beside it.
func TestReturnAddressesOfAdvertisements(t *testing.T) {
	for query, want := range map[string]int{"yclid=6759649826438453110": 0, "x=6759649826438453110": 1,
		"yclid=6759649826438453110&c=4111-1111-1111-1111": 1,
		"yclid=4111111111111111":                          1} {
		o := order("A", 15000)
		o.Return.Success = "https://shop.example/thanks?" + query
		if wrong := o.Check(); len(wrong) != want || want > 0 &&
			(wrong[0].Code != "card_number" || wrong[0].Pointer != "/return_urls/success") {
			t.Errorf("%s: %+v", query, wrong)
		}
	}
}
