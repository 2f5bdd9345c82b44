package kapital

import "kassa/shared/simbank/control"

// Command is what the body of POST /_sim/orders/{id} holds at both gateways; each adds its own fields around it.
type Command struct {
	control.Command
	PAN    string `json:"pan"`
	Expiry string `json:"expiry"` // MMYY
	CVV    string `json:"cvv"`
	Swap   string `json:"swap"` // another order's id, which the browser comes back with in place of its own
}

// Card is the card that the command pays with.
func (c Command) Card() Card { return Card{PAN: c.PAN, Expiry: c.Expiry, CVV: c.CVV} }
