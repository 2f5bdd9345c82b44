package page

import (
	"fmt"
	"strconv"

	"kassa/shared/simbank/frame"
)

// View is what the customer's page shows. Amounts are minor units.
type View struct {
	Lang     string // "be", "ru" or "en"
	Shop     string
	Order    string
	Amount   int64
	Currency string
	Returned int64
	Term     int // months
	Items    []Item
	Name     string // the applicant's first name while the bank knows it
	Status   string
	Later    bool // the customer has put the decision off before
	// Action is the relative address of the form, with session and language.
	Action string
	// Home is the same address without a language, to switch languages.
	Home string
	// NoConsent says that the customer forgot to agree.
	NoConsent bool
	// Back is the shop's address; empty shows no way back.
	Back string
}

// Item is one line of the order; Price is minor units per piece.
type Item struct {
	Name            string
	Quantity, Price int64
}

// Languages lists the switch; the bank speaks these three.
func (v View) Languages() []frame.Language { return frame.Languages(v.Home, v.Lang, "be", "ru", "en") }

// Say returns a text in the language of the view.
func (v View) Say(key string) string { return text(v.Lang, key) }

// Money is an amount as one word.
func (v View) Money(minor int64) string {
	major, fraction := frame.Money(v.Lang, minor)
	return major + fraction + "\u00a0" + v.Currency
}

// Major is the whole part of an amount, Fraction its sign and two digits.
func (v View) Major(minor int64) string {
	major, _ := frame.Money(v.Lang, minor)
	return major
}

// Fraction is what follows Major.
func (v View) Fraction(minor int64) string {
	_, fraction := frame.Money(v.Lang, minor)
	return fraction
}

// Months is the term in words.
func (v View) Months() string {
	return strconv.Itoa(v.Term) + "\u00a0" + v.Say("months_"+plural(v.Lang, v.Term))
}

// Schedule is the plan: all payments are the amount divided by the term, rounded
// up, and the last one is the rest. They add up to the amount exactly.
func (v View) Schedule() []int64 {
	if v.Term < 1 {
		return nil
	}
	n := int64(v.Term)
	each := (v.Amount + n - 1) / n
	plan := make([]int64, v.Term)
	for i := range plan {
		plan[i] = each
	}
	plan[v.Term-1] = v.Amount - each*(n-1)
	return plan
}

// Monthly is the first payment of the plan.
func (v View) Monthly() int64 {
	if plan := v.Schedule(); len(plan) > 0 {
		return plan[0]
	}
	return 0
}

// Short tells the plan in one line: 12 × 10,00 BYN, or 11 × 8,34 + 8,26 BYN.
func (v View) Short() string {
	plan := v.Schedule()
	if len(plan) == 0 {
		return ""
	}
	last := plan[len(plan)-1]
	if last == plan[0] {
		return fmt.Sprintf("%d\u00a0×\u00a0%s", len(plan), v.Money(last))
	}
	return fmt.Sprintf("%d\u00a0×\u00a0%s%s + %s", len(plan)-1, v.Major(plan[0]), v.Fraction(plan[0]), v.Money(last))
}

// Cost is what the line costs, in minor units.
func (i Item) Cost() int64 { return i.Quantity * i.Price }

// Tone picks the colour and the sign of an ended application.
func (v View) Tone() string {
	switch v.Status {
	case "APPROVED":
		return "good"
	case "REJECTED", "ERROR":
		return "bad"
	}
	return "quiet"
}

// Title heads the page of an ended application; an unknown status stands for
// itself.
func (v View) Title() string {
	if texts()["status_"+v.Status] == nil {
		return v.Status
	}
	return v.Say("status_" + v.Status)
}

// Detail explains the status in one sentence; an unknown one is not explained.
func (v View) Detail() string {
	if texts()["detail_"+v.Status] == nil {
		return ""
	}
	return v.Say("detail_" + v.Status)
}
