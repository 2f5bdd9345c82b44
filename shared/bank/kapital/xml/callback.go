package xml

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/strict"
)

// maxCallback bounds a callback message in bytes.
const maxCallback = 64 << 10

// Callback reads the return of the customer's browser, or the bank's push of a status (facts A8): GET or POST, ids in
// the query or the form in any letter case, and xmlmsg, raw or in base64. It proves nothing, signed or not: the notice
// only says what was claimed, and Status is asked about our own handle, also where a message with a right signature
// cannot be read. The notice's report is what the message claims: the state, and the code of a refusal, which the
// gateway tells nowhere else. See bank.Bank for the kinds of errors.
func (k *Gateway) Callback(c bank.Callback) (bank.Notice, error) {
	if err := k.Ready(bank.OpCallback); err != nil {
		return bank.Notice{}, err
	}
	p, err := parameters(c)
	if err != nil {
		return bank.Notice{}, exchange.Malformed(err)
	}
	if err := k.settings.signature.verify(p); err != nil {
		return bank.Notice{}, err
	}
	notice, err := read(p)
	switch {
	case err == nil:
		return notice, nil
	case k.settings.signature != nil:
		return bank.Notice{Claims: []bank.Claim{{Name: "unreadable", Value: err.Error()}}}, nil
	}
	return bank.Notice{}, exchange.Malformed(err)
}

func read(p map[string]string) (bank.Notice, error) {
	said := claims{order: p["orderid"], session: p["sessionid"], status: p["status"]}
	if text, ok := p["xmlmsg"]; ok {
		inside, err := readMessage(text)
		if err == nil {
			said, err = said.merge(inside)
		}
		if err != nil {
			return bank.Notice{}, err
		}
	}
	return said.notice()
}

// parameters gathers query and form under lower-case names. A name that comes twice with two values is refused whoever
// sent it: two readers could pick different ones. The same value again, as a query that is repeated in the form has it,
// means one thing.
func parameters(c bank.Callback) (map[string]string, error) {
	form := url.Values{}
	switch {
	case c.Method != http.MethodGet && c.Method != http.MethodPost:
		return nil, errors.New("the method is neither GET nor POST")
	case len(c.Body) > maxCallback:
		return nil, errors.New("the body is too long")
	case c.Method == http.MethodPost && len(c.Body) > 0:
		kind, _, _ := strings.Cut(c.Header["content-type"], ";")
		if kind = strings.TrimSpace(kind); kind != "" && !strings.EqualFold(kind, "application/x-www-form-urlencoded") {
			return nil, errors.New("the body is not a form")
		}
		var err error
		if form, err = url.ParseQuery(string(strict.Bare(c.Body))); err != nil {
			return nil, errors.New("the form is malformed")
		}
	}
	all := map[string]string{}
	for _, values := range []url.Values{c.Query, form} {
		for name, list := range values {
			name = strings.ToLower(name)
			for _, value := range list {
				if other, twice := all[name]; twice && other != value {
					return nil, fmt.Errorf("parameter %.20q comes with several values", name)
				}
				all[name] = value
			}
		}
	}
	return all, nil
}

// notice turns claims into words that are safe to log: the session is a secret and shown by a fingerprint. An encrypted
// order number (`@encrypted@1@...`, facts A8) counts as not said.
func (s claims) notice() (bank.Notice, error) {
	if strings.HasPrefix(s.order, "@encrypted@") {
		s.order = ""
	}
	if s.order != "" && !orderNumber.MatchString(s.order) || s.session != "" && !exchange.IsName(s.session) ||
		s.status != "" && !exchange.IsWord(s.status) {
		return bank.Notice{}, errors.New("an id or status is malformed")
	}
	n := bank.Notice{Handle: bank.Handle{OrderID: s.order, Secret: s.session}}
	if s.status != "" {
		state := stateOf(s.status)
		code := refusedBecause(state, s.code)
		n.Report = bank.Report{State: state, Word: s.status, Code: code, Hint: hint(code)}
	}
	n.Claim("order_id", s.order)
	n.Claim("session", fingerprint(s.session))
	n.Claim("status", s.status)
	n.Claim("code", n.Report.Code)
	return n, nil
}
