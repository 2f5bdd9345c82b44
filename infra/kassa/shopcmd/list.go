// Looking at shops. Nothing that opens a door is shown: of keys and secrets their ids, of addresses that may hold a
// token the host.

package shopcmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
)

// A shop that cannot be read is told and hides no other; the exit code then says that the list is not whole.
func newList(t *tool.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the shops of a stage",
		Long: `Lists the shops with their environment, banks, the days that the first of their client certificates has left,
the ids of their API keys, and the host of their webhook. No secret is shown. A shop that was put a moment ago may still
be missing on AWS.

With --json: {"shops":[..]}, each as kassa shop show gives it.

` + console.Codes,
		Example: "  kassa shop list --stage prod",
		Args:    tool.Exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			v, stage, err := open(c.Context(), t)
			if err != nil {
				return err
			}
			ids, err := v.Shops(c.Context())
			if err != nil {
				return err
			}
			all := struct {
				Shops []view `json:"shops"`
			}{Shops: []view{}}
			rows := [][]string{}
			if len(ids) == 0 { // a mistyped stage looks the same
				t.Console.Note("there is no shop in stage %s; if that is the stage you mean, this adds one: %s", stage,
					t.Line("shop", "put", "DIR"))
			}
			var broken error
			for _, id := range ids {
				one, err := look(c.Context(), v, id, stage, t.Now())
				if err != nil {
					t.Console.Note("%s: %s", id, console.Say(err)) // the others are shown all the same
					broken = err
					continue
				}
				all.Shops = append(all.Shops, one)
				rows = append(rows, one.row())
			}
			err = t.Console.Show(all, func(w io.Writer) {
				console.Table(w, []string{"SHOP", "ENVIRONMENT", "CURRENCY", "BANKS", "CERT DAYS", "API KEYS", "WEBHOOK"}, rows)
			})
			return errors.Join(err, broken)
		},
	}
}

// show is the same view of one shop, over several lines.
func newShow(t *tool.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "show SHOP",
		Short: "Show a shop's settings, without its secrets",
		Long: `Shows what a shop has settled: origins, banks and the days their client certificates have left, ids of keys and
of webhook secrets, order statuses, instalments. No secret is shown, and of the webhook's address the host alone.

With --json: {"shop","stage","environment","currency","origins":[..],"banks":[{"name","merchant",
"certificate":{"subject","issuer","not_after","days_left"},"public_keys"}],"keys":[..],"key_scopes":{"ID":[..]},
"webhook":{"host","acknowledge","secrets":[..]},"order_statuses":{..},
"instalments":{"terms":[..],"min_amount","max_amount","banks":{"NAME":[..]}},"refund_limit_per_day","recheck_paid"}

` + console.Codes,
		Example: "  kassa shop show my-shop --stage prod --json",
		Args:    tool.Exactly(tool.Shop),
		RunE: func(c *cobra.Command, args []string) error {
			v, stage, err := open(c.Context(), t)
			if err != nil {
				return err
			}
			one, err := look(c.Context(), v, args[0], stage, t.Now())
			if err != nil {
				return t.NoShop(err)
			}
			return t.Console.Show(one, one.people)
		},
	}
}
