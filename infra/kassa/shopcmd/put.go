// Putting a shop: the one moment at which a directory begins to count. It may be repeated without harm, changes
// nothing where nothing has changed, and makes keys only where there are none.

package shopcmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/folder"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// A key is shown once and kept nowhere, so it goes to standard output, where it can be sent into a file without being
// seen.
func newPut(t *tool.Tool) *cobra.Command {
	var moved bool
	c := &cobra.Command{
		Use:   "put DIR",
		Short: "Make a shop's directory count: check it, then write it to Secrets Manager",
		Long: `Checks the directory as kassa shop check does, then writes the secret of each bank and, last, that of the shop:
one version each, and none where nothing has changed. Functions follow within five minutes, at once when a bank refuses
them, and within half a minute when a key is new to them.

A new shop gets an API key, and a signing secret where it has a webhook. They are shown this once, as lines that a shell
or an env file takes, and kept nowhere but with the shop; API keys are stored as digests. Later puts keep keys and
secrets as they are.

A renewed client certificate or a second public key of a bank is the same: change the files, put again.

The environment of a shop cannot change, because its payments belong to it: test is another shop.

With --json: {"shop","stage","written":[..],"unchanged":[..],"key_id","api_key","webhook_secret"},
the last three when they are new.

` + console.Codes,
		Example: "  kassa shop put my-shop --stage prod\n  eval \"$(kassa shop put my-shop --stage local)\"   # then " +
			"$KASSA_API_KEY\n  kassa shop put my-shop --stage prod > my-shop.env",
		Args: tool.Exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			return put(c.Context(), t, args[0], moved)
		},
	}
	c.Flags().BoolVar(&moved, "new-merchant", false,
		"take another merchant id for a bank; payments of the old one can then not be asked about or refunded any more")
	return c
}

// result is what a put has done.
type result struct {
	Shop          string   `json:"shop"`
	Stage         string   `json:"stage"`
	Written       []string `json:"written"`
	Unchanged     []string `json:"unchanged"`
	KeyID         string   `json:"key_id,omitempty"`
	APIKey        string   `json:"api_key,omitempty"`
	WebhookSecret string   `json:"webhook_secret,omitempty"`

	tool tool.Tool // whose command lines are hinted at
}

// put does everything that can be refused before it writes anything, and writes the shop last. What cannot be undone by
// another put (environment, merchant) is refused, not asked.
func put(ctx context.Context, t *tool.Tool, dir string, moved bool) error {
	v, stage, err := open(ctx, t)
	if err != nil {
		return err
	}
	f, err := readFor(t, dir, stage)
	if err != nil {
		return err
	}
	if err := demand(t.Console, f); err != nil {
		return err
	}
	old, _, err := v.Shop(ctx, f.Shop)
	if err != nil {
		return err
	}
	if err := sameShop(ctx, v, f, old, moved); err != nil {
		return err
	}
	r := result{Shop: f.Shop, Stage: stage, Written: []string{}, Unchanged: []string{}, tool: *t}
	next, err := renewed(f, old)
	if err != nil {
		return err
	}
	mint(t, &next, &r)
	if err := sound(next, stage); err != nil {
		return err
	}
	if err := r.write(ctx, v, f, old, next); err != nil {
		return err
	}
	switch {
	case old.Webhook != nil && next.Webhook == nil:
		t.Console.Note("the webhook was taken out, and its signing secrets with it")
	case old.Webhook == nil && next.Webhook != nil && len(old.Keys) > 0:
		t.Console.Note("functions know of the webhook within five minutes; payments that were opened before then are told "+
			"by this alone: %s",
			t.Line("payment", "redeliver", "--sequence", "NO", "--shop", f.Shop, "--order", "REF"))
	}
	return r.show(t.Console)
}

