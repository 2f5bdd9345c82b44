// How payments look at a terminal and in JSON. Both are made from the API's own view, so that the command and the API
// never tell two things, less redirect_url and client_token: what is on a screen is copied into tickets.

package paymentcmd

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kassa/infra/kassa/console"
	"kassa/shared/api"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// view is a payment as its shop sees it, without what opens doors, and with what its shop does not see.
type view struct {
	Shop string `json:"shop"`
	api.PaymentView
	Merchant    string           `json:"merchant"`
	Environment string           `json:"environment"`
	Gateway     string           `json:"gateway,omitempty"` // of a bank that has several
	Refundable  int64            `json:"refundable_amount"`
	Reviews     []payment.Review `json:"reviews"`
	Deliveries  []deliveryView   `json:"deliveries"`
	Resolutions []resolutionView `json:"resolutions"`
}

// deliveryView is how far the shop was told of one entry; At is the last try, RFC 3339 in UTC.
type deliveryView struct {
	Sequence int64          `json:"sequence"`
	State    delivery.State `json:"state"`
	Tries    int            `json:"tries"`
	At       string         `json:"at"`
	Code     string         `json:"code"`
}

// resolutionView is a decision with its reason, which the API does not show.
type resolutionView struct {
	Sequence int64  `json:"sequence"`
	At       string `json:"at"`
	How      string `json:"how"`
	By       string `json:"by"`
	Why      string `json:"why"`
}

// viewOf gives a payment with empty lists in the place of missing ones, since scripts go through them.
func viewOf(p payment.Payment, now time.Time) view {
	v := view{Shop: p.Shop, PaymentView: api.ViewPayment(p, nil, now), Merchant: p.Handle.Account.Merchant,
		Environment: p.Handle.Account.Environment, Gateway: p.Handle.Account.Gateway, Refundable: max(0, p.Refundable()),
		Reviews: p.Reviews, Deliveries: []deliveryView{}, Resolutions: []resolutionView{}}
	v.RedirectURL, v.ClientToken = nil, nil
	if v.Reviews == nil {
		v.Reviews = []payment.Review{}
	}
	for _, d := range p.Deliveries {
		v.Deliveries = append(v.Deliveries, deliveryView{d.Sequence, d.State, d.Tries, stamp(d.At), d.Code})
	}
	for _, r := range p.Resolutions {
		v.Resolutions = append(v.Resolutions, resolutionView{r.Sequence, stamp(r.At), string(r.How), r.By, r.Why})
	}
	return v
}

// stamp is a time as all tables show it, to the second in UTC; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// money is an amount for people.
func money(p payment.Payment, minor int64) string {
	return payment.Money{Minor: minor, Currency: p.Amount.Currency}.String()
}

// notes are what is unusual about a payment.
func notes(p payment.Payment) string {
	var all []string
	if p.Late {
		all = append(all, "late")
	}
	if p.Overpaid {
		all = append(all, "overpaid")
	}
	for _, r := range p.Reviews {
		all = append(all, "review:"+string(r))
	}
	return strings.Join(all, " ")
}

