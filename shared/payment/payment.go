package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/shared/payment/delivery"
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

// Live says whether the payment may still be paid in the ordinary way.
func (s Status) Live() bool { return s == Created || s == Pending }

// Money says whether money is on record: the bank is not asked again by those who only want to know.
func (s Status) Money() bool { return s == Paid || s == PartiallyRefunded || s == Refunded }

// Review is a reason why a human must look. The list is closed.
type Review string

// The reasons for a review.
const (
	ReviewAmount   Review = "amount"   // the bank took another amount than the order's
	ReviewCurrency Review = "currency" // the bank took another currency
	ReviewSession  Review = "session"  // a proven approval of a session that is not ours to show
	ReviewStatus   Review = "status"   // the bank's answer is unknown or stuck, 24 h after the page's end, or denies its own sums
	ReviewRegress  Review = "regress"  // the bank calls a paid payment unpaid
	ReviewRefund   Review = "refund"   // the outcome of a refund cannot be decided; its reservation is held
)

// ID names one attempt to pay one order: `pay_<h>-<n>`.
type ID struct {
	Order   string // "pay_" and 26 characters, the same for all attempts of an order: the table's pk
	Attempt int    // from 1: the table's sk
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

var idForm = regexp.MustCompile(`^(pay_[a-z2-7]{26})-([1-9][0-9]{0,2})$`)

// ParseID reads `pay_<h>-<n>`; false when it is not an id in its one canonical form.
func ParseID(text string) (ID, bool) {
	m := idForm.FindStringSubmatch(text)
	if m == nil {
		return ID{}, false
	}
	n, err := strconv.Atoi(m[2])
	return ID{Order: m[1], Attempt: n}, err == nil && n <= MaxAttempts
}

// Waiting is a payment in one of the to-do lists of the bank and of the shop.
type Waiting struct {
	ID   ID
	Shop string
	Bank string // "" in the list of the shop
}

// String is the id as the API shows it.
func (id ID) String() string { return fmt.Sprintf("%s-%d", id.Order, id.Attempt) }

// The bounds of a payment. Everything has one.
const (
	MaxAttempts = 100     // attempts to pay one order
	MaxRefunds  = 50      // refunds that a shop can make of one payment
	MaxDesk     = 10      // entries for the bank's own refunds; further ones add to the last
	MaxNotices  = 4       // signed messages kept until they are settled; a bank has not more to say about one payment
	MaxHistory  = 400     // history entries; refunds are refused while there is still room to settle what is under way
	MaxMetadata = 2 << 10 // bytes of metadata, keys and values together
	MaxResolved = 50      // decisions of people about one payment
)

// ReturnURLs is where the customer's browser goes when the bank's page is done with.
type ReturnURLs struct{ Success, Cancel, Decline string }

// Handle is how a bank knows a payment: its order id, a secret between it and us, and whose order it is.
// Merchant and Environment are those of the opening: a question under other settings would go to a stranger.
type Handle struct {
	OrderID     string
	Secret      string
	Merchant    string
	Environment string
}

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
	Locale      string
	Metadata    map[string]string
	Return      ReturnURLs
	CreatedAt   time.Time

	CallbackToken string // stands in the callback address; 128 random bits
	ClientToken   string // lets a browser read this payment's status; 128 random bits

	Lease       time.Time // until when an opener may be at work; zero = nobody is
	Openings    int       // how often opening it at the bank was begun
	OpeningAt   time.Time // when the last of them began
	Handle      Handle
	RedirectURL string
	ExpiresAt   time.Time // when the bank's page ends; zero before it was opened

	Status     Status
	BankStatus string  // the bank's own word, as last read
	BankCode   string  // the bank's own code, where it gave one
	Decline    Decline // why the bank refused, where anybody says so
	Captured   int64   // what the bank proves to have taken; only grows
	Refunded   int64   // what went back; only grows
	PaidAt     time.Time
	EndedAt    time.Time // when it ended unpaid
	// the bank itself stated that end, or knew of no payment a day later: there is nothing to ask any more
	EndStated   bool
	Late        bool // paid after an unpaid end
	Overpaid    bool // another attempt of the order was paid before this one
	SiblingsDue bool // the other attempts are still to be read for that
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

	DueAt time.Time // when the sweep must look at it; zero = nothing to do
	Rev   string    // names the stored version; the store's
	Extra any       // attributes of a newer version, carried through; the store's
}

