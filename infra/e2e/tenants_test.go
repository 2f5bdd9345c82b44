package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/local/demoshop"
	"kassa/infra/local/demoshop/inbox"
	"kassa/infra/local/stack"
)

// tenant is one of two shops that share a deployment and a bank and nothing else.
type tenant struct {
	id      string
	secret  string // of its API key
	webhook string // its signing secret
	client
}

// settleIn gives a shop settings of its own, with a webhook of its own, and the bank secret of the demo shop.
func (w world) settleIn(t *testing.T, id string) tenant {
	t.Helper()
	n := tenant{id: id, secret: "secretOf" + strings.ReplaceAll(id, "-", ""), webhook: newSecret()}
	n.client = w.shop
	n.bearer = "sk_" + id + "_k1_" + n.secret
	settings, err := json.Marshal(map[string]any{
		"currency": "AZN", "origins": []string{w.Info.ShopURL}, "banks": []string{"kapital"}, "insecure_loopback": true,
		"keys":    []map[string]string{{"id": "k1", "sha256": fmt.Sprintf("%x", digest(n.secret))}},
		"webhook": map[string]any{"url": w.Info.ShopURL + demoshop.WebhookPath(id), "secrets": []string{n.webhook}},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := vault(w.Stack)
	bank, err := v.GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("kassa/local/bank/demo-az/kapital")})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]*string{
		"kassa/local/shop/" + id:              aws.String(string(settings)),
		"kassa/local/bank/" + id + "/kapital": bank.SecretString,
	} {
		if _, err := v.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name,
			SecretString: text}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Shop.Inbox().Trust(id, n.webhook); err != nil {
		t.Fatal(err)
	}
	return n
}

var requestID = regexp.MustCompile(`"request_id":"[^"]*"`)

// nameless is an answer without what every answer has of its own.
func nameless(a answer) string {
	return fmt.Sprint(a.status, " ", a.header.Get("Content-Type"), " ", a.header.Get("WWW-Authenticate"), " ",
		requestID.ReplaceAllString(string(a.body), "…"))
}

// TestShopsOfOneDeploymentSeeNothingOfEachOther: two shops use the same order numbers, refund keys and bank. Whatever
// one asks about the other's is answered, to the byte, as what does not exist; and each hears of its own payments
// alone.
func TestShopsOfOneDeploymentSeeNothingOfEachOther(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	left, right := w.settleIn(t, "left-shop"), w.settleIn(t, "right-shop")
	body := order("one-number", w.Info.ShopURL, 8000)
	mine := read[paymentDoc](t, left.must(t, []int{201}, "POST", "/v1/payments", body))
	theirs := read[paymentDoc](t, right.must(t, []int{201}, "POST", "/v1/payments", body))
	if mine.ID == theirs.ID || mine.BankOrderID == theirs.BankOrderID || mine.RedirectURL == theirs.RedirectURL {
		t.Fatalf("the same order number is the same payment: %+v %+v", mine, theirs)
	}
	w.pay(t, mine)

	t.Run("by id", func(t *testing.T) {
		const nobody = "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1"
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", "", nil}, {"POST", "/cancel", nil}, {"POST", "/redeliver", nil}, {"POST", "/refunds", map[string]any{}},
			{"POST", "/refunds", map[string]any{"amount": 1}},
			{"POST", "/refunds", map[string]any{"amount": 99999999}},
		} {
			foreign := right.must(t, []int{404}, c.method, "/v1/payments/"+mine.ID+c.path, c.body, "Idempotency-Key", "k")
			absent := right.must(t, []int{404}, c.method, "/v1/payments/"+nobody+c.path, c.body, "Idempotency-Key", "k")
			if nameless(foreign) != nameless(absent) {
				t.Errorf("%s %s: another's is told from nobody's:\n%s\n%s", c.method, c.path, nameless(foreign), nameless(absent))
			}
		}
		token := right.client
		token.bearer = theirs.ClientToken
		foreign, absent := token.must(t, []int{404}, "GET", "/v1/payments/"+mine.ID, nil),
			token.must(t, []int{404}, "GET", "/v1/payments/"+nobody, nil)
		if nameless(foreign) != nameless(absent) {
			t.Errorf("a client token: %s\n%s", nameless(foreign), nameless(absent))
		}
	})
	t.Run("by order", func(t *testing.T) {
		list := right.must(t, []int{200}, "GET", "/v1/payments?order_ref=one-number", nil)
		if !strings.Contains(string(list.body), theirs.ID) || strings.Contains(string(list.body), mine.ID) {
			t.Errorf("%s", list)
		}
		left.must(t, []int{201}, "POST", "/v1/payments", order("left-only", w.Info.ShopURL, 8100))
		foreign, absent := right.must(t, []int{200}, "GET", "/v1/payments?order_ref=left-only", nil),
			right.must(t, []int{200}, "GET", "/v1/payments?order_ref=no-such", nil)
		if nameless(foreign) != nameless(absent) {
			t.Errorf("%s\n%s", foreign, absent)
		}
	})
	t.Run("by key", func(t *testing.T) {
		wrong := left.client
		var answers []string
		for _, bearer := range []string{"sk_left-shop_k1_" + right.secret, "sk_right-shop_k1_" + left.secret,
			"sk_no-such-shop_k1_" + left.secret, "sk_left-shop_k9_" + left.secret} {
			wrong.bearer = bearer
			answers = append(answers, nameless(wrong.must(t, []int{401}, "GET", "/v1/payments/"+mine.ID, nil)))
		}
		for _, a := range answers[1:] {
			if a != answers[0] {
				t.Errorf("a wrong key says what is wrong with it:\n%s\n%s", answers[0], a)
			}
		}
	})
	t.Run("instalments", func(t *testing.T) {
		open := w.shop
		open.bearer = ""
		foreign, absent := open.must(t, []int{404}, "GET", "/v1/instalments?shop=left-shop&amount=5000", nil),
			open.must(t, []int{404}, "GET", "/v1/instalments?shop=no-such&amount=5000", nil)
		if nameless(foreign) != nameless(absent) {
			t.Errorf("%s\n%s", foreign, absent)
		}
	})
	t.Run("money", func(t *testing.T) { w.apart(t, left, right, mine, theirs) })
	t.Run("webhooks", func(t *testing.T) { w.hearApart(t, left, right, mine, theirs) })
}

