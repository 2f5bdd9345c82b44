package xml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
	"kassa/shared/strict/markup"
)

// answerForm bounds the bank's answers. `row` repeats in lists; `l` and `f` in the host's answer to a Completion.
var answerForm = strict.Form{Bytes: maxAnswer, Depth: 12, Tokens: 8000, Repeat: []string{"row", "l", "f"}}

// isOrder says whether a text can be the number of an order: it has fewer digits than any card.
func isOrder(text string) bool { return ascii.Natural(text, 12) }

func isCode(text string) bool { return ascii.Only(strings.TrimPrefix(text, "-"), ascii.Digits, 1, 3) }

func isMinor(text string) bool { return ascii.Only(text, ascii.Digits, 1, 15) }

// answer is a document from the bank whose frame was understood.
type answer struct {
	status   string          // Response/Status, two or three digits as they came: "00" is not "0" and not "000"
	response *markup.Element // TKKPG/Response; nil for the bare form of GetOrderInformation
	order    *markup.Element // Order; nil when there is none, as in every refused CreateOrder
}

// readAnswer reads both roots: TKKPG/Response with Operation and Status, and the bare Order with which
// GetOrderInformation succeeds. Every element is found by its whole path, because names such as id and row stand at
// several depths, and below the root in any letter case: sources write OrderID and OrderId, SessionID and SessionId,
// and the gateway both OrderStatus and Orderstatus. Two beside each other that differ in that alone say the same.
func readAnswer(body []byte, operation string) (answer, error) {
	root, err := markup.Parse(body, answerForm)
	if err != nil {
		return answer{}, err
	}
	if root.Name == "Order" && operation == getOrderInformation {
		return answer{status: "00", order: root}, nil
	}
	response := root.Fold("Response")
	if root.Name != "TKKPG" || len(root.Children) != 1 {
		return answer{}, errors.New("the root is not TKKPG/Response")
	}
	if said := value(response, "Operation"); said != "" && !strings.EqualFold(said, operation) {
		return answer{}, errors.New("it answers another operation")
	}
	a := answer{status: value(response, "Status"), response: response, order: response.Fold("Order")}
	if !isCode(a.status) {
		return answer{}, errors.New("Response/Status is not a code")
	}
	return a, nil
}

// value is the text of a child, "" for all spellings of nothing: no element, an empty one, the word null, and the zero
// date.
func value(e *markup.Element, name string) string {
	text := e.Fold(name).Trimmed()
	if strings.EqualFold(text, "null") || text == "0000-00-00 00:00:00" {
		return ""
	}
	return text
}

// orderStatus reads the answer to GetOrderStatus, which must name our order: a word without it is nobody's proof. The
// code of a refusal is documented for the browser's message alone; a gateway that states it here as well is heard.
func (a answer) orderStatus(order string) (bank.Report, error) {
	if value(a.order, "OrderID") != order {
		return bank.Report{}, errors.New("it does not name our order")
	}
	word := value(a.order, "OrderStatus")
	if !exchange.IsWord(word) {
		return bank.Report{}, errors.New("OrderStatus is not a word")
	}
	state := stateOf(word)
	code := refusedBecause(state, value(a.order, "ResponseCode"))
	return bank.Report{State: state, Word: word, Code: code, Hint: CauseOf(code).Hint()}, nil
}

// information is what GetOrderInformation tells of an order. Amounts are minor units.
type information struct {
	word       string // Orderstatus; "" = not said
	amount     payment.Money
	refunded   payment.Sum // RefundAmount, cumulative
	listed     bool        // there is a list of operations
	operations []payment.Operation
	twoID      string // of the purchase; "" = not said
	receipt    payment.Receipt
}

// information reads Order/row. It must name our order, and a merchant or a session that differs from ours is an error
// too: it would be the proof of somebody else's payment.
func (a answer) information(h payment.Handle) (information, error) {
	row := a.order.Fold("row")
	if row == nil || len(a.order.Children) != 1 {
		return information{}, errors.New("there is not exactly one Order/row")
	}
	if value(row, "id") != h.OrderID {
		return information{}, errors.New("the row does not name our order")
	}
	for name, ours := range map[string]string{"MerchantID": h.Account.Merchant, "SessionID": h.Private} {
		if said := value(row, name); said != "" && said != ours {
			return information{}, fmt.Errorf("%s is not that of our order", name)
		}
	}
	i := information{word: value(row, "OrderStatus")}
	if i.word != "" && !exchange.IsWord(i.word) {
		return information{}, errors.New("the row's Orderstatus is not a word")
	}
	currency := payment.ReadCurrency(value(row, "Currency"))
	minor, err := readMinor(value(row, "Amount"))
	if err != nil || minor == 0 || currency == "" {
		return information{}, errors.New("the row has no readable Amount above zero and Currency")
	}
	i.amount = payment.Money{Minor: minor, Currency: currency}
	if text := value(row, "RefundAmount"); text != "" {
		total, err := readTotal(text)
		if err != nil || total > minor {
			return information{}, errors.New("the row's RefundAmount is not a number up to Amount")
		}
		i.refunded = payment.Said(total)
	}
	if said := value(row, "RefundCurrency"); i.back(said) && payment.ReadCurrency(said) != currency {
		return information{}, errors.New("the row's RefundCurrency is not the currency of the order")
	}
	if i.twoID = value(row, "twoId"); i.twoID != "" && !exchange.IsName(i.twoID) {
		return information{}, errors.New("the row's twoId is not one")
	}
	i.receipt = receipt(row)
	list := row.Fold("OrderOperations")
	i.listed, i.operations = list != nil, operations(list, h.OrderID, currency)
	return i, nil
}

