package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// promised lets somebody wait for their turn to ask about p.
func promised(t *testing.T, b *boottest.Bench, p payment.Payment) payment.Payment {
	t.Helper()
	for _, e := range []payment.Event{payment.Question{}, payment.QuestionPromise{}} {
		var err error
		if p, err = payment.Apply(p, e, b.Service.Now()); err != nil {
			t.Fatal(err)
		}
	}
	p, err := b.Store.Save(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestOneMoment: who comes back while somebody else waits to ask the bank is kept on a page that comes again, and is
// told nothing yet; a bank's server is answered that all is well. When the answer is there, the page leads on.
func TestOneMoment(t *testing.T) {
	b := boottest.New(t)
	p := promised(t, b, b.Open("12345"))
	for language, words := range map[string]string{"en": "One moment", "be": "Адну хвіліну", "az": "Bir az gözləyin"} {
		a := come(t, b, "return-post.json", p, p.CallbackToken, func(e *events.LambdaFunctionURLRequest) {
			e.Headers["accept-language"] = language
		})
		if a.StatusCode != 200 || !strings.Contains(a.Body, words) ||
			!strings.Contains(a.Body, `http-equiv="refresh" content="6"`) ||
			!strings.Contains(a.Body, "https://shop.example/thanks?order=12345&amp;payment_id="+p.ID.String()) ||
			a.Headers["Content-Security-Policy"] == "" {
			t.Errorf("%s: %+v", language, a)
		}
	}
	if a := come(t, b, "notify.json", p, p.CallbackToken, nil); a.StatusCode != 200 || a.Body != "OK" {
		t.Errorf("%+v", a)
	}
	if b.Bank.Questions() != 0 {
		t.Errorf("the bank was asked %d times", b.Bank.Questions())
	}
	b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
	b.Advance(11 * time.Second) // who waited was cut off
	if a := come(t, b, "return-get.json", p, p.CallbackToken, nil); a.StatusCode != 303 ||
		!strings.HasSuffix(a.Headers["Location"], "&status=paid") {
		t.Errorf("%+v", a)
	}
}
