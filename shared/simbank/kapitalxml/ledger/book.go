package ledger

import (
	"slices"

	"kassa/shared/simbank/book"
)

// ErrUnknown is returned for an order that the bank never made.
var ErrUnknown = book.ErrUnknown

// firstID keeps order ids apart from row counters in logs.
const firstID = 100001

// Shape is how the orders stand in the bank's book.
func Shape() book.Shape[int64, Order] {
	return book.Numbered("orders", firstID, func(o *Order) *int64 { return &o.ID },
		func(o *Order) { o.Operations = slices.Clip(o.Operations) })
}
