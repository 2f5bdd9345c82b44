package txpg

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"kassa/shared/payment"
	"kassa/shared/strict"
)

// order is what the full form of an order says (facts 5). Amounts are minor units; what the bank left unsaid is nil.
type order struct {
	word       string // the status as it came
	currency   payment.Currency
	held       *int64 // authorizedChargeAmount
	cleared    *int64 // clearedChargeAmount: what is taken now
	returned   *int64 // clearedRefundAmount
	operations []operation
}

// operation is one entry of trans that moves money or was to.
type operation struct {
	id       string // actionId: ties an answer of the bank to its entry
	at       string // regTime, by the bank's clock
	phase    string // Single or Clearing
	amount   int64  // above zero: taken; below: given back
	currency payment.Currency
	weight   weight // approved or claimed: it counts
	code     string // pmoResultCode
	strange  bool   // it is not understood which way the money went
}

func (o operation) counts() bool { return o.weight == approved || o.weight == claimed }

// readOrder reads an answer about this order and no other. An amount that cannot be read makes the whole unreadable:
// paid is never told without how much.
func readOrder(message *strict.Value, id string) (order, error) {
	at := message.At("/order")
	if said, _ := at.At("/id").Plain(); said != id {
		return order{}, errors.New("it does not name our order")
	}
	var o order
	var errs [4]error
	o.word, _ = at.At("/status").Plain()
	if o.word = strings.TrimSpace(o.word); !isWord(o.word) {
		errs[0] = errors.New("its status is not a word")
	}
	o.currency = readCurrency(at.At("/currency"))
	for i, sum := range []struct {
		name string
		to   **int64
	}{{"authorizedChargeAmount", &o.held}, {"clearedChargeAmount", &o.cleared}, {"clearedRefundAmount", &o.returned}} {
		if value := at.At("/" + sum.name); !value.Absent() {
			minor, err := readAmount(value)
			if err == nil && minor < 0 {
				err = errAmount
			}
			if err != nil {
				errs[i+1] = fmt.Errorf("%s: %w", sum.name, err)
			}
			*sum.to = &minor
		}
	}
	err := o.readOperations(at.At("/trans"))
	return o, errors.Join(append(errs[:], err)...)
}

// readOperations reads trans, oldest first. A list that is not there is one of nothing.
func (o *order) readOperations(list *strict.Value) error {
	items, ok := list.Items()
	if !ok && !list.Absent() {
		return errors.New("trans is not a list")
	}
	for _, item := range items {
		op, moves, err := readOperation(item)
		if err != nil {
			return err
		}
		if moves {
			o.operations = append(o.operations, op)
		}
	}
	if slices.ContainsFunc(o.operations, func(op operation) bool { return op.at == "" }) {
		return nil // there is no better order than the bank's
	}
	// Times have a second's precision; within one the ids ascend.
	slices.SortStableFunc(o.operations, func(a, b operation) int {
		return cmp.Or(strings.Compare(a.at, b.at), strings.Compare(a.id, b.id))
	})
	return nil
}

// givesBack finds a void or a reversal by its description.
var givesBack = regexp.MustCompile(`(?i)\b(?:void|revers)`)

// readOperation reads one entry; moves is false for one that only holds money or lets it go. It counts when the bank
// calls it Normal, it has a ridByPmo and its result is an approval. Money goes back where the sign, isReversal, the
// type or the description says so.
func readOperation(e *strict.Value) (op operation, moves bool, err error) {
	text := func(name string) string {
		value, _ := e.At("/" + name).Plain()
		return strings.TrimSpace(value)
	}
	op = operation{id: text("actionId"), at: text("regTime"), phase: text("phase"), code: text("pmoResultCode")}
	op.weight = weigh(op.code)
	if counted := text("billingStatus") == "Normal" && text("ridByPmo") != ""; !counted && op.counts() {
		op.weight = declined
		if op.code != "" { // a yes that the bank does not count, or not yet
			op.weight = open
		}
	}
	if op.phase == "" {
		op.phase = "Single"
	}
	if op.phase == "Auth" || op.phase == "Prepare" || !op.counts() {
		return op, !op.counts(), nil // whatever its amounts are
	}
	if value := e.At("/clearAmount"); !value.Absent() {
		op.amount, err = readAmount(value)
	}
	if op.strange = op.phase != "Single" && op.phase != "Clearing"; op.strange && err == nil && op.amount == 0 {
		return op, false, nil
	}
	if err == nil && op.amount == 0 {
		op.amount, err = readAmount(e.At("/amount"))
	}
	op.currency = cmp.Or(readCurrency(e.At("/clearCcy")), readCurrency(e.At("/currency")))
	reversal, refund := e.At("/isReversal").True() || givesBack.MatchString(text("description")), text("type") == "Refund"
	switch {
	case reversal && refund: // a refund undone: what is on record as given back never comes again by itself
		op.strange = true
	case (reversal || refund) && op.amount > 0:
		op.amount = -op.amount
	}
	if err != nil || op.amount == 0 {
		return op, false, errors.New("an operation that counts has no readable amount")
	}
	return op, true, nil
}

var errAmount = errors.New("not an amount in major units with at most two decimals")

// readAmount reads a number of major units, exactly: 12.5 is 1250.
func readAmount(v *strict.Value) (int64, error) {
	text, _ := v.Plain()
	minor, ok := strict.Decimal(strings.TrimSpace(text), 2)
	if !ok {
		return 0, errAmount
	}
	return minor, nil
}

// readCurrency reads a code, "" where there is none. One that is no code at all is XXX (ISO 4217: no currency), so that
// it is seen to differ and not taken for nothing.
func readCurrency(v *strict.Value) payment.Currency {
	if v.Absent() {
		return ""
	}
	text, _ := v.Plain()
	return cmp.Or(payment.ReadCurrency(text), "XXX")
}

// takenAt is when the money was taken, by the bank's clock; false where it does not say so.
func (o order) takenAt(zone *time.Location) (time.Time, bool) {
	for _, op := range o.operations {
		if op.counts() && op.amount > 0 {
			at, err := time.ParseInLocation(time.DateTime, op.at, zone)
			return at, err == nil
		}
	}
	return time.Time{}, false
}
