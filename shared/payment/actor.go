package payment

// The actors of a history entry. A shop's entry says `shop:<key id>`.
const (
	byBank  = "bank"
	byKassa = "kassa"

	operator = "operator:" // and a name
)

// ByOperator names a person of the deployment's as the actor of what the command kassa did.
func ByOperator(name string) string { return operator + name }

// ByShop names a shop's API key as the actor of a cancellation or a refund.
func ByShop(keyID string) string { return "shop:" + keyID }
