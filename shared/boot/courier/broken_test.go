package courier

import (
	"log/slog"
	"testing"

	"kassa/shared/boot/cloudtest"
	"kassa/shared/boot/environment"
	"kassa/shared/payment"
)

// TestABrokenWebhookLosesNothing: nobody knows how to reach the shop until it is mended, which is no failed try.
func TestABrokenWebhookLosesNothing(t *testing.T) {
	c := cloudtest.New(t, map[string]string{
		"kassa/prod/shop/az": `{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}],
		"bitrix24":{"url":"x"},"webhook":{"url":"shop.example","secrets":["` + newSecret + `"]}}`})
	n := wire(environment.Settings{Table: "payments", Stage: "prod", Region: "eu-central-1", Endpoint: c.URL},
		slog.New(slog.DiscardHandler))
	p, e := expired(t, "az")
	for _, of := range []map[string]string{nil, {"bitrix24_payment": "161", "bitrix24_pay_system": "7"}} {
		p.Metadata = of
		if got, err := n.Outbox.Courier.Deliver(t.Context(), p, e); payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%v: %+v, %v", of, got, err)
		}
	}
}
