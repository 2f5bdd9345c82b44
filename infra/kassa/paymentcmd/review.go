package paymentcmd

import (
	"fmt"
	"io"
	"slices"

	"kassa/infra/kassa/console"
	"kassa/shared/payment"
)

// advice is what a review means and what to do about it. docs/operate.md says the same at length.
type advice struct {
	what  string // happened
	next  string // to find out before anything is decided
	steps []step
}

// step is a command line to type, and when.
type step struct {
	when string
	line string
}

// reviews are the reasons for which people must look: the whole list, in its order.
func reviews() []payment.Review {
	return []payment.Review{payment.ReviewAmount, payment.ReviewCurrency, payment.ReviewSession, payment.ReviewStatus,
		payment.ReviewRegress, payment.ReviewRefund}
}

// adviceOn is what a review of a payment means. A reason that this version does not know is told as that.
func (w work) adviceOn(p payment.Payment, reason payment.Review) advice {
	id := p.ID.String()
	dismiss := func(when, why string) step {
		return step{when, w.decision(id, "--how", "dismiss", "--review", string(reason), "--reason", why)}
	}
	switch reason {
	case payment.ReviewAmount:
		return advice{
			what: fmt.Sprintf("the bank took another amount than the order's: %s instead of %s",
				money(p, p.Captured), money(p, p.Amount.Minor)),
			next: "ask the shop what it wants",
			steps: []step{
				{"it keeps what was taken", w.decision(id, "--how", "accept-captured",
					"--reason", "the shop keeps what the bank took")},
				{"it gives everything back", w.Line(w.signed("payment", "refund", id)...)},
			},
		}
	case payment.ReviewCurrency:
		return advice{
			what:  "the bank took another currency than the order's, so nothing counts as captured",
			next:  "look at the bank's portal what was charged, and have it given back at the bank's desk",
			steps: []step{dismiss("it was given back", "given back at the bank's desk")},
		}
	case payment.ReviewSession:
		return advice{
			what: "the bank proved a payment of another page than this payment's: " +
				"one that was replaced, or a mix-up at the bank",
			next: "look at the bank's portal, by the order's reference, for money that no payment holds",
			steps: []step{
				dismiss("there is some, and it was given back at the bank's desk", "given back at the bank's desk"),
				dismiss("there is none", "no such money, says the bank's portal"),
			},
		}
	case payment.ReviewStatus:
		if p.Status.Money() {
			return advice{
				what:  "the bank's sums show this money and its status denies it, or it said what nobody understands",
				next:  "ask the bank which is right, before anything is delivered; nothing is undone here",
				steps: []step{dismiss("the money is the shop's", "the money is there, says the bank")},
			}
		}
		return advice{
			what: "a day after its end the bank still says neither paid nor unpaid",
			next: "look at the bank's portal; if it says paid, press the bank to tell us so, " +
				"since only its own answer makes a payment paid",
			steps: []step{dismiss("the portal says unpaid", "unpaid, says the bank's portal")},
		}
	case payment.ReviewRegress:
		return advice{
			what:  "the bank calls this paid payment unpaid: a chargeback, or a reversal at the bank",
			next:  "settle it with the bank; nothing is undone here",
			steps: []step{dismiss("it is settled", "settled with the bank")},
		}
	case payment.ReviewRefund:
		return w.refundAdvice(p, dismiss)
	}
	return advice{what: "this version of the command does not know the reason; take a newer one"}
}

func (w work) refundAdvice(p payment.Payment, dismiss func(when, why string) step) advice {
	id, r := p.ID.String(), p.InFlight()
	if r == nil {
		return advice{
			what: fmt.Sprintf("the bank gave money back that nobody asked for here, "+
				"or has some on its way, or gave more than it took; on record are %s of %s",
				money(p, p.Refunded), money(p, p.Captured)),
			next: "ask the bank how much went back in all; until then no further refund is sent",
			steps: []step{
				{"more than is on record, here the difference as PART", w.decision(id, "--how", "refund-done",
					"--amount", "PART", "--reason", "given back by the bank itself")},
				dismiss("what is on record is right", "what is on record is right, says the bank"),
			},
		}
	}
	done := []string{"--how", "refund-done", "--refund", r.ID, "--reason", "the bank's portal shows it"}
	return advice{
		what: fmt.Sprintf("nobody can tell whether the refund %s of %s was carried out; its amount stays reserved",
			r.ID, money(p, r.Amount)),
		next: "look at the bank's portal for a refund of this amount, at " + stamp(r.RequestedAt) + " or after",
		steps: []step{
			{"it is there", w.decision(id, done...)},
			{"it is there with a smaller amount, here as PART", w.decision(id, append(done, "--amount", "PART")...)},
			{"it is not there", w.decision(id, "--how", "refund-not-done", "--refund", r.ID,
				"--reason", "the bank's portal does not show it")},
		},
	}
}

// decision is a line of `kassa payment resolve`.
func (w work) decision(id string, words ...string) string {
	return w.Line(w.signed(append([]string{"payment", "resolve", id}, words...)...)...)
}

// signed adds who decides, where the system does not know.
func (w work) signed(words ...string) []string {
	if nameForm.MatchString(w.User) {
		return words
	}
	return append(words, "--as", "NAME")
}

// advise writes below a payment what its reviews mean and what to type next.
func (w work) advise(out io.Writer, p payment.Payment) {
	for _, reason := range p.Reviews {
		a := w.adviceOn(p, reason)
		line(out, "\nreview %s: %s.", reason, a.what)
		if a.next != "" {
			line(out, "  First %s.", a.next)
		}
		for _, s := range a.steps {
			line(out, "  If %s:", s.when)
			line(out, "    %s", s.line)
		}
	}
	if p.Overpaid {
		line(out, "\noverpaid: another attempt of this order was paid before this one, which is to be given back:")
		line(out, "    %s", w.Line(w.signed("payment", "refund", p.ID.String())...))
	}
}

// legend writes below a list what the reasons in it mean.
func (w work) legend(out io.Writer, all []payment.Payment) {
	for _, reason := range reviews() {
		at := slices.IndexFunc(all, func(p payment.Payment) bool { return p.InReview(reason) })
		if at < 0 {
			continue
		}
		a := w.adviceOn(all[at], reason)
		line(out, "\nreview:%s of %s: %s. First %s. What to type then, this shows:",
			reason, all[at].ID, a.what, a.next)
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
