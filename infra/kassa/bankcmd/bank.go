// Package bankcmd is `kassa bank`: whether a shop and its bank understand each other.
package bankcmd

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/certificate"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/ping"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
)

// New makes the command.
func New(t *tool.Tool) *cobra.Command {
	return tool.Group("bank", "See whether a shop and its bank understand each other", newPing(t))
}

// One harmless command finds what is otherwise found by the first customer: a certificate that ended, a merchant id of
// the other environment, a question that the contract does not let the shop ask.
func newPing(t *tool.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "ping SHOP [BANK]",
		Short: "Shake hands with a shop's banks, test keys and certificates, and ask harmless questions",
		Long: `For each bank of the shop: reads its secret as the functions do, shakes hands over TLS, says how many days both
certificates have left, signs with the shop's key and verifies with its certificate, and asks every question that the
settings rely on about an order that cannot exist. No order is made and no money moves. Everything is done from this
machine: where the bank allow-lists addresses, the functions' may be other ones.

A certificate with less than ` + strconv.Itoa(certificate.SoonDays) +
			` days left is "soon". Both soon and bad end with 5: somebody has to look, though only bad stands in the way.

With --json: {"shop","banks":[{"bank","checks":[{"check","grade","said"}]}]}; grade is good, soon or bad.

` + console.Codes,
		Example: "  kassa bank ping my-shop --stage local\n  kassa bank ping my-shop BANK --stage prod --json",
		Args:    tool.Between(1, tool.Shop, "BANK"),
		RunE: func(c *cobra.Command, args []string) error {
			return look(c.Context(), t, args[0], args[1:])
		},
	}
}

// look looks at each bank even where an earlier one is bad: whoever has to write to two banks should learn so at once.
// A shop or bank that is not there ends it, for then the line was mistyped.
func look(ctx context.Context, t *tool.Tool, id string, only []string) error {
	at, err := t.Flags.Open(ctx)
	if err != nil {
		return err
	}
	v := vault.New(at.Secrets(), at.Name)
	s, err := v.Known(ctx, id)
	if err != nil {
		return t.NoShop(err)
	}
	names := s.Banks
	if len(only) > 0 {
		names = only
	}
	results, wrong := []ping.Result{}, 0
	for _, name := range names {
		secret, found, err := v.Read(ctx, v.BankName(id, name))
		if err != nil {
			return err
		}
		if !found && slices.Contains(s.Banks, name) {
			wrong++
			results = append(results, ping.Result{Bank: name, Checks: ping.Missing()})
			continue
		}
		if !found {
			return console.Fail(console.NotFound, "the shop %s has no bank %q; it has %s", id, name,
				strings.Join(s.Banks, " and "))
		}
		r := ping.Result{Bank: name, Checks: ping.Bank(ctx, name, secret, at.Name, t.Now())}
		results = append(results, r)
		for _, c := range r.Checks {
			if c.Grade != ping.Good {
				wrong++
			}
		}
	}
	err = t.Console.Show(struct {
		Shop  string        `json:"shop"`
		Banks []ping.Result `json:"banks"`
	}{id, results}, func(w io.Writer) { table(w, results) })
	if err == nil && wrong > 0 {
		err = console.Fail(console.Attention, "%d of the checks need attention", wrong)
	}
	return err
}

// table writes a line for each check, bank by bank.
func table(w io.Writer, results []ping.Result) {
	rows := [][]string{}
	for _, r := range results {
		for _, c := range r.Checks {
			rows = append(rows, []string{r.Bank, c.Check, string(c.Grade), c.Said})
		}
	}
	console.Table(w, []string{"BANK", "CHECK", "GRADE", "SAID"}, rows)
}
