// What only people can find out. The commands here ask nobody: they put on record what a person has learnt from a bank
// or wants of the outbox, and the payment's history names that person for good.

package paymentcmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/amount"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// A shop must take the same message twice anyway, so it is no harm to send one again; the ids stay, by which it knows
// them.
func newRedeliver(t *tool.Tool) *cobra.Command {
	var sequences []int64
	s := which{wanted: unheard()}
	c := s.command(t, &cobra.Command{
		Use:   "redeliver",
		Short: "Send a payment's messages to its shop once more",
		Long: `Puts the messages that were given up, or would wait for more than a minute, into the outbox again; or those of
--sequence, whatever became of them. They go out within a minute or two, under the ids that they always had: a shop that
knows one already may drop it.

With --json: the payment, as kassa payment show gives it.`,
		Example: "  kassa payment redeliver pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod\n  kassa payment redeliver " +
			"--shop my-shop --order 12345 --sequence 3 --stage prod",
	}, func(ctx context.Context, w work, p payment.Payment) error {
		helps := func(d delivery.Delivery) bool { return givenUp(d) || d.Waits(w.Now()) }
		if len(sequences) == 0 && !slices.ContainsFunc(p.Deliveries, helps) {
			w.Console.Note("no message of this payment was given up or waits for long, so none is sent again; --sequence "+
				"sends one all the same, by its number in %s",
				w.Line("payment", "history", p.ID.String()))
		}
		p, err := w.operator().Redeliver(ctx, p.ID, sequences)
		if err != nil {
			return err
		}
		return w.show(p)
	})
	c.Flags().Int64SliceVar(&sequences, "sequence", nil,
		"`number` of the entry of the history that the message is about; may be repeated (default all that were given up "+
			"or wait for over a minute)")
	c.Flags().Lookup("sequence").DefValue = "" // or else the help adds (default [])
	return c
}

// resolveFlags is what `kassa payment resolve` was told.
type resolveFlags struct {
	how, review, refund, amount, reason, as string
	yes                                     bool
}

// decisions are the words of --how.
func decisions() map[string]payment.RulingKind {
	return map[string]payment.RulingKind{
		"refund-done": payment.ResolveRefundDone, "refund-not-done": payment.ResolveRefundNotDone,
		"accept-captured": payment.ResolveAcceptCaptured, "dismiss": payment.ResolveDismiss,
	}
}

// Nothing here is undone by another decision, so the question names order, shop, stage and whether the money is real.
func newResolve(t *tool.Tool) *cobra.Command {
	var r resolveFlags
	s := which{wanted: underReview()}
	c := s.command(t, &cobra.Command{
		Use:   "resolve",
		Short: "Decide what only people can find out",
		Long: `Puts a person's decision on record, with a reason that others will read. Ask the bank first: what is decided
here is believed.

  refund-done       the refund in flight was carried out; where the bank gave back a part of it only, --amount says
                    which: that is then the refund's amount, and the shop may ask for the rest anew. Without a refund in
                    flight --amount says what the bank gave back by itself
  refund-not-done   the refund in flight was not carried out: its amount is free again
  accept-captured   the bank took another amount than the order's, and that is all right
  dismiss           the review (--review, where there are several) needs nothing more

A decision about a refund in flight names it with --refund, as kassa payment show tells it: the shop may have begun
another since the bank was asked. While whoever asked the bank may still be at work the exit code is 4: half an hour
later it is yours to decide. Whether it is meant is asked at a terminal.

With --json: the payment, as kassa payment show gives it.`,
		Example: `  kassa payment resolve pay_abcdefghijklmnopqrstuvwxyz-1 --how refund-not-done \
    --refund rf_abcdefghijklmnopqrstuvwxyz --reason "bank's desk, call of 21 November" --as aysel --stage prod
  kassa payment resolve pay_abcdefghijklmnopqrstuvwxyz-1 --how refund-done \
    --refund rf_abcdefghijklmnopqrstuvwxyz --amount 20.00 \
    --reason "the bank gave back 20.00 of 50.00" --as aysel --stage prod
  kassa payment resolve --shop my-shop --order 12345 --how dismiss --review regress \
    --reason "bank has corrected itself" --as aysel --stage prod`,
	}, r.run)
	c.Flags().StringVar(&r.how, "how", "", "refund-done, refund-not-done, accept-captured or dismiss")
	c.Flags().StringVar(&r.review, "review", "", "for dismiss: which review")
	c.Flags().StringVar(&r.refund, "refund", "",
		"for refund-done and refund-not-done: the `id` of the refund in flight that the bank was asked about")
	c.Flags().StringVar(&r.amount, "amount", "",
		"for refund-done: what the bank gave back where no refund is in flight, or a part of the one that is, such as 50.00")
	c.Flags().StringVar(&r.reason, "reason", "", "why; others will read it")
	c.Flags().BoolVar(&r.yes, "yes", false, "do not ask whether it is meant")
	tool.Operator(c, t, &r.as)
	return c
}

