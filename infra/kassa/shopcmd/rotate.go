// Keys change without a pause: a second one is added, both work, the first is taken away when nobody uses it any more.
// Which of the two steps is meant --finish says.

package shopcmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/shop"
)

// mostLive is how many keys of a kind a shop has while it changes from one to the other.
const mostLive = 2

// rotation is what `kassa shop rotate-key` was told.
type rotation struct {
	webhook bool
	finish  string
	scopes  []string
}

// API keys and webhook secrets change by the same two steps, though one proves the shop to us and the other us to the
// shop.
func newRotate(t *tool.Tool) *cobra.Command {
	var r rotation
	c := &cobra.Command{
		Use:   "rotate-key SHOP",
		Short: "Give a shop a second API key or webhook secret, then take the first away",
		Long: `Without --finish a second key is made and shown this once; both work. When the shop uses the new one, --finish
takes the old one away by its id. A shop has at most two of a kind and at least one.

A key may do what --scopes names: create (open payments, and end unpaid ones), read, refund. So the machine that sells
needs no key that can give money back: one key with --scopes create,read for it, another with --scopes refund for the
back office, and --finish for the first key of all. Keys of different scopes are different kinds. Without --scopes a key
is made like those that there are, if those are alike.

With --webhook it is the secret that webhooks are signed with: while there are two, every message carries both
signatures. A new API key may be used half a minute after it was made; functions forget an old one, and sign with a new
webhook secret, within five minutes.

With --json: {"shop","stage","keys":[..],"scopes":[..],"webhook_secrets":[..],"key_id","api_key","webhook_secret"}: ids,
and what is new.

` + console.Codes,
		Example: `  kassa shop rotate-key my-shop --stage prod > new-key.env
  kassa shop rotate-key my-shop --stage prod --finish k20261121-2004
  kassa shop rotate-key my-shop --stage prod --scopes create,read > new-key.env
  kassa shop rotate-key my-shop --stage prod --webhook
  kassa shop rotate-key my-shop --stage prod --webhook --finish 1f2e3d4c`,
		Args: tool.Exactly(tool.Shop),
		RunE: func(c *cobra.Command, args []string) error { return r.run(c.Context(), t, args[0]) },
	}
	c.Flags().BoolVar(&r.webhook, "webhook", false, "the webhook's signing secret instead of the API key")
	c.Flags().StringSliceVar(&r.scopes, "scopes", nil, "what the new API key may do, of "+strings.Join(shop.Scopes(), ",")+
		" (default as the shop's other keys)")
	c.Flags().StringVar(&r.finish, "finish", "", "take the key, or the webhook's secret, of this id away")
	return c
}

// rotationResult is the outcome.
type rotationResult struct {
	Shop           string   `json:"shop"`
	Stage          string   `json:"stage"`
	Keys           []string `json:"keys"`
	Scopes         []string `json:"scopes,omitempty"`
	WebhookSecrets []string `json:"webhook_secrets"`
	KeyID          string   `json:"key_id,omitempty"`
	APIKey         string   `json:"api_key,omitempty"`
	WebhookSecret  string   `json:"webhook_secret,omitempty"`

	replaced string // the id of the one that does the same
}

// run changes a copy and replaces the whole secret, on condition that nobody else has changed it since it was read.
func (r rotation) run(ctx context.Context, t *tool.Tool, id string) error {
	if err := r.check(); err != nil {
		return err
	}
	v, stage, err := open(ctx, t)
	if err != nil {
		return err
	}
	old, err := v.Known(ctx, id)
	if err != nil {
		return t.NoShop(err)
	}
	s := old
	if r.webhook && s.Webhook == nil {
		return console.Fail(console.Failed, "the shop %s has no webhook", id)
	}
	out := rotationResult{Shop: id, Stage: stage}
	if r.finish != "" {
		err = r.drop(&s)
	} else {
		err = r.add(t, &s, &out)
	}
	if err == nil {
		err = sound(s, stage)
	}
	if err != nil {
		return err
	}
	if _, err := v.Replace(ctx, id, old, s); err != nil {
		return err
	}
	out.Keys, out.WebhookSecrets = s.KeyIDs(), s.WebhookIDs()
	return r.show(t, out)
}

// check refuses scopes that are none, and where they mean nothing.
func (r rotation) check() error {
	for i, scope := range r.scopes {
		if !slices.Contains(shop.Scopes(), scope) || slices.Contains(r.scopes[:i], scope) {
			return console.Fail(console.Usage, "--scopes must name some of %s, each once, with commas between",
				strings.Join(shop.Scopes(), ", "))
		}
	}
	if len(r.scopes) > 0 && (r.webhook || r.finish != "") {
		return console.Fail(console.Usage, "--scopes is for a new API key alone: not with --webhook or --finish")
	}
	return nil
}

