package txpg

import (
	"errors"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
)

// maxCallback bounds the body of a message in bytes.
const maxCallback = 64 << 10

// isWord says whether a text can be a status as the bank writes it: one word, or several as it shows them to people.
func isWord(text string) bool { return exchange.IsWord(strings.ReplaceAll(text, " ", "_")) }

// Read reads the return of the customer's browser: ID and STATUS in the query or a form, in any letter case, each of
// which may be missing. It proves nothing: anybody could have written it, and STATUS may be of before. Some
// installations add PASSWORD, which opens the order's page, and TOKENID: neither is read, told or kept. The bank's
// server calls nobody; what comes as if it did is read as well as it can be.
func (g *Gateway) Read(c bank.Message) (bank.Reading, error) {
	if err := g.Ready(bank.OpRead); err != nil {
		return bank.Reading{}, err
	}
	said, err := exchange.ReadParameters(c, maxCallback, "")
	id, wrongID := said.One("id")
	status, wrongStatus := said.Word("status")
	if id, status = exchange.Bare(id), exchange.Bare(status); id != "" && !isOrder(id) {
		wrongID = errors.New("the id is malformed")
	}
	if status != "" && !isWord(status) {
		wrongStatus = errors.New("the status is malformed")
	}
	if err = errors.Join(err, wrongID, wrongStatus); err != nil {
		return bank.Reading{}, exchange.Malformed(err)
	}
	n := bank.Reading{Handle: bank.Handle{OrderID: id}}
	n.Claim("order_id", id)
	n.Claim("status", status)
	return n, nil
}
