// The two commands that reach a bank: refund and cancel. Both go through the functions' own use cases, so a person at
// a terminal can do nothing that the API could not, and leaves the same record.

package paymentcmd

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"regexp"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/amount"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/checkout/field"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
)

// refundFlags is what `kassa payment refund` was told.
type refundFlags struct {
	amount, key, reason, reference, as string
	yes                                bool
}

// It asks before it acts, and --yes says that it was meant: money that went back by a slip cannot be fetched again.
func newRefund(t *tool.Tool) *cobra.Command {
	var r refundFlags
	s := which{wanted: holdsMoney(), key: &r.key}
	c := s.command(t, &cobra.Command{
		Use:   "refund",
		Short: "Give money back through the bank",
		Long: `Gives money back through the payment's bank, as the API does: all that remains, or --amount. It is on record
before the bank hears of it, and what the bank does not confirm stays in flight and is found out by itself: then the
exit code is 4. The bank is called from this machine: where it allow-lists addresses, the functions' may be other ones.

Where it is about to happen, and of which order, is asked first; --yes says that it is meant. An amount has two
decimals, such as 50.00: 5000 is refused, since it could mean 50.00 as well.

--reason and --reference are shown to the shop, and the bank may read the reason. A run that is repeated shows what is
on record.

A shop's refund_limit_per_day is for its API keys: a refund by this command neither counts nor is bounded.

Each run has an idempotency key, which is told first. A run that was cut off is repeated with --key and that key; it
gives nothing back twice.

With --json: {"payment_id","key","replayed","refund":{"id","payment_id","amount","status","origin","reason","reference",
"bank_refund_id","created_at"}}; minor units.`,
		Example: `  kassa payment refund pay_abcdefghijklmnopqrstuvwxyz-1 --amount 50.00 --reason "one cup broke" \
    --reference credit-note-7 --as aysel --stage prod
  kassa payment refund --shop my-shop --order 12345 --yes --as aysel --stage prod`,
	}, r.run)
	c.Flags().StringVar(&r.amount, "amount", "", "how much, with two decimals, such as 50.00 (default all that remains)")
	c.Flags().StringVar(&r.reason, "reason", "", "why, for people; kassa payment show tells it")
	c.Flags().StringVar(&r.reference, "reference", "",
		"what the shop calls this refund, such as the number of its credit note; kassa payment show tells it")
	c.Flags().StringVar(&r.key, "key", "", "the idempotency key of a run that is repeated")
	c.Flags().BoolVar(&r.yes, "yes", false, "do not ask whether it is meant")
	tool.Operator(c, t, &r.as)
	return c
}

var keyForm = regexp.MustCompile(`^[!-~]{1,64}$`)

// order reads what was typed, and gives all that is wrong with it at once. A key is made here and not later, so that it
// can be shown before anything is sent.
func (r *refundFlags) order(p payment.Payment) (checkout.RefundOrder, error) {
	by, wrongName := tool.Actor(r.as)
	typed, wrongAmount := amount.Read("--amount", r.amount)
	minor, wrongCurrency := typed.Of(p)
	var wrongKey, wrongReason, wrongReference error
	if r.key == "" {
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails: it ends the program instead
		r.key = "operator-" + hex.EncodeToString(random[:])
	}
	if !keyForm.MatchString(r.key) {
		wrongKey = console.Fail(console.Usage, "--key is the key that an earlier run has told: 1 to 64 visible characters")
	}
	if r.reason != "" {
		_, wrongReason = checkReason("--reason must say", r.reason)
	}
	if r.reference != "" {
		wrongReference = checkReference(r.reference)
	}
	err := console.All(wrongName, wrongAmount, wrongCurrency, wrongKey, wrongReason, wrongReference)
	return checkout.RefundOrder{ID: p.ID, Shop: p.Shop, Key: r.key, Reason: r.reason, Reference: r.reference, By: by,
		Amount: minor}, err
}

// run tells the key before the bank hears of anything, for what is cut off then can be repeated with it. The time is
// bounded below that of a person's patience; what is open after it is found out by the sweep.
func (r *refundFlags) run(ctx context.Context, w work, p payment.Payment) error {
	o, err := r.order(p)
	if err != nil {
		return err
	}
	old, known := p.FindRefund(payment.RefundID(o.ID, o.Key))
	repeat := known && old.Status != payment.RefundFailed // which sends nothing anew
	if err := noRoom(p, o.Amount); !repeat && err != nil {
		return err
	}
	question := fmt.Sprintf("Give back %s of %s (captured %s, given back %s)?",
		money(p, cmp.Or(o.Amount, old.Amount, p.Refundable())), w.about(p), money(p, p.Captured), money(p, p.Refunded))
	if err := w.Console.Confirm(r.yes || repeat, question); err != nil {
		return err
	}
	again := r.again(w, o)
	w.Console.Note("idempotency key %s; should this be cut off, type: %s", o.Key, again)
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	result, err := w.stage.Service(w.log(slog.LevelWarn)).Refund(bounded, o)
	if err != nil {
		return w.unsettled(ctx, o, again, err)
	}
	return w.refunded(o.Key, result)
}

// noRoom is why the record leaves no room for a new refund of an amount, 0 for all that remains: nobody is asked
// whether they mean what cannot be done.
func noRoom(p payment.Payment, amount int64) error {
	flying := p.InFlight()
	switch left := p.Captured - p.Refunded; {
	case p.Status == payment.Refunded:
		return console.Fail(console.Failed, "all of the payment %s is given back already, %s: nothing is left; "+
			"nothing was done", p.ID, money(p, p.Refunded))
	case left <= 0 || amount > left:
		return console.Fail(console.Failed, "at most %s of the payment %s can be given back, which is %s; nothing was done",
			money(p, max(0, left)), p.ID, p.Status)
	case flying != nil:
		return console.Fail(console.TryAgain, "another refund of this payment is not settled yet: %s, %s; nothing was "+
			"done (refund_in_progress)", flying.ID, money(p, flying.Amount))
	}
	return nil
}

