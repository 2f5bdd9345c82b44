package txpg

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// order is what the full form of an order says. Amounts are minor units; what the bank left unsaid is nil.
type order struct {
	word       string // the status as it came
	currency   payment.Currency
	held       *int64 // authorizedChargeAmount
	cleared    *int64 // clearedChargeAmount: what is taken now
	returned   *int64 // clearedRefundAmount
	operations []operation

	card, brand string // of srcToken: displayName and card/brand; the first may be a whole number
	refused     string // the processing's code beside the order, where no operation is listed for a try that it refused
}

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
		minor, err := readOptional(at.At("/"+sum.name), o.currency)
		if err == nil && minor != nil && *minor < 0 {
			err = errAmount
		}
		if err != nil {
			errs[i+1] = fmt.Errorf("%s: %w", sum.name, err)
		}
		*sum.to = minor
	}
	o.card, _ = at.At("/srcToken/displayName").Plain()
	o.brand, _ = at.At("/srcToken/card/brand").Plain()
	o.refused = refusalCode(at.At("/custAttrs"))
	err := o.readOperations(at.At("/trans"))
	return o, errors.Join(append(errs[:], err)...)
}

// refusalCode finds the processing's code among an order's attributes, where the vendor's document of another acquirer
// has it; "" where there is none. Of a paid order it is a word, and an approval says nothing about why.
func refusalCode(attributes *strict.Value) string {
	items, _ := attributes.Items()
	for _, item := range items {
		code := said(item.At("/valAsStr"))
		if said(item.At("/rid")) == "PmoResultCode" && ascii.Only(code, ascii.Digits, 1, longestCode) &&
			weigh(code) != approved && weigh(code) != claimed {
			return code
		}
	}
	return ""
}

// readOperations reads trans, oldest first. A list that is not there is one of nothing.
func (o *order) readOperations(list *strict.Value) error {
	items, ok := list.Items()
	if !ok && !list.Unsaid() {
		return errors.New("trans is not a list")
	}
	for _, item := range items {
		op, moves, err := readOperation(item, o.currency)
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

// said is the text of a value without the blanks around it, "" where it tells nothing.
func said(v *strict.Value) string {
	if v.Unsaid() {
		return ""
	}
	text, _ := v.Plain()
	return strings.TrimSpace(text)
}

var errAmount = errors.New("not an amount in major units with no more decimals than the currency has")

// readAmount reads a number of major units of a currency, exactly: 12.5 is 1250 where there are two decimals, and so is
// a text as people write it, "12,50".
func readAmount(v *strict.Value, of payment.Currency) (int64, error) {
	text, _ := v.Plain()
	minor, ok := strict.Sum(text, of.Decimals())
	if !ok {
		return 0, errAmount
	}
	return minor, nil
}

// readOptional reads an amount that need not be there.
func readOptional(v *strict.Value, of payment.Currency) (*int64, error) {
	if v.Unsaid() {
		return nil, nil //nolint:nilnil // nothing is there, and nothing is wrong
	}
	minor, err := readAmount(v, of)
	return &minor, err
}

// readCurrency reads a code, "" where there is none. One that is no code at all is XXX (ISO 4217: no currency), so that
// it is seen to differ and not taken for nothing.
func readCurrency(v *strict.Value) payment.Currency {
	if v.Unsaid() {
		return ""
	}
	text, _ := v.Plain()
	return cmp.Or(payment.ReadCurrency(text), "XXX")
}

// taking is the operation that took the money, the first of several; without one it is nothing.
func (o order) taking() operation {
	for _, op := range o.operations {
		if op.counts() && op.amount > 0 {
			return op
		}
	}
	return operation{}
}

// takenAt is when the money was taken, by the bank's clock; false where it does not say so.
func (o order) takenAt(zone *time.Location) (time.Time, bool) {
	at, err := time.ParseInLocation(time.DateTime, o.taking().at, zone)
	return at, err == nil
}

// receipt is what the order tells for people. srcToken is the card of the order's last try, which is the one that paid.
func (o order) receipt() payment.Receipt {
	op := o.taking()
	return payment.NewReceipt(op.approval, op.rrn, o.card, o.brand)
}