// apart holds that a refund under the same key, and a cancellation, are each shop's own.
func (w world) apart(t *testing.T, left, right tenant, mine, theirs paymentDoc) {
	t.Helper()
	if a, err := left.refund(t.Context(), mine.ID, "one-key", 3000); err != nil || a.status != 201 {
		t.Errorf("%s %v", a, err)
	}
	if a := read[paymentDoc](t, right.must(t, []int{200}, "POST", "/v1/payments/"+theirs.ID+"/cancel",
		nil)); a.Status != "cancelled" {
		t.Errorf("%+v", a)
	}
	if p := read[paymentDoc](t, left.must(t, []int{200}, "GET", "/v1/payments/"+mine.ID,
		nil)); p.Status != "partially_refunded" || p.Refunded != 3000 {
		t.Errorf("%+v", p)
	}
	again := read[paymentDoc](t, right.must(t, []int{201}, "POST", "/v1/payments",
		order("one-number", w.Info.ShopURL, 8000)))
	w.pay(t, again)
	if a, err := right.refund(t.Context(), again.ID, "one-key", 500); err != nil || a.status != 201 {
		t.Errorf("the same key at another shop: %s %v", a, err)
	}
}

// hearApart holds that each shop's messages went to its own address, signed with its own secret.
func (w world) hearApart(t *testing.T, left, right tenant, mine, theirs paymentDoc) {
	t.Helper()
	second := strings.TrimSuffix(theirs.ID, "1") + "2"
	for _, id := range []string{mine.ID, theirs.ID, second} {
		w.drain(t, id)
	}
	for _, c := range []struct {
		of   tenant
		want map[string]string
	}{
		{left, map[string]string{mine.ID: "payment.paid refund.succeeded"}},
		{right, map[string]string{theirs.ID: "payment.cancelled", second: "payment.paid refund.succeeded"}},
	} {
		list, err := w.Shop.Inbox().Messages(inbox.Filter{Shop: c.of.id})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for i := range list {
			m := list[len(list)-1-i]
			got[m.Payment.PaymentID] = strings.TrimSpace(got[m.Payment.PaymentID] + " " + m.Type)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s heard %v, want %v", c.of.id, got, c.want)
		}
	}
	if refused := w.Shop.Inbox().Refused(); len(refused) != 0 {
		t.Errorf("a message came to an address whose secret it was not signed with: %+v", refused)
	}
	if all, err := w.Shop.Inbox().Messages(inbox.Filter{}); err != nil || len(all) != 5 {
		t.Errorf("%d messages in all (%v)", len(all), err)
	}
}
