package xml

import (
	"cmp"
	"errors"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
)

// maxCallback bounds a callback message in bytes.
const maxCallback = 64 << 10

// Read reads the return of the customer's browser, or the bank's push of a status: ids in the query or the form in any
// letter case, and xmlmsg, raw or in base64, or as the body itself. It proves nothing, signed or not: the notice only
// says what was claimed, and Status is asked about our own handle, also where a message with a right signature cannot
// be read. The notice's report is what the message claims: the state, and the code of a refusal, which the gateway
// tells nowhere else. See bank.Bank for the kinds of errors.
func (k *Gateway) Read(c bank.Message) (bank.Reading, error) {
	if err := k.Ready(bank.OpRead); err != nil {
		return bank.Reading{}, err
	}
	p, unread := exchange.ReadParameters(c, maxCallback, "xmlmsg")
	if err := k.settings.signature.verify(p); err != nil {
		return bank.Reading{}, err
	}
	notice, err := read(p)
	switch err = cmp.Or(unread, err); {
	case err == nil:
		return notice, nil
	case k.settings.signature != nil:
		why := strings.ReplaceAll(err.Error(), "\n", "; ")
		return bank.Reading{Claims: []bank.Claim{{Name: "unreadable", Value: why}}}, nil
	}
	return bank.Reading{}, exchange.Malformed(err)
}

// read takes what stands in xmlmsg and what stands beside it.
func read(p exchange.Parameters) (bank.Reading, error) {
	var errs [4]error
	one := func(i int, name string) (value string) {
		value, errs[i] = p.One(name)
		return value
	}
	said := claims{order: exchange.Bare(one(0, "orderid")), session: exchange.Bare(one(1, "sessionid"))}
	said.status, errs[2] = p.Word("status")
	said.status = exchange.Bare(said.status)
	text := one(3, "xmlmsg")
	err := errors.Join(errs[:]...)
	if err == nil && text != "" {
		var inside claims
		if inside, err = readMessage(text); err == nil {
			said, err = said.merge(inside)
		}
	}
	if err != nil {
		return bank.Reading{}, err
	}
	return said.notice()
}

// notice turns claims into words that are safe to log: the session is a secret and shown by a fingerprint. An encrypted
// order number (`@encrypted@1@...`) counts as not said.
func (s claims) notice() (bank.Reading, error) {
	if strings.HasPrefix(s.order, "@encrypted@") {
		s.order = ""
	}
	if s.order != "" && !isOrder(s.order) || s.session != "" && !exchange.IsName(s.session) ||
		s.status != "" && !exchange.IsWord(s.status) {
		return bank.Reading{}, errors.New("an id or status is malformed")
	}
	n := bank.Reading{Handle: bank.Handle{OrderID: s.order, Private: s.session}}
	if s.status != "" {
		state := stateOf(strings.ToUpper(s.status)) // it decides nothing
		code := refusedBecause(state, s.code)
		n.Report = bank.Report{State: state, Word: s.status, Code: code, Hint: CauseOf(code).Hint()}
	}
	n.Claim("order_id", s.order)
	n.Claim("session", fingerprint(s.session))
	n.Claim("status", s.status)
	n.Claim("code", n.Report.Code)
	return n, nil
}
