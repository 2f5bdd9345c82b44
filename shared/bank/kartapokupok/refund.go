package kartapokupok

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// defaultReason is what the brief's own refund sends.
const defaultReason = "customer_request"

// Refund sends /installment/refund once; see bank.Bank for the kinds of errors. The bank's refund_id is the proof, so a
// success without one is Uncertain. The bank has no idempotency key: nothing here sends a second time.
func (k *KartaPokupok) Refund(ctx context.Context, r bank.Refund) (id string, err error) {
	if err := k.Serves(bank.OpRefund, r.Handle); err != nil {
		return "", err
	}
	if err := k.settings.refund.check(r); err != nil {
		return "", err
	}
	reason := r.Reason
	if reason == "" {
		reason = defaultReason
	}
	got, err := k.post(ctx, callRefund,
		refundRequest{Session: r.Handle.OrderID, Amount: k.settings.amounts.write(r.Amount.Minor), Reason: reason},
		exchange.Money)
	if err != nil {
		return "", err
	}
	answer, err := k.answer(got, exchange.Money)
	if payment.KindOf(err) == payment.Refused {
		return "", k.doubted(ctx, r, err, got)
	}
	if err != nil {
		return "", err
	}
	id, err = refundID(answer.At("/refund_id"))
	switch {
	case err == nil && id == "":
		err = errNothing
	case err == nil:
		err = cmp.Or(k.denied(answer, r), k.undone(answer, r))
	}
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, errWaits): // the bank may name it when it is done
		return id, unreadable(exchange.Money, err, answer)
	}
	return "", unreadable(exchange.Money, err, answer)
}

// undone is nil where the status beside a refund_id is one of success, or none, or the payment's after a part; errWaits
// where the bank has the refund and will do it.
func (k *KartaPokupok) undone(answer *strict.Value, r bank.Refund) error {
	word, _ := answer.At("/status").Plain()
	if word = strings.ToUpper(strings.TrimSpace(word)); !complains(word) {
		return nil
	}
	switch state, _ := k.settings.words.state(word); state {
	case payment.BankApproved, payment.BankRefunded, payment.BankReturned:
		return nil
	case payment.BankOpen, payment.BankProcessing, payment.BankRefunding:
		return errWaits
	}
	word = strings.TrimPrefix(strings.NewReplacer("-", "_", " ", "_").Replace(word), "REFUND_")
	begun := strings.Fields("NEW PENDING PROCESSING IN_PROCESS INPROCESS IN_PROGRESS INPROGRESS IN_QUEUE QUEUED WAITING " +
		"INITIATED REQUESTED REGISTERED RECEIVED")
	partly := word == "PARTIALLY_REFUNDED" || word == "PARTIAL_REFUNDED"
	switch {
	case slices.Contains(begun, word):
		return errWaits
	case partly && r.Returned+r.Amount.Minor < r.Captured:
		return nil
	}
	return errors.New("its status takes the refund_id back")
}

// errWaits is an answer to a refund that the bank has and did not call done.
var errWaits = errors.New("its status says that the refund is still to be done")

// denied says what stands beside a refund_id and takes it back: then nobody knows what it is the id of. Words of
// success beside it, and codes of nought, say no more than it does.
func (k *KartaPokupok) denied(answer *strict.Value, r bank.Refund) error {
	for _, at := range []string{"/success", "/ok", "/status", "/result"} {
		v := answer.At(at)
		text, plain := v.Plain()
		code := at == "/status" || at == "/result" // of which nought is the one of success
		nought := code && plain && strings.Trim(text, "0 ") == ""
		if on, known := v.Flag(); !v.Absent() && known && !on && !nought {
			return errors.New("it is called no success")
		}
	}
	for _, at := range []string{"/error", "/errors", "/error_code", "/error/code", "/code"} {
		v := answer.At(at)
		text, plain := v.Plain()
		on, _ := v.Flag()
		if plain && complains(text) || !plain && (on || slices.ContainsFunc(slices.Collect(v.Texts()), complains)) {
			return errors.New("it complains beside the refund_id")
		}
	}
	if session, err := id(answer.At("/session_id")); err != nil || session != "" && session != r.Handle.OrderID {
		return errors.New("it is about another session")
	}
	if v := answer.At("/amount"); !v.Unsaid() { // the refund's, or what it was taken from
		minor, err := k.settings.amounts.read(v)
		if err != nil || minor != r.Amount.Minor && minor != r.Captured {
			return errors.New("it is about another amount")
		}
	}
	return nil
}

// complains says whether a text is anything but nothing, a nought or a word of success.
func complains(text string) bool {
	text = strings.ToUpper(strings.TrimSpace(text))
	done := strings.Fields("OK SUCCESS SUCCEEDED SUCCESSFUL DONE CREATED COMPLETED COMPLETE PROCESSED ACCEPTED TRUE 200 " +
		"201")
	return strings.Trim(text, "0") != "" && !strict.Nothing(text) && !slices.Contains(done, text)
}

