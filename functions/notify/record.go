package main

import "kassa/shared/payment"

// record is what is read of a record of the table's stream: which payment was written, and where the record stands. The
// rest may be anything: by the time a record comes the payment may have gone further, and a shop is told how it stands,
// not how it stood.
type record struct {
	EventID string `json:"eventID"`
	Change  struct {
		Keys struct {
			PK struct{ S string }
			SK struct{ N string }
		}
		SequenceNumber string
	} `json:"dynamodb"`
}

// payment is the id of the payment that was written; false where the record names none.
func (r record) payment() (payment.ID, bool) {
	return payment.ParseID(r.Change.Keys.PK.S + "-" + r.Change.Keys.SK.N)
}
