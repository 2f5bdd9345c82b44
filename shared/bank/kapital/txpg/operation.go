package txpg

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// operation is one entry of trans that moves money or was to.
type operation struct {
	id       string // actionId: ties an answer of the bank to its entry
	at       string // regTime, by the bank's clock
	phase    string // Single or Clearing
	amount   int64  // above zero: taken; below: given back
	currency payment.Currency
	weight   weight // approved or claimed: it counts
	code     string // pmoResultCode
	unsure   bool   // it counts as taken where the order's sums confirm it, and not otherwise
	strange  bool   // it is not understood what became of the money
	pending  bool   // it gives money back, or may, and the bank has not decided about it

	approval, rrn string // of its receipt; an acquirer that states no rrn has no other name for it
}

func (o operation) counts() bool { return o.weight == approved || o.weight == claimed }

// readOperation reads one entry; moves is false for one that moves no money, or only holds it, lets it go, or checks
// the card. It counts when the bank calls it Normal, it has a ridByPmo and its result is an approval. Where it states
// no currency it is in the order's.
func readOperation(e *strict.Value, order payment.Currency) (op operation, moves bool, err error) {
	text := func(name string) string { return said(e.At("/" + name)) }
	op = operation{id: operationID(e.At("/actionId")), at: text("regTime"), phase: readPhase(text("phase")),
		code: resultCode(e), approval: text("approvalCode"), rrn: text("rrn")}
	op.weight = weigh(op.code)
	normal := strings.EqualFold(text("billingStatus"), "Normal")
	if unnamed := exchange.IsNothing(text("ridByPmo")); op.counts() && (!normal || unnamed) {
		op.weight = open // a yes that the bank does not count, or not yet
		if op.code == "" && unnamed {
			op.weight = declined // nothing in it says yes
		}
	}
	way := wayOf(text("type"), text("description"), e.At("/isReversal"))
	kind := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(text("type"))
	checks := strings.EqualFold(kind, "CheckToken") && strings.Trim(text("clearAmount"), "-0.,") == ""
	holds := op.phase == "Auth" || op.phase == "Prepare" || checks
	if holds || !op.counts() {
		back := way == out || way == unclear || strings.HasPrefix(text("clearAmount"), "-")
		op.pending = op.weight == open && back && !holds
		return op, !op.counts(), nil // whatever its amounts are
	}
	stated := readCurrency(e.At("/currency"))
	op.currency = cmp.Or(readCurrency(e.At("/clearCcy")), stated)
	cleared, wrong := readOptional(e.At("/clearAmount"), cmp.Or(op.currency, order))
	amount, err := cleared, wrong
	known := op.phase == "Single" || op.phase == "Clearing"
	if cleared == nil || *cleared == 0 && known {
		op.currency = cmp.Or(stated, op.currency)
		amount, err = readOptional(e.At("/amount"), cmp.Or(op.currency, order))
		op.unsure = true
	}
	switch {
	case wrong != nil || err != nil:
		return operation{}, false, errors.Join(wrong, err)
	case amount != nil:
		op.amount = *amount
	case cleared == nil: // it moved money, and nothing says how much
		op.strange = true
		return op, true, nil
	}
	op.turn(way)
	op.strange = op.strange || !known
	return op, op.amount != 0, nil
}

// operationID reads the bank's id of an operation, "" where there is none. What may be a card's number is none: the
// operation is known by its amount then.
func operationID(v *strict.Value) string {
	text, _ := v.Plain()
	text = strings.TrimSpace(text)
	if exchange.IsNothing(text) || !exchange.IsName(text) || exchange.MayHoldCard(text) {
		return ""
	}
	return text
}

// turn gives the amount its sign. The bank's own sign says that money went back, and so does what it calls the
// operation, whatever the sign. That it was taken is sure by the sign of clearAmount and a name that says nothing else.
func (o *operation) turn(w way) {
	switch w {
	case undone: // a refund undone: what is on record as given back never comes again by itself
		o.strange = true
	case out:
		o.amount = min(o.amount, -o.amount)
	case unclear:
		o.unsure = true
	}
	o.unsure = o.unsure && o.amount > 0
}

// readPhase gives a phase that is known in the bank's own spelling, and Single where there is none.
func readPhase(text string) string {
	for _, phase := range []string{"Single", "Clearing", "Auth", "Prepare"} {
		if strings.EqualFold(text, phase) {
			return phase
		}
	}
	return cmp.Or(text, "Single")
}

// way is which way an operation's money went, by what the bank calls it.
type way int

const (
	unclear way = iota
	in
	out
	undone // a refund was taken back
)

// wayOf reads what stands beside the amounts. Installations write the words joined, apart and in any letter case.
// Without a type the sign of the amount is left to say it.
func wayOf(kind, description string, reversal *strict.Value) way {
	kind, description = strings.ToLower(kind), strings.ToLower(description)
	undoes := func(text string) bool { return strings.Contains(text, "void") || strings.Contains(text, "revers") }
	refunds := func(text string) bool { return strings.Contains(text, "refund") }
	reversed, understood := reversal.Flag()
	void := reversed || undoes(kind) || undoes(description)
	switch {
	case void && refunds(kind), undoes(description) && refunds(description):
		return undone
	case void, refunds(kind), refunds(description):
		return out
	case !understood, kind != "" && kind != "purchase", mayReturn(description):
		return unclear
	}
	return in
}

// mayReturn finds what other products and languages call a return. Nobody has seen their exact words, so they only make
// it unclear that money was taken. So does a description that was spoilt on its way.
func mayReturn(description string) bool {
	words := []string{"\ufffd", "return", "cancel", "credit", "back", "storno",
		"возврат", "отмен", "сторно", "qaytar", "geri", "iadə", "ləğv"}
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(description, word) })
}

// resultCode is the pmoResultCode of an operation as it stands there: a word such as None may be the one of nought,
// which decides nothing.
func resultCode(of *strict.Value) string {
	code, _ := of.At("/pmoResultCode").Plain()
	return strings.TrimSpace(code)
}

// weight is what a pmoResultCode, the card host's answer, is worth.
type weight int

const (
	open     weight = iota // it decides nothing: postponed, host down, a code that nobody knows
	approved               // a yes
	claimed                // a yes to a part or in another way: it counts where the order's sums agree
	declined               // a definite no
)

// weigh weighs a pmoResultCode. Where an acquirer sends none, the operation's ridByPmo stands for the yes. Two
// published lists differ about 5 to 19, so these mean nothing.
func weigh(code string) weight {
	switch code {
	case "", "1":
		return approved
	case "2", "3", "96":
		return claimed
	case "40", "41", "51", "52", "57", "58", "59", "60", "61", "62", "63", "67", "68", "71", "74", "81", "83", "84",
		"98":
		return declined
	}
	return open
}
