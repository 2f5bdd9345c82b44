package courier

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"kassa/shared/bitrix24"
	"kassa/shared/bitrix24/bitrix24sim"
	"kassa/shared/boot/cloudtest"
	"kassa/shared/boot/environment"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// TestAPortalIsToldInPlaceOfTheWebhook, of its own payments alone; one that refuses us calls for a person, and its
// address stands nowhere.
func TestAPortalIsToldInPlaceOfTheWebhook(t *testing.T) {
	heard := 0
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		heard++
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	defer shop.Close()
	portal := bitrix24sim.New()
	defer portal.Close()
	portal.Owes(bitrix24sim.Payment{ID: 11, PaySystem: 7, Sum: "150", Currency: "AZN"})
	secret := func(more string) string {
		return fmt.Sprintf(`{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],"keys":[{"id":"k1",
			"sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}],
			"webhook":{"url":%q,"secrets":[%q]},%s"insecure_loopback":true}`,
			shop.URL, newSecret, more)
	}
	c := cloudtest.New(t, map[string]string{"kassa/local/shop/both": secret(fmt.Sprintf(`"bitrix24":{"url":%q},`,
		portal.Address())), "kassa/local/shop/hook": secret("")})
	var log strings.Builder
	n := wire(environment.Settings{Table: "payments", Stage: environment.Local, Region: "eu-central-1",
		Endpoint: c.URL},
		slog.New(slog.NewJSONHandler(&log, nil)))
	tell := func(name string, from bitrix24.Origin, want delivery.Answer) {
		t.Helper()
		p, e := expired(t, name)
		if from.Payment > 0 {
			p.OrderRef, p.Metadata = from.Ref(), from.Metadata()
			p.Captured, p.Status = 15000, payment.Paid
		}
		got, err := n.Outbox.Courier.Deliver(t.Context(), p, e)
		if got.RetryAfter = 0; err != nil || got != want {
			t.Errorf("%s of %v: %+v %v, want %+v", name, from, got, err, want)
		}
	}
	of := bitrix24.Origin{Payment: 11, PaySystem: 7}
	portal.Fail(bitrix24sim.Says(401, `{"error":"INVALID_CREDENTIALS"}`))
	tell("both", of, delivery.Answer{Code: "INVALID_CREDENTIALS"})
	tell("both", of, delivery.Answer{Accepted: true, Code: "portal_paid"})
	if heard > 0 || portal.Payment(11).Marked != 1 {
		t.Errorf("the webhook heard %d messages, the portal %+v", heard, portal.Payment(11))
	}
	tell("both", bitrix24.Origin{}, delivery.Answer{Accepted: true, Code: "200"})
	tell("hook", of, delivery.Answer{Accepted: true, Code: "200"}) // it has no portal any more
	if calls := portal.Calls(); heard != 2 ||
		!slices.Equal(calls, []string{"sale.payment.get", "sale.payment.get", "sale.paysystem.pay.payment"}) {
		t.Errorf("the webhook heard %d messages, the portal %v", heard, calls)
	}
	if strings.Count(log.String(), `"level":"ERROR"`) != 1 || !strings.Contains(log.String(), "a portal refuses us") ||
		strings.Contains(log.String(), portal.Code()) {
		t.Errorf("%s", log.String())
	}
}
