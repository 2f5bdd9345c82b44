package main

import (
	"net/http"
	"net/url"
	"strings"

	"kassa/shared/api"
	"kassa/shared/payment"
)

// The two ways a message comes.
const (
	toReturn = "return" // by the customer's browser
	toNotify = "notify" // from the bank's server
)

// address is where a callback came to: /{payment}/{token}/return or /notify, below any path that CALLBACK_URL may have.
type address struct {
	payment payment.ID
	token   string
	action  string
}

func (a address) browser() bool { return a.action == toReturn }

// readAddress reads a path; NotFound when it is none of ours. With an error the action is still given where it can be seen.
func readAddress(path string) (address, error) {
	parts := strings.Split(path, "/")
	if len(parts) < 3 {
		return address{}, &payment.Error{Kind: payment.NotFound}
	}
	parts = parts[len(parts)-3:]
	id, ok := payment.ParseID(parts[0])
	a := address{payment: id, token: parts[1], action: parts[2]}
	if a.action != toReturn && a.action != toNotify {
		return address{}, &payment.Error{Kind: payment.NotFound}
	}
	if !ok || a.token == "" {
		return a, &payment.Error{Kind: payment.NotFound}
	}
	return a, nil
}

// redirect sends the customer back to the shop, which learns payment_id and status from the address. Neither proves anything:
// the shop asks. 303 makes a browser that posted come back with GET.
func redirect(p payment.Payment) (api.Response, error) {
	back, err := url.Parse(returnURL(p))
	if err != nil || back.Host == "" {
		return api.Response{}, &payment.Error{Kind: payment.Internal, Message: "the stored return address is not one", Cause: err}
	}
	news := url.Values{"payment_id": {p.ID.String()}, "status": {string(p.Status)}}.Encode()
	if back.RawQuery != "" {
		news = back.RawQuery + "&" + news
	}
	back.RawQuery = news
	return api.Response{Status: http.StatusSeeOther}.With("Location", back.String()).With("Referrer-Policy", "no-referrer"), nil
}

// returnURL chooses by how the payment stands. What is not decided yet, or waits for a person, is no failure of the customer's.
func returnURL(p payment.Payment) string {
	if len(p.Reviews) > 0 {
		return p.Return.Success
	}
	switch p.Status {
	case payment.Cancelled, payment.Expired:
		return p.Return.Cancel
	case payment.Declined:
		return p.Return.Decline
	}
	return p.Return.Success
}
