package kartapokupok

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Status asks for the application's state; see bank.Bank for the kinds of errors. The brief has no such question, so a
// bank that answers 404, 405 or 501 has none, whatever the payment's state: that is Unsupported and never an end of the
// payment.
func (k *KartaPokupok) Status(ctx context.Context, h bank.Handle) (bank.Report, error) {
	if err := k.Ready(bank.OpStatus); err != nil {
		return bank.Report{}, err
	}
	call := k.settings.status
	if !call.on { // about whomsoever: an old payment of another partner then goes by its age, too
		return bank.Report{}, unsupported(nil)
	}
	if err := k.Serves(bank.OpStatus, h); err != nil {
		return bank.Report{}, err
	}
	got, err := k.post(ctx, call.path, statusRequest{Partner: h.Account.Merchant, Session: h.OrderID}, exchange.Question)
	if err != nil {
		return bank.Report{}, err
	}
	if got.Status == http.StatusNotFound || got.Status == http.StatusMethodNotAllowed ||
		got.Status == http.StatusNotImplemented {
		return bank.Report{}, k.noStatusCall(ctx, got)
	}
	answer, err := k.answer(got, exchange.Question)
	if err != nil {
		return bank.Report{}, err
	}
	said, err := k.read(answer, call.fields, h)
	if err == nil && (said.session != "" && said.session != h.OrderID || said.order != "" && said.order != h.Private) {
		err = errors.New("it speaks of another session or order")
	}
	if err != nil {
		return bank.Report{}, unreadable(exchange.Question, err, answer)
	}
	report := k.weighed(said.report)
	k.wonder(ctx, report, h.OrderID)
	return report, nil
}

// wonder says in the log that a word is not known, wherever it came from, and what to do about it.
func (k *KartaPokupok) wonder(ctx context.Context, r bank.Report, session string) {
	if r.State == payment.BankUnknown {
		k.Log.WarnContext(ctx, "kartapokupok: unknown status; nothing was changed; see status_map in the bank secret",
			"word", r.Word, "order_id", session)
	}
}

// probe asks for the status of an application that cannot exist. What a bank answers then is documented nowhere: a
// definite no is what one would expect, and 404 may also mean that it has no such question.
func (k *KartaPokupok) probe(ctx context.Context) []bank.ProbeResult {
	said, err := k.probeStatus(ctx)
	return []bank.ProbeResult{{Question: "status question", Said: said, Err: err}}
}

func (k *KartaPokupok) probeStatus(ctx context.Context) (string, error) {
	call := k.settings.status
	if !call.on {
		return "not asked, since status/mode is off", nil
	}
	got, err := k.post(ctx, call.path, statusRequest{Partner: k.settings.Account.Merchant,
		Session: strings.Repeat("0", 32)}, exchange.Question)
	if err != nil {
		return "", err
	}
	message, _ := strict.ParseJSON(got.Body, messageForm) // what is none complains of nothing
	code, _ := complaint(message, nil)
	switch got.Status {
	case http.StatusNotFound:
		if code != "" && !isRouters(code) {
			return "it does not find an application that cannot exist (HTTP 404, " + code + ")", nil
		}
		return "it does not find an application that cannot exist, or has no status call at this address (HTTP 404): " +
			"see base_url and status/path", nil
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return fmt.Sprintf(`it has no status call at this address (HTTP %d); set status/path, or status/mode to "off"`,
			got.Status), nil
	case http.StatusBadRequest, http.StatusConflict, http.StatusGone, http.StatusUnprocessableEntity:
		if !got.NoCertificate() {
			return fmt.Sprintf("it refuses an application that cannot exist (HTTP %d, %s)", got.Status, code), nil
		}
	}
	if _, err := k.answer(got, exchange.Question); err != nil {
		return "", err
	}
	return "it answers as if it knew an application that cannot exist", nil
}

// isRouters says whether a code is what routers call a path that they do not know, and so says nothing of applications.
func isRouters(code string) bool {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(code))
	return slices.Contains([]string{"404", "notfound", "resourcenotfound", "pagenotfound", "routenotfound", "noroute",
		"pathnotfound", "endpointnotfound", "nohandlerfound"}, plain)
}

// noStatusCall is said once in the log. Where a notice must always be read again, no status call is no answer, and the
// notice waits.
func (k *KartaPokupok) noStatusCall(ctx context.Context, got exchange.Answer) error {
	if !k.statusless.Swap(true) {
		k.Log.WarnContext(ctx, `kartapokupok: the bank has no status call at this address; set status/path, or status/`+
			`mode to "off"`, "http_status", got.Status)
	}
	if k.settings.mustRecheck {
		return &payment.Error{Kind: payment.Unavailable,
			Message: "the bank has no status call, and the setting recheck demands one", Cause: got.Problem()}
	}
	return unsupported(errors.Join(bank.ErrNoCall, got.Problem()))
}

