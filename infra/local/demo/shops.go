package demo

// Shop is one demo shop with its one bank.
type Shop struct {
	ID        string
	Bank      string // as the API calls it
	Simulator string // by which the bank is played: the name of an [Entry]
	Name      string // as the customer reads it
	Currency  string
	// Settings stand in the shop's secret, beside what this machine decides.
	Settings map[string]any
	// Application says that the shop sells by a cart and an application at the bank, in place of a card.
	Application bool
	// Back is the step of the bank's control API by which a customer comes back; empty where the bank tells by itself.
	Back string
	// Aside keeps the shop off the shelves, which another of its currency has.
	Aside bool
}

// Card pays at every desk of the first shop; any future date does.
const Card = "4169741330151124, any future date, CVC 119"

// Shops are those that every stack has. Scripts know the first as the one that sells by card.
func Shops() []Shop {
	return []Shop{{
		ID: "demo-az", Bank: "kapital", Simulator: "kapital", Name: "Nar", Currency: "AZN", Back: "callback",
		Settings: map[string]any{"currency": "AZN"},
	}, {
		ID: "demo-by", Bank: "kartapokupok", Simulator: "kartapokupok", Name: "Nar", Currency: "BYN", Application: true,
		Settings: map[string]any{
			"currency":    "BYN",
			"instalments": map[string]any{"terms": []int{3, 6, 12}, "min_amount": 3000, "max_amount": 1000000},
		},
	}, {
		ID: "demo-az-json", Bank: "kapital", Simulator: "kapital-txpg", Name: "Nar", Currency: "AZN", Back: "return",
		Aside:    true,
		Settings: map[string]any{"currency": "AZN", "instalments": map[string]any{"terms": []int{2, 3, 6}}},
	}}
}
