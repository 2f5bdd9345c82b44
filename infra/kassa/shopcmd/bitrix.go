package shopcmd

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/bitrix24"
	"kassa/shared/strict"
	"kassa/shared/webhook"
)

// bitrixFlags is what `kassa shop bitrix` was told.
type bitrixFlags struct {
	addressFile, apiURL  string
	show, remove, newKey bool
}

// It is one command for binding, showing and letting go, because what is right to do next depends on how portal and
// settings stand, and one of the two alone is of no use.
func newBitrix(t *tool.Tool) *cobra.Command {
	var b bitrixFlags
	c := &cobra.Command{
		Use:   "bitrix SHOP",
		Short: "Bind a shop to its Bitrix24 portal, which then takes payments without a program",
		Long: `Stores the address of an incoming webhook of the portal with the shop's settings, registers the payment handler
there (or brings a registered one up to date), and makes an API key with the scope create, which the portal sends with
each payment. What is left to do in the portal is said at the end.

Make the incoming webhook in the portal first: Developer resources, Other, Inbound webhook, with the rights pay_system
and sale, owned by an administrator of the CRM. Its address is a secret, for it marks payments as paid: it is asked for
at a terminal and not shown, or read from the file of --portal-file, and never a flag. The stage must be deployed with
BitrixPortal=on; on AWS say by --api-url what its output ApiUrl is. Run again, it asks for nothing that is stored, makes
no key, and registers anew; --new-key makes another, kassa shop rotate-key SHOP --finish ID takes the old one away.

With --show nothing is changed. With --remove the handler is taken out of the portal, whose pay systems with it must be
deleted first, and the address out of the settings; of a portal that does not answer, or refuses, the address alone.

With --json: {"shop","stage","portal","handler","registered","action","key_id","api_key"}, these two when new.

` + console.Codes,
		Example: `  kassa shop bitrix my-shop --stage local
  kassa shop bitrix my-shop --stage prod --api-url "$API_URL" > portal-key.env
  kassa shop bitrix my-shop --stage prod --portal-file portal.txt --api-url "$API_URL"
  kassa shop bitrix my-shop --stage prod --remove`,
		Args: tool.Exactly(tool.Shop),
		RunE: func(c *cobra.Command, args []string) error { return b.run(c.Context(), t, args[0]) },
	}
	c.Flags().StringVar(&b.addressFile, "portal-file", "",
		"`file` that holds the incoming webhook's address and nothing else; /dev/stdin for standard input")
	c.Flags().StringVar(&b.apiURL, "api-url", "",
		"the stage's output ApiUrl (default what make run started, on the stage local)")
	c.Flags().BoolVar(&b.newKey, "new-key", false, "make another key for the portal")
	c.Flags().BoolVar(&b.show, "show", false, "say how it stands and change nothing")
	c.Flags().BoolVar(&b.remove, "remove", false, "take the handler out of the portal and the portal out of the settings")
	c.MarkFlagsMutuallyExclusive("show", "remove", "new-key")
	return c
}

// run writes the portal first and the settings last: cut off between the two, the same line again finds the handler
// there and goes on.
func (b bitrixFlags) run(ctx context.Context, t *tool.Tool, id string) error {
	at, err := t.Flags.Open(ctx)
	if err != nil {
		return err
	}
	if b.apiURL == "" && at.Local != nil {
		b.apiURL = at.Local.APIURL
	}
	v := vault.New(at.Secrets(), at.Name)
	old, err := v.Known(ctx, id)
	if err != nil {
		return t.NoShop(err)
	}
	next := old
	if err := b.address(t.Console, &next); err != nil {
		return err
	}
	if err := sound(next, at.Name); err != nil {
		return err
	}
	if err := anotherPortal(old, next); err != nil {
		return err
	}
	portal := bitrix24.Portal{Client: webhook.New(webhook.Options{Now: t.Now}), Address: next.Bitrix24.URL,
		Loopback: next.InsecureLoopback}
	r := registration{portal: portal, code: handlerCode(at.Name, id), name: handlerName(at.Name, id), settings: next}
	out := bitrixResult{Shop: id, Stage: at.Name, Portal: hostOf(next.Bitrix24.URL), Handler: r.code}
	if b.apiURL != "" {
		if r.action, err = actionAt(b.apiURL); err != nil {
			return err
		}
		out.Action = r.action
	}
	found, err := r.find(ctx)
	if err != nil && !b.remove {
		return err
	}
	if err != nil { // a portal that has gone must not keep its address with us
		t.Console.Note("%s; the portal is taken out of the settings alone", console.Say(err))
	}
	out.Registered = found != ""
	switch {
	case b.show:
		return out.show(t, false)
	case b.remove:
		if err := r.remove(ctx, found); err != nil {
			return err
		}
		next.Bitrix24, out.Registered, out.Portal = nil, false, ""
	default:
		if err := r.put(ctx, found); err != nil {
			return err
		}
		if old.Bitrix24 == nil || b.newKey {
			out.KeyID, out.APIKey = next.AddKey(id, t.Now(), "create")
		}
		out.Registered = true
	}
	if _, err := v.Replace(ctx, id, old, next); err != nil {
		return err
	}
	return out.show(t, !b.remove)
}

