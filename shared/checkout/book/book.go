// Package book lists and adds up a shop's payments by day: for its API, and for the staff's command and console.
package book

import (
	"context"

	"kassa/shared/payment"
)

// Store lists days of a shop's book and reads what they name; see the package dynamo, whose errors these are.
type Store interface {
	Book(ctx context.Context, part payment.BookPart) ([]payment.BookEntry, error)
	Several(ctx context.Context, ids []payment.ID) (found []payment.Payment, unreadable []error, err error)
}
