package txpg

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/bank/banktest"
	"kassa/shared/payment"
)

func TestContract(t *testing.T) {
	banktest.Run(t, func(t *testing.T) banktest.Fixture { return fixture(t, connect(t, nil)) })
}

func fixture(t *testing.T, c *connected) banktest.Fixture {
	dead := httptest.NewServer(nil)
	address := "https" + dead.URL[len("http"):]
	dead.Close()
	calls := map[bank.Operation]string{bank.OpOpen: "create", bank.OpStatus: "order", bank.OpRefund: "exec-tran"}
	faults := map[banktest.Fault]string{banktest.AnswerLost: "lost", banktest.AnswerJunk: "junk", banktest.NotDone: "gone"}
	return banktest.Fixture{
		Bank: c.Gateway, Dead: c.terminal(t, map[string]any{"base_url": address}),
		Amount: payment.Money{Minor: 15050, Currency: payment.AZN}, Now: c.now, Pages: pages + "/flex?",
		Secrets: []string{testPassword, "canary-text"}, Log: c.log.String,
		Spoil: func(o *bank.Order) { o.Amount.Currency = payment.BYN },
		Outcomes: map[banktest.Step]payment.State{
			banktest.Approve: payment.BankApproved, banktest.Decline: payment.BankDeclined,
			banktest.Cancel: payment.BankCancelled,
			banktest.Work:   payment.BankProcessing, banktest.Expire: payment.BankExpired,
		},
		Drive: func(h bank.Handle, step banktest.Step) error { return c.bank.drive(h.OrderID, step) },
		Fault: func(op bank.Operation, f banktest.Fault) error {
			c.bank.faulty, c.bank.fault = calls[op], faults[f]
			return nil
		},
		Ledger: c.bank.ledger,
	}
}

func (b *gatewayBank) drive(id string, step banktest.Step) error {
	o := b.orders[id]
	if o == nil {
		return fmt.Errorf("no order %s", id)
	}
	switch step {
	case banktest.Approve:
		b.pay(o)
	case banktest.Decline:
		lay(b.entry(o, o.amount, "Purchase", "Purchase"), map[string]any{"pmoResultCode": "59", "ridByPmo": "",
			"clearAmount": 0})
		o.status = "Declined"
	case banktest.Cancel:
		o.status = "Cancelled"
	case banktest.Expire:
		o.status = "Expired"
	case banktest.Work:
		lay(b.entry(o, o.amount, "Purchase", "Purchase"), map[string]any{"pmoResultCode": "4", "ridByPmo": "",
			"clearAmount": 0})
	}
	return nil
}

func (b *gatewayBank) ledger() (l banktest.Ledger) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		l.Orders++
		for _, t := range o.trans {
			if minor := minorOf(t["clearAmount"]); minor > 0 {
				l.Charged += minor
			} else {
				l.Returned -= minor
			}
		}
	}
	return l
}
