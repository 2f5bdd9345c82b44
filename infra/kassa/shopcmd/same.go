package shopcmd

import (
	"context"
	"encoding/json"
	"slices"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/folder"
	"kassa/infra/kassa/vault"
)

// account is who a shop is to a bank, in the bank's secret.
type account struct {
	Environment string `json:"environment"`
	Merchant    string `json:"merchant_id"`
	Partner     string `json:"partner_id"`
}

func (a account) id() string { return a.Merchant + a.Partner } // a bank has one of the two

// sameShop refuses to turn a shop into another one. A payment keeps the environment and the merchant of its opening: under others
// nobody could ask about it or give it back. Banks that the shop no longer offers count, since they may have its older payments.
func sameShop(ctx context.Context, v *vault.Vault, f *folder.Folder, old vault.Shop, moved bool) error {
	listed, err := v.Banks(ctx, f.Shop)
	if err != nil {
		return err
	}
	next := map[string]account{}
	names := slices.Concat(listed, old.Banks) // a list of AWS may be a moment old
	for _, b := range f.Banks {
		names = append(names, b.Name)
		merchant, _ := b.Secret["merchant_id"].(string)
		partner, _ := b.Secret["partner_id"].(string)
		next[b.Name] = account{f.Environment, merchant, partner}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		stored, found, err := stored(ctx, v, f.Shop, name)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if stored.Environment != f.Environment {
			return console.Fail(console.Failed, "the shop %s is in the environment %q at the bank %s, and cannot move to %q: test is another shop; nothing was written",
				f.Shop, stored.Environment, name, f.Environment)
		}
		if here, offered := next[name]; offered && here.id() != stored.id() && !moved {
			return console.Fail(console.Failed, "the shop %s is %q at the bank %s, and %q in the directory; payments of the old one could not be asked about or refunded any more: "+
				"take another shop id, or add --new-merchant when there are none left; nothing was written", f.Shop, stored.id(), name, here.id())
		}
	}
	return nil
}

func stored(ctx context.Context, v *vault.Vault, shop, bank string) (a account, found bool, err error) {
	content, found, err := v.Read(ctx, v.BankName(shop, bank))
	if err != nil || !found {
		return a, false, err
	}
	if err := json.Unmarshal(content, &a); err != nil {
		return a, false, console.Fail(console.Failed, "the secret %s is no JSON object", v.BankName(shop, bank))
	}
	return a, true, nil
}