func unsupported(cause error) error {
	return &payment.Error{Kind: payment.Unsupported, Message: "this bank has no status call", Cause: cause}
}

// statement is what a message of the bank says, whether asked or called; empty = not said.
type statement struct {
	session, order string
	report         bank.Report
}

// read takes a statement out of a message. What is there but cannot be read is an error: it may be the one thing that
// matters. What could be read is given beside it.
//
// ours is the handle of the payment, as far as it is on record. A message may name the partner that the payment was
// opened for, which need not be that of the settings any more.
func (k *KartaPokupok) read(message *strict.Value, at pointers, ours bank.Handle) (statement, error) {
	var s statement
	var errs [6]error
	var partner string
	s.session, errs[0] = id(find(message, at.session))
	s.order, errs[1] = id(find(message, at.order))
	s.order = spelled(find(message, at.order), s.order, ours.Private)
	partner, errs[2] = id(find(message, at.partner))
	s.report.RefundID, errs[3] = refundID(find(message, at.refund))
	if !slices.Contains([]string{"", k.settings.Account.Merchant, ours.Account.Merchant}, partner) {
		errs[2] = errors.New("it speaks of another partner")
	}
	word, _ := find(message, at.status).Plain()
	if word = strings.TrimSpace(word); exchange.IsWord(word) {
		s.report.State, s.report.Word = k.settings.words.state(word)
		s.report.Code = refusedBecause(message, at, s.report.State)
	} else {
		errs[4] = errors.New("its status is not a word")
	}
	errs[5] = k.readMoney(message, at, &s.report)
	return s, errors.Join(errs[:]...)
}

// spelled is a reference as we spell it where the bank's program has made a number of it, which has lost its leading
// noughts: then it can be compared with ours alone.
func spelled(v *strict.Value, reference, ours string) string {
	if _, text := v.Text(); text || ours != "" && strings.TrimLeft(ours, "0") != reference {
		return reference
	}
	return ours
}

// refusedBecause is the bank's code for why an application came to nothing. It is told to people and decides nothing,
// so what is no code is left out rather than doubted.
func refusedBecause(message *strict.Value, at pointers, state payment.State) string {
	if state != payment.BankDeclined && state != payment.BankCancelled && state != payment.BankExpired {
		return ""
	}
	for _, pointer := range []string{at.code, at.reason} {
		text, _ := find(message, pointer).Plain()
		if text = strings.TrimSpace(text); isCode(text) {
			return text
		}
	}
	return ""
}

// readMoney takes amount, currency and what went back. An amount without a currency is in BYN, as every request is.
func (k *KartaPokupok) readMoney(message *strict.Value, at pointers, report *bank.Report) error {
	if v := find(message, at.refunded); !v.Unsaid() {
		total, err := k.settings.amounts.read(v)
		if err != nil {
			return err
		}
		report.Refunded = payment.Said(total)
	}
	report.Operations = k.operations(find(message, at.refunds), report.Refunded)
	currency := payment.BYN
	if v := find(message, at.currency); !v.Unsaid() {
		text, _ := v.Plain()
		if currency = payment.ReadCurrency(text); currency == "" {
			return errors.New("its currency is not a code")
		}
	}
	if v := find(message, at.amount); !v.Unsaid() {
		minor, err := k.settings.amounts.read(v)
		if err != nil || minor == 0 {
			return errors.Join(errors.New("its amount cannot be one"), err)
		}
		report.Amount = payment.Money{Minor: minor, Currency: currency}
	} else if currency != payment.BYN {
		return errors.New("its currency is not that of any request")
	}
	return nil
}

// operations reads the list of refunds, oldest first; nil when there is none, when an entry is not understood, or when
// the list does not add up to the total: half a list must not be taken for the whole.
func (k *KartaPokupok) operations(list *strict.Value, total payment.Sum) []payment.Operation {
	entries, ok := list.Items()
	if !ok || !total.Said {
		return nil
	}
	var sum int64
	back := make([]payment.Operation, 0, len(entries))
	for _, entry := range entries {
		refund, err := refundID(entry.At("/refund_id"))
		amount, wrong := k.settings.amounts.read(entry.At("/amount"))
		if err != nil || wrong != nil || amount == 0 || amount > total.Minor-sum {
			return nil
		}
		sum += amount
		back = append(back, payment.Operation{ID: refund, Amount: amount})
	}
	if sum != total.Minor {
		return nil
	}
	return back
}

// weighed settles what REFUNDED means. The brief has one word for a refund of a part and of the whole: with a total,
// the total says which. Without one it is the whole only where the bank gives nothing back in parts; else something
// went back, and no amount is made up.
func (k *KartaPokupok) weighed(r bank.Report) bank.Report {
	if r.State != payment.BankReturned {
		return r
	}
	part := r.Refunded.Said && r.Amount != (payment.Money{}) && r.Refunded.Minor < r.Amount.Minor
	if part || !r.Refunded.Said && k.settings.refund.partial {
		r.State = payment.BankRefunded
	}
	return r
}
