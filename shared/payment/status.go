package payment

// Status is the state that a shop sees. The package comment holds the table of how one follows another.
type Status string

// The states, in the order of the table in the package comment.
const (
	Created           Status = "created"
	Pending           Status = "pending"
	Paid              Status = "paid"
	PartiallyRefunded Status = "partially_refunded"
	Refunded          Status = "refunded"
	Declined          Status = "declined"
	Cancelled         Status = "cancelled"
	Expired           Status = "expired"
)

// Live says whether the payment may still be paid in the ordinary way.
func (s Status) Live() bool { return s == Created || s == Pending }

// Money says whether money is on record: the bank is not asked again by those who only want to know.
func (s Status) Money() bool { return s == Paid || s == PartiallyRefunded || s == Refunded }
