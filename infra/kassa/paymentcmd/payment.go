// Package paymentcmd is `kassa payment`: what people look up about payments and decide about them.
package paymentcmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/tool"
	"kassa/shared/awsclient"
	"kassa/shared/boot"
	"kassa/shared/checkout/people"
	"kassa/shared/payment"
	"kassa/shared/wording"
)

// New makes the command.
func New(t *tool.Tool) *cobra.Command {
	return tool.Group("payment", "Look payments up, give money back, and decide what only people can find out",
		newShow(t), newHistory(t), newEvidence(t), newList(t), newFind(t),
		newRefund(t), newCancel(t), newRedeliver(t), newResolve(t))
}

// work is one command's connection to the payments. It is made for each command anew and holds no payment.
type work struct {
	*tool.Tool
	stage stage.Stage
	say   wording.Speech
}

// begin finds the stage and nothing more: no call is made before the command line is known to be right.
func begin(ctx context.Context, t *tool.Tool) (work, error) {
	texts, err := wording.Read()
	if err != nil {
		return work{}, err
	}
	at, err := t.Flags.Open(ctx)
	return work{t, at, texts.In("en")}, err
}

// language adds the flag --language.
func language(c *cobra.Command, chosen *string) {
	c.Flags().StringVar(chosen, "language", wording.Languages()[0],
		"of what is explained to people: "+strings.Join(wording.Languages(), ", "))
}

// in is the same work with explanations in another language.
func (w work) in(language string) (work, error) {
	if !slices.Contains(wording.Languages(), language) {
		return w, console.Fail(console.Usage, "--language %q is none; there are %s", language,
			strings.Join(wording.Languages(), ", "))
	}
	w.say = w.say.In(language)
	return w, nil
}

// means is what a bank's code of a refusal says, in words; "" for no code.
func (w work) means(p payment.Payment, code string) string {
	if code == "" {
		return ""
	}
	return w.say.Say("cause." + string(boot.Profiles()[p.Bank].CauseOf(p.Handle.Account.Gateway, code)))
}

func (w work) operator() people.Operator { return people.Operator{Store: w.stage.Store(), Now: w.Now} }

// log shows what a use case reports of at least this level to whoever typed the command.
func (w work) log(least slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w.Console.Err, &slog.HandlerOptions{Level: least}))
}

// patience bounds a command that asks a bank. A bank's call has its own limit of 20 s, and a refund needs a reading
// before and may need one after it.
const patience = 40 * time.Second

// parseID reads a payment's id as it was typed, or pasted with blanks around it.
func parseID(text string) (payment.ID, error) {
	id, ok := payment.ParseID(strings.TrimSpace(text))
	if !ok {
		return id, console.Fail(console.Usage,
			"%q is no id of a payment: it is pay_ with 26 characters, a hyphen and the attempt, such as "+
				"pay_abcdefghijklmnopqrstuvwxyz-1", text)
	}
	return id, nil
}

// explain says what to do about an error of the table that a person at a terminal can mend; in the functions it is for
// their log. A missing table and a missing right are told apart, for one is a slip in the command line and the other
// somebody else's to mend.
func (w work) explain(err error) error {
	if payment.KindOf(err) != payment.Misconfigured {
		return err
	}
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return console.Fail(console.Failed,
			"there is no table %s in %s: is that the Stage of the deployment, and the region? This shows the tables: aws "+
				"dynamodb list-tables%s",
			w.stage.Table, w.stage, w.awsWords())
	}
	if failure, ours := errors.AsType[*payment.Error](err); ours && awsclient.FaultOf(err) == awsclient.Denied &&
		strings.Contains(failure.Message, "payment store") {
		return console.Fail(console.Failed,
			"AWS does not let these credentials work on the table %s of %s; which these are, this shows: aws sts "+
				"get-caller-identity%s (%w)",
			w.stage.Table, w.stage, w.awsWords(), failure.Cause)
	}
	return err
}

// awsWords are the flags of this command that the AWS tools take as well.
func (w work) awsWords() (text string) {
	if w.Flags.Region != "" {
		text += " --region " + w.Flags.Region
	}
	if w.Flags.Profile != "" {
		text += " --profile " + w.Flags.Profile
	}
	return text
}

// about is what a question names, so that nobody says yes to another payment than the one that is meant: order, shop,
// stage, and whether the money is real.
func (w work) about(p payment.Payment) string {
	money := "test money"
	if p.Handle.Account.Environment == "prod" {
		money = "real money"
	}
	return fmt.Sprintf("order %s of the shop %s on %s, %s, payment %s", p.OrderRef, p.Shop, w.stage, money, p.ID)
}

// load reads a payment by what was typed.
func (w work) load(ctx context.Context, text string) (payment.Payment, error) {
	id, err := parseID(text)
	if err != nil {
		return payment.Payment{}, err
	}
	p, err := w.stage.Store().Load(ctx, id)
	if payment.KindOf(err) == payment.NotFound {
		return p, console.Fail(console.NotFound, "there is no payment %s in %s", id, w.stage)
	}
	return p, err
}
