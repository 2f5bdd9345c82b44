package bank

// Operation is what a bank can be asked for.
type Operation string

// The operations, by the methods of a bank.
const (
	OpOpen     Operation = "open"
	OpStatus   Operation = "status"
	OpRefund   Operation = "refund"
	OpCallback Operation = "callback"
)

// Ready is a bank of whose settings some may be wrong: what they have no part in works all the same. It is found by
// type assertion.
type Ready interface {
	// Ready says, without asking anybody, why an operation cannot work; nil when it can. Misconfigured, naming the fields.
	Ready(op Operation) error
}
