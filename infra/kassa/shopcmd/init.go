package shopcmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/draft"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/boot"
	"kassa/shared/payment"
)

// initFlags is what `kassa shop init` was told. What belongs to one bank is given by flags for one bank alone; of a
// second one the file has the places to fill.
type initFlags struct {
	draft.Shop
	banks                []string
	merchant, address    string
	hosts                []string
	auth                 string
	certificate, key, ca string   // paths
	publicKeys           []string // paths
	onSuccess, onError   string
}

// init writes files and nothing else, so that it can be tried without fear; only the stage local is asked, for its test
// merchant.
func newInit(t *tool.Tool) *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a directory for a new shop, with every setting explained",
		Long: `Makes DIR with shop.yaml, in which every setting stands with what it means, and copies the bank's files into
it. What is not given by a flag is asked for at a terminal, once more after a slip, and left open in the file where
nobody can be asked. Nothing is written to AWS: that is kassa shop put.

On the stage local the directory is complete: the shop gets the simulated bank's test merchant, certificates and keys.

With --json: {"shop","dir","files":[..]}

` + console.Codes,
		Example: `  kassa shop init my-shop --stage local
  kassa shop init my-shop --stage local --bank ` + oneBank(true) + ` --terms 3,6,12
  kassa shop init my-shop --bank ` + oneBank(false) +
			` --environment prod --merchant-id E1234567 --origin https://shop.example \
    --certificate letter/shop.crt --key shop.key --ca letter/ca.crt --on-success P --on-error F`,
		Args: tool.Exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), t, args[0]) },
	}
	f.register(c)
	return c
}

// register adds the flags. Each has a question of the same meaning, so that what a script passes and what a person
// types end in the same file.
func (f *initFlags) register(c *cobra.Command) {
	s := c.Flags()
	s.StringVar(&f.ID, "shop", "", "id of the shop: a-z, 0-9 and - (default the name of DIR)")
	s.StringSliceVar(&f.banks, "bank", nil, "bank: "+strings.Join(draft.Banks(), " or ")+
		"; may be repeated (default that of the first demo shop on stage local)")
	s.StringVar(&f.Environment, "environment", "", "test or prod, for good")
	s.StringVar(&f.Currency, "currency", "", payment.Listed(payment.Currencies())+" (default that of the first bank)")
	s.StringSliceVar(&f.Origins, "origin", nil, "origin that customers may be sent back to; may be repeated")
	s.StringVar(&f.WebhookURL, "webhook-url", "", "where the shop is told what becomes of its payments")
	s.BoolVar(&f.Acknowledge, "webhook-acknowledge", false, `the shop answers {"ok":true} to each message`)
	s.StringVar(&f.onSuccess, "on-success", "", "what the shop calls a paid order")
	s.StringVar(&f.onError, "on-error", "",
		"what the shop calls an order whose payment was declined, cancelled or has expired")
	s.IntSliceVar(&f.Terms, "terms", nil, "instalment terms in `months`, ascending, such as 3,6,12")
	terms := s.Lookup("terms")
	terms.Value, terms.DefValue = unblanked{terms.Value}, "" // or else the help adds (default [])
	s.Int64Var(&f.MinAmount, "min-amount", 0, "least order to sell by instalments, in `minor` units")
	s.Int64Var(&f.MaxAmount, "max-amount", 0, "largest order to sell by instalments, in `minor` units")
	s.StringVar(&f.merchant, "merchant-id", "", "merchant or partner id, as the bank has issued it")
	s.StringVar(&f.address, "bank-url", "", "address of the bank's API")
	s.StringSliceVar(&f.hosts, "page-host", nil, "host that the bank's pages may be on; may be repeated")
	s.StringVar(&f.auth, "auth", "",
		"how the bank knows the shop: certificate (default), password or none; login for a gateway that takes one")
	s.StringVar(&f.certificate, "certificate", "", "PEM file of the client certificate")
	s.StringVar(&f.key, "key", "", "PEM file of its private key")
	s.StringVar(&f.ca, "ca", "", "PEM file of the bank's CA")
	s.StringSliceVar(&f.publicKeys, "public-key", nil, "PEM file of a public key of the bank; may be repeated")
}

// unblanked is a list of numbers, with blanks behind its commas or without.
type unblanked struct{ pflag.Value }

// Set adds the numbers of a text.
func (u unblanked) Set(text string) error { return u.Value.Set(strings.ReplaceAll(text, " ", "")) }