// run reads all that was typed first, then holds it against the payment, and asks last: whoever is asked should not be
// told afterwards that the line was wrong.
func (r *resolveFlags) run(ctx context.Context, w work, p payment.Payment) error {
	e, err := r.event()
	if err != nil {
		return err
	}
	typed, _ := amount.Read("--amount", r.amount) // event has read it
	if _, err := typed.Of(p); err != nil {
		return err
	}
	if err := named(e, p); err != nil && e.Refund == "" {
		return console.Fail(console.Usage, "%w: %s", err, r.line(w, p))
	} else if err != nil {
		return err
	}
	if err := w.Console.ConfirmIfSeen(r.yes, fmt.Sprintf("Put on record, of %s: %s?", w.about(p),
		inWords(e, p))); err != nil {
		return err
	}
	p, err = w.operator().Resolve(ctx, p.ID, e)
	if payment.CodeOf(err) == "refund_in_progress" && e.How != payment.ResolveDismiss { // it passes by itself
		return console.Fail(console.TryAgain, "%s", console.Say(err))
	}
	if err != nil {
		return err
	}
	return w.show(p)
}

// line is this command with the refund that is in flight. It leaves --yes out: what was typed without knowing the
// refund is asked about once more.
func (r *resolveFlags) line(w work, p payment.Payment) string {
	words := []string{"payment", "resolve", p.ID.String(), "--how", r.how, "--refund", p.InFlight().ID}
	for _, flag := range [][2]string{{"--amount", r.amount}, {"--reason", r.reason}, {"--as", r.as}} {
		if flag[1] != "" {
			words = append(words, flag[0], flag[1])
		}
	}
	return w.Line(words...)
}

// inWords is what a decision says.
func inWords(e payment.Ruling, p payment.Payment) string {
	refund := "the refund " + e.Refund
	if r, known := p.FindRefund(e.Refund); known {
		refund += " of " + money(p, r.Amount)
	}
	switch {
	case e.How == payment.ResolveRefundDone && e.Refund == "":
		return "the bank gave back " + money(p, e.Amount) + " by itself"
	case e.How == payment.ResolveRefundDone && e.Amount > 0:
		return refund + " was carried out with " + money(p, e.Amount) + " alone"
	case e.How == payment.ResolveRefundDone:
		return refund + " was carried out"
	case e.How == payment.ResolveRefundNotDone:
		return refund + " was not carried out"
	case e.How == payment.ResolveAcceptCaptured:
		return "the " + money(p, p.Captured) + " that the bank took instead of " + money(p, p.Amount.Minor) + " are all right"
	}
	return "the review " + cmp.Or(string(e.Review), strings.TrimSpace(joined(p.Reviews))) + " needs nothing more"
}

// named makes sure that a decision about the refund in flight names it, and that a part of it is one. What was true
// when the bank was asked may be another refund's by now: a shop may have begun one since.
func named(e payment.Ruling, p payment.Payment) error {
	r := p.InFlight()
	if r == nil || e.How != payment.ResolveRefundDone && e.How != payment.ResolveRefundNotDone {
		return nil
	}
	if e.Refund == "" {
		return console.Fail(console.Usage,
			"the refund %s of %s is in flight: add --refund %s if that is the one that the bank was asked about", r.ID,
			money(p, r.Amount), r.ID)
	}
	if e.Refund == r.ID && e.Amount >= r.Amount {
		return console.Fail(console.Usage,
			"--amount must be less than the refund's %s; leave it out if the bank gave back all of it", money(p, r.Amount))
	}
	return nil
}

// event reads what was typed, and gives all that is wrong with it at once.
func (r resolveFlags) event() (payment.Ruling, error) {
	var wrong []error
	fault := func(bad bool, format string, values ...any) {
		if bad {
			wrong = append(wrong, console.Fail(console.Usage, format, values...))
		}
	}
	how, known := decisions()[r.how]
	fault(!known, "--how must be refund-done, refund-not-done, accept-captured or dismiss")
	reasons := payment.ReviewReasons()
	fault(r.review != "" && !slices.Contains(reasons, payment.Review(r.review)), "--review %q is none; there are %s",
		r.review, joined(reasons))
	fault(known && (r.amount != "" && how != payment.ResolveRefundDone || r.review != "" && how != payment.ResolveDismiss),
		"--amount goes with refund-done alone, and --review with dismiss")
	fault(known && r.refund != "" && how != payment.ResolveRefundDone && how != payment.ResolveRefundNotDone,
		"--refund goes with refund-done and refund-not-done")
	by, wrongName := tool.Actor(r.as)
	why, wrongReason := checkReason("--reason is needed:", r.reason)
	typed, wrongAmount := amount.Read("--amount", r.amount)
	e := payment.Ruling{How: how, Review: payment.Review(r.review), Refund: r.refund, By: by, Why: why,
		Amount: typed.Minor}
	return e, console.All(append(wrong, wrongName, wrongReason, wrongAmount)...)
}

func joined(reviews []payment.Review) string {
	texts := make([]string, len(reviews))
	for i, one := range reviews {
		texts[i] = string(one)
	}
	return strings.Join(texts, " ")
}
