package tkkpg

import (
	"strconv"
)

// OK is the Response/Status of success.
const OK = "00"

func answer(operation, status string, rest ...element) []byte {
	kids := append([]element{leaf("Operation", operation), leaf("Status", status)}, rest...)
	return append([]byte(prolog), branch("TKKPG", branch("Response", kids...)).bytes()...)
}

// Failure is the answer to a request that was not carried out. CreateOrder then
// has no Order element at all; GetOrderStatus has one with an empty status.
func Failure(operation, status, orderID string) []byte {
	if operation == GetOrderStatus {
		return answer(operation, status, branch("Order", leaf("OrderID", orderID), leaf("OrderStatus", "")))
	}
	return answer(operation, status)
}

// CreatedAnswer hands out the order and the address of the hosted page.
func CreatedAnswer(id int64, session, pageURL string) []byte {
	return answer(CreateOrder, OK, branch("Order",
		leaf("OrderID", strconv.FormatInt(id, 10)), leaf("SessionID", session), leaf("URL", pageURL)))
}

// StatusAnswer tells the order's status.
func StatusAnswer(id int64, status string) []byte {
	return answer(GetOrderStatus, OK, branch("Order",
		leaf("OrderID", strconv.FormatInt(id, 10)), leaf("OrderStatus", status)))
}

// ReverseAnswer carries the host's answer; real terminals were seen to leave both
// fields empty although the reversal was done.
func ReverseAnswer(id int64, code, message string) []byte {
	return answer(Reverse, OK, branch("Order", leaf("OrderID", strconv.FormatInt(id, 10))),
		branch("Reversal", leaf("RespCode", code), leaf("RespMessage", message)))
}

// RefundAnswer says no more than that the refund was taken.
func RefundAnswer() []byte { return answer(Refund, OK) }

// CompletionAnswer carries the host's answer in attributes. Some installations put one
// more level named out around them.
func CompletionAnswer(code, approval string, out bool) []byte {
	fields := []element{
		{name: "l", attrs: [][2]string{{"name", "ResponseCode"}, {"value", code}}},
		{name: "f", attrs: [][2]string{{"name", "F"}, {"value", approval}}},
		{name: "f", attrs: [][2]string{{"name", "a"}, {"value", "&C810#&R01#"}}},
	}
	if out {
		fields = []element{branch("out", fields...)}
	}
	return answer(Completion, OK, branch("POSResponse", fields...))
}
