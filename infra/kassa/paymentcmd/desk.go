package paymentcmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

func newRedeliver(t *tool.Tool) *cobra.Command {
	var sequences []int64
	c := &cobra.Command{
		Use:   "redeliver ID",
		Short: "Send a payment's messages to its shop once more",
		Long: `Puts the messages that were given up into the outbox again, or those of --sequence whatever became of them. They go out within a minute or
two, under the ids that they always had: a shop that knows one already may drop it.

With --json: the payment, as kassa payment show gives it.

` + console.Codes,
		Example: "  kassa payment redeliver pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod\n  kassa payment redeliver pay_abcdefghijklmnopqrstuvwxyz-1 --sequence 3 --stage prod",
		Args:    tool.Exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			w, err := begin(c.Context(), t)
			if err != nil {
				return err
			}
			p, err := w.load(c.Context(), args[0])
			if err != nil {
				return err
			}
			if len(sequences) == 0 && !slices.ContainsFunc(p.Deliveries, givenUp) {
				w.Console.Note("no message of this payment was given up, so none is sent again; --sequence sends one all the same, by its number in kassa payment history")
			}
			if p, err = w.desk().Redeliver(c.Context(), p.ID, sequences); err != nil {
				return err
			}
			return w.show(p)
		},
	}
	c.Flags().Int64SliceVar(&sequences, "sequence", nil, "`number` of the entry of the history that the message is about; may be repeated (default all that were given up)")
	c.Flags().Lookup("sequence").DefValue = "" // or else the help adds (default [])
	return c
}

func givenUp(d delivery.Delivery) bool { return d.State == delivery.Dead }

// resolving is what `kassa payment resolve` was told.
type resolving struct{ how, review, refund, amount, reason, as string }

// decisions are the words of --how.
func decisions() map[string]payment.Resolving {
	return map[string]payment.Resolving{
		"refund-done": payment.ResolveRefundDone, "refund-not-done": payment.ResolveRefundNotDone,
		"accept-captured": payment.ResolveAcceptCaptured, "dismiss": payment.ResolveDismiss,
	}
}

func newResolve(t *tool.Tool) *cobra.Command {
	var r resolving
	c := &cobra.Command{
		Use:   "resolve ID",
		Short: "Decide what only people can find out",
		Long: `Puts a person's decision on record, with a reason that others will read. Ask the bank first: what is decided here is believed.

  refund-done       the refund in flight was carried out; where the bank gave back a part of it only, --amount says which: that is then the
                    refund's amount, and the shop may ask for the rest anew. Without a refund in flight --amount says what the bank gave
                    back by itself
  refund-not-done   the refund in flight was not carried out: its amount is free again
  accept-captured   the bank took another amount than the order's, and that is all right
  dismiss           the review (--review, where there are several) needs nothing more

A decision about a refund in flight names it with --refund, as kassa payment show tells it: the shop may have begun another since the
bank was asked. While whoever asked the bank may still be at work the exit code is 4: half an hour later it is yours to decide.

With --json: the payment, as kassa payment show gives it.

` + console.Codes,
		Example: `  kassa payment resolve pay_abcdefghijklmnopqrstuvwxyz-1 --how refund-not-done --refund rf_abcdefghijklmnopqrstuvwxyz --reason "bank's desk, call of 21 November" --as aysel --stage prod
  kassa payment resolve pay_abcdefghijklmnopqrstuvwxyz-1 --how refund-done --refund rf_abcdefghijklmnopqrstuvwxyz --amount 20.00 --reason "the bank gave back 20.00 of 50.00" --as aysel --stage prod
  kassa payment resolve pay_abcdefghijklmnopqrstuvwxyz-1 --how dismiss --review regress --reason "bank has corrected itself" --as aysel --stage prod`,
		Args: tool.Exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error { return r.run(c.Context(), t, args[0]) },
	}
	c.Flags().StringVar(&r.how, "how", "", "refund-done, refund-not-done, accept-captured or dismiss")
	c.Flags().StringVar(&r.review, "review", "", "for dismiss: which review")
	c.Flags().StringVar(&r.refund, "refund", "", "for refund-done and refund-not-done: the `id` of the refund in flight that the bank was asked about")
	c.Flags().StringVar(&r.amount, "amount", "", "for refund-done: what the bank gave back where no refund is in flight, or a part of the one that is, such as 50.00")
	c.Flags().StringVar(&r.reason, "reason", "", "why; others will read it")
	operator(c, t, &r.as)
	return c
}

func (r resolving) run(ctx context.Context, t *tool.Tool, id string) error {
	e, err := r.event()
	if err != nil {
		return err
	}
	w, err := begin(ctx, t)
	if err != nil {
		return err
	}
	p, err := w.load(ctx, id)
	if err != nil {
		return err
	}
	if err := named(e, p); err != nil {
		return err
	}
	p, err = w.desk().Resolve(ctx, p.ID, e)
	if payment.CodeOf(err) == "refund_in_progress" && e.How != payment.ResolveDismiss { // it passes by itself
		return console.Fail(console.TryAgain, "%s", console.Say(err))
	}
	if err != nil {
		return err
	}
	return w.show(p)
}

// named makes sure that a decision about the refund in flight names it, and that a part of it is one.
func named(e payment.Resolved, p payment.Payment) error {
	r := p.InFlight()
	if r == nil || e.How != payment.ResolveRefundDone && e.How != payment.ResolveRefundNotDone {
		return nil
	}
	if e.Refund == "" {
		return console.Fail(console.Usage, "the refund %s of %s is in flight: add --refund %s if that is the one that the bank was asked about", r.ID, money(p, r.Amount), r.ID)
	}
	if e.Refund == r.ID && e.Amount >= r.Amount {
		return console.Fail(console.Usage, "--amount must be less than the refund's %s; leave it out if the bank gave back all of it", money(p, r.Amount))
	}
	return nil
}

// event reads what was typed.
func (r resolving) event() (e payment.Resolved, err error) {
	how, known := decisions()[r.how]
	if !known {
		return e, console.Fail(console.Usage, "--how must be refund-done, refund-not-done, accept-captured or dismiss")
	}
	reviews := []payment.Review{"", payment.ReviewAmount, payment.ReviewCurrency, payment.ReviewSession, payment.ReviewStatus, payment.ReviewRegress, payment.ReviewRefund}
	if !slices.Contains(reviews, payment.Review(r.review)) {
		return e, console.Fail(console.Usage, "--review %q is none; there are %s", r.review, strings.TrimSpace(joined(reviews)))
	}
	if r.amount != "" && how != payment.ResolveRefundDone || r.review != "" && how != payment.ResolveDismiss {
		return e, console.Fail(console.Usage, "--amount goes with refund-done alone, and --review with dismiss")
	}
	if r.refund != "" && how != payment.ResolveRefundDone && how != payment.ResolveRefundNotDone {
		return e, console.Fail(console.Usage, "--refund goes with refund-done and refund-not-done")
	}
	e = payment.Resolved{How: how, Review: payment.Review(r.review), Refund: r.refund}
	if e.By, err = actor(r.as); err != nil {
		return e, err
	}
	if e.Why, err = checkReason(r.reason); err != nil {
		return e, err
	}
	e.Amount, err = readAmount(r.amount)
	return e, err
}

func joined(reviews []payment.Review) string {
	texts := make([]string, len(reviews))
	for i, one := range reviews {
		texts[i] = string(one)
	}
	return strings.Join(texts, " ")
}