// run finds out all before it writes anything: a half-made directory would be taken for a whole one the next time.
func (f *initFlags) run(ctx context.Context, t *tool.Tool, dir string) error {
	name, err := t.Flags.Name()
	if err != nil && t.Flags.Stage != "" {
		return err
	}
	local := stage.Stage{}
	if name == stage.LocalStage {
		if local, err = t.Flags.Open(ctx); err != nil {
			return err
		}
	}
	if err := f.name(dir); err != nil {
		return err
	}
	if err := f.choose(t.Console, local); err != nil {
		return err
	}
	if local.Local != nil {
		err = f.borrow(ctx, local)
	} else {
		err = f.gather(t.Console)
	}
	if err != nil {
		return err
	}
	f.complete()
	files, err := draft.Write(dir, f.Shop)
	if err != nil {
		return console.Fail(console.Failed, "%w", err)
	}
	return f.show(t, dir, files)
}

// name takes the shop's id from the directory where it is not given.
func (f *initFlags) name(dir string) error {
	full, err := filepath.Abs(dir)
	if err != nil {
		return console.Fail(console.Failed, "the directory %s: %w", dir, err)
	}
	f.ID = cmp.Or(f.ID, filepath.Base(full))
	if !vault.IsShopID(f.ID) {
		return console.Fail(console.Usage, "%q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -; add --shop", f.ID)
	}
	return nil
}

// choose finds the banks. Several banks may be chosen at once, but flags with what one of them has issued are then
// refused: nobody could tell whose they are.
func (f *initFlags) choose(c *console.Console, local stage.Stage) error {
	if len(f.banks) == 0 && local.Local != nil {
		f.banks = local.Local.Shops[0].Banks
	}
	if len(f.banks) == 0 {
		if err := c.AskUntil("Bank: "+strings.Join(draft.Banks(), " or "), f.takeBanks); err != nil {
			return err
		}
	}
	if err := known(f.banks); err != nil {
		return err
	}
	if len(f.banks) > 1 && f.ofOneBank() {
		return console.Fail(console.Usage,
			"--merchant-id, --bank-url, --page-host and the files are those of one bank: name one bank, and fill in the "+
				"others in shop.yaml")
	}
	return nil
}

// takeBanks takes the names of banks.
func (f *initFlags) takeBanks(answer string) error {
	if answer == "" {
		return console.Fail(console.Usage, "no bank is named: add --bank %s", strings.Join(draft.Banks(), " or --bank "))
	}
	f.banks = strings.Fields(strings.ReplaceAll(answer, ",", " "))
	return known(f.banks)
}

// known makes sure that there are such banks.
func known(banks []string) error {
	for i, name := range banks {
		if !slices.Contains(draft.Banks(), name) || slices.Contains(banks[:i], name) {
			return console.Fail(console.Usage, "%q is no bank, or named twice; there are %s", name,
				strings.Join(draft.Banks(), " and "))
		}
	}
	return nil
}

// oneBank is the first that sells by instalments alone, or the first that does not, for the examples.
func oneBank(alone bool) string {
	for _, name := range draft.Banks() {
		if needsTerm(name) == alone {
			return name
		}
	}
	return "BANK"
}

// ofOneBank says whether something was given that only one bank can have issued.
func (f *initFlags) ofOneBank() bool {
	return f.merchant+f.address+f.auth+f.certificate+f.key+f.ca != "" || len(f.hosts)+len(f.publicKeys) > 0
}

// complete fills in what follows from the rest: the currency is the first that the first bank takes, and one word
// stands for all ends without money.
func (f *initFlags) complete() {
	if f.Currency == "" {
		f.Currency = string(boot.Profiles()[f.banks[0]].Currencies[0])
	}
	for _, s := range []struct{ word, names string }{{f.onSuccess, "paid"}, {f.onError, "declined cancelled expired"}} {
		for name := range strings.FieldsSeq(s.names) {
			if s.word != "" {
				f.Statuses = append(f.Statuses, draft.Status{Name: name, Word: s.word})
			}
		}
	}
}

// show ends with the next command to type, for the stage that is meant as far as that is known.
func (f *initFlags) show(t *tool.Tool, dir string, files []string) error {
	put := t.Line("shop", "put", dir)
	if _, err := t.Flags.Name(); err != nil { // which stage it is for nobody has said yet
		put = t.Line("shop", "put", dir, "--stage", cmp.Or(f.Environment, "test")) +
			" (where --stage is the Stage of your deployment)"
	}
	t.Console.Note("Look through %s, then: %s", filepath.Join(dir, "shop.yaml"), put)
	return t.Console.Show(struct {
		Shop  string   `json:"shop"`
		Dir   string   `json:"dir"`
		Files []string `json:"files"`
	}{f.ID, dir, files}, func(w io.Writer) {
		for _, name := range files {
			_, _ = fmt.Fprintln(w, filepath.Join(dir, name)) // w is a buffer
		}
	})
}

// needsTerm says whether a bank sells by instalments alone.
func needsTerm(name string) bool { return boot.Profiles()[name].Terms.Needed }
