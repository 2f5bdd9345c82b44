package ledger

import (
	"errors"
	"slices"

	"kassa/shared/simbank/book"
)

// ErrUnknown is returned for a session that the bank never opened.
var ErrUnknown = errors.New("the bank has no such session")

// Book holds the applications by their sessions.
type Book = book.Book[string, Application]

// Open reads the books from a bbolt file; see [book.Open].
func Open(file string) (*Book, error) {
	return book.Open(file, book.Shape[string, Application]{
		Bucket: "applications", First: 1, Unknown: ErrUnknown,
		Number: func(a *Application) *int64 { return &a.Number },
		Key:    func(a *Application) string { return a.Session },
		Text:   func(session string) []byte { return []byte(session) },
		Own: func(a *Application) {
			a.Refunds, a.Notices = slices.Clip(a.Refunds), slices.Clip(a.Notices)
		},
	})
}

// Unlike refuses another application of the same partner and order_ref, where the
// rules say so: what [book.Book.Create] asks of every other.
func (a Application) Unlike(r Rules) func(*Application) error {
	return func(other *Application) error {
		if r.UniqueRef && other.Partner == a.Partner && other.Reference == a.Reference {
			return refuse(CodeDuplicate, "this order_ref was used before")
		}
		return nil
	}
}
