package txpg

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// wordForm is a status as the bank writes it, literal or for display.
var wordForm = regexp.MustCompile(`^[A-Za-z][A-Za-z _-]{0,39}$`)

// Callback reads the return of the customer's browser: ID and STATUS in the query, in any letter case, each of which
// may be missing (facts 4). It proves nothing: anybody could have written it, and STATUS may be of before. Some
// installations add PASSWORD, which opens the order's page, and TOKENID: neither is read, told or kept. The bank's
// server calls nobody.
func (g *Gateway) Callback(c bank.Callback) (bank.Notice, error) {
	if err := g.Ready(bank.OpCallback); err != nil {
		return bank.Notice{}, err
	}
	if c.Method != http.MethodGet {
		return bank.Notice{}, malformed(errors.New("the method is not GET"))
	}
	said := map[string]string{}
	for name, values := range c.Query {
		name = strings.ToLower(name)
		if name != "id" && name != "status" {
			continue
		}
		if _, twice := said[name]; twice || len(values) != 1 {
			return bank.Notice{}, malformed(fmt.Errorf("%s comes several times", name))
		}
		said[name] = values[0]
	}
	id, status := said["id"], said["status"]
	if id != "" && !orderNumber.MatchString(id) || status != "" && !wordForm.MatchString(status) {
		return bank.Notice{}, malformed(errors.New("an id or status is malformed"))
	}
	n := bank.Notice{Handle: bank.Handle{OrderID: id}}
	for _, claim := range []bank.Claim{{Name: "order_id", Value: id}, {Name: "status", Value: status}} {
		if claim.Value != "" {
			n.Claims = append(n.Claims, claim)
		}
	}
	return n, nil
}

func malformed(err error) error {
	return &payment.Error{Kind: payment.Malformed, Message: "the callback cannot be read", Cause: err}
}
