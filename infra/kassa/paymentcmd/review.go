// What a review asks of people: the command line to type for each thing that they may find out. The words are those of
// the package wording, which all who speak of reviews have.

package paymentcmd

import (
	"fmt"
	"io"
	"slices"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
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

// stepsOn are the decisions that a review leaves open, each with what must be true for it. Refunds have their own.
// stepsOn are the decisions that a review can end with, each as a line to paste; which of them is right depends on what
// the bank's portal says.
func (w work) stepsOn(p payment.Payment, reason payment.Review) []step {
	id := p.ID.String()
	dismiss := func(when, why string) step {
		return step{when, w.decision(id, "--how", "dismiss", "--review", string(reason), "--reason", why)}
	}
	switch reason {
	case payment.ReviewAmount:
		return []step{
			{"step.keep", w.decision(id, "--how", "accept-captured",
				"--reason", "the shop keeps what the bank took")},
			{"step.give_back", w.Line(w.signed("payment", "refund", id)...)},
		}
	case payment.ReviewCurrency:
		return []step{dismiss("step.given_back", "given back at the bank's desk")}
	case payment.ReviewSession:
		return []step{
			dismiss("step.found_given_back", "given back at the bank's desk"),
			dismiss("step.no_money", "no such money, says the bank's portal"),
		}
	case payment.ReviewStatus:
		if p.Status.Money() {
			return []step{dismiss("step.money_there", "the money is there, says the bank")}
		}
		return []step{dismiss("step.unpaid", "unpaid, says the bank's portal")}
	case payment.ReviewRegress:
		return []step{dismiss("step.settled", "settled with the bank")}
	case payment.ReviewRefund:
		return w.refundSteps(p, dismiss)
	}
	return nil
}

// refundSteps depend on whether a refund of ours is in flight: its outcome is then what the bank is asked for; without
// one, it is what the bank's desk has given back by itself.
// refundSteps are those of a refund that nobody can tell of, or of money that went back and nobody asked for.
func (w work) refundSteps(p payment.Payment, dismiss func(when, why string) step) []step {
	id, r := p.ID.String(), p.InFlight()
	if r == nil {
		return []step{
			{"step.more", w.decision(id, "--how", "refund-done",
				"--amount", "PART", "--reason", "given back by the bank itself")},
			dismiss("step.right", "what is on record is right, says the bank"),
		}
	}
	done := []string{"--how", "refund-done", "--refund", r.ID, "--reason", "the bank's portal shows it"}
	return []step{
		{"step.refund_there", w.decision(id, done...)},
		{"step.refund_part", w.decision(id, append(done, "--amount", "PART")...)},
		{"step.refund_missing", w.decision(id, "--how", "refund-not-done", "--refund", r.ID,
			"--reason", "the bank's portal does not show it")},
	}
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
	if p.Overpaid {
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
