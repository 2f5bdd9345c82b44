package ledger

import (
	"errors"
	"fmt"
	"slices"

	"kassa/shared/simbank/book"
)

// ErrUnknown is returned for an order that the bank never made.
var ErrUnknown = errors.New("no order found")

// firstID keeps these orders apart from those of the older gateway.
const firstID = 700001

// Book holds the orders by their ids.
type Book = book.Book[int64, Order]

// Open reads the books from a bbolt file; see [book.Open].
func Open(file string) (*Book, error) {
	return book.Open(file, book.Shape[int64, Order]{
		Bucket: "orders", First: firstID, Unknown: ErrUnknown,
		Number: func(o *Order) *int64 { return &o.ID },
		Key:    func(o *Order) int64 { return o.ID },
		// The file keeps the orders in the order of their ids.
		Text: func(id int64) []byte { return fmt.Appendf(nil, "%019d", id) },
		Own:  func(o *Order) { o.Trans = slices.Clip(o.Trans) },
	})
}
