package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// refused is a message that the shop did not take, and that is tried again.
func refused(sequence int64) payment.Event {
	return payment.DeliveryOutcome{Answers: map[int64]delivery.Answer{sequence: {Code: "503"}}}
}

// TestWhatTheShopHasNotTaken is listed, with the shop's answers, and sent again from there where anything may be done.
func TestWhatTheShopHasNotTaken(t *testing.T) {
	w := open(t, true)
	c := w.enter()
	w.get(c, http.StatusOK, "/deliveries").wants(t, "The shop has taken everything")
	p := w.order("G-1", 15000, start, taken(15000), dead(3))
	w.order("G-2", 5000, start, taken(5000), refused(3))
	page := w.get(c, http.StatusOK, "/deliveries")
	page.wants(t, "G-1", "given up", "410", "G-2", "503", "to be tried again")
	if strings.Index(page.body, "G-1") > strings.Index(page.body, "G-2") {
		t.Error("what waits comes before what is given up")
	}
	sent := w.post(c, page, "/deliveries/"+p.ID.String(), url.Values{})
	if !strings.Contains(sent.url, "/deliveries?") || strings.Contains(sent.body, `pill bad`) {
		t.Errorf("%s:\n%s", sent.url, sent.body)
	}
	sent.wants(t, `role="status"`, "goes out by itself within a minute")
	now, err := w.store.Load(t.Context(), p.ID)
	if err != nil || len(now.Undelivered()) == 0 || now.Undelivered()[0].State != delivery.Retry {
		t.Errorf("%+v, %v", now.Deliveries, err)
	}
	w.get(c, http.StatusUnprocessableEntity, "/deliveries?cursor=x").wants(t, "does not go on")
}

// TestWhatCannotBeReadIsNotDelivered: a list of which nothing can be read is no list without anything.
func TestWhatCannotBeReadIsNotDelivered(t *testing.T) {
	w := open(t, false)
	w.order("G-1", 15000, start, taken(15000), dead(3))
	c := w.enter()
	denied := &payment.Error{Kind: payment.Misconfigured, Cause: &smithy.GenericAPIError{Code: "AccessDeniedException",
		Message: "User: x is not authorized to perform: dynamodb:GetItem on resource: y"}}
	w.refuses(denied, memory.Load)
	w.get(c, http.StatusForbidden, "/deliveries").wants(t, "dynamodb:GetItem")
	w.get(c, http.StatusOK, "/today").wants(t, "dynamodb:GetItem", "A person is needed")
}

// TestWhoOnlyLooksSendsNothingAgain: the address is not there.
func TestWhoOnlyLooksSendsNothingAgain(t *testing.T) {
	w := open(t, false)
	p := w.order("G-1", 15000, start, taken(15000), dead(3))
	c := w.enter()
	w.get(c, http.StatusOK, "/deliveries").lacks(t, "<form method=\"post\"")
	sent := w.forge(c, "/deliveries/"+p.ID.String(), url.Values{})
	if now, err := w.store.Load(t.Context(), p.ID); sent.status != http.StatusNotFound || err != nil ||
		now.Undelivered()[0].State != delivery.Dead {
		t.Errorf("%d, %+v, %v", sent.status, now.Deliveries, err)
	}
}
