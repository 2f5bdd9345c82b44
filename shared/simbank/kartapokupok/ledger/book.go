package ledger

import (
	"slices"

	"kassa/shared/simbank/book"
)

// ErrUnknown is returned for a session that the bank never opened.
var ErrUnknown = book.ErrUnknown

// Shape is how the applications stand in the bank's book: by their sessions.
func Shape() book.Shape[string, Application] {
	return book.Shape[string, Application]{
		Bucket: "applications", First: 1,
		Number: func(a *Application) *int64 { return &a.Number },
		Key:    func(a *Application) string { return a.Session },
		Text:   func(session string) []byte { return []byte(session) },
		Own: func(a *Application) {
			a.Refunds, a.Notices = slices.Clip(a.Refunds), slices.Clip(a.Notices)
		},
	}
}

// Unlike refuses another application of the same partner and order_ref, where the
// rules say so: what [book.Orders.Create] asks of every other. Nil asks none.
func (a Application) Unlike(r Rules) func(*Application) error {
	if !r.UniqueRef {
		return nil
	}
	return func(other *Application) error {
		if other.Partner == a.Partner && other.Reference == a.Reference {
			return refuse(CodeDuplicate, "this order_ref was used before")
		}
		return nil
	}
}
