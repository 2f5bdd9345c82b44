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
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/checkout/field"
	"kassa/shared/payment"
)

// refunding is what `kassa payment refund` was told.
type refunding struct {
	amount, key, reason, as string
	yes                     bool
}

func newRefund(t *tool.Tool) *cobra.Command {
	var r refunding
	c := &cobra.Command{
		Use:   "refund ID",
		Short: "Give money back through the bank",
		Long: `Gives money back through the payment's bank, as the API does: all that remains, or --amount. It is on record before the bank hears of it,
and what the bank does not confirm stays in flight and is found out by itself: then the exit code is 4. The bank is called from this
machine: where it allow-lists addresses, the functions' may be other ones.

Each run has an idempotency key, which is told first. A run that was cut off is repeated with --key and that key; it gives nothing back twice.

With --json: {"payment_id","key","replayed","refund":{"id","payment_id","amount","status","origin","bank_refund_id","created_at"}}; minor units.

` + console.Codes,
		Example: `  kassa payment refund pay_abcdefghijklmnopqrstuvwxyz-1 --amount 50.00 --reason "one cup broke" --as aysel --stage prod
  kassa payment refund pay_abcdefghijklmnopqrstuvwxyz-1 --yes --as aysel --stage prod`,
		Args: tool.Exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error { return r.run(c.Context(), t, args[0]) },
	}
	c.Flags().StringVar(&r.amount, "amount", "", "how much, with two decimals, such as 50.00 (default all that remains)")
	c.Flags().StringVar(&r.reason, "reason", "", "why; kassa payment show tells it")
	c.Flags().StringVar(&r.key, "key", "", "the idempotency key of a run that is repeated")
	c.Flags().BoolVar(&r.yes, "yes", false, "do not ask whether it is meant")
	operator(c, t, &r.as)
	return c
}

var (
	amountForm = regexp.MustCompile(`^([0-9]{1,10})\.([0-9]{2})$`)
	keyForm    = regexp.MustCompile(`^[!-~]{1,64}$`)
)

// order reads what was typed.
func (r refunding) order(p payment.Payment) (o checkout.RefundOrder, err error) {
	o = checkout.RefundOrder{ID: p.ID, Shop: p.Shop, Key: r.key, Reason: r.reason}
	if o.By, err = actor(r.as); err != nil {
		return o, err
	}
	if o.Key == "" {
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails: it ends the program instead
		o.Key = "operator-" + hex.EncodeToString(random[:])
	}
	if !keyForm.MatchString(o.Key) {
		return o, console.Fail(console.Usage, "--key is the key that an earlier run has told: 1 to 64 visible characters")
	}
	o.Amount, err = readAmount(r.amount)
	return o, err
}

// readAmount reads an amount in minor units from one with two decimals; 0 when none was typed.
func readAmount(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	m := amountForm.FindStringSubmatch(text)
	if m == nil {
		return 0, console.Fail(console.Usage, "--amount %q must have two decimals, such as 50.00", text)
	}
	minor, err := strconv.ParseInt(m[1]+m[2], 10, 64)
	if err != nil || minor == 0 {
		return 0, console.Fail(console.Usage, "--amount %q is no amount", text)
	}
	return minor, nil
}

func (r refunding) run(ctx context.Context, t *tool.Tool, id string) error {
	w, err := begin(ctx, t)
	if err != nil {
		return err
	}
	p, err := w.load(ctx, id)
	if err != nil {
		return err
	}
	o, err := r.order(p)
	if err != nil {
		return err
	}
	amount := cmp.Or(o.Amount, p.Refundable())
	question := fmt.Sprintf("Give back %s of order %s of the shop %s (captured %s, given back %s)?", money(p, amount), p.OrderRef, p.Shop, money(p, p.Captured), money(p, p.Refunded))
	if err := t.Console.Confirm(r.yes, question); err != nil {
		return err
	}
	t.Console.Note("idempotency key %s; should this be cut off, repeat it with --key %s", o.Key, o.Key)
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	result, err := w.place.Service(w.log(slog.LevelWarn)).Refund(bounded, o)
	if err != nil {
		return w.unsettled(ctx, o, err)
	}
	return w.refunded(o.Key, result)
}

// unsettled says, beside an error that may pass, whether money can have gone back: the bank hears of no refund that is not on record.
func (w work) unsettled(ctx context.Context, o checkout.RefundOrder, err error) error {
	if console.CodeOf(err) != console.TryAgain {
		return err
	}
	what := "whether money went back is not known yet; repeat it with --key " + o.Key
	p, loadErr := w.place.Store().Load(ctx, o.ID)
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
		console.Pairs(out, [][]string{{"refund", v.ID}, {"amount", money(r.Payment, v.Amount)}, {"status", v.Status}, {"left", money(r.Payment, max(0, r.Payment.Refundable()))}})
	})
	if err == nil && r.Refund.Status != payment.RefundSucceeded {
		err = console.Fail(console.TryAgain, "the bank has not confirmed the refund yet; it is found out by itself within the hour, and kassa payment show tells")
	}
	return err
}

func newCancel(t *tool.Tool) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "cancel ID",
		Short: "End a payment that nobody has paid",
		Long: `Ends an unpaid payment, after its bank was asked, from this machine. The bank's page may stay payable for its lifetime; money that comes
all the same is kept and marked late. While the bank does not answer nothing is ended, and the exit code is 4.

With --json: the payment, as kassa payment show gives it.

` + console.Codes,
		Example: "  kassa payment cancel pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod --as aysel",
		Args:    tool.Exactly("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			by, err := actor(as)
			if err != nil {
				return err
			}
			w, err := begin(c.Context(), t)
			if err != nil {
				return err
			}
			p, err := w.load(c.Context(), args[0])
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), patience)
			defer cancel()
			ended, err := w.place.Service(w.log(slog.LevelError)).Cancel(ctx, p.ID, p.Shop, by) // that a bank is silent is the error itself
			if err != nil {
				return w.unended(c.Context(), p.ID, err)
			}
			return w.show(ended)
		},
	}
	operator(c, t, &as)
	return c
}

// unended says, beside an error that may pass, that the payment is as it was: what the bank did not answer must not read as if it were
// ended perhaps.
func (w work) unended(ctx context.Context, id payment.ID, err error) error {
	p, loadErr := w.place.Store().Load(ctx, id)
	if console.CodeOf(err) != console.TryAgain || loadErr != nil || p.Status != payment.Created && p.Status != payment.Pending {
		return err
	}
	return console.Fail(console.TryAgain, "the payment was not ended: %s", console.Say(err))
}

// maxReason is how long a reason may be, in characters.
const maxReason = 200

// checkReason reads why a person decides something.
func checkReason(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || !field.Plain(text, maxReason) || field.HoldsCardNumber(text) {
		return "", console.Fail(console.Usage, "--reason is needed: why, in 1 to %d plain characters and without a card number; others will read it", maxReason)
	}
	return text, nil
}
