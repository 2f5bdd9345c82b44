package kapitalxml

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kassa/shared/simbank/kapital/page"
	"kassa/shared/simbank/kapitalxml/ledger"
	"kassa/shared/simbank/kapitalxml/tkkpg"
)

// parcel is what goes back to the shop: a form post with Text, or with Get an
// address that carries the ids in its query.
type parcel struct {
	URL  string
	Text string
	Get  bool
}

// pack builds the message about the order under the switches: forged, swapped,
// wrapped or spelled as they say.
func (s *Sim) pack(o ledger.Order, set Settings) (parcel, error) {
	id, session := o.ID, o.Session
	if set.SwapOrder != "" {
		other, err := s.order(set.SwapOrder)
		if err != nil {
			return parcel{}, fmt.Errorf("swap_order %s: %w", set.SwapOrder, err)
		}
		id, session = other.ID, other.Session
	}
	target := returnURL(o)
	if set.Return == "get" {
		address, err := withIDs(target, id, session, set.LetterCase)
		return parcel{URL: address, Get: true}, err
	}
	m := tkkpg.Message{
		At: s.Now(), OrderID: id, Session: session, Merchant: o.Merchant, Type: o.Type,
		Amount: o.Amount, Currency: o.Currency, Description: o.Description, Brand: o.Card.Brand,
		Code: o.Code, CodeText: codeText(o.Code), Status: o.Status, Approval: o.Approval,
	}
	if o.Status != ledger.Canceled {
		m.PAN = o.Card.Masked
	}
	if set.ForgeStatus != "" {
		m.Status = set.ForgeStatus
	}
	m.StatusText = page.StatusText(strings.ToLower(o.Language), m.Status)
	text := m.Text(tkkpg.Shape{Base64: set.Base64 || set.SpoilBase64, Wrapper: set.Wrapper, Case: set.LetterCase})
	if set.SpoilBase64 {
		text = strings.ReplaceAll(text, "+", " ")
	}
	return parcel{URL: target, Text: text}, nil
}

// returnURL is where the customer goes from here. Who leaves while the
// authorisation still runs goes to ApproveURL: the shop has to ask anyway.
func returnURL(o ledger.Order) string {
	switch o.Status {
	case ledger.Canceled:
		return o.CancelURL
	case ledger.Declined, ledger.Expired, ledger.Failed:
		return o.DeclineURL
	}
	return o.ApproveURL
}

// withIDs adds the ids to the shop's address as the brief describes it:
// OrderId and SessionId, beside the query that the address already has.
func withIDs(target string, id int64, session, letterCase string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", fmt.Errorf("the shop's return address: %w", err)
	}
	if letterCase == "" {
		letterCase = "mixed"
	}
	order, sessionName := tkkpg.Names(letterCase)
	query := u.Query()
	query.Set(order, strconv.FormatInt(id, 10))
	query.Set(sessionName, session)
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// deliver sends the parcel from the bank's own address and returns the HTTP
// status of the shop.
func (s *Sim) deliver(ctx context.Context, p parcel) (int, error) {
	method, body := http.MethodPost, url.Values{"xmlmsg": {p.Text}}.Encode()
	if p.Get {
		method, body = http.MethodGet, ""
	}
	request, err := http.NewRequestWithContext(ctx, method, p.URL, strings.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("callback: %w", err)
	}
	if !p.Get {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return s.Send(request)
}

// callEarly plays the callback that overtakes the answer of CreateOrder.
func (s *Sim) callEarly(ctx context.Context, o ledger.Order) error {
	set := s.Settings()
	switch set.Callback {
	case "early":
		o.Status = ledger.Approved
	case "early_paid":
		paid, err := s.act(o.ID, (*ledger.Order).Approve)
		if err != nil {
			return err
		}
		o = paid
	default:
		return nil
	}
	p, err := s.pack(o, set)
	if err != nil {
		return err
	}
	_, err = s.deliver(ctx, p)
	return err
}

// codeText words the response codes that the test cards produce.
func codeText(code string) string {
	switch code {
	case "":
		return ""
	case "000", "001":
		return "Approved"
	case "050":
		return "General decline"
	case "051":
		return "Expired card"
	case "055":
		return "Invalid transaction"
	case "076":
		return "Insufficient funds"
	case "211":
		return "Invalid CVV2"
	case "811":
		return "System error"
	case "18":
		return "Wrong 3-D Secure code"
	}
	return "Declined"
}
