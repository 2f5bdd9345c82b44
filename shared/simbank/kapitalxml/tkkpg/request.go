package tkkpg

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Request is a request that passed every check of form. Amounts are minor units.
type Request struct {
	Operation   string
	Language    string // upper case
	Merchant    string
	OrderID     int64
	Session     string
	OrderType   string
	Amount      int64 // zero where the request names none
	Currency    string
	Description string
	ApproveURL  string
	CancelURL   string
	DeclineURL  string
	// Lifetime is OrderExpirationPeriod, 30 minutes where it is not given;
	// zero or less means that the order never expires.
	Lifetime       time.Duration
	SaysLifetime   bool // it names OrderExpirationPeriod
	TranID         string
	ShowOperations bool
	ShowParams     bool
	ClassicView    bool
}

// defaultLifetime of an order that names none.
const defaultLifetime = 30 * time.Minute

// FormatError is a request that cannot be carried out: Status is the code for
// Response/Status, Operation what could be read of it, Why is for people.
type FormatError struct {
	Status    string
	Operation string
	OrderID   string
	Why       string
}

// Error says what is wrong with the request.
func (e FormatError) Error() string { return e.Why }

// Decode reads one request strictly. Its error is a [FormatError].
func Decode(body []byte) (Request, error) {
	root, err := parse(body)
	if err != nil {
		return Request{}, FormatError{Status: "30", Why: err.Error()}
	}
	if root.name != "TKKPG" || len(root.kids) != 1 || root.kids[0].name != "Request" {
		return Request{}, FormatError{Status: "30", Why: "the body is not TKKPG/Request"}
	}
	request := root.kids[0]
	operation := request.child("Operation").text
	fields, known := schema(operation)
	if !known {
		return Request{}, FormatError{Status: "54", Operation: operation, Why: fmt.Sprintf("operation %.40q is not known",
			operation)}
	}
	values, err := collect(request, fields)
	if err != nil {
		id := request.child("Order").child("OrderID").text
		return Request{}, FormatError{Status: "30", Operation: operation, OrderID: id, Why: err.Error()}
	}
	return fill(values), nil
}

func (e element) child(name string) element {
	for _, kid := range e.kids {
		if kid.name == name {
			return kid
		}
	}
	return element{}
}

// fill trusts the schema: the patterns have made sure that numbers are numbers.
func fill(v map[string]string) Request {
	q := Request{
		Operation: v["Operation"], Language: strings.ToUpper(v["Language"]), Merchant: v["Order/Merchant"],
		OrderID: number(v["Order/OrderID"]), Session: v["SessionID"],
		OrderType: v["Order/OrderType"], Description: v["Order/Description"] + v["Description"],
		ApproveURL: v["Order/ApproveURL"], CancelURL: v["Order/CancelURL"], DeclineURL: v["Order/DeclineURL"],
		Amount:   number(v["Order/Amount"] + v["Amount"] + v["Refund/Amount"]),
		Currency: v["Order/Currency"] + v["Currency"] + v["Refund/Currency"], Lifetime: defaultLifetime,
		ShowOperations: v["ShowOperations"] == "true", ShowParams: v["ShowParams"] == "true",
		ClassicView: v["ClassicView"] == "true", TranID: v["TranId"],
	}
	if minutes, given := v["Order/AddParams/OrderExpirationPeriod"]; given {
		q.Lifetime, q.SaysLifetime = time.Duration(number(minutes))*time.Minute, true
	}
	return q
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// AuthData is the proof of the password door /ExecPasswordAuth over the exact bytes of
// the request: H(H(xml) + "/" + H(merchant + "/" + password)), where H is SHA-256 in
// upper-case hex.
func AuthData(request []byte, merchant, password string) string {
	return digest(digest(string(request)) + "/" + digest(merchant+"/"+password))
}

func digest(text string) string { return fmt.Sprintf("%X", sha256.Sum256([]byte(text))) }