// again is the command that repeats this one: the same payment, however it was named, amount and key.
func (r *refundFlags) again(w work, o checkout.RefundOrder) string {
	words := []string{"payment", "refund", o.ID.String()}
	for _, flag := range [][2]string{{"--amount", r.amount}, {"--key", o.Key}, {"--reason", r.reason},
		{"--reference", r.reference}, {"--as", r.as}} {
		if flag[1] != "" {
			words = append(words, flag[0], flag[1])
		}
	}
	if r.yes {
		words = append(words, "--yes")
	}
	return w.Line(words...)
}

// unsettled says, beside an error that may pass, whether money can have gone back: the bank hears of no refund that is
// not on record. The record is read anew, since the error may be about the answer alone and not about the refund.
func (w work) unsettled(ctx context.Context, o checkout.RefundOrder, again string, err error) error {
	if console.CodeOf(err) != console.TryAgain {
		return err
	}
	what := "whether money went back is not known yet; this asks without giving back twice: " + again
	p, loadErr := w.stage.Store().Load(context.WithoutCancel(ctx), o.ID) // also after ctrl-C
	if _, begun := p.FindRefund(payment.RefundID(o.ID, o.Key)); loadErr == nil && !begun {
		what = "nothing was given back"
	}
	return console.Fail(console.TryAgain, "%s: %s", what, console.Say(err))
}

// refunded shows what came of a refund.
func (w work) refunded(key string, r checkout.RefundResult) error {
	v := api.ViewRefund(r.Payment.ID, r.Refund)
	if r.Replayed {
		w.Console.Note("the key %s has made this refund before; nothing more was given back", key)
	}
	err := w.Console.Show(struct {
		PaymentID string         `json:"payment_id"`
		Key       string         `json:"key"`
		Replayed  bool           `json:"replayed"`
		Refund    api.RefundView `json:"refund"`
	}{v.PaymentID, key, r.Replayed, v}, func(out io.Writer) {
		console.Pairs(out, [][]string{{"refund", v.ID}, {"amount", money(r.Payment, v.Amount)}, {"status", v.Status},
			{"reason", r.Refund.Reason}, {"reference", r.Refund.Reference},
			{"left", money(r.Payment, max(0, r.Payment.Refundable()))}})
	})
	if err == nil && r.Refund.Status != payment.RefundSucceeded {
		err = console.Fail(console.TryAgain,
			"the bank has not confirmed the refund yet; it is found out by itself within the hour, and this tells: %s",
			w.Line("payment", "show", v.PaymentID))
	}
	return err
}

// A payment that may still be paid is what is meant among the attempts of an order; one that holds money is refused by
// the use case.
func newCancel(t *tool.Tool) *cobra.Command {
	var as string
	var yes bool
	s := which{wanted: unpaid()}
	c := s.command(t, &cobra.Command{
		Use:   "cancel",
		Short: "End a payment that nobody has paid",
		Long: `Ends an unpaid payment, after its bank was asked, from this machine. The bank's page may stay payable for its
lifetime; money that comes all the same is kept and marked late. While the bank does not answer nothing is ended, and
the exit code is 4. Whether it is meant is asked at a terminal.

With --json: the payment, as kassa payment show gives it.`,
		Example: "  kassa payment cancel pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod --as aysel\n  kassa payment cancel " +
			"--shop my-shop --order 12345 --stage prod --as aysel",
	}, func(ctx context.Context, w work, p payment.Payment) error {
		by, err := tool.Actor(as)
		if err == nil {
			err = w.Console.ConfirmIfSeen(yes, fmt.Sprintf("End the payment of %s of %s, which is %s?", money(p, p.Amount.Minor),
				w.about(p), p.Status))
		}
		if err != nil {
			return err
		}
		bounded, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		// that a bank is silent is the error itself
		ended, err := w.stage.Service(w.log(slog.LevelError)).Cancel(bounded, p.ID, p.Shop, by)
		if err != nil {
			return w.unended(ctx, p.ID, err)
		}
		return w.show(ended)
	})
	c.Flags().BoolVar(&yes, "yes", false, "do not ask whether it is meant")
	tool.Operator(c, t, &as)
	return c
}

// unended says, beside an error that may pass, that the payment is as it was: what the bank did not answer must not
// read as if it were ended perhaps.
func (w work) unended(ctx context.Context, id payment.ID, err error) error {
	p, loadErr := w.stage.Store().Load(context.WithoutCancel(ctx), id) // also after ctrl-C
	if console.CodeOf(err) != console.TryAgain || loadErr != nil || p.Status != payment.Created &&
		p.Status != payment.Pending {
		return err
	}
	return console.Fail(console.TryAgain, "the payment was not ended: %s", console.Say(err))
}

// checkReason reads why a person decides something. Demand is how its error begins.
func checkReason(demand, text string) (string, error) {
	text, ok := people.Reason(text)
	if !ok {
		return "", console.Fail(console.Usage,
			"%s why, in 1 to %d plain characters and without a card number; others will read it", demand, payment.MaxReason)
	}
	return text, nil
}

// checkReference reads what a shop calls a refund, by the API's own rule.
func checkReference(text string) error {
	var c field.Errors
	c.Ref(field.Ref(text), "/reference")
	if len(c.All) > 0 {
		return console.Fail(console.Usage, "--reference is wrong: %s", c.All[0].Detail)
	}
	return nil
}
