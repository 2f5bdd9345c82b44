package payment

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/shared/strict/ascii"
)

// ID names one attempt to pay one order: `pay_<h>-<n>`.
type ID struct {
	Order   string // "pay_" and 26 characters, the same for all attempts of an order: the table's pk
	Attempt int    // from 1: the table's sk
}

// String is the id as the API shows it.
func (id ID) String() string { return id.Order + "-" + strconv.Itoa(id.Attempt) }

// ParseID reads `pay_<h>-<n>`; false when it is not an id in its one canonical form.
func ParseID(text string) (ID, bool) {
	order, attempt, _ := strings.Cut(text, "-")
	hash, ours := strings.CutPrefix(order, "pay_")
	if !ours || !ascii.Only(hash, ascii.Lower+"234567", 26, 26) || !ascii.Natural(attempt, 3) {
		return ID{}, false
	}
	n, err := strconv.Atoi(attempt)
	return ID{Order: order, Attempt: n}, err == nil && n <= MaxAttempts
}

// OrderKey derives an order's key from the shop and the shop's own order reference, so that repeating a request can
// never make a second order: lower-case base32 of SHA-256(shop, 0x00, order_ref), 26 characters (130 bits).
func OrderKey(shop, orderRef string) string { return "pay_" + digest(shop, orderRef) }

// RefundID derives a refund's id from its payment and the caller's idempotency key.
func RefundID(payment ID, key string) string { return "rf_" + digest(payment.String(), key) }

// deskRefundID names the nth refund where the bank gave money back by itself. No key of a caller leads to it: none
// holds a NUL.
func deskRefundID(payment ID, n int) string {
	return "rf_" + digest(payment.String(), OriginBank, strconv.Itoa(n))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:26]
}

// Shards is into how many keys each to-do list of the store is split at least.
const Shards = 16

// Shard is the key of a payment's order in the to-do lists: 0 to Shards-1.
func (id ID) Shard() int { return id.ShardOf(Shards) }

// ShardOf is the key where a list is split into so many: 0 to shards-1.
func (id ID) ShardOf(shards int) int {
	var sum uint32
	for _, c := range []byte(id.Order) {
		sum = sum*31 + uint32(c)
	}
	return int(sum % uint32(max(1, shards))) //nolint:gosec // there are hundreds at most
}

// ListEntry is a payment in one of the to-do lists of the bank and of the shop.
type ListEntry struct {
	ID   ID
	Shop string
	Bank string // "" in the list of the shop
}

// BookShards is over how many keys the book spreads a day of one shop, so that no key of the index takes more than an
// eighth of its payments.
const BookShards = 8

// BookShard is the key of a payment within a day of its shop: 0 to BookShards-1, the same for all attempts of an order.
func (id ID) BookShard() int { return id.Shard() % BookShards }

// BookEntry is where a payment stands within its day of the book.
type BookEntry struct {
	CreatedAt time.Time // to the millisecond, as the store keeps it
	ID        ID
}

// Compare orders a day of the book: what was created later comes first, of one millisecond the greater id. No two
// entries are equal.
func (e BookEntry) Compare(other BookEntry) int {
	return cmp.Or(other.CreatedAt.Compare(e.CreatedAt), cmp.Compare(other.ID.Order, e.ID.Order),
		cmp.Compare(other.ID.Attempt, e.ID.Attempt))
}

// BookPart is a part of a shop's book: of the payments whose last visible change was on one UTC day those that were
// created within a time.
type BookPart struct {
	Shop   string
	Day    time.Time // any moment of that day
	Since  time.Time // created then or later; zero is the beginning of time
	Until  time.Time // created before then; zero is no end
	Behind BookEntry // only what comes behind this entry; zero is the beginning of the day's list
	Limit  int       // how many entries at most
}

// Summary is what payments are added up, found and filtered by: a part of what is on record, read where whole payments
// would take too long, such as a month of a large shop.
type Summary struct {
	ID        ID
	OrderRef  string
	Bank      string
	BankOrder string // the bank's number of the order
	RRN       string
	Status    Status
	Amount    Money // of the order
	Captured  int64 // minor units
	Refunded  int64 // likewise
	CreatedAt time.Time
	Refunds   []Refund
	Reviews   []Review
	Late      bool
	Overpaid  bool
}

// Part is how much of a summary is wanted: of a month of payments, each attribute takes its time.
type Part int

// The parts. Each has the payment's id.
const (
	Whole   Part = iota
	Sums         // bank, status, currency, captured, refunded, created, overpaid
	Numbers      // what Known compares
)

// Summary is that of the payment, in whole.
func (p Payment) Summary() Summary {
	return Summary{p.ID, p.OrderRef, p.Bank, p.Handle.OrderID, p.Receipt.RRN, p.Status, p.Amount, p.Captured, p.Refunded,
		p.CreatedAt, p.Refunds, p.Reviews, p.Late, p.Overpaid}
}

// Only is a part of the summary.
func (s Summary) Only(part Part) Summary {
	switch part {
	case Sums:
		return Summary{ID: s.ID, Bank: s.Bank, Status: s.Status, Amount: Money{Currency: s.Amount.Currency},
			Captured: s.Captured, Refunded: s.Refunded, CreatedAt: s.CreatedAt, Overpaid: s.Overpaid}
	case Numbers:
		return Summary{ID: s.ID, OrderRef: s.OrderRef, BankOrder: s.BankOrder, RRN: s.RRN, Refunds: s.Refunds}
	case Whole:
	}
	return s
}

// Check holds what Payment.Check holds, as far as it can be seen in the sums. The error is Internal.
func (s Summary) Check() error {
	switch {
	case s.ID.Order == "" || s.ID.Attempt < 1 || s.ID.Attempt > MaxAttempts:
		return s.broken("its id is not one")
	case !s.Amount.Currency.Known():
		return s.broken("its amount is not money")
	case !slices.Contains(Statuses(), s.Status) || s.Status.Money() != (s.Captured > 0):
		return s.broken("its status does not fit the rest")
	case s.Refunded < 0 || s.Refunded > s.Captured:
		return s.broken("refunded is more than captured")
	}
	return nil
}

func (s Summary) broken(why string) *Error {
	return &Error{Kind: Internal, Message: "payment " + s.ID.String() + ": " + why}
}

// Known tells whether the payment goes by this number, as a whole: the order, the bank's number of it, the retrieval
// reference number, or a refund's id, ours or the bank's. A part of one would fit too many.
func (s Summary) Known(number string) bool {
	return number != "" && (s.OrderRef == number || s.BankOrder == number || s.RRN == number ||
		slices.ContainsFunc(s.Refunds, func(r Refund) bool { return r.ID == number || r.BankRefundID == number }))
}
