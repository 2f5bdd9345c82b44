package kapitaltxpg

import (
	"net/http"

	"kassa/shared/simbank/cardpage"
	"kassa/shared/simbank/kapitaltxpg/ledger"
)

// deskOrders is how many orders the desk shows.
const deskOrders = 50

func (s *Sim) showDesk(w http.ResponseWriter, status int, message string) {
	d := cardpage.Desk{Message: message, Now: s.opts.Now()}
	all := s.book.All()
	for i := len(all) - 1; i >= 0 && len(d.Orders) < deskOrders; i-- {
		o := all[i]
		line := cardpage.DeskOrder{
			ID: idText(o.ID), Status: o.Status, Description: o.Description, Card: o.Card.Masked,
			Amount: o.Amount, Charged: o.Charged, Refunded: o.GivenBack(), Created: o.Created.In(ledger.Baku()),
		}
		switch o.Status {
		case ledger.Preparing:
			line.Steps = []cardpage.Step{{Action: "approve", Label: "Approve"}, {Action: "decline", Label: "Decline"},
				{Action: "expire", Label: "Expire"}}
		case ledger.FullyPaid, ledger.PartPaid:
			line.Tone, line.Left = "good", o.Left()
		case ledger.Declined, ledger.Rejected:
			line.Tone = "bad"
		}
		if line.Left > 0 && o.GivenBack() == 0 {
			line.Whole = []cardpage.Step{{Action: "desk_void", Label: "Void"}}
		}
		d.Orders = append(d.Orders, line)
	}
	s.render(w, status, "desk", d)
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
