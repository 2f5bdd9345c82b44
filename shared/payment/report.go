package payment

// State is what a bank says about a payment, in the domain's words. A bank folder maps its own words to these and keeps
// the word itself in Report.Word.
type State string

// The states a bank can report.
const (
	BankUnknown    State = "unknown"    // a word that the bank folder does not know, or one that decides nothing: no news
	BankUnclear    State = "unclear"    // signed, and not to be read: it may mean anything
	BankOpen       State = "open"       // can still be paid; nothing is under way
	BankProcessing State = "processing" // the customer or the bank is at it; undecided
	BankApproved   State = "approved"   // the money was taken
	BankRefunding  State = "refunding"  // the money was taken and something is being given back just now
	// the money was taken and something of it given back: the stated total, or nobody says how much
	BankRefunded  State = "refunded"
	BankReturned  State = "returned"  // the money was taken and all of it, or the stated total, given back
	BankDeclined  State = "declined"  // ended unpaid: refused
	BankCancelled State = "cancelled" // ended unpaid: the customer left
	BankExpired   State = "expired"   // ended unpaid: the page's time was over
)

// end is the status that an unpaid end leads to, "" for the other states.
func (s State) end() Status {
	switch s {
	case BankDeclined:
		return Declined
	case BankCancelled:
		return Cancelled
	case BankExpired:
		return Expired
	}
	return ""
}

// known says whether the state is in the list and decides something.
func (s State) known() bool {
	switch s {
	case BankOpen, BankProcessing, BankApproved, BankRefunding, BankRefunded, BankReturned, BankDeclined, BankCancelled,
		BankExpired:
		return true
	}
	return false
}

// gaveBack says whether the bank speaks of money that went back.
func (s State) gaveBack() bool { return s == BankRefunded || s == BankReturned }

// taken says whether the bank took money, whatever it gave back since.
func (s State) taken() bool {
	return s == BankApproved || s == BankRefunding || s == BankRefunded || s == BankReturned
}

// Handle is how a bank knows a payment.
type Handle struct {
	OrderID string
	Account Account // of the opening: a question under another one would go to a stranger
	Private string  // what the bank's folder keeps with it, such as a secret of the order; means nothing outside
}

// Account is whose a bank's order is.
type Account struct {
	Merchant    string // as the bank has issued it
	Environment string // test or prod
	Gateway     string // of a bank that has several; "" = its only one, or its first
}

// IsOf says whether what h tells of an order is true of ours. What it leaves open, as a message may, is.
func (h Handle) IsOf(ours Handle) bool {
	return (h.OrderID == "" || h.OrderID == ours.OrderID) && (h.Private == "" || h.Private == ours.Private)
}

// Report is what a bank states about one handle, whoever was asked or whichever signed message said it. What the bank
// left unsaid is the zero value of its field: an amount of nothing has a currency, and a total of nothing is Said.
type Report struct {
	State      State
	Word       string      // the bank's own word for the state
	Code       string      // the bank's own result code, if it gave one
	Hint       Hint        // what the code of a refusal means, in our words; "" = not known
	Amount     Money       // what was taken; not said, it is what the handle was opened with
	Refunded   Sum         // total given back so far
	Operations []Operation // what was given back, oldest first; nil = the bank shows no list
	RefundID   string      // the bank's own id of the refund that this report proves
	Denied     bool        // the word denies the money that the bank's sums show: it is booked, with review "status"
	Returning  bool        // the bank lists money on its way back beside that, of which it has not decided
	Receipt    Receipt     // of the money that was taken, for people
}

// Sum is an amount in minor units that a bank states, or leaves unsaid as the zero value does.
type Sum struct {
	Said  bool
	Minor int64
}

// Said is a sum that is stated, of nothing too.
func Said(minor int64) Sum { return Sum{Said: true, Minor: minor} }

// Undecided says whether the bank's word leaves open whether it has the money.
func (r Report) Undecided() bool { return !r.State.known() || r.State == BankProcessing }

// Silent says whether a report about a payment of which so much was captured tells nothing of its money.
func (r Report) Silent(captured int64) bool {
	_, stated := r.total(captured)
	return !stated && r.Undecided()
}

// Possible is false for amounts that no bank can mean.
func (r Report) Possible() bool {
	return (r.Amount == (Money{}) || r.Amount.Minor > 0) && (!r.Refunded.Said || r.Refunded.Minor >= 0)
}

// believable says whether the totals of a report count: the bank says that it took money, in that currency.
func (r Report) believable(c Currency) bool {
	return r.Possible() && r.State.taken() && (r.Amount == (Money{}) || r.Amount.Currency == c)
}

// Operation is one refund or reversal in a bank's list.
type Operation struct {
	ID     string // the bank's id, "" when it gives none
	Amount int64  // minor units given back
}

// total is what the bank states to have given back: everything, when it calls the payment returned without a figure.
func (r Report) total(captured int64) (int64, bool) {
	if r.Refunded.Said {
		return r.Refunded.Minor, true
	}
	return captured, r.State == BankReturned
}