// renewed is the shop's secret with the directory's settings, and with the keys and secrets that it had. A Bitrix24
// portal is bound by its own command and stands in no file, so it is kept as well.
func renewed(f *folder.Folder, old vault.Shop) (next vault.Shop, err error) {
	text, err := json.Marshal(f.Settings)
	if err == nil {
		err = json.Unmarshal(text, &next)
	}
	if err != nil {
		return next, fmt.Errorf("the shop's settings cannot be written as JSON: %w", err)
	}
	next.Keys, next.Bitrix24 = old.Keys, old.Bitrix24
	for _, b := range f.Banks {
		next.Banks = append(next.Banks, b.Name)
	}
	if next.Webhook != nil && old.Webhook != nil {
		next.Webhook.Secrets = old.Webhook.Secrets
	}
	return next, nil
}

// mint makes what the shop lacks.
func mint(t *tool.Tool, s *vault.Shop, r *result) {
	if len(s.Keys) == 0 {
		r.KeyID, r.APIKey = s.AddKey(r.Shop, t.Now())
	}
	if s.Webhook != nil && len(s.Webhook.Secrets) == 0 {
		r.WebhookSecret = s.AddWebhookSecret()
	}
}

// sound makes sure that the functions take what is about to be written. It asks the functions' own decoder, with the
// stage that decides whether plain http is let through.
func sound(s vault.Shop, stage string) error {
	text, err := json.Marshal(s)
	if err == nil {
		_, err = shop.Read(text, stage)
	}
	return err
}

// write writes the banks, then the shop. In this order a bank that the shop offers always has its secret. A new bank
// that is written and a shop that is not is harmless: nothing refers to the bank yet.
func (r *result) write(ctx context.Context, v *vault.Vault, f *folder.Folder, old, next vault.Shop) error {
	for _, b := range f.Banks {
		name := v.BankName(f.Shop, b.Name)
		written, err := v.Write(ctx, name, b.Secret)
		if err = r.note(name, written, err); err != nil {
			return err
		}
	}
	written, err := v.Replace(ctx, f.Shop, old, next)
	return r.note(v.ShopName(f.Shop), written, err)
}

// note keeps what became of one secret.
func (r *result) note(name string, written bool, err error) error {
	if err != nil {
		return r.half(err)
	}
	if written {
		r.Written = append(r.Written, name)
	} else {
		r.Unchanged = append(r.Unchanged, name)
	}
	return nil
}

// half says what stands when not everything could be written. Keys that were made and may not have been stored are not
// shown: where the answer of the last write was lost, the text says how to get ones that are known to work.
func (r *result) half(err error) error {
	text := "nothing else was written"
	if len(r.Written) > 0 {
		text = fmt.Sprintf("%v is written and stays", r.Written)
	}
	unheard := payment.KindOf(err) == payment.Unavailable
	if r.APIKey != "" && unheard {
		text += fmt.Sprintf("; should %s show the shop all the same, this gives it a key: %s", r.tool.Line("shop", "list"),
			r.tool.Line("shop", "rotate-key", r.Shop))
	}
	if r.WebhookSecret != "" && unheard {
		text += fmt.Sprintf("; should %s tell of a webhook all the same, this gives it a secret that is shown: %s",
			r.tool.Line("shop", "show", r.Shop), r.tool.Line("shop", "rotate-key", "--webhook", r.Shop))
	}
	return &console.Exit{Code: console.CodeOf(err),
		Err: errors.New(console.Say(err) + "; " + text + "; the same command once more is safe")}
}

// show tells what was written on standard error; only new keys go to standard output.
func (r *result) show(c *console.Console) error {
	for _, name := range r.Unchanged {
		c.Note("unchanged  %s", name)
	}
	for _, name := range r.Written {
		c.Note("written    %s", name)
	}
	if r.APIKey != "" || r.WebhookSecret != "" {
		c.Note("Shown this once, for the shop's server alone:")
	}
	return c.Show(r, func(w io.Writer) { lines(w, r.APIKey, r.WebhookSecret) })
}

// lines writes new keys as a shell or an env file takes them; none of their characters needs quotes there.
func lines(w io.Writer, apiKey, webhookSecret string) {
	if apiKey != "" {
		_, _ = fmt.Fprintf(w, "KASSA_API_KEY=%s\n", apiKey) // w is a buffer
	}
	if webhookSecret != "" {
		_, _ = fmt.Fprintf(w, "KASSA_WEBHOOK_SECRET=%s\n", webhookSecret)
	}
}
