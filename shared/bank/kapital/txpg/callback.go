package txpg

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
)

// isWord says whether a text can be a status as the bank writes it: one word, or several as it shows them to people.
func isWord(text string) bool { return exchange.IsWord(strings.ReplaceAll(text, " ", "_")) }

// Callback reads the return of the customer's browser: ID and STATUS in the query, in any letter case, each of which
// may be missing (facts 4). It proves nothing: anybody could have written it, and STATUS may be of before. Some
// installations add PASSWORD, which opens the order's page, and TOKENID: neither is read, told or kept. The bank's
// server calls nobody.
func (g *Gateway) Callback(c bank.Callback) (bank.Notice, error) {
	if err := g.Ready(bank.OpCallback); err != nil {
		return bank.Notice{}, err
	}
	if c.Method != http.MethodGet {
		return bank.Notice{}, exchange.Malformed(errors.New("the method is not GET"))
	}
	said := map[string]string{}
	for name, values := range c.Query {
		name = strings.ToLower(name)
		if name != "id" && name != "status" {
			continue
		}
		for _, value := range values { // the same one again means one thing
			if other, twice := said[name]; twice && other != value {
				return bank.Notice{}, exchange.Malformed(fmt.Errorf("%s comes with several values", name))
			}
			said[name] = value
		}
	}
	id, status := said["id"], said["status"]
	if id != "" && !orderNumber.MatchString(id) || status != "" && !isWord(status) {
		return bank.Notice{}, exchange.Malformed(errors.New("an id or status is malformed"))
	}
	n := bank.Notice{Handle: bank.Handle{OrderID: id}}
	n.Claim("order_id", id)
	n.Claim("status", status)
	return n, nil
}
