package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// TestARefundTellsWhatItWasFor, in its own answer, in the payment's and in the webhook's. A repeat tells what is on
// record, whatever it brings itself. No line of the log holds any of it.
func TestARefundTellsWhatItWasFor(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	told := func(name string, body map[string]any, reason, reference any) {
		t.Helper()
		if body["reason"] != reason || body["reference"] != reference {
			t.Errorf("%s: %v", name, body)
		}
	}
	_, first := send(t, b, p,
		sent{"refund.json", boottest.Key, "k-1", text(`{"amount":100,"reason":"one cup\nbroke","reference":"Geri №7"}`)})
	told("the first", first, "one cup broke", "Geri №7")
	for _, body := range []string{`{"amount":100}`, `{"amount":100,"reason":"other words","reference":"8"}`} {
		a, again := send(t, b, p, sent{"refund.json", boottest.Key, "k-1", text(body)})
		told("a repeat", again, "one cup broke", "Geri №7")
		if a.StatusCode != 201 || a.Headers["Idempotent-Replayed"] != "true" || again["id"] != first["id"] {
			t.Errorf("a repeat: %d %v", a.StatusCode, again)
		}
	}
	a, wordless := send(t, b, p,
		sent{"refund.json", boottest.Key, "k-2", text(`{"amount":100,"reason":" ","reference":""}`)})
	told("one without words", wordless, nil, nil)
	if asked := b.Bank.Refunds(); a.StatusCode != 201 || len(asked) != 2 || asked[0].Reason != "one cup broke" ||
		asked[1].Reason != "" {
		t.Errorf("%d, the bank was asked %+v", a.StatusCode, asked)
	}
	kept, err := b.Store.Load(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	event, err := api.ViewEvent(kept, kept.History[len(kept.History)-1], nil, b.Service.Now())
	if err != nil {
		t.Fatal(err)
	}
	var message api.EventView
	if err := json.Unmarshal(event.Body, &message); err != nil {
		t.Fatal(err)
	}
	for name, refunds := range map[string][]api.RefundView{"payment": api.ViewPayment(kept, nil, b.Service.Now()).Refunds,
		"webhook": message.Data.Refunds} {
		if len(refunds) != 2 || refunds[0].Reason == nil || *refunds[0].Reason != "one cup broke" ||
			*refunds[0].Reference != "Geri №7" || refunds[1].Reference != nil {
			t.Errorf("the %s shows %+v", name, refunds)
		}
	}
	for _, word := range []string{"cup", "Geri", "№7", "other words"} {
		if strings.Contains(b.Logged(), word) {
			t.Errorf("%q was logged:\n%s", word, b.Logged())
		}
	}
}

// TestANewTryBringsItsOwnWords: what the bank refused may have been the words.
func TestANewTryBringsItsOwnWords(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	b.Bank.RefundErr = &payment.Error{Kind: payment.Refused, Code: "text_unsendable", Message: "Words of ours."}
	if a, body := send(t, b, p,
		sent{"refund.json", boottest.Key, "k-1", text(`{"amount":100,"reason":"🧾","reference":"7"}`)}); a.StatusCode != 422 {
		t.Fatal(a.StatusCode, body)
	}
	b.Bank.RefundErr = nil
	a, body := send(t, b, p,
		sent{"refund.json", boottest.Key, "k-1", text(`{"amount":100,"reason":"a receipt","reference":"8"}`)})
	if a.StatusCode != 201 || body["reason"] != "a receipt" || body["reference"] != "8" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

// TestLimitsCountTheComposedForm: as those of an order do. The bench holds what is accepted to openapi.yaml.
func TestLimitsCountTheComposedForm(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	words := fmt.Sprintf(`{"amount":100,"reason":%q,"reference":%q}`, strings.Repeat("s\u0327", 250)+"\n",
		strings.Repeat("s\u0327", 64))
	a, body := send(t, b, p, sent{"refund.json", boottest.Key, "k-1", text(words)})
	if a.StatusCode != 201 || body["reference"] != strings.Repeat("ş", 64) {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}

// TestAReasonThatLostACharacter is still a reason; a reference is not guessed.
func TestAReasonThatLostACharacter(t *testing.T) {
	b := boottest.New(t)
	p := b.Paid("12345")
	a, body := send(t, b, p,
		sent{"refund.json", boottest.Key, "k-1", text(`{"amount":100,"reason":"\u0002cup \ud83d"}`)})
	if a.StatusCode != 201 || body["reason"] != "cup ?" {
		t.Errorf("%d %v", a.StatusCode, body)
	}
	a, body = send(t, b, p, sent{"refund.json", boottest.Key, "k-2", text(`{"amount":100,"reference":"\ufffd"}`)})
	if a.StatusCode != 422 {
		t.Errorf("%d %v", a.StatusCode, body)
	}
}
