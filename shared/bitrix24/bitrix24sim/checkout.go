package bitrix24sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Refusal is what the portal shows to a buyer, or to the manager.
type Refusal struct{ Texts []string }

func (r Refusal) Error() string { return strings.Join(r.Texts, "\n") }

// errData stands for the portal's general error, of which nobody can tell the reason.
var errData = errors.New("data of the answer are missing")

// Checkout has the portal's server post a payment's form to where a handler says, and gives the page that the buyer is
// sent to. Fields are those of the handler, with the values that the pay system's settings, the order, or the buyer's
// own request give them.
func (p *Portal) Checkout(ctx context.Context, actionURI string, id int, back string,
	fields map[string]string) (page string, err error) {
	one := p.Payment(id)
	values := url.Values{}
	for name, value := range fields {
		values.Set(name, value)
	}
	for name, value := range map[string]string{"RETURN_URL": back, "PAYSYSTEM_ID": strconv.Itoa(one.PaySystem),
		"PAYMENT_ID": strconv.Itoa(one.ID), "SUM": one.Sum, "CURRENCY": one.Currency} {
		values.Set("BX_SYSTEM_PARAMS["+name+"]", value)
	}
	if one.InvoiceID != "" {
		values.Set("BX_SYSTEM_PARAMS[EXTERNAL_PAYMENT_ID]", one.InvoiceID)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, actionURI, strings.NewReader(values.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answered.Body.Close() }()
	if answered.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: status %d", errData, answered.StatusCode)
	}
	given := map[string]any{}
	if err := json.NewDecoder(answered.Body).Decode(&given); err != nil {
		return "", fmt.Errorf("%w: %w", errData, err)
	}
	given = upper(given)
	page, _ = given["PAYMENT_URL"].(string)
	invoice, _ := given["PAYMENT_ID"].(string)
	if page == "" || invoice == "" {
		list, _ := given["PAYMENT_ERRORS"].([]any)
		var r Refusal
		for _, text := range list {
			r.Texts = append(r.Texts, fmt.Sprint(text))
		}
		if len(r.Texts) == 0 {
			return "", errData
		}
		return "", r
	}
	p.Change(id, func(one *Payment) { one.InvoiceID = invoice })
	return page, nil
}