// back says whether a RefundCurrency tells of money that went back: beside a total of nothing it is of nothing,
// whatever stands there, and a zero is none. Beside no total at all, only what is a code can matter.
func (i information) back(said string) bool {
	switch {
	case strings.Trim(said, "0.,") == "":
		return false
	case !i.refunded.Said:
		return payment.ReadCurrency(said) != ""
	}
	return i.refunded.Minor > 0
}

func readMinor(text string) (int64, error) {
	if !isMinor(text) {
		return 0, errors.New("not an amount in minor units")
	}
	return strconv.ParseInt(text, 10, 64)
}

// readTotal reads RefundAmount, in minor units. The one amount that is the same in both units is also written with
// decimals: 0.00, or 0,00 as the gateway's screens have it.
func readTotal(text string) (int64, error) {
	if point := strings.Trim(text, "0"); len(text) > 1 && (point == "." || point == ",") {
		return 0, nil
	}
	return readMinor(text)
}

// operations reads what was given back, oldest first, from OrderOperations; nil when there is no list or when it is not
// understood to the last row: half a list would be taken for the whole. The bank documents the element, not its words.
func operations(list *markup.Element, order string, currency payment.Currency) []payment.Operation {
	if list == nil {
		return nil
	}
	type dated struct {
		at string // YYYY-MM-DD hh:mm:ss sorts as text
		payment.Operation
	}
	var back []dated
	for _, row := range list.Children {
		kind := operationKind(value(row, "OperType"), value(row, "OperName"))
		if !strings.EqualFold(row.Name, "row") || kind == unknownOperation {
			return nil
		}
		if kind == otherOperation {
			continue
		}
		amount, err := readMinor(value(row, "Amount"))
		foreign := value(row, "OrderId") != "" && value(row, "OrderId") != order
		if err != nil || amount == 0 || foreign || value(row, "Currency") != "" &&
			payment.ReadCurrency(value(row, "Currency")) != currency {
			return nil
		}
		id := value(row, "id")
		if !exchange.IsName(id) || exchange.MayHoldCard(id) {
			id = "" // it is known by its amount
		}
		back = append(back, dated{value(row, "createDate"), payment.Operation{ID: id, Amount: amount}})
	}
	slices.SortStableFunc(back, func(a, b dated) int { return strings.Compare(a.at, b.at) })
	out := make([]payment.Operation, 0, len(back))
	for _, d := range back {
		out = append(out, d.Operation)
	}
	return out
}

// What an operation in the bank's list is to us.
const (
	unknownOperation = iota
	otherOperation   // took or held money, or moved none
	returnOperation  // gave money back
)

// operationKind reads OperType and OperName, one of which may be a bare number or a text for people. Where both are
// words that are known, they must agree. One bank's module has names for what opens and asks in this list, too.
func operationKind(names ...string) int {
	kind := unknownOperation
	for _, name := range names {
		is := unknownOperation
		switch strings.ToLower(name) {
		case "refund", "reverse", "reversal":
			is = returnOperation
		case "purchase", "payment", "preauth", "completion",
			"createorder", "getorderstatus", "getorderinformation", "reconcile", "transactionlog":
			is = otherOperation
		}
		if is != unknownOperation && kind != unknownOperation && is != kind {
			return unknownOperation
		}
		kind = max(kind, is)
	}
	return kind
}

// receipt is what a row tells for people. OrderParams has names of its own for each order, among them those that the
// browser's message has; the approval code stands with the operation that took the money.
func receipt(row *markup.Element) payment.Receipt {
	params := map[string]string{}
	for _, e := range rows(row, "OrderParams") {
		name := strings.ToLower(value(e, "PARAMNAME"))
		params[name] = cmp.Or(params[name], value(e, "VAL"))
	}
	approval := ""
	for _, e := range rows(row, "OrderOperations") {
		if operationKind(value(e, "OperType"), value(e, "OperName")) == otherOperation {
			approval = cmp.Or(approval, value(e, "Approval"))
		}
	}
	return payment.NewReceipt(cmp.Or(approval, params["approvalcode"]), params["rrn"],
		cmp.Or(params["pan"], params["maskedpan"]), params["brand"])
}

func rows(of *markup.Element, list string) []*markup.Element {
	if e := of.Fold(list); e != nil {
		return e.Children
	}
	return nil
}
