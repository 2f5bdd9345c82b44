package bank

import (
	"time"

	"kassa/shared/payment"
)

// Order is what a bank needs to open a payment.
type Order struct {
	ID          payment.ID
	RefForBank  string // what the bank may be told: the shop's order_ref, made unique from the second opening on
	Amount      payment.Money
	Description string
	Locale      string // az, ru, en or be; "" = the bank's default
	ReturnURL   string // where the customer's browser comes back to
	NotifyURL   string // where the bank's server may call
	Now         time.Time

	Term     int      // months of an instalment plan; 0 for a card payment
	Items    []Item   // what is bought; for instalments
	Customer Customer // goes to the bank and nowhere else
}

// Item is one line of the order. UnitAmount is in minor units.
type Item struct {
	SKU, Name            string
	Quantity, UnitAmount int64
}

// Customer is the applicant of an instalment plan. It is never stored and never logged, so it prints as nothing.
type Customer struct{ FirstName, LastName, Phone, Email string }

// String hides the customer from %v and %s.
func (Customer) String() string { return "[customer]" }

// GoString hides the customer from %#v.
func (Customer) GoString() string { return "[customer]" }

// Session is an order opened at the bank.
type Session struct {
	Handle      Handle
	RedirectURL string    // the bank's page, on a host that the bank's settings allow
	ExpiresAt   time.Time // when that page ends, counted from Order.Now
}