// Draft is what a shop's order fixes about a payment.
type Draft struct {
	ID            ID
	Shop          string
	OrderRef      string
	Bank          string
	Amount        Money
	Term          int
	Description   string
	Locale        string
	Metadata      map[string]string
	Return        ReturnURLs
	CallbackToken string
	ClientToken   string
	Notify        bool // the shop has a webhook
}

// New makes a payment whose creator holds the lease to open it at the bank until the given time.
func New(d Draft, now, until time.Time) Payment {
	now = clock(now)
	p := Payment{
		ID: d.ID, Shop: d.Shop, OrderRef: d.OrderRef, Bank: d.Bank, Amount: d.Amount, Term: d.Term,
		Description: d.Description, Locale: d.Locale, Metadata: d.Metadata, Return: d.Return,
		CallbackToken: d.CallbackToken, ClientToken: d.ClientToken, Notify: d.Notify, CreatedAt: now,
		Status: Created, Lease: clock(until), Openings: 1, OpeningAt: now,
	}
	p.record(now, string(Created), byKassa, "", "")
	p.DueAt = nextDue(p)
	return p
}

// Entry is one visible change.
type Entry struct {
	Sequence int64
	At       time.Time
	// a status, review:<reason>, review_cleared:<reason>, overpaid, refund_requested, refund_unknown, refund_succeeded or
	// refund_failed
	What string
	By   string // customer, bank, kassa, shop:<key id> or operator:<name>
	Ref  string // the refund that is meant, if one is
	Code string // the bank's code, where it gave one
}

// InReview says whether a human must look for this reason.
func (p Payment) InReview(reason Review) bool { return slices.Contains(p.Reviews, reason) }

// InFlight is the refund whose outcome is not known yet, nil when there is none. There is never more than one.
func (p Payment) InFlight() *Refund {
	for i := range p.Refunds {
		if p.Refunds[i].open() {
			return &p.Refunds[i]
		}
	}
	return nil
}

// Reserved is the amount held back for the refund in flight.
func (p Payment) Reserved() int64 {
	if r := p.InFlight(); r != nil {
		return r.Amount
	}
	return 0
}

// Refundable is what may still be asked back.
func (p Payment) Refundable() int64 { return p.Captured - p.Refunded - p.Reserved() }

// FindRefund gives the refund of this id; false when there is none.
func (p Payment) FindRefund(id string) (Refund, bool) {
	for _, r := range p.Refunds {
		if r.ID == id {
			return r, true
		}
	}
	return Refund{}, false
}

// record adds a history entry: every visible change passes here, so the sequence grows by exactly one for each.
func (p *Payment) record(now time.Time, what, by, ref, code string) {
	p.Sequence++
	entry := Entry{Sequence: p.Sequence, At: now, What: what, By: by, Ref: ref, Code: code}
	p.History = append(p.History, entry)
	if p.Notify && entry.Announced() != "" {
		p.Deliveries = append(p.Deliveries, delivery.Delivery{Sequence: p.Sequence, State: delivery.New, At: now})
	}
}

func (p *Payment) review(now time.Time, reason Review) {
	if !p.InReview(reason) {
		p.Reviews = append(p.Reviews, reason)
		p.record(now, "review:"+string(reason), byKassa, "", "")
	}
}

// clearReview takes a review back because the bank has answered it. One that comes and goes with each message does not
// fill the history: near its end a review stays until a person has looked.
func (p *Payment) clearReview(now time.Time, reason Review) {
	if p.room() >= toSettle {
		p.clearReviewBy(byKassa, now, reason)
	}
}

func (p *Payment) clearReviewBy(by string, now time.Time, reason Review) {
	if i := slices.Index(p.Reviews, reason); i >= 0 {
		p.Reviews = slices.Delete(p.Reviews, i, i+1)
		p.record(now, "review_cleared:"+string(reason), by, "", "")
	}
}

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