// address takes that of the incoming webhook from the file, from the settings, or from whoever sits there. No flag
// takes the address itself, since other users of a machine can read command lines, and shells keep them.
func (b bitrixFlags) address(c *console.Console, s *vault.Shop) error {
	text := ""
	switch {
	case b.addressFile != "":
		content, err := os.ReadFile(b.addressFile)
		if err != nil {
			return console.Fail(console.Failed, "the file with the portal's address cannot be read: %w", err)
		}
		text = string(strict.Bare(content))
	case s.Bitrix24 != nil:
		return nil
	case !b.show && !b.remove:
		var err error
		if text, err = c.AskSecret("Address of the portal's incoming webhook"); err != nil {
			return err
		}
	}
	if text == "" && (b.show || b.remove) {
		return console.Fail(console.NotFound, "the shop has no portal")
	}
	if text == "" {
		return console.Fail(console.Usage, "nobody can be asked here for the address of the portal's incoming webhook: "+
			"put it into a file, and add --portal-file FILE")
	}
	s.Bitrix24 = &vault.Bitrix24{URL: text}
	return nil
}

// registration is the handler of a shop in its portal. Its code is how a portal knows it for good; its name is what
// people pick it by.
type registration struct {
	portal     bitrix24.Portal
	code, name string
	action     string
	settings   vault.Shop
}

// handlerCode names the handler to the portal: another one for each stage, so that trying a shop on one stage sends no
// payment of another stage's elsewhere.
func handlerCode(stage, shop string) string {
	return "kassa_" + strings.ReplaceAll(stage+"__"+shop, "-", "_")
}

// handlerName names it to people.
func handlerName(stage, shop string) string { return "Kassa: " + shop + " (" + stage + ")" }

// find gives the handler's id in the portal, "" when it is not there.
func (r registration) find(ctx context.Context) (id string, err error) {
	var list []struct {
		ID   json.Number `json:"ID"`
		Code string      `json:"CODE"`
	}
	if err := r.call(ctx, "sale.paysystem.handler.list", struct{}{}, &list); err != nil {
		return "", err
	}
	for _, h := range list {
		if h.Code == r.code {
			id = h.ID.String()
		}
	}
	return id, nil
}

// put adds the handler, or brings the one that is there up to date, since pay systems refer to it by its id.
func (r registration) put(ctx context.Context, id string) error {
	if r.action == "" {
		return console.Fail(console.Usage,
			"add --api-url, the output ApiUrl of the stage: the portal must know where to post to")
	}
	if id == "" {
		var made json.Number
		return r.call(ctx, "sale.paysystem.handler.add", r.handler(), &made)
	}
	var done bool
	return r.call(ctx, "sale.paysystem.handler.update", map[string]any{"ID": id, "FIELDS": r.handler()}, &done)
}

// remove is done where the handler is not there.
func (r registration) remove(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	var done bool
	return r.call(ctx, "sale.paysystem.handler.delete", map[string]string{"ID": id}, &done)
}

// call calls the portal, and says in words what somebody can do when it does not do it. An answer that is not known is
// told by its code alone.
func (r registration) call(ctx context.Context, method string, params, result any) error {
	err := r.portal.Call(ctx, method, params, result)
	if err == nil {
		return nil
	}
	if bitrix24.Refuses(err) {
		return console.Fail(console.Failed, "the portal does not let us call %s (%s): "+
			"the incoming webhook needs the rights pay_system and sale, an owner who is an administrator of the CRM, "+
			"and its whole address; nothing was written", method, bitrix24.CodeOf(err))
	}
	switch code := bitrix24.CodeOf(err); code {
	case "QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT":
		return console.Fail(console.TryAgain, "the portal is called too often just now (%s): try again in a minute", code)
	case "ERROR_PAY_SYSTEM_DELETE":
		return console.Fail(console.Failed, "a pay system of the portal still uses it: delete it there first")
	default:
		return console.Fail(console.Failed, "the portal did not do %s: it answers %s", method, code)
	}
}

// handler is what the portal is told of us. No field may be asked of the buyer (CODE as an object): the portal would
// then print all fields into its page, the key among them.
func (r registration) handler() map[string]any {
	fields, codes := map[string]any{}, map[string]any{}
	for i, f := range []struct{ name, title, provider, value string }{
		{"KASSA_KEY", "Ключ Kassa (kassa shop bitrix)", "", ""},
		{"KASSA_BANK", "Банк: " + strings.Join(r.settings.Banks, ", ") + " (пусто: первый)", "", ""},
		{"KASSA_TERM", "Срок рассрочки, месяцев (пусто: без рассрочки)", "", ""},
		{"KASSA_ORDER", "Номер заказа", "ORDER", "ACCOUNT_NUMBER"},
		{"KASSA_FIRST_NAME", "Имя покупателя (для рассрочки)", "USER", "NAME"},
		{"KASSA_LAST_NAME", "Фамилия покупателя (для рассрочки)", "USER", "LAST_NAME"},
		{"KASSA_PHONE", "Телефон покупателя (для рассрочки)", "USER", "PERSONAL_MOBILE"},
		{"KASSA_EMAIL", "Эл. почта покупателя (для рассрочки)", "USER", "EMAIL"},
	} {
		fields[f.name] = map[string]any{"CODE": f.name}
		code := map[string]any{"NAME": f.title, "SORT": 100 * (i + 1)}
		if f.provider != "" {
			code["DEFAULT"] = map[string]string{"PROVIDER_KEY": f.provider, "PROVIDER_VALUE": f.value}
		}
		codes[f.name] = code
	}
	return map[string]any{"NAME": r.name, "CODE": r.code, "SORT": 100, "SETTINGS": map[string]any{
		"CURRENCY": []string{r.settings.Currency}, "CLIENT_TYPE": "b2c", "CODES": codes,
		"CHECKOUT_DATA": map[string]any{"ACTION_URI": r.action, "FIELDS": fields},
	}}
}
