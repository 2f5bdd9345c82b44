package kapitalxml

import (
	"net/http"

	"kassa/shared/simbank/cardpage"
	"kassa/shared/simbank/kapitalxml/ledger"
)

// deskOrders is how many orders the desk shows.
const deskOrders = 50

func (s *Sim) showDesk(w http.ResponseWriter, status int, message string) {
	d := cardpage.Desk{Message: message, Now: s.opts.Now()}
	all := s.book.All()
	for i := len(all) - 1; i >= 0 && len(d.Orders) < deskOrders; i-- {
		o := all[i]
		d.Orders = append(d.Orders, cardpage.DeskOrder{
			ID: idText(o.ID), Status: o.Status, Description: o.Description, Card: o.Card.Masked,
			Amount: o.Amount, Charged: o.Charged, Refunded: o.GivenBack(), Created: o.Created.In(ledger.Baku()),
			Tone: deskTone(o.Status), Steps: deskSteps(o.Status), Left: left(o), Whole: whole(o),
		})
	}
	s.render(w, status, "desk", d)
}

// left is what the desk can still give back, in minor units.
func left(o ledger.Order) int64 {
	if o.Status != ledger.Approved {
		return 0
	}
	return o.Charged - o.Refunded
}

func whole(o ledger.Order) []cardpage.Step {
	if o.Refunded > 0 {
		return nil
	}
	return []cardpage.Step{{Action: "desk_reverse", Label: "Reverse"}}
}

func deskTone(status string) string {
	switch status {
	case ledger.Approved:
		return "good"
	case ledger.Declined, ledger.Failed:
		return "bad"
	}
	return ""
}

// deskSteps decide what the bank has not decided yet.
func deskSteps(status string) []cardpage.Step {
	decide := []cardpage.Step{{Action: "approve", Label: "Approve"}, {Action: "decline", Label: "Decline"}}
	expire := cardpage.Step{Action: "expire", Label: "Expire"}
	switch status {
	case ledger.Created, ledger.OnPayment:
		return append(decide, expire)
	case ledger.OnLock:
		return append(decide, expire, cardpage.Step{Action: "unlock", Label: "Unlock"})
	case ledger.Failed:
		return decide
	case ledger.OnRefund:
		return []cardpage.Step{{Action: "settle", Label: "Settle the refund"}}
	}
	return nil
}

func (s *Sim) submitDesk(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	c := command{Action: r.PostFormValue("action")}
	if c.Action == "desk_refund" {
		amount, err := cardpage.Minor(r.PostFormValue("amount"))
		if err != nil {
			s.showDesk(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		c.Amount = amount
	}
	if err := s.command(r.PostFormValue("order"), c); err != nil {
		s.showDesk(w, http.StatusConflict, err.Error())
		return
	}
	http.Redirect(w, r, "desk", http.StatusSeeOther)
}
