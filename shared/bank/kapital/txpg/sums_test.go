package txpg

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"kassa/shared/payment"
)

// told is a report in short: its state, what was taken and what went back, in minor units.
func told(t *testing.T, word string, h history) string {
	t.Helper()
	o, err := readOrder(parsed(t, body(word, h)), "7")
	if err != nil {
		return "unreadable"
	}
	r, doubt := o.report(meanings()[word])
	if r.State == payment.BankUnknown && doubt == "" {
		t.Errorf("%s, %s: nobody is told", h.name, word)
	}
	text := string(r.State)
	if r.Amount != (payment.Money{}) {
		text += fmt.Sprintf(" %d", r.Amount.Minor)
	}
	if r.Refunded.Said {
		text += fmt.Sprintf(" %d", r.Refunded.Minor)
	}
	return text
}

// TestEverySpellingOfAReturn: an entry of 4 beside a purchase of 10. However an installation writes that money went
// back, it is never added to what was taken, also where no sum could contradict; what is not clear is a doubt.
func TestEverySpellingOfAReturn(t *testing.T) {
	const back, doubt = "refunded 1000 400", "unknown"
	bare := map[string]any{"clearAmount": nil, "amount": 4} // as entries without a sign come
	for name, c := range map[string]struct {
		over map[string]any
		want string
	}{
		"isReversal":               {map[string]any{"isReversal": true}, back},
		"isReversal, a text":       {map[string]any{"isReversal": "true"}, back},
		"isReversal, a capital":    {map[string]any{"isReversal": "TRUE"}, back},
		"isReversal, a number":     {map[string]any{"isReversal": 1}, back},
		"isReversal, a digit":      {map[string]any{"isReversal": "1"}, back},
		"isReversal, a letter":     {map[string]any{"isReversal": "Y"}, back},
		"isReversal, a word":       {map[string]any{"isReversal": " yes "}, back},
		"isReversal, anything":     {map[string]any{"isReversal": "perhaps"}, doubt},
		"isReversal, a list":       {map[string]any{"isReversal": []any{true}}, doubt},
		"type":                     {map[string]any{"type": "Refund"}, back},
		"type in capitals":         {map[string]any{"type": "REFUND"}, back},
		"type in small letters":    {map[string]any{"type": " refund "}, back},
		"type of two words":        {map[string]any{"type": "Partial Refund"}, back},
		"type Reversal":            {map[string]any{"type": "Reversal"}, back},
		"type VOID":                {map[string]any{"type": "VOID"}, back},
		"a refund undone":          {map[string]any{"type": "RefundReversal"}, doubt},
		"a refund undone, marked":  {map[string]any{"type": "REFUND", "isReversal": "1"}, doubt},
		"a refund undone, told":    {map[string]any{"description": "Refund - Void"}, doubt},
		"a type nobody knows":      {map[string]any{"type": "Chargeback"}, doubt},
		"description":              {map[string]any{"description": "Refund"}, back},
		"description in capitals":  {map[string]any{"description": "PURCHASE - REFUND"}, back},
		"description Void":         {map[string]any{"description": "Purchase - Void"}, back},
		"description, joined":      {map[string]any{"description": "PurchaseVoid"}, back},
		"description Reversal":     {map[string]any{"description": "reversal of purchase"}, back},
		"description, spoilt":      {map[string]any{"description": "Re\ufffdund"}, doubt},
		"description Return":       {map[string]any{"description": "Return"}, doubt},
		"description in Russian":   {map[string]any{"description": "ВОЗВРАТ"}, doubt},
		"description in Azeri":     {map[string]any{"description": "Qaytarılma"}, doubt},
		"description Chargeback":   {map[string]any{"description": "Chargeback"}, doubt},
		"nothing says what it is":  {map[string]any{"type": nil, "description": nil, "isReversal": nil}, doubt},
		"without any amount":       {map[string]any{"type": "Refund", "amount": nil}, doubt},
		"amounts of nothing":       {map[string]any{"clearAmount": 0, "amount": 0}, "approved 1000 0"},
		"with a sign at amount":    {map[string]any{"amount": -4}, back},
		"clearAmount of nothing":   {map[string]any{"type": "refund", "clearAmount": 0}, back},
		"billingStatus in capital": {map[string]any{"type": "refund", "billingStatus": "NORMAL"}, back},
		"phase in capitals":        {map[string]any{"type": "refund", "phase": "SINGLE"}, back},
		"a phase nobody knows":     {map[string]any{"type": "refund", "phase": "Reversal"}, doubt},
	} {
		entry := op("4", bare)
		lay(entry, c.over)
		h := history{name, []map[string]any{op("10", nil), entry}, nil}
		if got := told(t, "PartPaid", h); got != c.want {
			t.Errorf("%s, no sums: %s, want %s", name, got, c.want)
		}
		for _, refunded := range []string{"4", "0"} { // the sums, gross and net
			cleared := map[string]string{"4": "10", "0": "6"}[refunded]
			h.sums = charged(cleared, refunded)
			if got := told(t, "PartPaid", h); got != back && got != doubt && got != "refunded 1000" {
				t.Errorf("%s, %s cleared and %s refunded: %s", name, cleared, refunded, got)
			}
		}
	}
}

