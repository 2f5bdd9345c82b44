package checkout_test

import (
	"context"
	"testing"

	"kassa/shared/checkout"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// The save of an intent is done, its answer lost, somebody saves on top, and the repeated save meets a stranger's
// version: the intent is known as one's own, and the bank is asked once.
func TestOnesOwnIntentIsKnownAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		p := c.open("A")
		c.bank.approve("A")
		if _, err := c.callback(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		c.store.After = func(op memory.Op, _ payment.ID) error {
			if op != memory.Save {
				return nil
			}
			c.store.After = nil
			other := c.stored("A", 1)
			if other.InFlight() == nil {
				t.Fatal("the save is not that of an intent")
			}
			other.BankCode = "001"
			if _, err := c.store.Save(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			return checkout.ErrConflict
		}
		got, err := c.svc.Refund(t.Context(), checkout.RefundOrder{ID: p.ID, Shop: p.Shop, By: "shop:k1", Key: "k1",
			Amount: 5000})
		if err != nil || got.Refund.Status != payment.RefundSucceeded || got.Replayed {
			t.Fatalf("%+v %v", got.Refund, err)
		}
		if a := c.bank.account("A"); a.returned != 5000 || len(a.done) != 1 {
			t.Errorf("the bank gave back %d by %v", a.returned, a.done)
		}
	})
}

// repeating is a store whose answer to a creation is lost: somebody saves on top, and the SDK repeats the write.
type repeating struct{ *memory.Store }

func (r repeating) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	made, err := r.Store.Create(ctx, p)
	if err != nil {
		return made, err
	}
	made.BankCode = "001"
	if _, err := r.Save(ctx, made); err != nil {
		return made, err
	}
	return r.Store.Create(ctx, p)
}

// The same when the payment itself was made: its maker opens it.
func TestOnesOwnPaymentIsKnownAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *counter) {
		c.svc.Store = repeating{c.store}
		if p := c.open("A"); p.Status != payment.Pending || p.BankCode != "001" {
			t.Errorf("it is %s", p.Status)
		}
		if refs := c.bank.references(); len(refs) != 1 {
			t.Errorf("opened at the bank: %q", refs)
		}
	})
}

// What a bank's reaction to a refund means: only a definite no, or nothing sent, gives the reservation back.
func TestWhatABanksReactionMeans(t *testing.T) {
	for kind, want := range map[payment.Kind]payment.RefundStatus{
		payment.Refused: payment.RefundFailed, payment.Uncertain: payment.RefundUnknown,
		payment.Malformed: payment.RefundUnknown,
		payment.Internal:  payment.RefundUnknown, payment.Unavailable: "", payment.Misconfigured: "", payment.Unsupported: "",
	} {
		t.Run(kind.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *counter) {
				paid(c)
				p := c.stored("A", 1)
				c.bank.before = func(_ context.Context, call, _ string) error {
					if call == "refund" {
						return &payment.Error{Kind: kind, Message: "So it is."}
					}
					return nil
				}
				err := c.refund(t.Context(), p, "k1")
				after := c.stored("A", 1)
				var got payment.RefundStatus
				if len(after.Refunds) > 0 {
					got = after.Refunds[0].Status
				}
				if got != want || (after.Reserved() == 5000) != (want == payment.RefundUnknown) ||
					(err == nil) != (want == payment.RefundUnknown) {
					t.Errorf("the refund is %q, reserved %d, answer %v", got, after.Reserved(), err)
				}
			})
		})
	}
}
