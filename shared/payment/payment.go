package payment

import (
	"slices"
	"strings"
	"time"

	"kassa/shared/payment/delivery"
)

// The bounds of a payment. Everything has one.
const (
	MaxAttempts    = 100     // attempts to pay one order
	MaxRefunds     = 50      // refunds that a shop can make of one payment
	MaxDeskRefunds = 10      // entries for the bank's own refunds; further ones add to the last
	MaxNotices     = 4       // signed messages kept until they are settled; a bank has not more to say about one payment
	MaxHistory     = 400     // history entries; refunds are refused while there is still room to settle what is under way
	MaxMetadata    = 2 << 10 // bytes of metadata, keys and values together
	MaxResolved    = 50      // decisions of people about one payment
)

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

// Statuses are all there are, in the order of a payment's life.
func Statuses() []Status {
	return []Status{Created, Pending, Paid, PartiallyRefunded, Refunded, Declined, Cancelled, Expired}
}

// Live says whether the payment may still be paid in the ordinary way.
func (s Status) Live() bool { return s == Created || s == Pending }

// Money says whether money is on record: the bank is not asked again by those who only want to know.
func (s Status) Money() bool { return s == Paid || s == PartiallyRefunded || s == Refunded }

// Payment is one attempt to pay one order: everything Kassa knows about it. It changes through Apply alone.
// Times are UTC, whole milliseconds. Amounts are minor units of Amount.Currency.
type Payment struct {
	ID       ID
	Shop     string
	OrderRef string
	Bank     string

	Amount      Money
	Term        int // months of an instalment plan; 0 for a card payment
	Description string
	Metadata    map[string]string
	Return      ReturnURLs
	CreatedAt   time.Time

	CallbackToken string // stands in the callback address; 128 random bits
	ClientToken   string // lets a browser read this payment's status; 128 random bits

	Lease       time.Time // until when an opener may be at work; zero = nobody is
	Openings    int       // how often opening it at the bank was begun; zero once it is open
	OpeningAt   time.Time // when the last of them began; zero once there is money
	Handle      Handle
	RedirectURL string    // while it is live
	ExpiresAt   time.Time // when the bank's page ends; zero before it was opened

	Status     Status
	BankStatus string  // the bank's own word, as last read
	BankCode   string  // the bank's own code, where it gave one
	Decline    Decline // why the bank refused, where anybody says so
	Captured   int64   // what the bank proves to have taken; only grows
	Refunded   int64   // what went back; only grows
	PaidAt     time.Time
	Receipt    Receipt   // of that money, for people
	EndedAt    time.Time // when it ended unpaid
	// the bank itself stated that end, or knew of no payment a day later: there is nothing to ask any more
	EndStated   bool
	Late        bool      // paid after an unpaid end
	Overpaid    bool      // another attempt of the order was paid before this one
	SiblingsDue bool      // the other attempts are still to be read for that
	Recheck     bool      // the shop wants it asked about once more on the bank's morning after money has moved
	RecheckedAt time.Time // when the bank last answered that
	Reviews     []Review
	Notices     []Notice  // what the bank has signed and nothing has confirmed yet, oldest first
	AskedAt     time.Time // when the bank was last asked: the claim that keeps others from asking too
	AskNext     time.Time // when a promised question is to be put; zero = none is

	Refunds     []Refund
	Sequence    int64 // one more for every visible change
	History     []Entry
	Notify      bool                // the shop had a webhook when this was created: it is told what happens
	Deliveries  []delivery.Delivery // one for each entry of the history that is announced, in its order
	Resolutions []Resolution        // what people decided about it, oldest first

	DueAt time.Time // when the sweep must look at it, a whole second; zero = nothing to do
	Rev   string    // names the stored version by the stamps of its last saves, the newest first; the store's
	Stamp string    // drawn by whoever is about to save this, who knows his own save again by it; stands in Rev alone
	Extra any       // attributes of a newer version, carried through; the store's
}

// The stamps in a Rev. Two writers who meet draw the same one once in 2^35 times.
const (
	stampLength = 7 // characters of 5 bits
	stampsKept  = 4 // three others may save on top before a writer who got no answer looks again
)

// Stamped is the payment as the version that its save makes: its Rev begins with its stamp, or with the one drawn for
// it where its writer does not care.
func (p Payment) Stamped(drawn string) Payment {
	if p.Stamp != "" {
		drawn = p.Stamp
	}
	rev := drawn[:stampLength] + p.Rev
	p.Rev, p.Stamp = rev[:min(len(rev), stampLength*stampsKept)], ""
	return p
}

// Bears says whether a save with this stamp, which is not empty, is among the last that led to this version.
func (p Payment) Bears(stamp string) bool { return strings.Contains(p.Rev, stamp[:stampLength]) }

// clone copies what Apply may change, so that the caller's value stays as it was.
func (p Payment) clone() Payment {
	p.Refunds = slices.Clone(p.Refunds)
	p.History = slices.Clone(p.History)
	p.Reviews = slices.Clone(p.Reviews)
	p.Notices = slices.Clone(p.Notices)
	p.Deliveries = slices.Clone(p.Deliveries)
	p.Resolutions = slices.Clone(p.Resolutions)
	return p
}
