// What a review asks of people: the command line to type for each thing that they may find out. The words are those of
// the package wording, which all who speak of reviews have.

package paymentcmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// advice is what a review means, and what to type about it. docs/operate.md says the same at length.
type advice struct {
	wording.Advice
	facts string // of this payment
	steps []step
}

// step is a command line to type, and when.
type step struct {
	when string // the key of its text
	line string
}

// adviceOn is what a review of a payment means. A reason that this version does not know is told as that.
func (w work) adviceOn(p payment.Payment, reason payment.Review) advice {
	r := p.InFlight()
	a := advice{Advice: w.say.Review(reason, p.Status.Money(), r != nil), steps: w.stepsOn(p, reason)}
	switch {
	case reason == payment.ReviewAmount:
		a.facts = w.say.Say("fact.amount", money(p, p.Captured), money(p, p.Amount.Minor))
	case reason == payment.ReviewRefund && r != nil:
		a.facts = w.say.Say("fact.refund", r.ID, money(p, r.Amount), stamp(r.RequestedAt))
	case reason == payment.ReviewRefund:
		a.facts = w.say.Say("fact.refund_desk", money(p, p.Refunded), money(p, p.Captured))
	}
	return a
}

// stepsOn are the decisions that a review can end with, each as a line to paste.
func (w work) stepsOn(p payment.Payment, reason payment.Review) (all []step) {
	for _, c := range people.Choices(p, reason) {
		if c.GiveBack {
			all = append(all, step{c.When, w.Line(w.signed("payment", "refund", p.ID.String())...)})
			continue
		}
		words := []string{"--how", strings.ReplaceAll(string(c.Ruling.How), "_", "-")}
		if c.Ruling.Review != "" {
			words = append(words, "--review", string(c.Ruling.Review))
		}
		if c.Ruling.Refund != "" {
			words = append(words, "--refund", c.Ruling.Refund)
		}
		if c.Part {
			words = append(words, "--amount", "PART")
		}
		all = append(all, step{c.When, w.decision(p.ID.String(), append(words, "--reason", c.Ruling.Why)...)})
	}
	return all
}

// decision is a line of `kassa payment resolve`.
func (w work) decision(id string, words ...string) string {
	return w.Line(w.signed(append([]string{"payment", "resolve", id}, words...)...)...)
}

// signed adds who decides, where the system does not know.
func (w work) signed(words ...string) []string {
	if tool.IsName(w.User) {
		return words
	}
	return append(words, "--as", "NAME")
}

// advise writes below a payment what its reviews mean and what to type next.
func (w work) advise(out io.Writer, p payment.Payment) {
	for _, reason := range p.Reviews {
		a := w.adviceOn(p, reason)
		line(out, "\n%s: %s", w.say.Say("advice.review", w.say.Word("reason", string(reason))), a.Happened)
		for _, part := range [][2]string{{"here", a.facts}, {"sure", a.Sure}, {"next", a.Next}, {"never", a.Never}} {
			if part[1] != "" {
				line(out, "  %s", w.say.Say("advice."+part[0], part[1]))
			}
		}
		for _, s := range a.steps {
			line(out, "  %s", w.say.Say("advice.when", w.say.Say(s.when)))
			line(out, "    %s", s.line)
		}
	}
	if p.Overpaid && p.Refundable() > 0 { // else it was given back, or is being
		line(out, "\n%s", w.say.Say("advice.overpaid"))
		line(out, "    %s", w.Line(w.signed("payment", "refund", p.ID.String())...))
	}
}

// legend writes below a list what the reasons in it mean.
func (w work) legend(out io.Writer, all []payment.Payment) {
	for _, reason := range payment.ReviewReasons() {
		at := slices.IndexFunc(all, func(p payment.Payment) bool { return p.InReview(reason) })
		if at < 0 {
			continue
		}
		a := w.adviceOn(all[at], reason)
		line(out, "\nreview:%s %s: %s", reason, all[at].ID, a.Happened)
		line(out, "  %s", w.say.Say("advice.next", a.Next))
		line(out, "    %s", w.Line("payment", "show", all[at].ID.String()))
	}
}

// line writes a line; others have written parts of it.
func line(out io.Writer, format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	lead := 0
	for lead < len(text) && text[lead] == '\n' {
		lead++
	}
	_, _ = fmt.Fprintln(out, text[:lead]+console.Plain(text[lead:])) // out is a buffer
}