// check refuses what the bank would refuse, in words that the shop understands, before the bank is asked.
func (rules refundRules) check(r bank.Refund) error {
	no := func(code, message string) error {
		return &payment.Error{Kind: payment.Refused, Code: code, Message: message}
	}
	switch {
	case r.Amount.Currency != payment.BYN || r.Amount.Minor <= 0:
		return no("amount_refused", "Karta Pokupok gives back amounts above zero, and in BYN only")
	case !rules.partial && !r.Whole():
		return no("partial_refund_refused",
			"Karta Pokupok gives this shop's payments back only as a whole and at once; refund.partial in the bank secret "+
				"says so")
	case rules.within > 0 && rules.over(r.PaidAt, r.Now):
		return no("refund_too_late",
			fmt.Sprintf("Karta Pokupok takes refunds up to %d days after the payment, and this one is older; refund.max_days "+
				"in the bank secret says so",
				rules.within/(24*time.Hour)))
	}
	return nil
}

// over says whether the last day is over on which something is given back: a period in days ends with a day, by the
// bank's clock, and not at the hour of the payment.
func (rules refundRules) over(paid, now time.Time) bool {
	zone := Profile().Zone
	last := paid.In(zone).AddDate(0, 0, int(rules.within/(24*time.Hour)))
	return now.In(zone).Format(time.DateOnly) > last.Format(time.DateOnly)
}

// doubted looks at what the bank shows after a refusal; a refusal of what it shows as done is for a repetition. Where
// it has no status question, or its answer has no figure by which a part could be seen, the refusal itself must tell.
// So it must beside a total that has room for the refund: totals lag, and one that calls it a repetition may be right.
func (k *KartaPokupok) doubted(ctx context.Context, r bank.Refund, refusal error, got exchange.Answer) error {
	now, unread := k.Status(ctx, r.Handle)
	nobody := payment.KindOf(unread) == payment.Unsupported
	hidden := unread == nil && !now.Refunded.Said && !r.Whole()
	room := unread == nil && now.Refunded.Said && r.Captured-now.Refunded.Minor >= r.Amount.Minor
	switch {
	case unread != nil && !nobody:
		return exchange.Unchecked(refusal, unread)
	case unread == nil && now.Undecided():
		return exchange.Unchecked(refusal, errors.New("its status says nothing of the money"))
	case unread == nil && r.ShownBy(now):
		return exchange.Doubted(refusal)
	case (nobody || hidden) && mayRepeat(got, r), room && claimsRepetition(got, r):
		return exchange.Undenied(refusal)
	}
	return refusal
}

// mayRepeat says whether a bank may refuse so what it has carried out a moment before: something on the line can send a
// request twice, and the answer to the first copy is lost then. Such are the HTTP statuses of a resource that is in
// another state, locked or gone, and what claims a repetition.
func mayRepeat(got exchange.Answer, r bank.Refund) bool {
	switch got.Status {
	case http.StatusConflict, http.StatusGone, http.StatusLocked:
		return true
	}
	return claimsRepetition(got, r)
}

// claimsRepetition says whether a refusal speaks of a request that was carried out before, or is under way, or of more
// than is left, where we know of more. It may also name the refund that the first copy has made. Banks say such things
// under many names, in lists and without any form; our own words that come back say nothing.
func claimsRepetition(got exchange.Answer, r bank.Refund) bool {
	message, unread := strict.ParseJSON(got.Body, messageForm)
	if refund, err := refundID(message.At("/refund_id")); err != nil || refund != "" { // of the first copy, perhaps
		return true
	}
	texts := slices.Collect(message.Texts())
	if unread != nil {
		texts = []string{string(got.Body)}
	}
	return slices.ContainsFunc(texts, func(text string) bool { return text != r.Reason && repeats(strings.ToLower(text)) })
}

// repeats knows the words of that in English, Russian and Belarusian, of a text in small letters. A date before which
// nothing is given back is none of them, and neither is that nothing was given back, or can be, unless it is once more.
func repeats(text string) bool {
	text = " " + strings.NewReplacer("_", " ", "-", " ", "ё", "е", "не ранее", "", "не раней", "", "больше не", "уже",
		"больш не", "уже", "try again", "", "against", "", "попробуйте еще раз", "", "попробуйте снова", "").Replace(text)
	holds := func(word string) bool { return strings.Contains(text, word) }
	if !slices.ContainsFunc([]string{" again", "than once", "еще раз", "снова"}, holds) {
		for _, no := range []string{"not refunded", "not returned", "not be refunded", "not be returned", "не возвращен",
			"не может быть возвращен", "не могут быть возвращен", "не был возвращен", "не была возвращен",
			"не было возвращен", "не были возвращен", "не можа быць вернут", "не могуць быць вернут",
		} {
			text = strings.ReplaceAll(text, no, "")
		}
	}
	return slices.ContainsFunc([]string{"already", "duplic", "repeat", "twice", "exists", "refunded", "returned",
		"conflict", "progress", "in process", "inprocess", "processing", "pending", "locked", "amountexceed", "amount exceed",
		"exceeds", "уже", "ранее", "повтор", "дубл", "превыша", "возвращен", "обработке", "обрабатыва", "ўжо",
		" ужо", "раней", "паўтор", "перавыша", "вернута", "апрацоў",
	}, holds)
}
