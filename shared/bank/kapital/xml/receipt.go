package xml

import (
	"cmp"
	"strings"

	"kassa/shared/payment"
	"kassa/shared/strict"
)

// receipt is what a row tells for people. OrderParams has names of its own for each order, among them those that the
// browser's message has (facts A8); the approval code stands with the operation that took the money (facts A5).
func receipt(row *strict.Element) payment.Receipt {
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

func rows(of *strict.Element, list string) []*strict.Element {
	if e := of.Child(list); e != nil {
		return e.Children
	}
	return nil
}
