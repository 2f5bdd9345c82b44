package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kassa/shared/metric"
	"kassa/shared/payment"
)

// canary stands for everything that is for the log alone: what a bank wrote, what Go says, what only the shop's
// customer may know.
const canary = "c4n4ry"

// planted is a payment with a canary in every word that a problem has no business with.
func planted() payment.Payment {
	p := aPayment()
	p.Shop, p.Description, p.Bank = canary, canary, canary
	p.CallbackToken, p.ClientToken, p.RedirectURL, p.BankStatus, p.BankCode = canary, canary, canary, canary, canary
	p.Handle = payment.Handle{OrderID: canary, Private: canary,
		Account: payment.Account{Merchant: canary, Environment: canary}}
	p.Metadata = map[string]string{canary: canary}
	p.Return = payment.ReturnURLs{Success: canary, Cancel: canary, Decline: canary}
	p.Refunds = []payment.Refund{{ID: canary, Reason: canary, Code: canary, BankRefundID: canary}}
	p.History = []payment.Entry{{What: canary, By: canary, Code: canary}}
	p.Receipt = payment.Receipt{ApprovalCode: canary, RRN: canary, Card: canary, Brand: canary}
	p.Rev, p.Extra = canary, canary
	return p
}

// FuzzProblemKeepsItsSecrets: whatever error comes, of whatever kind and however wrapped, no problem document and no
// header holds the bank's words, a cause, or anything of the payment but what identifies it. Words of ours that name
// settings are kept back, too.
func FuzzProblemKeepsItsSecrets(f *testing.F) {
	for kind := int(payment.Internal) - 1; kind <= int(payment.Forged)+1; kind++ {
		f.Add(kind, "", "", "", uint8(0))
		f.Add(kind, "bank_refused", "The bank refused.", "/amount", uint8(1))
		f.Add(kind, "order_already_paid", "This order is paid.", "", uint8(2))
		f.Add(kind, "order_ref_taken", "<&\">\x00\xff", "/a~1b", uint8(3))
	}
	f.Fuzz(func(t *testing.T, kind int, code, message, pointer string, how uint8) {
		if strings.Contains(strings.ToLower(code+message+pointer), canary) {
			return
		}
		p := planted()
		cause := fmt.Errorf("read %s: %w", canary, errors.New(canary))
		e := &payment.Error{Kind: payment.Kind(kind), Code: code, Message: message, BankCode: canary, Cause: cause,
			RetryAfter: time.Second}
		if how&1 != 0 {
			e.Payment = &p
		}
		if pointer != "" {
			e.Fields = []payment.FieldError{{Pointer: pointer, Code: code, Detail: message}}
		}
		switch e.Kind {
		case payment.Internal, payment.Misconfigured: // for the operator: even our own words
			e.Message += canary
			e.Fields = append(e.Fields, payment.FieldError{Pointer: canary, Code: canary, Detail: canary})
		case payment.NotFound: // nobody learns why
			e.Message, e.Code = canary, canary
		}
		if e.Kind == payment.Internal {
			e.Code += canary
		}
		for _, err := range []error{e, fmt.Errorf("%s: %w", canary, e), errors.Join(e, errors.New(canary)), cause} {
			a := NewProblem(err, "req-1").Response()
			var read Problem
			if json.Unmarshal(a.Body, &read) != nil || read.Status != a.Status || read.Code == "" || read.Detail == "" {
				t.Errorf("%v: %s", err, a.Body)
			}
			if bytes.Contains(a.Body, []byte(canary)) || strings.Contains(fmt.Sprint(a.Header), canary) {
				t.Errorf("%v: %v %s", err, a.Header, a.Body)
			}
		}
	})
}

// TestTheLineKeepsItsSecrets: whatever a request and its payment hold, the line of the request says ids, words of ours
// and figures.
func TestTheLineKeepsItsSecrets(t *testing.T) {
	var lines bytes.Buffer
	p := planted()
	p.Shop, p.Bank = "demo-az", "bank"
	e := edgeOf(func(ctx context.Context, r *Request) (Response, error) {
		r.About(p)
		metric.Add(ctx, metric.PaymentsPaid, 1)
		metric.Add(ctx, metric.CertificateDays, 44)
		return Response{Status: 200, Body: []byte(canary)}.With("Location", canary), nil
	}, &lines)
	e.Stage = "prod"
	event := post(t)
	event.Body, event.RawPath, event.RawQueryString = canary, "/"+canary, canary+"="+canary
	event.Headers["authorization"], event.Headers["x-"+canary] = "Bearer "+canary, canary
	if a, err := e.HTTPAPI(t.Context(), event); err != nil || a.StatusCode != 200 {
		t.Fatal(a, err)
	}
	for _, want := range []string{`"Stage":"prod"`, `"payments_paid":1`, `"certificate_days_left":44`,
		`"Namespace":"Kassa"`, `"bank":"bank"`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s holds no %s", &lines, want)
		}
	}
	if strings.Contains(lines.String(), canary) || strings.Count(lines.String(), "\n") != 1 {
		t.Errorf("%s", &lines)
	}
}
