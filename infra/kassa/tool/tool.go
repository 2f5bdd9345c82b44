// Package tool is what every command of kassa works with.
package tool

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/place"
)

// Tool is handed to all commands; its flags are read before any of them runs.
type Tool struct {
	Console *console.Console
	Place   place.Flags
	Now     func() time.Time
	User    string // who is at work, as the system says
}

// Exactly demands the arguments of these names.
func Exactly(names ...string) cobra.PositionalArgs { return Between(len(names), names...) }

// Between demands the first least of these arguments; the rest may be there.
func Between(least int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return console.Fail(console.Usage, "%s is missing; %s --help shows how it is used", strings.Join(names[len(args):least], " and "), c.CommandPath())
		case len(args) > len(names):
			return console.Fail(console.Usage, "%q is too much; %s --help shows how it is used", args[len(names)], c.CommandPath())
		}
		return nil
	}
}

// Group makes a command that only holds others.
func Group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return console.Fail(console.Usage, "%s has no command %q; %s --help lists them", c.CommandPath(), args[0], c.CommandPath())
		}
		return c.Help()
	}}
	c.AddCommand(commands...)
	return c
}