// live are the ids of what is rotated, and what it is called.
func (r rotation) live(s vault.Shop) (ids []string, what string) {
	if r.webhook {
		return s.WebhookIDs(), "webhook secret"
	}
	return s.KeyIDs(), "API key"
}

// allowed is what the new key may do. Where keys differ and nothing was said, it is not for us to choose: a key that
// can do less than it must stops a shop, one that can do more is what scopes are against.
func (r rotation) allowed(s vault.Shop) ([]string, error) {
	if len(r.scopes) > 0 {
		return r.scopes, nil
	}
	for _, k := range s.Keys {
		if !alike(k.May(), s.Keys[0].May()) {
			return nil, console.Fail(console.Usage,
				"the shop's keys may do different things: %s; say by --scopes what the new one may do", keysLine(s))
		}
	}
	if len(s.Keys) == 0 {
		return nil, nil
	}
	return s.Keys[0].Scopes, nil
}

// alike says whether two keys may do the same.
func alike(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// add makes a new key, or secret. A third of a kind is refused: two are enough to change, and a forgotten one opens the
// door for good.
func (r rotation) add(t *tool.Tool, s *vault.Shop, out *rotationResult) error {
	ids, what := s.WebhookIDs(), "webhook secret"
	var scopes []string
	if !r.webhook {
		var err error
		if scopes, err = r.allowed(*s); err != nil {
			return err
		}
		ids, what = keysLike(*s, scopes), "API key"
	}
	if len(ids) >= mostLive {
		return console.Fail(console.Failed,
			"the shop has two of the kind %s already, %s; take one away with --finish first: %s", what,
			strings.Join(ids, " and "),
			r.finishing(t, out.Shop, r.older(ids)))
	}
	if r.webhook {
		out.WebhookSecret = s.AddWebhookSecret()
	} else {
		out.KeyID, out.APIKey = s.AddKey(out.Shop, t.Now(), scopes...)
		out.Scopes = vault.Key{Scopes: scopes}.May()
	}
	out.replaced = strings.Join(ids, "")
	return nil
}

// keysLike are the ids of the keys that may do the same as one of these scopes. Scopes in another order are the same
// kind of key; none named means all of them.
func keysLike(s vault.Shop, scopes []string) (ids []string) {
	for _, k := range s.Keys {
		if alike(k.May(), vault.Key{Scopes: scopes}.May()) {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// drop takes one away. The last one stays, for a shop without any is dead, and the functions refuse such a secret.
func (r rotation) drop(s *vault.Shop) error {
	ids, what := r.live(*s)
	if !slices.Contains(ids, r.finish) {
		return console.Fail(console.NotFound, "the shop has no %s %q; it has %s", what, r.finish, strings.Join(ids, " and "))
	}
	if len(ids) == 1 {
		return console.Fail(console.Failed, "%s is the shop's only %s; make another one first", r.finish, what)
	}
	if r.webhook {
		s.DropWebhookSecret(r.finish)
	} else {
		s.DropKey(r.finish)
	}
	return nil
}

// older is which of two was there first: of webhook secrets the newest stands first, of API keys last.
func (r rotation) older(ids []string) string {
	if r.webhook {
		return ids[len(ids)-1]
	}
	return ids[0]
}

// finishing is the command that takes one away.
func (r rotation) finishing(t *tool.Tool, shop, id string) string {
	words := []string{"shop", "rotate-key", shop, "--finish", id}
	if r.webhook {
		words = append(words, "--webhook")
	}
	return t.Line(words...)
}

// show tells the ids that there are now, and the line that ends the rotation.
func (r rotation) show(t *tool.Tool, out rotationResult) error {
	c := t.Console
	ids, what := out.Keys, "API keys"
	if r.webhook {
		ids, what = out.WebhookSecrets, "webhook secrets"
	}
	c.Note("%s of %s: %s", what, out.Shop, strings.Join(ids, ", "))
	when := "It may be used in half a minute. When the shop uses it"
	if r.webhook {
		when = "When the shop believes it"
	}
	switch {
	case out.replaced != "":
		c.Note("Shown this once. %s, take the old one away: %s", when, r.finishing(t, out.Shop, out.replaced))
	case r.finish == "":
		c.Note("Shown this once. It may be used in half a minute. It is the shop's first that may: %s.",
			strings.Join(out.Scopes, ", "))
	}
	return c.Show(out, func(w io.Writer) {
		lines(w, out.APIKey, out.WebhookSecret)
		if r.finish != "" {
			_, _ = fmt.Fprintf(w, "%s is gone\n", r.finish) // w is a buffer
		}
	})
}

// keysLine tells the keys and what each may do.
func keysLine(s vault.Shop) string {
	texts := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		texts[i] = k.ID + " (" + strings.Join(k.May(), ", ") + ")"
	}
	return strings.Join(texts, ", ")
}
