package simbank

// Statement is a bank's ledger: what it charged and gave back. Amounts are minor
// units; A is one order of the ledger.
type Statement[A any] struct {
	Orders []A    `json:"orders"`
	Totals Totals `json:"totals"`
}

// Totals sums the whole ledger.
type Totals struct {
	Orders   int   `json:"orders"`
	Charged  int64 `json:"charged"`
	Refunded int64 `json:"refunded"`
}

// State draws up the statement, oldest order first. Account tells of one order what
// stands in it, and what was charged and given back.
func State[T, A any](orders []T, account func(T) (line A, charged, refunded int64)) Statement[A] {
	s := Statement[A]{Orders: []A{}, Totals: Totals{Orders: len(orders)}}
	for _, o := range orders {
		line, charged, refunded := account(o)
		s.Orders = append(s.Orders, line)
		s.Totals.Charged += charged
		s.Totals.Refunded += refunded
	}
	return s
}
