package kartapokupok

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// The messages of the brief, their fields in its order.
type (
	createRequest struct {
		Partner     string          `json:"partner_id"`
		OrderRef    string          `json:"order_ref"`
		Amount      json.RawMessage `json:"amount"`
		Currency    string          `json:"currency"`
		Term        json.RawMessage `json:"term"`
		Items       []itemPart      `json:"items"`
		Customer    customerPart    `json:"customer"`
		SuccessURL  string          `json:"success_url"`
		FailURL     string          `json:"fail_url"`
		CallbackURL string          `json:"callback_url"`
	}
	itemPart struct {
		Name     string          `json:"name"`
		Quantity int64           `json:"quantity"`
		Price    json.RawMessage `json:"price"` // of one
		SKU      string          `json:"sku"`
	}
	customerPart struct {
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Phone     string `json:"phone"`
		Email     string `json:"email"`
	}
	statusRequest struct {
		Partner string `json:"partner_id"`
		Session string `json:"session_id"`
	}
	refundRequest struct {
		Session string          `json:"session_id"`
		Amount  json.RawMessage `json:"amount"`
		Reason  string          `json:"reason"`
	}
)

// messageForm bounds what the bank says: an answer or a callback, either of which may repeat all lines of an order.
var messageForm = strict.Form{Bytes: maxMessage, Depth: 16, Tokens: 20000}

// isProof says whether an id of the bank's can be a refund's: it is one word, and none that says how a refund went.
func isProof(text string) bool {
	said := strings.Fields("TRUE OK YES NO ERROR FAIL FAILED FAILURE REFUSED REJECTED DECLINED DENIED CANCELED " +
		"CANCELLED PENDING PROCESSING UNKNOWN")
	return utf8.RuneCountInString(text) <= 128 && !strings.Contains(text, " ") &&
		!slices.Contains(said, strings.ToUpper(text))
}

// amountFormat is how amounts travel, in both directions. They never pass through binary fractions.
type amountFormat string

const (
	asDecimal amountFormat = "decimal" // a JSON number with two decimals: 119.90
	asString  amountFormat = "string"  // "119.90"
	asMinor   amountFormat = "minor"   // kopecks: 11990
)

var errAmount = errors.New("an amount is not one in whole minor units")

// write is the amount as it is sent; minor in minor units.
func (f amountFormat) write(minor int64) json.RawMessage {
	decimal := payment.Money{Minor: minor, Currency: payment.BYN}.Decimal()
	switch f {
	case asString:
		decimal = `"` + decimal + `"`
	case asMinor:
		decimal = strconv.FormatInt(minor, 10)
	case asDecimal:
	}
	return json.RawMessage(decimal)
}

// read takes an amount that the bank wrote, in minor units. Whatever means one amount is read as that: a number and a
// string of the same text, 120, 120.000 and 1.2E+2, and 120,00, as the country writes money. What is no whole number of
// minor units, what has a sign and what may mean two amounts is refused.
func (f amountFormat) read(v *strict.Value) (int64, error) {
	text, _ := v.Plain()
	places := payment.BYN.Decimals()
	if f == asMinor {
		places = 0
	}
	minor, ok := strict.Sum(text, places)
	if !ok || strings.HasPrefix(strings.TrimSpace(text), "-") {
		return 0, errAmount
	}
	return minor, nil
}

// pointers are JSON pointers (RFC 6901) to where a message of the bank says what; "" = nowhere.
type pointers struct {
	session, order, partner, status, code, reason, amount, currency, refunded, refunds, refund string
}

// isPointer says whether a text is a JSON pointer: a tilde stands for nothing but itself and a slash.
func isPointer(text string) bool {
	return (text == "" || text[0] == '/') &&
		strings.Count(text, "~") == strings.Count(text, "~0")+strings.Count(text, "~1")
}