// TestTakenWithoutASign: clearAmount's sign is what says that money was taken. Without it the sums must say so.
func TestTakenWithoutASign(t *testing.T) {
	unsigned, none := map[string]any{"clearAmount": nil}, map[string]any{"clearAmount": 0}
	for name, c := range map[string]struct {
		over, sums map[string]any
		want       string
	}{
		"the sums agree":             {unsigned, charged("10", "0"), "approved 1000 0"},
		"no sums":                    {unsigned, nil, "unknown"},
		"the sums know nothing":      {unsigned, charged("0", "0"), "unknown"},
		"it says nothing is cleared": {none, nil, "unknown"},
		"and the sums say more":      {none, charged("10", "0"), "approved 1000 0"},
		"a type of its own":          {map[string]any{"type": "Payment"}, charged("10", "0"), "approved 1000 0"},
		"and no sums":                {map[string]any{"type": "Payment"}, nil, "unknown"},
		"type in capitals":           {map[string]any{"type": "PURCHASE"}, nil, "approved 1000 0"},
		"the shop's own text":        {map[string]any{"description": "Returns"}, charged("10", "0"), "approved 1000 0"},
	} {
		if got := told(t, "FullyPaid", history{name, []map[string]any{op("10", c.over)}, c.sums}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestACheckOfACardTakesNothing, whatever amount stands beside it; where it has cleared one, it is not understood.
func TestACheckOfACardTakesNothing(t *testing.T) {
	taking, paid := op("10", nil), charged("10", "0")
	check := func(cleared any) map[string]any {
		return op("10", map[string]any{"type": "CheckToken", "description": nil, "clearAmount": cleared, "actionId": "c"})
	}
	for name, c := range map[string]struct {
		entries []map[string]any
		sums    map[string]any
		word    string
		want    string
	}{
		"before the purchase": {[]map[string]any{check(0), taking}, paid, "FullyPaid", "approved 1000 0"},
		"nothing cleared":     {[]map[string]any{taking, check(nil)}, paid, "FullyPaid", "approved 1000 0"},
		"no sums":             {[]map[string]any{taking, check("0.00")}, nil, "FullyPaid", "approved 1000 0"},
		"alone":               {[]map[string]any{check(0)}, charged("0", "0"), "Preparing", "open"},
		"alone, and the end":  {[]map[string]any{check(0)}, charged("0", "0"), "Expired", "expired"},
		"in two words": {[]map[string]any{taking, op("10", map[string]any{"type": "Check Token", "clearAmount": 0})},
			paid, "FullyPaid", "approved 1000 0"},
		"it has cleared money": {[]map[string]any{taking, check(10)}, paid, "FullyPaid", "unknown"},
	} {
		if got := told(t, c.word, history{name, c.entries, c.sums}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestSumsThatContradict the operations are a doubt, whichever of both says more.
func TestSumsThatContradict(t *testing.T) {
	taking, refund := op("10", nil), op("-4", map[string]any{"type": "Refund"})
	void := op("-3", map[string]any{"description": "Purchase - Void"})
	for name, c := range map[string]struct {
		entries []map[string]any
		sums    map[string]any
		want    string
	}{
		"gross":                       {[]map[string]any{taking, refund}, charged("10", "4"), "refunded 1000 400"},
		"net":                         {[]map[string]any{taking, refund}, charged("6", "0"), "refunded 1000 400"},
		"net, and counted":            {[]map[string]any{taking, refund}, charged("6", "4"), "refunded 1000 400"},
		"a void lowers, a refund not": {[]map[string]any{taking, refund, void}, charged("7", "4"), "refunded 1000 700"},
		"no sum has moved":            {[]map[string]any{taking, refund}, charged("10", "0"), "refunded 1000 400"},
		"trans is behind":             {[]map[string]any{taking}, charged("10", "4"), "refunded 1000 400"},
		"all of it, trans is behind":  {[]map[string]any{taking}, charged("0", "10"), "returned 1000 1000"},
		"more cleared than taken":     {[]map[string]any{taking}, charged("12", "0"), "unknown"},
		"more, less what went back":   {[]map[string]any{taking}, charged("14", "4"), "unknown"},
		"less cleared, fully paid":    {[]map[string]any{taking}, charged("6", "0"), "unknown"},
		"less, and half explained":    {[]map[string]any{taking, refund}, charged("3", "0"), "unknown"},
		"less, and not all explained": {[]map[string]any{taking, void}, charged("6", "4"), "unknown"},
		"two takings, one cleared":    {[]map[string]any{taking, op("4", nil)}, charged("10", "0"), "unknown"},
		"and one of them refunded":    {[]map[string]any{taking, op("4", nil)}, charged("10", "4"), "unknown"},
		"net of it":                   {[]map[string]any{taking, op("4", nil)}, charged("6", "4"), "unknown"},
		"two takings, both cleared":   {[]map[string]any{taking, op("4", nil)}, charged("14", "0"), "approved 1400 0"},
	} {
		if got := told(t, "FullyPaid", history{name, c.entries, c.sums}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestNothingIsSentOnADoubt: where the order's sums lack money that its operations show, nobody knows what is left.
func TestNothingIsSentOnADoubt(t *testing.T) {
	c := connect(t, nil)
	h, o := c.paid(t)
	for _, cleared := range []string{"100", "0", "200"} {
		o.also = map[string]any{"clearedChargeAmount": json.Number(cleared)}
		_, err := c.Refund(t.Context(), c.refund(h, 5000, 0))
		if payment.KindOf(err) != payment.Unavailable || len(c.bank.sent()) != 0 {
			t.Errorf("%s cleared: %v, sent %v", cleared, err, c.bank.sent())
		}
	}
}

// spelled is a return of money as some installation may write it; every third one says so to nobody but its own people.
func spelled(r *rand.Rand, id string, minor int64) map[string]any {
	ways := []map[string]any{
		{"clearAmount": major(-minor), "type": "Refund"},
		{"clearAmount": major(-minor), "description": "Purchase - Void"}, {"clearAmount": major(-minor)},
		{"clearAmount": nil, "isReversal": "1"}, {"clearAmount": 0, "type": "REFUND"},
		{"description": "REVERSAL", "isReversal": "Y"}, {"clearAmount": nil, "type": "Rückgabe"},
		{"clearAmount": nil, "type": nil, "description": "geri"},
		{"clearAmount": nil, "description": "Return", "isReversal": 7},
	}
	entry := op(major(minor), map[string]any{"actionId": id})
	lay(entry, ways[r.IntN(len(ways))])
	return entry
}

// TestNoMoreTakenThanTheSumsSay plays histories of one or two takings and up to three returns, in every spelling, under
// the order's sums as they may be kept, left out or wrong: what is told without a doubt was taken, no return that
// either side states is missing, and no more is left of the money than the sums have.
func TestNoMoreTakenThanTheSumsSay(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(6000) {
		r := rand.New(rand.NewPCG(seed, 9))
		var entries []map[string]any
		var paid, back int64
		for i := range 1 + r.IntN(5)/4 {
			minor := 100 * (1 + r.Int64N(12))
			paid += minor
			entries = append(entries, op(major(minor), map[string]any{"actionId": fmt.Sprint("t", i)}))
		}
		for i := range r.IntN(4) {
			if left := paid - back; left > 0 {
				minor := min(left, 100*(1+r.Int64N(6)))
				back += minor
				entries = append(entries, spelled(r, fmt.Sprint("b", i), minor))
			}
		}
		o := map[string]any{"id": 7, "currency": "AZN", "trans": entries}
		cleared, refunded, honest := sumsOf(r, paid, back)
		for name, sum := range map[string]*int64{"clearedChargeAmount": cleared, "clearedRefundAmount": refunded} {
			if sum != nil {
				o[name] = major(*sum)
			}
		}
		words := []string{"FullyPaid", "PartPaid", "Refunded", "Voided", "Cancelled", "Closed"}
		word := words[r.IntN(len(words))]
		o["status"] = word
		text, _ := json.Marshal(map[string]any{"order": o})
		read, err := readOrder(parsed(t, string(text)), "7")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		report, doubt := read.report(meanings()[word])
		outcomes[string(report.State)]++
		switch {
		case report.Amount == (payment.Money{}):
			if report.State != payment.BankUnknown || doubt == "" {
				t.Fatalf("%s: %+v", text, report)
			}
		case honest && report.Amount.Minor != paid:
			t.Fatalf("%s: %d taken", text, report.Amount.Minor)
		case !report.Refunded.Said: // something went back, and no refund is sent before a person knows how much
		case honest && report.Refunded.Minor < back || refunded != nil && report.Refunded.Minor < *refunded ||
			cleared != nil && report.Amount.Minor-report.Refunded.Minor > *cleared:
			t.Fatalf("%s: %d back", text, report.Refunded.Minor)
		}
	}
	for _, state := range []payment.State{payment.BankApproved, payment.BankRefunded, payment.BankReturned,
		payment.BankUnknown} {
		if outcomes[string(state)] < 300 {
			t.Errorf("%s: %d times only", state, outcomes[string(state)])
		}
	}
}

// sumsOf keeps the order's sums in one of the ways that no source decides between, or not honestly: then they may agree
// by chance with an entry that was read the wrong way round.
func sumsOf(r *rand.Rand, paid, back int64) (cleared, refunded *int64, honest bool) {
	net, none := paid-back, int64(0)
	switch r.IntN(8) {
	case 0, 1:
		return &paid, &back, true
	case 2:
		return &net, &none, true
	case 3:
		return &net, &back, true
	case 4:
		return &net, nil, true
	case 5:
		return nil, nil, true
	case 6:
		voids := r.Int64N(back + 1) // among what went back
		net, back = paid-voids, back-voids
		return &net, &back, true
	}
	wrong, also := 100*r.Int64N(12), 100*r.Int64N(12)
	return &wrong, &also, false
}
