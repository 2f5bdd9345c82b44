// Package bankcmd is `kassa bank`: whether a shop and its bank understand each other.
package bankcmd

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/certificate"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/bank"
	"kassa/shared/boot"
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
			return ping(c.Context(), t, args[0], args[1:])
		},
	}
}

// patience bounds everything that one bank is asked.
const patience = 45 * time.Second

// result is one bank's.
type result struct {
	Bank   string  `json:"bank"`
	Checks []check `json:"checks"`
}

// check is one thing that was looked at. Said is for people and may come from the bank, so it went through
// console.Plain: a bank's text must not steer a terminal.
type check struct {
	Check string `json:"check"`
	Grade grade  `json:"grade"`
	Said  string `json:"said"`
}

// grade is how a check came out; the words are part of the JSON, which scripts read.
type grade string

const (
	good grade = "good"
	soon grade = "soon"
	bad  grade = "bad"
)

// ping looks at each bank even where an earlier one is bad: whoever has to write to two banks should learn so at once.
// A shop or bank that is not there ends it, for then the line was mistyped.
func ping(ctx context.Context, t *tool.Tool, id string, only []string) error {
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
	results, wrong := []result{}, 0
	for _, name := range names {
		secret, found, err := v.Read(ctx, v.BankName(id, name))
		if err != nil {
			return err
		}
		if !found && slices.Contains(s.Banks, name) {
			wrong++
			results = append(results, result{name, []check{{"settings", bad,
				"its secret is not there: put the shop's directory again, or take the bank out of it"}}})
			continue
		}
		if !found {
			return console.Fail(console.NotFound, "the shop %s has no bank %q; it has %s", id, name,
				strings.Join(s.Banks, " and "))
		}
		r := result{Bank: name, Checks: examine(ctx, name, secret, at.Name, t.Now())}
		results = append(results, r)
		for _, c := range r.Checks {
			if c.Grade != good {
				wrong++
			}
		}
	}
	err = t.Console.Show(struct {
		Shop  string   `json:"shop"`
		Banks []result `json:"banks"`
	}{id, results}, func(w io.Writer) { table(w, results) })
	if err == nil && wrong > 0 {
		err = console.Fail(console.Attention, "%d of the checks need attention", wrong)
	}
	return err
}

// table writes a line for each check, bank by bank.
func table(w io.Writer, results []result) {
	rows := [][]string{}
	for _, r := range results {
		for _, c := range r.Checks {
			rows = append(rows, []string{r.Bank, c.Check, string(c.Grade), c.Said})
		}
	}
	console.Table(w, []string{"BANK", "CHECK", "GRADE", "SAID"}, rows)
}

// examine looks at one bank. What follows from a failed check is left out. Settings that cannot be read have no
// profile, so nothing more can be looked at; the log is dropped, because the same errors stand in the checks.
func examine(ctx context.Context, name string, secret []byte, stage string, now time.Time) []check {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	built, err := boot.NewBank(name, secret, stage, slog.New(slog.DiscardHandler))
	if err != nil {
		return []check{{"settings", bad, console.Say(err)}}
	}
	return append([]check{{"settings", good, "the functions can read them"}}, of(ctx, built.Profile(), now)...)
}

// of looks at what a bank's profile has. A bank that signs nothing has no keys, and one that is asked nothing has no
// probe: neither is a fault.
func of(ctx context.Context, p bank.Profile, now time.Time) []check {
	checks := append(connection(ctx, p.Line, now), own(p.Line, now)...)
	if len(p.Line.Keys) > 0 {
		checks = append(checks, check{"bank's keys", good, keysText(p.Line.Keys)})
	}
	if p.Probe == nil {
		return append(checks, check{"questions", good, "none are asked of this bank"})
	}
	for _, one := range p.Probe(ctx) {
		checks = append(checks, answered(one))
	}
	return checks
}

// graded is a certificate's days left in words.
func graded(left int) grade {
	switch {
	case left < 0:
		return bad
	case left < certificate.SoonDays:
		return soon
	}
	return good
}
