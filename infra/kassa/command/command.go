// Package command is the command kassa as a whole: its parts, its common flags, and how it ends.
package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/bankcmd"
	"kassa/infra/kassa/bookcmd"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/consolecmd"
	"kassa/infra/kassa/paymentcmd"
	"kassa/infra/kassa/reconcilecmd"
	"kassa/infra/kassa/shopcmd"
	"kassa/infra/kassa/tool"
)

// Run runs one command line and gives the exit code. Errors are one line on standard error.
func Run(ctx context.Context, t *tool.Tool, args []string) int {
	root, begun := newRoot(t), false
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		begun = true
		return filled(c)
	}
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return console.Done
	}
	if _, ours := errors.AsType[*console.Exit](err); !begun && !ours { // cobra's own complaints are about the command line
		err = &console.Exit{Code: console.Usage, Err: fmt.Errorf("%w; %s --help shows how it is used", err, t.Name())}
	}
	t.Console.Note("kassa: %s", console.Say(err))
	return console.CodeOf(err)
}

// filled refuses a flag that is there and empty, as a script gives it whose variable is not set, where without the flag
// more is done: all is given back, under another key, on the stage that the environment names, or a key is made instead
// of taken away.
func filled(c *cobra.Command) error {
	for _, name := range []string{"amount", "key", "finish", "shop", "order", "review", "refund", "stage", "profile",
		"region", "table", "portal-file", "api-url", "day", "bank", "statement", "layout"} {
		if text, err := c.Flags().GetString(name); err == nil && text == "" && c.Flags().Changed(name) {
			return console.Fail(console.Usage, "--%s is empty; give it a value, or leave it out", name)
		}
	}
	return nil
}

// newRoot puts the parts together and takes cobra's own ways out where they would mislead a script: a wrong command,
// help topic or shell must not end with success, and an error must not print the whole help.
func newRoot(t *tool.Tool) *cobra.Command {
	root := tool.Group("kassa", "Set up shops and look after their payments", shopcmd.New(t), paymentcmd.New(t),
		bankcmd.New(t), bookcmd.New(t), bookcmd.NewTotals(t), reconcilecmd.New(t), consolecmd.New(t))
	root.Long = `kassa sets up the shops of a checkout and looks after their payments.

Where it works is a stage: --stage local is what "make run" has started on this machine; any other is the Stage of a
deployment, reached with the AWS credentials, profile and region that the AWS tools use. Results are on standard output,
as tables or with --json as JSON of a stable shape; everything else is on standard error.

On AWS it needs secretsmanager:ListSecrets, GetSecretValue, CreateSecret and PutSecretValue on kassa/<stage>/*, and for
payments dynamodb:GetItem, BatchGetItem, Query and PutItem on the table and its indexes.

` + console.Codes
	root.Example = `  kassa shop init my-shop --stage local
  kassa shop put my-shop --stage local
  kassa payment list --order 12345 --shop my-shop --stage local
  kassa bank ping my-shop --stage prod --profile shop`
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: t.Name()} // help can be pasted, too
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetOut(t.Console.Out)
	root.SetErr(t.Console.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return plain(err) })
	root.SetHelpCommand(newHelp())
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" { // cobra's own answers to a wrong shell with its help, and success
			c.Args, c.RunE = cobra.ArbitraryArgs, tool.OnlyHolds
		}
	}
	t.Flags.Register(root.PersistentFlags())
	root.PersistentFlags().BoolVar(&t.Console.JSON, "json", false, "results as JSON")
	return root
}

// plain says what is wrong with a flag's value in words that no programmer needs to explain.
func plain(err error) error {
	number, is := errors.AsType[*strconv.NumError](err)
	if !is {
		return err
	}
	at, _, _ := strings.Cut(err.Error(), " flag: ")
	if number.Func == "ParseBool" {
		return fmt.Errorf("%s: it is true or false, %q is neither", at, number.Num)
	}
	return fmt.Errorf("%s: %q must be a whole number of at most 18 digits", at, number.Num)
}

// newHelp shows the help of the command that is named; cobra's own takes one that is not there for a success.
func newHelp() *cobra.Command {
	return &cobra.Command{Use: "help [COMMAND]", Short: "Show how a command is used",
		RunE: func(c *cobra.Command, args []string) error {
			named, rest, err := c.Root().Find(args)
			if err != nil || named.HasSubCommands() {
				return tool.OnlyHolds(named, rest)
			}
			return named.Help()
		}}
}
