// Which payment is meant. Support knows the shop's number of an order and seldom an id of ours; but an order may have
// several attempts, and money must not go back from the wrong one. So each command says what it looks for, and takes
// none where two fit.

package paymentcmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/awsclient"
	"kassa/shared/checkout/field"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// which is the payment that a command line means: the one of an ID, or one of the attempts to pay an order of a shop.
// It is filled by flags, so a command has one of its own.
type which struct {
	id, shop, order string
	wanted          criterion
	key             *string // of a refund that is repeated: the attempt that has it on record goes before all others
}

// criterion is what a command looks for among the attempts of an order.
type criterion struct {
	what string // "holds money"
	is   func(payment.Payment) bool
}

// holdsMoney is for show, history and refund: there is something to give back.
func holdsMoney() criterion {
	return criterion{"holds money", func(p payment.Payment) bool { return p.Captured > p.Refunded }}
}

// unpaid is for cancel.
func unpaid() criterion {
	return criterion{"may still be paid", func(p payment.Payment) bool { return p.Status.Live() }}
}

// underReview is for resolve.
func underReview() criterion {
	return criterion{"is under review", func(p payment.Payment) bool { return len(p.Reviews) > 0 }}
}

// unheard is for redeliver.
func unheard() criterion {
	return criterion{"has a message that was given up", func(p payment.Payment) bool {
		return slices.ContainsFunc(p.Deliveries, givenUp)
	}}
}

// began is the attempt that has the refund of a key on record, if one has: a run that is repeated must not find
// another.
func began(key string) criterion {
	return criterion{"has the refund of this key", func(p payment.Payment) bool {
		_, begun := p.FindRefund(payment.RefundID(p.ID, key))
		return begun
	}}
}

// givenUp says that no further try of a message is due by itself.
func givenUp(d delivery.Delivery) bool { return d.State == delivery.Dead }

// rule is how an order is understood, for help texts.
func (s criterion) rule() string {
	return `Instead of the ID, --shop and --order name an order. Of several attempts to pay it the one that ` + s.what +
		` is meant, or else
the newest; where that is true of two of them none is taken, and the command says which there are.`
}

// command makes a command that works on one payment, which is named by its ID or by its order.
func (w *which) command(t *tool.Tool, c *cobra.Command,
	do func(context.Context, work, payment.Payment) error) *cobra.Command {
	c.Use += " {ID | --shop SHOP --order REF}"
	c.Long += "\n\n" + w.wanted.rule() + "\n\n" + console.Codes
	c.Args = tool.Between(0, "ID")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			w.id = args[0]
		}
		return w.run(c.Context(), t, do)
	}
	c.Flags().StringVar(&w.shop, "shop", "", "the shop, with --order")
	c.Flags().StringVar(&w.order, "order", "", "the shop's own number of the order (order_ref), with --shop")
	return c
}

// run is the frame of each command on one payment: what was typed, the stage, the payment, and then the command. What
// AWS refuses is explained here once for all of them.
func (w *which) run(ctx context.Context, t *tool.Tool, do func(context.Context, work, payment.Payment) error) error {
	w.order = orderRef(w.order)
	if err := w.check(); err != nil {
		return err
	}
	to, err := begin(ctx, t)
	if err != nil {
		return err
	}
	p, err := to.find(ctx, *w)
	if err == nil {
		err = do(ctx, to, p)
	}
	return to.explain(err)
}

// orderRef is an order_ref as it is on record, of what was typed or pasted: none has blanks around it.
func orderRef(text string) string { return strings.TrimSpace(field.Ref(text)) }

// check makes sure that one payment is named, in one way.
func (w *which) check() error {
	byOrder := w.shop != "" || w.order != ""
	switch {
	case w.id != "" && byOrder:
		return console.Fail(console.Usage, "name the payment once: by its ID, or by --shop and --order")
	case w.id == "" && (w.shop == "" || w.order == ""):
		return console.Fail(console.Usage, "say which payment: its ID, or --shop SHOP and --order REF together")
	case byOrder:
		return shopForm(w.shop)
	}
	_, err := parseID(w.id)
	return err
}

// shopForm makes sure that a shop's id can be one; whether there is such a shop is looked up only where nothing is
// found.
func shopForm(shop string) error {
	if shop != "" && !vault.IsShopID(shop) {
		return console.Fail(console.Usage, "--shop %q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -", shop)
	}
	return nil
}

// find reads the payment that is meant.
func (w work) find(ctx context.Context, s which) (payment.Payment, error) {
	if s.id != "" {
		return w.load(ctx, s.id)
	}
	all, err := w.attempts(ctx, s.shop, s.order)
	if err != nil {
		return payment.Payment{}, err
	}
	chosen, why := s.choose(all)
	if len(chosen) > 1 {
		return payment.Payment{}, console.Fail(console.Usage,
			"of %d attempts to pay this order each %s: %s; name one of them by its ID",
			len(chosen), s.wanted.what, strings.Join(listed(chosen), ", "))
	}
	if len(all) > 1 {
		w.Console.Note("the order has %d attempts; this is %s, %s: %s shows them all", len(all), chosen[0].ID, why,
			w.Line("payment", "list", "--shop", s.shop, "--order", s.order))
	}
	return chosen[0], nil
}

// choose gives the attempts that are meant, which should be one, and why.
func (w which) choose(all []payment.Payment) (chosen []payment.Payment, why string) {
	rules := []criterion{w.wanted}
	if w.key != nil && *w.key != "" {
		rules = []criterion{began(*w.key), w.wanted}
	}
	for _, rule := range rules {
		if fit := slices.DeleteFunc(slices.Clone(all), func(p payment.Payment) bool { return !rule.is(p) }); len(fit) > 0 {
			return fit, "the one that " + rule.what
		}
	}
	return all[:1], "the newest"
}

// listed names attempts with what tells them apart: status and money.
func listed(all []payment.Payment) []string {
	texts := make([]string, len(all))
	for i, p := range all {
		texts[i] = fmt.Sprintf("%s (%s, captured %s, given back %s)", p.ID, p.Status, money(p, p.Captured),
			money(p, p.Refunded))
	}
	return texts
}

// attempts are all attempts to pay an order, the newest first; NotFound where there is none, in other words where there
// is no such shop.
func (w work) attempts(ctx context.Context, shop, order string) ([]payment.Payment, error) {
	found, err := w.stage.Store().Attempts(ctx, payment.OrderKey(shop, order))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if err := w.knows(ctx, shop); err != nil {
			return nil, err
		}
		return nil, console.Fail(console.NotFound, "the shop %s has no payment of an order %s in %s", shop, order, w.stage)
	}
	slices.Reverse(found)
	return found, nil
}

// knows makes sure that there is such a shop: nothing found must not look like nothing there. Whoever may read payments
// and no secrets is told that it could not be looked up. A typed shop that does not exist and an order that nobody paid
// look the same in the table; only the shop's secret tells them apart.
func (w work) knows(ctx context.Context, shop string) error {
	v := vault.New(w.stage.Secrets(), w.stage.Name)
	_, found, err := v.Read(ctx, v.ShopName(shop))
	switch {
	case err != nil && awsclient.FaultOf(err) == awsclient.Denied:
		w.Console.Note("whether there is a shop %s in %s cannot be told: these credentials may not read its secret", shop,
			w.stage)
		return nil
	case err != nil:
		return err
	case !found:
		return w.NoShop(&payment.Error{Kind: payment.NotFound, Message: fmt.Sprintf("there is no shop %q in %s", shop,
			w.stage)})
	}
	return nil
}