// writeRows writes a payment over several lines.
func (w work) writeRows(out io.Writer, p payment.Payment) {
	rows := [][]string{
		{"payment", p.ID.String()}, {"shop", p.Shop}, {"order", p.OrderRef}, {"status", string(p.Status), notes(p)},
		{"bank", p.Bank, strings.TrimSpace("order " + p.Handle.OrderID + " " + p.BankStatus + " " + p.BankCode)},
		{"merchant", p.Handle.Account.Merchant,
			strings.TrimSpace(p.Handle.Account.Environment + " " + p.Handle.Account.Gateway)},
		{"amount", money(p, p.Amount.Minor)}, {"captured", money(p, p.Captured)}, {"given back", money(p, p.Refunded)},
		{"can be given back", money(p, max(0, p.Refundable()))},
		{"created", stamp(p.CreatedAt)}, {"paid", stamp(p.PaidAt)},
	}
	if p.Status == payment.Declined && p.Decline.Code != "" {
		rows = append(rows, []string{"declined", strings.ReplaceAll(string(p.Decline.Hint), "_", " "), "the bank's code is " +
			p.Decline.Code + ": " + w.means(p, p.Decline.Code)})
	}
	rows = append(rows, receiptRows(p.Receipt)...)
	if p.Term > 0 {
		rows = append(rows, []string{"term", strconv.Itoa(p.Term) + " months"})
	}
	for _, r := range p.Refunds {
		told := r.ID + " by " + r.By + " " + stamp(r.RequestedAt)
		if r.Reference != "" {
			told += " reference " + r.Reference
		}
		rows = append(rows, []string{"refund " + string(r.Status), money(p, r.Amount),
			strings.TrimSpace(told + " " + r.Reason)})
	}
	for _, d := range p.Deliveries {
		if d.State != delivery.Delivered {
			rows = append(rows, []string{"message " + strconv.FormatInt(d.Sequence, 10), string(d.State),
				fmt.Sprintf("%d tries, %s %s", d.Tries, stamp(d.At), d.Code)})
		}
	}
	console.Pairs(out, rows)
}

// receiptRows are what the bank has told of the payment for people.
func receiptRows(r payment.Receipt) (rows [][]string) {
	if r.Card+r.Brand != "" {
		rows = append(rows, []string{"card", r.Card, r.Brand})
	}
	for _, known := range [][]string{{"approval code", r.ApprovalCode}, {"rrn", r.RRN}} {
		if known[1] != "" {
			rows = append(rows, known)
		}
	}
	return rows
}

// table writes payments one a line.
func table(w io.Writer, all []payment.Payment) {
	rows := make([][]string, len(all))
	for i, p := range all {
		rows[i] = []string{p.ID.String(), p.Shop, p.OrderRef, p.Bank, string(p.Status), money(p, p.Amount.Minor),
			money(p, p.Captured), money(p, p.Refunded),
			stamp(p.CreatedAt), notes(p)}
	}
	console.Table(w, []string{"PAYMENT", "SHOP", "ORDER", "BANK", "STATUS", "AMOUNT", "CAPTURED", "GIVEN BACK", "CREATED",
		"NOTES"}, rows)
}

// entry is one line of a history.
type entry struct {
	api.EntryView
	Delivery *deliveryView `json:"delivery"` // how the shop was told; null where it is not told
	Why      string        `json:"why"`      // of a person's decision; of a refusal, what its code means
}

// historyOf joins each entry of the history with how it was told and with the decision that it stands for; both name
// the entry by its sequence.
// historyOf joins to each entry how the shop was told of it, and why it came about where a person or the bank said so.
func (w work) historyOf(p payment.Payment) []entry {
	v := viewOf(p, w.Now())
	all := make([]entry, len(v.History))
	for i, e := range v.History {
		all[i].EntryView = e
		// its message said why, and nothing else did
		if e.What == string(payment.Declined) && e.Code == nil && v.Decline != nil {
			all[i].Code = &v.Decline.Code
		}
		if code := all[i].Code; e.What == string(payment.Declined) && code != nil {
			all[i].Why = w.means(p, *code)
		}
		for _, d := range v.Deliveries {
			if d.Sequence == e.Sequence {
				all[i].Delivery = &d
			}
		}
		for _, r := range v.Resolutions {
			if r.Sequence == e.Sequence {
				all[i].Why = r.How + ": " + r.Why
			}
		}
	}
	return all
}

// historyTable writes a history.
func historyTable(w io.Writer, all []entry) {
	rows := make([][]string, len(all))
	for i, e := range all {
		told := "-"
		if e.Delivery != nil {
			told = strings.TrimSpace(string(e.Delivery.State) + " " + e.Delivery.Code)
		}
		rows[i] = []string{strconv.FormatInt(e.Sequence, 10), e.At, e.What, e.By, said(e.Ref), said(e.Code), told, e.Why}
	}
	console.Table(w, []string{"NO", "AT", "WHAT", "BY", "REFUND", "CODE", "TOLD", "WHY"}, rows)
}

// said is an optional text in a cell.
func said(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	return *text
}
