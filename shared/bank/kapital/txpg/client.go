package txpg

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// maxAnswer bounds an answer of the bank in bytes. An order with fifty refunds needs about 30 KB.
const maxAnswer = 256 << 10

var answerForm = strict.Form{Bytes: maxAnswer, Depth: 12, Tokens: 8000}

// ask reads an order in its full form, the only one that has its operations and sums.
func (g *Gateway) ask(ctx context.Context, order string) (*strict.Value, error) {
	address := g.settings.Address.JoinPath("order", order)
	address.RawQuery = url.Values{"tranDetailLevel": {"2"}, "tokenDetailLevel": {"2"}, "orderDetailLevel": {"2"}}.Encode()
	return g.exchange(exchange.Question, func(login *url.Userinfo) (exchange.Answer, error) {
		return g.Get(ctx, exchange.Request{Address: address, Login: login, Accept: "application/json"})
	})
}

// send posts a message to a path below the base. care is Effect or Money.
func (g *Gateway) send(ctx context.Context, message any, care exchange.Care, path ...string) (*strict.Value, error) {
	return g.exchange(care, func(login *url.Userinfo) (exchange.Answer, error) {
		return g.PostJSON(ctx, exchange.Request{Address: g.settings.Address.JoinPath(path...), Login: login, Care: care},
			message)
	})
}

// exchange makes one call and reads its answer, which is a success. Everything else is a *payment.Error. What it means
// to get no answer depends on care: nothing for a question, Uncertain for whatever may have had an effect.
func (g *Gateway) exchange(care exchange.Care, call func(*url.Userinfo) (exchange.Answer, error)) (*strict.Value,
	error) {
	if err := g.lockedOut(); err != nil {
		return nil, err
	}
	got, err := call(g.settings.login)
	if err != nil {
		return nil, err
	}
	message, err := strict.ParseJSON(got.Body, answerForm)
	if fails(message.At("/errorCode")) {
		return nil, g.refusal(message, got.Status, care)
	}
	if !got.OK() {
		return nil, g.wrongDoor(got, care)
	}
	if err != nil {
		return nil, exchange.Unreadable(care, err)
	}
	return message, nil
}

// lockTime is how long a refused login is not tried again: the bank locks logins that are.
const lockTime = 10 * time.Minute

// lockedOut refuses to try a login that the bank has just refused, to whichever shop of this environment. A renewed
// one is tried at once.
func (g *Gateway) lockedOut() error {
	until := g.refused.Until(g.settings.Address, g.settings.login)
	if !g.Now().Before(until) {
		return nil
	}
	return &payment.Error{Kind: payment.Misconfigured,
		Message: "the bank has refused this login; it is not tried again before " + until.UTC().Format("15:04") +
			" UTC, because the bank locks logins; a renewed login and password in the bank secret are"}
}

// lockOut notes a login that the bank has just refused. Money may have moved all the same: a session can end, and a
// request be repeated on its way, after the bank has acted.
func (g *Gateway) lockOut(code string, care exchange.Care) error {
	now := g.Now()
	g.refused.Add(g.settings.Address, g.settings.login, now, now.Add(lockTime))
	return &payment.Error{Kind: care.TurnedAway(), BankCode: code,
		Message: "the bank does not accept the login; see login and password of txpg in the bank secret"}
}

// wrongDoor reads an HTTP status that comes without an errorCode: it is not the gateway's own code that answered.
func (g *Gateway) wrongDoor(got exchange.Answer, care exchange.Care) error {
	if got.Status == http.StatusUnauthorized {
		return g.lockOut("", care)
	}
	return g.WrongDoor(got, care)
}

// fails says whether an errorCode tells of an error: noughts, and what else programs write for none, do not.
func fails(code *strict.Value) bool {
	text, plain := code.Plain()
	return !code.Unsaid() && (!plain || strings.Trim(strings.TrimSpace(text), "0") != "")
}

func isErrorCode(text string) bool { return ascii.Word(text, ascii.Letters, alphanumeric, 40) }

// refusal reads the bank's error, by its code and not by the HTTP status, which is odd: a wrong login is a 400. The
// text beside it may hold a masked card number, so it goes nowhere. The list of definite refusals is closed: any other
// code leaves the outcome open, and ServiceError stands for unlike things.
func (g *Gateway) refusal(message *strict.Value, status int, care exchange.Care) error {
	code, _ := message.At("/errorCode").Text()
	if !isErrorCode(code) || exchange.MayHoldCard(code) {
		return exchange.Unreadable(care, errors.New("errorCode is not a word"))
	}
	code = inItsLetters(code)
	e := &payment.Error{Kind: care.Lost(), BankCode: code, Message: "the bank answered with an error that decides nothing"}
	switch code {
	case "InvalidLogin", "NeedChangePwd", "PwdTryLimitExceeded", "InvalidCert", "UserSessionExpired", "InvalidUserSession":
		return g.lockOut(code, care)
	}
	if care == exchange.Question || care == exchange.Money && !message.At("/tran").Absent() { // a no, and what says yes
		if care == exchange.Question && status == http.StatusNotFound {
			e.Message, e.Cause = "the bank does not find this order", bank.ErrNoOrder
		}
		return e
	}
	if namesState(code) {
		return refused(code, "")
	}
	switch code {
	case "PmoDecline":
		pmo, _ := message.At("/errorDetails/pmoResultCode").Plain()
		if weight := weigh(pmo); pmo == "" || weight == declined {
			return refused(code, pmo)
		}
	case "InvalidAmt", "InvalidToken":
		return refused(code, "")
	case "InvalidRequest":
		if care == exchange.Money {
			return refused(code, "")
		}
		e.Kind = payment.Misconfigured
		e.Message = "the bank does not understand the order; see order_types and merchant_reference of txpg"
	case "ServiceError":
		text, _ := message.At("/errorDescription").Text()
		if care == exchange.Effect && strings.Contains(strings.ToLower(text), "currency") {
			e.Kind = payment.Misconfigured
			e.Message = "the bank does not know this currency, or not for this terminal; see currencies of txpg"
		}
	}
	return e
}

// inItsLetters gives a code that is known in the bank's own letters, and any other as it came.
func inItsLetters(code string) string {
	for _, known := range []string{"InvalidLogin", "NeedChangePwd", "PwdTryLimitExceeded", "InvalidCert",
		"UserSessionExpired", "InvalidUserSession", "InvalidOrderState", "InvalidTran", "InvalidTranLink", "TranProhibited",
		"OperationProhibited", "PmoDecline", "InvalidAmt", "InvalidToken", "InvalidRequest", "ServiceError"} {
		if strings.EqualFold(known, code) {
			return known
		}
	}
	return code
}

// refused is a definite no in our own words.
func refused(code, pmo string) *payment.Error {
	e := &payment.Error{Kind: payment.Refused, BankCode: code, Message: "the bank refused the request"}
	if pmo != "" {
		e.BankCode = code + "-" + pmo
	}
	switch {
	case code == "InvalidAmt":
		e.Message = "the bank refused the amount: it is more than is left of the payment, or none that it takes"
	case namesState(code):
		e.Message = "the bank refused: this does not fit the present state of the order, or the terminal may not do it"
	}
	return e
}

// namesState says whether a refusal is about the state of the order, and so about the verb rather than the wish.
func namesState(code string) bool {
	switch code {
	case "InvalidOrderState", "InvalidTran", "InvalidTranLink", "TranProhibited", "OperationProhibited":
		return true
	}
	return false
}
