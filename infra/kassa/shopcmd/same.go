// What must not change about a shop, because its payments depend on it: environment, merchant, portal. Payments are
// kept for good, so what was ever true of a shop stays true of some of them.

package shopcmd

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/folder"
	"kassa/infra/kassa/vault"
	"kassa/shared/bank"
	"kassa/shared/boot"
)

// account is who a shop is to a bank.
type account struct {
	environment string
	ids         []string // at each of the bank's gateways; "" at one that it does not use
}

// accountOf reads a bank's secret.
func accountOf(name string, secret map[string]any) (a account) {
	a.environment, _ = secret["environment"].(string)
	for _, f := range boot.Profiles()[name].Secret {
		if f.Role == bank.RoleAccount {
			id, _ := folder.At(secret, f.Name).(string)
			a.ids = append(a.ids, id)
		}
	}
	return a
}

// id is what the bank calls the shop, for people: once, where it is called alike at several gateways.
func (a account) id() string {
	var ids []string
	for _, id := range a.ids {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, " and ")
}

// leaves says whether payments of before belong to somebody whom the next one is not any more. A gateway may come to
// another. Only a merchant id that goes away or changes counts.
func (a account) leaves(next account) bool {
	for i, id := range a.ids {
		if id != "" && id != next.ids[i] {
			return true
		}
	}
	return false
}

// sameShop refuses to turn a shop into another one. A payment keeps the environment and the merchant of its opening:
// under others nobody could ask about it or give it back. Banks that the shop no longer offers count, since they may
// have its older payments.
func sameShop(ctx context.Context, v *vault.Vault, f *folder.Folder, old vault.Shop, moved bool) error {
	listed, err := v.Banks(ctx, f.Shop)
	if err != nil {
		return err
	}
	next := map[string]account{}
	names := slices.Concat(listed, old.Banks) // a list of AWS may be a moment old
	for _, b := range f.Banks {
		names = append(names, b.Name)
		next[b.Name] = accountOf(b.Name, b.Secret)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		secret, found, err := stored(ctx, v, f.Shop, name)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		before := accountOf(name, secret)
		if before.environment != f.Environment {
			return console.Fail(console.Failed,
				"the shop %s is in the environment %q at the bank %s, and cannot move to %q: test is another shop; nothing was "+
					"written",
				f.Shop, before.environment, name, f.Environment)
		}
		if here, offered := next[name]; offered && before.leaves(here) && !moved {
			return console.Fail(console.Failed,
				"the shop %s is %q at the bank %s, and %q in the directory; payments of the old one could not be asked about or "+
					"refunded any more: "+
					"take another shop id, or add --new-merchant when there are none left; nothing was written",
				f.Shop, before.id(), name, here.id())
		}
	}
	return nil
}

// stored is the secret of a shop's bank.
func stored(ctx context.Context, v *vault.Vault, shop, name string) (secret map[string]any, found bool, err error) {
	content, found, err := v.Read(ctx, v.BankName(shop, name))
	if err != nil || !found {
		return nil, false, err
	}
	if err := json.Unmarshal(content, &secret); err != nil {
		return nil, false, console.Fail(console.Failed, "the secret %s is no JSON object", v.BankName(shop, name))
	}
	return secret, true, nil
}

// anotherPortal refuses a second portal for a shop: two portals number their payments alike, so that the buyer of one
// would be told that his order is paid, and the other's be marked for it. Addresses are compared by their hosts: the
// path holds the webhook's secret, which may be renewed.
func anotherPortal(old, next vault.Shop) error {
	if old.Bitrix24 == nil || strings.EqualFold(hostOf(old.Bitrix24.URL), hostOf(next.Bitrix24.URL)) {
		return nil
	}
	return console.Fail(console.Failed, "the shop is bound to the portal %s, and orders are named after the numbers of a "+
		"portal's payments: add another shop for another portal; if it is the same one under a new name, let go of it "+
		"with --remove "+
		"first; nothing was written", hostOf(old.Bitrix24.URL))
}
