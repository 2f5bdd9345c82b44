package memory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// Undelivered gives a shop's payments of which a message waits for another try or is dead, in the order of the store on
// DynamoDB.
func (s *Store) Undelivered(ctx context.Context, shop, from string, limit int) (ids []payment.ID, next string,
	err error) {
	start, err := strconv.Atoi(cmp.Or(from, "0"))
	if err != nil || start < 0 {
		return nil, "", &payment.Error{Kind: payment.Invalid, Code: "invalid_parameters",
			Message: "Some parameters of the query are wrong; errors tells which.",
			Fields: []payment.FieldError{{Pointer: "/cursor", Code: "bad_format",
				Detail: "Must be the next of an earlier answer."}}}
	}
	all, err := call(ctx, s, Untold, payment.ID{}, func() (all []payment.Payment, err error) {
		for _, p := range s.payments {
			if _, at := place(*p); p.Shop == shop && !at.IsZero() {
				all = append(all, *p)
			}
		}
		return all, nil
	})
	slices.SortFunc(all, func(a, b payment.Payment) int {
		listA, atA := place(a)
		listB, atB := place(b)
		return cmp.Or(cmp.Compare(listA, listB), atB.Compare(atA), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	for i := start; i < len(all) && err == nil; i++ {
		if len(ids) == limit {
			return ids, strconv.Itoa(i), nil
		}
		ids = append(ids, all[i].ID)
	}
	return ids, "", err
}

// place is in which list a payment stands, and where: list 0 is what was given up, then come the shards of what waits.
func place(p payment.Payment) (list int, at time.Time) {
	if next := delivery.Next(p.Deliveries); !next.IsZero() {
		return 1 + p.ID.Shard(), next
	}
	return 0, delivery.GivenUp(p.Deliveries)
}