// readPointers takes the object fields. Session and status cannot be done without.
func readPointers(f *exchange.Secret, p pointers) pointers {
	for name, at := range map[string]*string{
		"session_id": &p.session, "order_ref": &p.order, "partner_id": &p.partner, "status": &p.status, "code": &p.code,
		"reason": &p.reason,
		"amount": &p.amount, "currency": &p.currency, "refunded": &p.refunded, "refunds": &p.refunds, "refund_id": &p.refund,
	} {
		*at = f.TextOr(name, *at)
		if needed := at == &p.session || at == &p.status; !isPointer(*at) || needed && *at == "" {
			f.Wrong(name, fmt.Sprintf(`must be a JSON pointer such as "/data/%s"`, name))
		}
	}
	f.Rest()
	return p
}

// find gives the value at a pointer; nothing for the pointer "".
func find(message *strict.Value, pointer string) *strict.Value {
	if pointer == "" {
		return nil
	}
	return message.At(pointer)
}

// id reads an id of the bank, a string or a whole number; "" when there is none.
func id(v *strict.Value) (string, error) {
	if v.Unsaid() {
		return "", nil
	}
	text, ok := v.Plain()
	if text = strings.TrimSpace(text); ok && exchange.IsNothing(text) {
		return "", nil
	}
	if !ok || !exchange.IsName(text) {
		return "", errors.New("an id is not one")
	}
	return text, nil
}

// refundID reads the bank's id of a refund. It is the proof that one was done, so words such as "not possible" are
// none.
func refundID(v *strict.Value) (string, error) {
	text, err := id(v)
	if err == nil && text != "" && !isProof(text) {
		return "", errors.New("a refund's id is not one")
	}
	return text, err
}

// words maps the bank's status words, in upper case, to the domain's.
type words map[string]payment.State

// known are the words of the brief, and CANCELLED as it is also spelled. PENDING awaits the customer's confirmation: it
// can still be paid and nothing is under way.
func known() words {
	return words{"APPROVED": payment.BankApproved, "PENDING": payment.BankOpen, "REJECTED": payment.BankDeclined,
		"CANCELLED": payment.BankCancelled, "CANCELED": payment.BankCancelled, "REFUNDED": payment.BankReturned}
}

// readWords takes status_map, which adds to the known words or gives them another meaning.
func readWords(f *exchange.Secret) words {
	all := known()
	states := []payment.State{payment.BankOpen, payment.BankProcessing, payment.BankApproved, payment.BankRefunding,
		payment.BankReturned,
		payment.BankDeclined, payment.BankCancelled, payment.BankExpired, payment.BankUnknown}
	given := f.Words("status_map")
	for _, word := range slices.Sorted(maps.Keys(given)) {
		state := payment.State(strings.ToLower(given[word]))
		if !exchange.IsWord(word) || !slices.Contains(states, state) {
			f.Wrong("status_map", fmt.Sprintf("must map words of the bank to one of %v", states))
			continue
		}
		all[strings.ToUpper(word)] = state
	}
	return all
}

// state maps a word of the bank in any letter case, and gives the word as it is told.
func (w words) state(word string) (payment.State, string) {
	word = strings.ToUpper(word)
	if state, ok := w[word]; ok {
		return state, word
	}
	return payment.BankUnknown, word
}

// terms maps months to what stands for them in the request.
type terms map[int]json.RawMessage

func readTerms(f *exchange.Secret) terms {
	all, given := terms{}, f.Words("terms")
	for _, text := range slices.Sorted(maps.Keys(given)) {
		months, err := strconv.Atoi(text)
		code := given[text]
		if err != nil || !ascii.Natural(text, 2) || code != "" && !isPartner(code) {
			f.Wrong("terms", `must map months to the bank's code or to "", such as {"6":"","12":"90000001"}`)
			continue
		}
		all[months] = termCode(months, code)
	}
	return all
}

// termCode writes a code as the brief writes the term, as a number, where it is one.
func termCode(months int, code string) json.RawMessage {
	switch {
	case code == "":
		return json.RawMessage(strconv.Itoa(months))
	case ascii.Natural(code, 18):
		return json.RawMessage(code)
	}
	return json.RawMessage(strconv.Quote(code)) // isPartner takes no character that JSON would write in another way
}

// of gives what stands for a term; false when it is not among the bank's.
func (t terms) of(months int) (json.RawMessage, bool) {
	if len(t) == 0 {
		return termCode(months, ""), months > 0
	}
	code, ok := t[months]
	return code, ok
}
