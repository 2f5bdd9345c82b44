package xml

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/tranzaxis"
	"kassa/shared/payment"
	"kassa/shared/strict/markup"
)

// exchange sends one request and reads its answer, whose Response/Status is 00. Everything else is a *payment.Error.
// What it means to get no answer depends on care: nothing for a question, Uncertain for whatever may have had an
// effect.
func (k *Gateway) exchange(ctx context.Context, q request, care exchange.Care) (answer, error) {
	document, err := q.encode()
	if err != nil {
		return answer{}, unsendable(err)
	}
	body, contentType := k.envelope(document)
	got, err := k.Post(ctx, exchange.Request{Address: k.settings.Address, ContentType: contentType, Body: body,
		Care: care})
	if err != nil {
		return answer{}, err
	}
	if !got.OK() {
		return answer{}, k.WrongDoor(got, care) // the gateway's own code always calls its answers a success
	}
	a, err := readAnswer(markup.InCharset(got.Body, got.Type), q.Operation)
	if err != nil {
		return answer{}, exchange.Unreadable(care, err)
	}
	if a.status != "00" {
		return answer{}, refusal(q.Operation, a.status, care)
	}
	return a, nil
}

// envelope is how the document travels: bare, or in the form of the password door.
func (k *Gateway) envelope(document []byte) (body []byte, contentType string) {
	if k.settings.auth != authPassword {
		return document, "text/xml; charset=utf-8"
	}
	form := url.Values{"xmlRequest": {string(document)},
		"authData": {authData(document, k.settings.Account.Merchant, k.settings.password)}}
	return []byte(form.Encode()), "application/x-www-form-urlencoded"
}

// authData is the vendor's proof of the password over the exact bytes of the document:
// H(H(document) + "/" + H(merchant + "/" + password)), where H is SHA-256 in upper-case hex.
func authData(document []byte, merchant, password string) string {
	return digest(digest(string(document)) + "/" + digest(merchant+"/"+password))
}

func digest(text string) string { return fmt.Sprintf("%X", sha256.Sum256([]byte(text))) }

func unsendable(err error) error {
	if errors.Is(err, errUnsendable) {
		return &payment.Error{Kind: payment.Refused, Code: "text_unsendable", Cause: err,
			Message: "a text of the order holds a character that the bank's XML cannot carry; control characters must be " +
				"left out"}
	}
	return exchange.Unwritable(err)
}

// refusal reads a code other than 00. The lists of definite refusals are closed: an unknown code, a code that means
// "the host did not answer" (72, 96, 97) and one that may speak of an earlier success (078, duplicate) leave the
// outcome open.
func refusal(operation, code string, care exchange.Care) error {
	e := &payment.Error{Kind: care.Lost(), BankCode: code, Message: "the bank answered with an error that decides nothing"}
	switch code {
	case "10":
		e.Kind, e.Message = care.TurnedAway(), "the bank does not know this merchant, or not by this certificate or password"
	case "54":
		if care == exchange.Money {
			return refused(code)
		}
		e.Kind, e.Message = payment.Misconfigured, "the bank does not allow "+operation+" to this terminal"
		if operation == getOrderInformation {
			e.Message += `; set totals to "off" in the bank secret`
		}
	case "30", "55":
		if care != exchange.Question {
			return refused(code)
		}
		e.Message, e.Cause = "the bank does not find this order, or not under this session", bank.ErrNoOrder
	default:
		if care == exchange.Money && hostRefused(code) {
			return refused(code)
		}
	}
	return e
}

// hostRefused lists the three-digit codes by which the card host says a definite no to giving money back: 055 invalid
// transaction, 095 amount limit, 205 invalid amount or not enough on the merchant's account, 800 format, 801 original
// not found. Reverse carries them in Reversal/RespCode; where Refund would is not documented, so both places are read.
func hostRefused(code string) bool {
	switch code {
	case "055", "095", "205", "800", "801":
		return true
	}
	return false
}

// refusedBecause is the card host's code beside a state in which nothing was paid: why it was refused.
func refusedBecause(state payment.State, code string) string {
	if state != payment.BankDeclined && state != payment.BankCancelled && state != payment.BankExpired {
		return ""
	}
	return refusalCode(code)
}

// refusalCode is the first of several texts that can be the card host's code of a refusal. 000, 001, 003 and 007 are
// approvals, as are 501, 502, 503 and 596 of the processing, and say nothing about why; and what is no code is left
// out, since it is told to people and decides nothing.
func refusalCode(texts ...string) string {
	for _, text := range texts {
		if isCode(text) && !slices.Contains(strings.Fields("000 001 003 007 501 502 503 596"), text) {
			return text
		}
	}
	return ""
}

// CauseOf is what the card host's code of a refusal says. 5xx are the processing's codes, 9xx tell a terminal to keep
// the card; two digits are the 3-D Secure check's.
func CauseOf(code string) bank.Cause {
	switch code {
	case "":
		return ""
	case "051":
		return bank.CauseExpired
	case "055":
		return bank.CauseUnsupported
	case "057":
		return bank.CauseLost
	case "058":
		return bank.CauseRestricted
	case "069", "800":
		return bank.CauseFormat
	case "076":
		return bank.CauseFunds
	case "078":
		return bank.CauseDuplicate
	case "082":
		return bank.CauseUses
	case "095":
		return bank.CauseLimit
	case "100", "101":
		return bank.CauseIssuer
	case "200":
		return bank.CauseAccount
	case "201":
		return bank.CausePIN
	case "205":
		return bank.CauseAmount
	case "211":
		return bank.CauseSecurityCode
	case "05", "18", "209", "210":
		return bank.CauseSecure
	case "00":
		return bank.CauseNotEnrolled
	case "810", "811", "-1":
		return bank.CauseSilent
	case "820":
		return bank.CauseMerchant
	}
	switch {
	case len(code) == 3 && code[0] == '5':
		return tranzaxis.CauseOf(strings.TrimPrefix(code[1:], "0"))
	case len(code) == 3 && code[0] == '9':
		return bank.CauseKeep
	}
	return bank.CauseOther
}

// refused is a definite no in our own words.
func refused(code string) *payment.Error {
	e := &payment.Error{Kind: payment.Refused, BankCode: code, Message: "the bank refused the request"}
	switch code {
	case "30":
		e.Message = "the bank refused: the request does not fit its rules or the present state of the order"
	case "205":
		e.Message = "the bank refused the amount, or the shop's account at the bank does not hold enough money"
	case "095":
		e.Message = "the bank refused: the amount is over a limit"
	case "055", "801":
		e.Message = "the bank refused: it cannot give this payment back in this way"
	}
	return e
}
