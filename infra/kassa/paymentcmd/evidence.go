package paymentcmd

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/evidence"
	"kassa/infra/kassa/tool"
	"kassa/shared/boot"
	"kassa/shared/payment"
)

// newEvidence makes the one command that writes HTML; its flag --html names what it does without --json anyway, for
// whoever types both forms.
func newEvidence(t *tool.Tool) *cobra.Command {
	s, chosen, html := which{wanted: holdsMoney()}, "", false
	c := s.command(t, &cobra.Command{
		Use:   "evidence",
		Short: "Write one document of a payment for the bank, as in a dispute",
		Long: `Writes one document of a payment to standard output, for the bank in a dispute: how it stands, what the bank
proved, the receipt, refunds, the whole history, what the shop was told and how it answered, and a digest of all that.
No bank is asked. Times stand by the clock of the shop's country and in UTC. Left out are the customer's data, the
card's whole number, keys, the names of staff, and texts that people typed.

As HTML, which is the usual form, it needs nothing from anywhere and can be printed. With --json:
{"made_at","digest":{"algorithm","over","value"},"evidence":{..}}, amounts in minor units. In both the evidence is the
one line that begins with {"evidence_of", and the digest is the SHA-256 of that line without its line break.`,
		Example: "  kassa payment evidence pay_abcdefghijklmnopqrstuvwxyz-1 --stage prod > evidence.html\n" +
			"  kassa payment evidence --shop my-shop --order 12345 --language az --stage prod > evidence.html\n" +
			"  kassa payment evidence pay_abcdefghijklmnopqrstuvwxyz-1 --json --stage prod > evidence.json",
	}, func(_ context.Context, w work, p payment.Payment) error {
		w, err := w.in(chosen)
		if err != nil {
			return err
		}
		if html && w.Console.JSON {
			return console.Fail(console.Usage, "choose one form: --html or --json")
		}
		return w.evidence(p)
	})
	c.Flags().BoolVar(&html, "html", false, "a page to look at, to print and to send; the usual form")
	language(c, &chosen)
	return c
}

// evidence writes the document to standard output as it is, for a file: a result of another command would be indented,
// and the digest is over bytes. The digest is told beside it, where a redirect does not hide it.
func (w work) evidence(p payment.Payment) error {
	d, err := evidence.Of(p, boot.Profiles()[p.Bank], w.Now())
	if err != nil {
		return err
	}
	write := func(out io.Writer) error { return d.HTML(out, w.say.Language) }
	if w.Console.JSON {
		write = d.JSON
	}
	if err := write(w.Console.Out); err != nil {
		return err
	}
	w.Console.Note("SHA-256 of the evidence of %s: %s", p.ID, d.Digest)
	return nil
}
