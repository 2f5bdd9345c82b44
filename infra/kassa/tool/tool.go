// Package tool is what every command of kassa works with.
package tool

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/vault"
	"kassa/shared/payment"
)

// Tool is handed to all commands; its flags are read before any of them runs.
type Tool struct {
	Console *console.Console
	Flags   stage.Flags
	Now     func() time.Time
	User    string // who is at work, as the system says
	Program string // how the command was called, such as .build/kassa; kassa where it is empty
}

// Name is the command as whoever typed it calls it.
func (t *Tool) Name() string { return cmp.Or(t.Program, "kassa") }

// Line is a command line to type next. It holds the stage, and profile, region and table where this one was given them,
// so that it can be pasted as it stands and works on the same payments.
func (t *Tool) Line(words ...string) string {
	line := quoted(t.Name())
	for _, word := range append(words, t.Flags.Words()...) {
		line += " " + quoted(word)
	}
	return line
}

var bareForm = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

// quoted is a word as a POSIX shell reads it back.
func quoted(word string) string {
	if bareForm.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// NoShop is an error that says how to see the shops there are, where err says that there is none of a name.
func (t *Tool) NoShop(err error) error {
	if payment.KindOf(err) != payment.NotFound {
		return err
	}
	return console.Fail(console.NotFound, "%s; this shows those there are: %s", console.Say(err), t.Line("shop", "list"))
}

// Exactly demands the arguments of these names.
func Exactly(names ...string) cobra.PositionalArgs { return Between(len(names), names...) }

// Between demands the first least of these arguments; the rest may be there.
func Between(least int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return console.Fail(console.Usage, "%s is missing; %s --help shows how it is used",
				strings.Join(names[len(args):least], " and "), c.CommandPath())
		case len(args) > len(names):
			return console.Fail(console.Usage, "%q is one argument too many; %s --help shows how it is used", args[len(names)],
				c.CommandPath())
		}
		for i, given := range args {
			if given == "" { // as a script gives it whose variable is not set
				return console.Fail(console.Usage, "%s is empty; %s --help shows how it is used", names[i], c.CommandPath())
			}
			if names[i] == Shop && !vault.IsShopID(given) {
				return console.Fail(console.Usage, "%q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -", given)
			}
		}
		return nil
	}
}

// Shop names an argument that must be a shop's id.
const Shop = "SHOP"

// Group makes a command that only holds others.
func Group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: OnlyHolds}
	c.AddCommand(commands...)
	return c
}

// OnlyHolds runs a command that only holds others: it shows them, and refuses the name of one that is not there.
func OnlyHolds(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return console.Fail(console.Usage, "%s has no command %q; %s --help lists them", c.CommandPath(), args[0],
			c.CommandPath())
	}
	return c.Help()
}
