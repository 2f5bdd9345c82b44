package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kassa/shared/api"
	"kassa/shared/api/contract"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
	"kassa/shared/webhook"
)

// TestEveryEventIsDocumented sends each kind of event as it leaves the deployment, and holds what a shop's server gets
// to openapi.yaml.
func TestEveryEventIsDocumented(t *testing.T) {
	told := map[string]bool{}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		contract.Webhook(t, r.Header, body)
	}))
	defer shop.Close()
	secret, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	client := webhook.New(webhook.Options{Now: boottest.Start})
	for _, p := range announced(boottest.New(t)) {
		for _, entry := range p.History {
			if entry.Announced() == "" || told[entry.What] {
				continue
			}
			told[entry.What] = true
			event, err := api.ViewEvent(p, entry, map[string]string{"paid": "PAID!"}, boottest.Start())
			if err != nil {
				t.Fatal(err)
			}
			to := webhook.Target{URL: shop.URL, Secrets: []webhook.Secret{secret, secret}, Loopback: true}
			if a := client.Send(t.Context(), to, event.ID, event.Body); !a.Accepted {
				t.Errorf("%s: %+v", entry.What, a)
			}
		}
	}
	if len(told) != 10 {
		t.Errorf("%d kinds of entries were told: %v", len(told), told)
	}
}

// announced are payments that have seen everything that a shop is told of.
func announced(b *boottest.Bench) (all []payment.Payment) {
	for ref, state := range map[string]payment.State{"1": payment.BankDeclined, "2": payment.BankCancelled,
		"3": payment.BankExpired} {
		p := b.Open(ref)
		all = append(all, b.Happens(p.ID, reported(p, state)))
	}
	p := b.Paid("4")
	id := payment.RefundID(p.ID, "k")
	asked := payment.RefundIntent{ID: id, Amount: 1000, By: "shop:k1", Until: boottest.Start().Add(time.Minute)}
	done := asked
	done.ID = payment.RefundID(p.ID, "done")
	p = b.Happens(p.ID, payment.SiblingReading{Overpaid: true}, reported(p, payment.BankOpen),
		payment.Ruling{How: payment.ResolveDismiss, By: payment.ByOperator("anna"), Why: "looked"},
		done, payment.RefundAnswer{ID: done.ID, Answer: payment.AnswerDone, RefundID: "R-1"},
		asked, payment.RefundAnswer{ID: id, Answer: payment.AnswerRefused, Code: "076"},
		asked, payment.RefundAnswer{ID: id, Answer: payment.AnswerLost})
	return append(all, p)
}

func reported(p payment.Payment, state payment.State) payment.Event {
	return payment.Statement{Handle: p.Handle, Report: payment.Report{State: state, Word: "WORD"}}
}
