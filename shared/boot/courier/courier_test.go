package courier

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"kassa/shared/boot/cloudtest"
	"kassa/shared/boot/environment"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

const (
	newSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	oldSecret = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
)

// expired is a payment of a shop, and the entry of its end.
func expired(t *testing.T, shop string) (payment.Payment, payment.Entry) {
	t.Helper()
	now := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	p := payment.New(payment.Draft{ID: payment.ID{Order: payment.OrderKey(shop, "1"), Attempt: 1}, Shop: shop,
		OrderRef: "1", Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, ClientToken: "token", Notify: true}, now,
		now.Add(time.Minute))
	p, err := payment.Apply(p, payment.Wakeup{}, now.Add(2*time.Hour))
	if err != nil || p.Status != payment.Expired {
		t.Fatal(p.Status, err)
	}
	return p, p.History[1]
}

// TestTheCourierSendsWhatAShopCanVerify, with either of its secrets, in the shop's own words.
func TestTheCourierSendsWhatAShopCanVerify(t *testing.T) {
	var body []byte
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		for _, secret := range []string{newSecret, oldSecret} {
			verifier, err := standardwebhooks.NewWebhook(secret)
			if err == nil {
				err = verifier.Verify(body, r.Header)
			}
			if err != nil {
				t.Error(err)
			}
		}
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	defer shop.Close()
	c := cloudtest.New(t, map[string]string{
		"kassa/local/shop/demo-az": fmt.Sprintf(`{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}],
		"order_statuses":{"expired":"X"},
		"webhook":{"url":%q,"secrets":[%q,%q],"acknowledge":true},"insecure_loopback":true}`, shop.URL, newSecret,
			oldSecret)})
	n := wire(environment.Settings{Table: "payments", Stage: environment.Local, Region: "eu-central-1",
		Endpoint: c.URL},
		slog.New(slog.DiscardHandler))
	p, e := expired(t, "demo-az")
	got, err := n.Outbox.Courier.Deliver(t.Context(), p, e)
	if want := (delivery.Answer{Accepted: true, Code: "200"}); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	var event struct {
		Type string
		Data struct {
			OrderStatus string  `json:"order_status"`
			ClientToken *string `json:"client_token"`
		}
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Type != "payment.expired" ||
		event.Data.OrderStatus != "X" || event.Data.ClientToken != nil {
		t.Errorf("%s: %v", body, err)
	}
}

// TestAShopThatIsNotThereLosesNothing: what was taken away may come back, so it counts as a failed try.
func TestAShopThatIsNotThereLosesNothing(t *testing.T) {
	settled := `{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}]`
	c := cloudtest.New(t, map[string]string{"kassa/prod/shop/mute": settled + `}`, "kassa/prod/shop/broken": `{`})
	n := wire(environment.Settings{Table: "payments", Stage: "prod", Region: "eu-central-1", Endpoint: c.URL},
		slog.New(slog.DiscardHandler))
	for shop, want := range map[string]delivery.Answer{"gone": {Code: "no_shop"}, "mute": {Code: "no_webhook"}} {
		p, e := expired(t, shop)
		if got, err := n.Outbox.Courier.Deliver(t.Context(), p, e); err != nil || got != want {
			t.Errorf("%s: %+v, %v", shop, got, err)
		}
	}
	p, e := expired(t, "broken")
	if _, err := n.Outbox.Courier.Deliver(t.Context(), p, e); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("settings that cannot be read are no error: %v", err)
	}
}

// TestAMessageThatCannotBeMadeIsNotTheShopsFault: an entry that only a newer version knows how to tell is that
// message's failure. An error would leave the whole shop alone, run after run.
func TestAMessageThatCannotBeMadeIsNotTheShopsFault(t *testing.T) {
	c := cloudtest.New(t, map[string]string{
		"kassa/prod/shop/az": fmt.Sprintf(`{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}],
		"webhook":{"url":"https://shop.example/kassa","secrets":[%q]}}`, newSecret)})
	n := wire(environment.Settings{Table: "payments", Stage: "prod", Region: "eu-central-1", Endpoint: c.URL},
		slog.New(slog.DiscardHandler))
	p, e := expired(t, "az")
	e.What = "chargeback"
	if got, err := n.Outbox.Courier.Deliver(t.Context(), p, e); err != nil ||
		got != (delivery.Answer{Code: "no_message"}) {
		t.Errorf("%+v, %v", got, err)
	}
}
