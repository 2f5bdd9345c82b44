package txpg

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank/kapital/tranzaxis"
	"kassa/shared/payment"
)

// A history is what trans and the order's sums say; the word stands beside it.
type history struct {
	name    string
	entries []map[string]any
	sums    map[string]any
}

// op is an entry that counts, laid over with what differs.
func op(cleared json.Number, over map[string]any) map[string]any {
	e := map[string]any{"actionId": "a" + string(cleared), "billingStatus": "Normal", "ridByPmo": "1",
		"regTime": "2026-05-20 12:00:00", "clearAmount": cleared,
		"clearCcy": "AZN", "amount": json.Number(strings.TrimPrefix(string(cleared), "-")), "currency": "AZN",
		"description": "Purchase", "phase": "Single",
		"type": "Purchase", "pmoResultCode": "1", "isReversal": false}
	lay(e, over)
	return e
}

func charged(cleared, refunded string) map[string]any {
	return map[string]any{"authorizedChargeAmount": json.Number(cleared), "clearedChargeAmount": json.Number(cleared),
		"clearedRefundAmount": json.Number(refunded)}
}

func body(word string, h history) string {
	o := map[string]any{"id": 7, "status": word, "amount": 10, "currency": "AZN"}
	lay(o, h.sums)
	if h.entries != nil {
		o["trans"] = h.entries
	}
	text, _ := json.Marshal(map[string]any{"order": o})
	return string(text)
}

// words are all that the bank's table has, in every spelling that was seen, and two that nobody knows.
func words() []string {
	return []string{"Preparing", "FullyPaid", "PartPaid", "PartiallyPaid", "Closed", "Authorized", "Refunded", "Voided",
		"Cancelled", "Canceled", "Refused",
		"Declined", "Rejected", "Expired", "Funded", "Reversed", "fullypaid"}
}

// TestEveryWordWithEverySum: the sums decide, the word only confirms, and a word that nobody knows changes nothing.
func TestEveryWordWithEverySum(t *testing.T) {
	void := map[string]any{"description": "Purchase - Void", "isReversal": true}
	tables := []struct {
		history
		want   string // the state for all words that are known and not named below
		except map[string]string
	}{
		{history{"nothing happened", nil, nil}, "", map[string]string{"Preparing": "open", "FullyPaid": "processing",
			"PartPaid":      "processing",
			"PartiallyPaid": "processing", "Closed": "processing", "Authorized": "processing", "Refunded": "unknown",
			"Voided":    "cancelled",
			"Cancelled": "cancelled", "Canceled": "cancelled", "Refused": "cancelled", "Declined": "declined",
			"Rejected": "declined", "Expired": "expired"}},
		{history{"a try was declined", []map[string]any{op("0", map[string]any{"pmoResultCode": "59", "ridByPmo": ""})},
			charged("0", "0")}, "",
			map[string]string{"Preparing": "open", "FullyPaid": "processing", "PartPaid": "processing",
				"PartiallyPaid": "processing", "Closed": "processing",
				"Authorized": "processing", "Refunded": "unknown", "Voided": "cancelled", "Cancelled": "cancelled",
				"Canceled": "cancelled",
				"Refused":  "cancelled", "Declined": "declined 59 insufficient_funds",
				"Rejected": "declined 59 insufficient_funds", "Expired": "expired"}},
		{history{"a try was not answered", []map[string]any{op("0", map[string]any{"pmoResultCode": "72", "ridByPmo": ""})},
			charged("0", "0")}, "", map[string]string{"Preparing": "processing", "FullyPaid": "processing",
			"PartPaid": "processing", "PartiallyPaid": "processing", "Closed": "processing", "Authorized": "processing",
			"Refunded": "unknown", "Voided": "cancelled", "Cancelled": "cancelled", "Canceled": "cancelled",
			"Refused": "cancelled", "Declined": "declined 72 try_again", "Rejected": "declined 72 try_again",
			"Expired": "expired"}},
		{history{"a try ended in a code without a meaning", []map[string]any{op("0", map[string]any{"pmoResultCode": "12"})},
			nil}, "", map[string]string{"Preparing": "processing", "FullyPaid": "processing",
			"PartPaid": "processing", "PartiallyPaid": "processing", "Closed": "processing", "Authorized": "processing",
			"Refunded": "unknown", "Voided": "cancelled", "Cancelled": "cancelled", "Canceled": "cancelled",
			"Refused": "cancelled", "Declined": "declined 12 other", "Rejected": "declined 12 other", "Expired": "expired"}},
		{history{"sums speak of money, trans does not", nil, charged("10", "0")}, "processing",
			map[string]string{"Refunded": "processing"}},
		{history{"a hold", []map[string]any{op("0", map[string]any{"phase": "Auth", "amount": 10})},
			map[string]any{"authorizedChargeAmount": 10}}, "unknown",
			map[string]string{"Preparing": "open", "Authorized": "processing", "FullyPaid": "processing",
				"PartPaid":      "processing",
				"PartiallyPaid": "processing", "Closed": "processing"}},
		{history{"taken", []map[string]any{op("10", nil)}, charged("10", "0")}, "approved 1000 0 []", map[string]string{
			"Refunded": "refunded 1000", "Voided": "refunded 1000"}},
		{history{"taken, no sums", []map[string]any{op("10.00", nil)}, nil}, "approved 1000 0 []", map[string]string{
			"Refunded": "refunded 1000", "Voided": "refunded 1000"}},
		{history{"a part was cleared", []map[string]any{op("0", map[string]any{"phase": "Auth", "amount": 10}), op("2.5",
			map[string]any{"phase": "Clearing"})},
			charged("2.5", "0")}, "approved 250 0 []", map[string]string{"Refunded": "refunded 250", "Voided": "refunded 250"}},
		{history{"a part went back", []map[string]any{op("10", nil), op("-2.5", map[string]any{"type": "Refund",
			"description": "Refund"})}, charged("10", "2.5")},
			"refunded 1000 250 [250]", nil},
		{history{"all went back in two parts", []map[string]any{op("10", nil), op("-2.5", map[string]any{"type": "Refund"}),
			op("-7.5", map[string]any{"type": "Refund"})}, charged("10", "10")}, "returned 1000 1000 [250 750]", nil},
		{history{"voided, the sum refunded", []map[string]any{op("10", nil), op("-10", void)}, charged("10", "10")},
			"returned 1000 1000 [1000]", nil},
		{history{"voided, less cleared", []map[string]any{op("10", nil), op("-10", void)}, charged("0", "0")},
			"returned 1000 1000 [1000]", nil},
		{history{"voided, a positive entry", []map[string]any{op("10", nil), op("10", void)}, charged("0", "0")},
			"returned 1000 1000 [1000]", nil},
		{history{"voided, an entry of nothing", []map[string]any{op("10", nil), op("0",
			map[string]any{"description": "Purchase - Void", "amount": 10})},
			charged("0", "0")}, "returned 1000 1000 [1000]", nil},
		{history{"no entry of the void", []map[string]any{op("10", nil)}, charged("0", "0")}, "unknown",
			map[string]string{
				"Voided": "returned 1000 1000", "Cancelled": "returned 1000 1000", "Canceled": "returned 1000 1000",
				"Refused":  "returned 1000 1000",
				"Refunded": "refunded 1000", "PartPaid": "refunded 1000", "PartiallyPaid": "refunded 1000",
				"Closed": "refunded 1000"}},
		{history{"the sum is ahead of trans", []map[string]any{op("10", nil)}, charged("10", "4")}, "refunded 1000 400", nil},
		{history{"a refund was undone", []map[string]any{op("10", nil), op("-2.5", map[string]any{"type": "Refund"}),
			op("2.5", map[string]any{"type": "Refund", "description": "Refund - Void"})}, charged("10", "0")}, "unknown", nil},
		{history{"more back than taken", []map[string]any{op("10", nil)}, charged("10", "11")}, "unknown", nil},
	}
	for _, table := range tables {
		for _, word := range words() {
			want, named := table.except[word]
			switch {
			case word == "Funded" || word == "Reversed" || word == "fullypaid":
				want = "unknown"
			case !named:
				want = table.want
			}
			o, err := readOrder(parsed(t, body(word, table.history)), "7")
			if err != nil {
				t.Fatalf("%s, %s: %v", table.name, word, err)
			}
			r, doubt := o.report(meanings()[word])
			got := string(r.State)
			if r.Amount != (payment.Money{}) {
				got += fmt.Sprintf(" %d", r.Amount.Minor)
			}
			if r.Refunded.Said {
				got += fmt.Sprintf(" %d", r.Refunded.Minor)
			}
			if r.Operations != nil {
				amounts := []int64{}
				for _, one := range r.Operations {
					amounts = append(amounts, one.Amount)
				}
				got += fmt.Sprintf(" %v", amounts)
			}
			got = strings.TrimSpace(got + " " + strings.TrimSpace(r.Code+" "+string(r.Hint)))
			if got != want || r.Word != word {
				t.Errorf("%s, %s: %s, want %s", table.name, word, got, want)
			}
			if r.State == payment.BankUnknown && doubt == "" {
				t.Errorf("%s, %s: nobody is told", table.name, word)
			}
		}
	}
}

// TestWhichEntriesCount: Normal, a ridByPmo, an approval; a yes in part only where the order's sums agree. What counts
// and cannot be read makes the whole unreadable.
func TestWhichEntriesCount(t *testing.T) {
	paid := charged("10", "0")
	for name, c := range map[string]struct {
		over map[string]any
		sums map[string]any
		want string
	}{
		"as it should be":               {nil, paid, "approved"},
		"no result code":                {map[string]any{"pmoResultCode": nil}, paid, "approved"},
		"the result as a number":        {map[string]any{"pmoResultCode": 1}, paid, "approved"},
		"not Normal":                    {map[string]any{"billingStatus": "Pending"}, nil, "processing"},
		"no billing status":             {map[string]any{"billingStatus": nil}, nil, "processing"},
		"no ridByPmo":                   {map[string]any{"ridByPmo": ""}, nil, "processing"},
		"a ridByPmo of nothing":         {map[string]any{"ridByPmo": "null"}, nil, "processing"},
		"a ridByPmo of noughts":         {map[string]any{"ridByPmo": 0}, nil, "processing"},
		"declined":                      {map[string]any{"pmoResultCode": "51"}, nil, "processing"},
		"postponed":                     {map[string]any{"pmoResultCode": "4"}, nil, "processing"},
		"a code without a meaning":      {map[string]any{"pmoResultCode": "5"}, nil, "processing"},
		"in part, the sums agree":       {map[string]any{"pmoResultCode": "2"}, paid, "approved"},
		"in part, the sums do not":      {map[string]any{"pmoResultCode": "2"}, charged("4", "0"), "unknown"},
		"frictionless, no sums":         {map[string]any{"pmoResultCode": "96"}, nil, "unknown"},
		"no clearAmount":                {map[string]any{"clearAmount": nil}, paid, "approved"},
		"no phase":                      {map[string]any{"phase": nil}, paid, "approved"},
		"a phase that nobody knows":     {map[string]any{"phase": "Other"}, paid, "unknown"},
		"the phase that holds":          {map[string]any{"phase": "Auth"}, nil, "processing"},
		"the phase that prepares":       {map[string]any{"phase": "Prepare"}, nil, "processing"},
		"a refund that was undone":      {map[string]any{"type": "Refund", "description": "Refund - Void"}, paid, "unknown"},
		"three decimals":                {map[string]any{"clearAmount": json.Number("10.005")}, paid, "unreadable"},
		"noughts behind the decimals":   {map[string]any{"clearAmount": json.Number("10.0000")}, paid, "approved"},
		"an exponent":                   {map[string]any{"clearAmount": json.Number("1E+1")}, paid, "approved"},
		"an exponent of many":           {map[string]any{"clearAmount": json.Number("1E+99")}, paid, "unreadable"},
		"a comma, as people write":      {map[string]any{"clearAmount": "10,00", "amount": "10,00"}, paid, "approved"},
		"a comma in a sum":              {nil, map[string]any{"clearedChargeAmount": "10,00"}, "approved"},
		"a comma of two meanings":       {map[string]any{"clearAmount": "1,000"}, paid, "unreadable"},
		"an amount in words":            {map[string]any{"clearAmount": "ten"}, paid, "unreadable"},
		"no amount at all":              {map[string]any{"clearAmount": nil, "amount": nil}, paid, "unknown"},
		"no amount at all, nor any sum": {map[string]any{"clearAmount": nil, "amount": nil}, charged("0", "0"), "unknown"},
		"nothing":                       {map[string]any{"clearAmount": 0, "amount": 0}, paid, "processing"},
		"another currency":              {map[string]any{"clearCcy": "USD"}, paid, "approved USD"},
		"a currency by its number":      {map[string]any{"clearCcy": "944"}, paid, "approved"},
		"in small letters":              {map[string]any{"clearCcy": " azn ", "currency": "Azn"}, paid, "approved"},
		"another one in small":          {map[string]any{"clearCcy": "usd"}, paid, "approved USD"},
		"a currency in words":           {map[string]any{"clearCcy": "dollars"}, paid, "approved XXX"},
		"blanks around an amount":       {map[string]any{"clearAmount": " 10.00 "}, paid, "approved"},
		"no currency of its own":        {map[string]any{"clearCcy": nil, "currency": nil}, paid, "approved"},
		"a currency of nothing":         {map[string]any{"clearCcy": "null", "currency": false}, paid, "approved"},
		"a result called none":          {map[string]any{"pmoResultCode": "None"}, nil, "processing"},
		"a sum of nothing":              {nil, map[string]any{"clearedRefundAmount": "-"}, "approved"},
		"a sum that is false":           {nil, map[string]any{"clearedRefundAmount": false}, "approved"},
		"a negative sum":                {nil, charged("-10", "0"), "unreadable"},
		"a sum that is none":            {nil, map[string]any{"clearedRefundAmount": "many"}, "unreadable"},
	} {
		o, err := readOrder(parsed(t, body("FullyPaid", history{"", []map[string]any{op("10", c.over)}, c.sums})), "7")
		got := "unreadable"
		if err == nil {
			r, _ := o.report(taken)
			got = string(r.State)
			if r.Amount != (payment.Money{}) && r.Amount.Currency != payment.AZN {
				got += " " + string(r.Amount.Currency)
			}
			if r.Amount != (payment.Money{}) && r.Amount.Minor != 1000 {
				t.Errorf("%s: %d", name, r.Amount.Minor)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, c.want)
		}
	}
}

// TestTheLeastAmount is one like any other: it is paid, has a receipt and a time, and where its sign is all that says
// so, the order's sums must confirm it.
func TestTheLeastAmount(t *testing.T) {
	least := op("0.01", map[string]any{"approvalCode": "047347"})
	o, err := readOrder(parsed(t, body("FullyPaid", history{"", []map[string]any{least}, charged("0.01", "0")})), "7")
	r, doubt := o.report(taken)
	if err != nil || r.State != payment.BankApproved || r.Amount.Minor != 1 || doubt != "" ||
		r.Receipt.ApprovalCode != "047347" {
		t.Errorf("%+v, %q, %v", r, doubt, err)
	}
	if at, stated := o.takenAt(time.UTC); !stated || at.Format(time.DateTime) != "2026-05-20 12:00:00" {
		t.Errorf("taken at %s, %t", at, stated)
	}
	if at, stated := (order{}).takenAt(time.UTC); stated {
		t.Errorf("nothing was taken at %s", at)
	}
	unsaid := op("0.01", map[string]any{"clearAmount": nil})
	o, err = readOrder(parsed(t, body("FullyPaid", history{"", []map[string]any{unsaid}, nil})), "7")
	if r, doubt := o.report(taken); err != nil || r.State != payment.BankUnknown || doubt == "" {
		t.Errorf("unconfirmed: %+v, %q, %v", r, doubt, err)
	}
}

// TestTheLeastAmountGoesBack, as a refund or as a void that shows in what is cleared alone.
func TestTheLeastAmountGoesBack(t *testing.T) {
	refund := op("-0.01", map[string]any{"actionId": "r", "type": "Refund", "description": "Refund"})
	o, err := readOrder(parsed(t, body("PartPaid", history{"", []map[string]any{op("10", nil), refund},
		charged("9.99", "0.01")})), "7")
	r, doubt := o.report(partly)
	if want := []payment.Operation{{ID: "r", Amount: 1}}; err != nil || doubt != "" || r.State != payment.BankRefunded ||
		r.Refunded != payment.Said(1) || !slices.Equal(r.Operations, want) {
		t.Errorf("%+v, %q, %v", r, doubt, err)
	}
	for m, want := range map[meaning]payment.State{partly: payment.BankRefunded, taken: payment.BankUnknown} {
		o, err = readOrder(parsed(t, body("PartPaid", history{"", []map[string]any{op("10", nil)}, charged("9.99", "0")})),
			"7")
		if r, _ := o.report(m); err != nil || r.State != want || r.Refunded.Said {
			t.Errorf("%d: %+v, %v", m, r, err)
		}
	}
}

// TestMoneyThatOnlyTheWordOrASumSpeaksOf is not paid yet, and the log says so; nothing is said of a mere try.
func TestMoneyThatOnlyTheWordOrASumSpeaksOf(t *testing.T) {
	trying := []map[string]any{op("10", map[string]any{"pmoResultCode": "4"})}
	for name, c := range map[string]struct {
		m     meaning
		h     history
		doubt bool
	}{
		"the word":     {taken, history{}, true},
		"what cleared": {fresh, history{"", nil, charged("0.01", "0")}, true},
		"what is held": {held, history{}, false},
		"a try":        {fresh, history{"", trying, nil}, false},
	} {
		o, err := readOrder(parsed(t, body("Preparing", c.h)), "7")
		r, doubt := o.report(c.m)
		if err != nil || r.State != payment.BankProcessing || strings.Contains(doubt, "it is not paid yet") != c.doubt {
			t.Errorf("%s: %+v, %q, %v", name, r, doubt, err)
		}
	}
}

// TestWhatMakesAnOrderUnreadable is told at once.
func TestWhatMakesAnOrderUnreadable(t *testing.T) {
	_, err := readOrder(parsed(t, `{"order":{"id":7,"status":[1],"authorizedChargeAmount":"a","clearedChargeAmount":"b",
		"clearedRefundAmount":"c","trans":"d"}}`), "7")
	for _, want := range []string{"its status is not a word", "authorizedChargeAmount", "clearedChargeAmount",
		"clearedRefundAmount", "trans is not a list"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q among it", err, want)
		}
	}
}

// TestCodeBesideTheOrder: why an order was refused may stand in its attributes alone.
func TestCodeBesideTheOrder(t *testing.T) {
	attributes := func(code any) map[string]any {
		return map[string]any{"custAttrs": []map[string]any{{"rid": "PrevStatus", "valAsStr": "Preparing"},
			{"rid": "PmoResultCode", "valAsStr": code}, {"rid": "DeclineDescription", "valAsStr": "Expired card"}}}
	}
	tried := []map[string]any{op("0", map[string]any{"pmoResultCode": "59", "ridByPmo": ""})}
	for name, c := range map[string]struct {
		word, want string
		entries    []map[string]any
		code       any
	}{
		"alone":                   {"Rejected", "51", nil, "51"},
		"a number":                {"Declined", "51", nil, 51},
		"beside an operation":     {"Declined", "59", tried, "51"},
		"a word":                  {"Declined", "", nil, "Approved"},
		"an approval":             {"Declined", "", nil, "1"},
		"a card":                  {"Declined", "", nil, wholeCard},
		"of what was not refused": {"Expired", "", nil, "51"},
	} {
		o, err := readOrder(parsed(t, body(c.word, history{"", c.entries, attributes(c.code)})), "7")
		hint := tranzaxis.CauseOf(c.want).Hint()
		if r, _ := o.report(meanings()[c.word]); err != nil || r.Code != c.want || r.Hint != hint {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestAnOperationThatIsListedTwice was done once, or twice under one id: nobody can tell.
func TestAnOperationThatIsListedTwice(t *testing.T) {
	for _, h := range []history{{"", []map[string]any{op("10", nil), op("10", nil)}, nil},
		{"", []map[string]any{op("10", nil), op("-5", nil), op("-5", nil)}, nil}} {
		o, err := readOrder(parsed(t, body("FullyPaid", h)), "7")
		if r, doubt := o.report(taken); err != nil || r.State != payment.BankUnknown || doubt == "" {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

func TestTwoCurrenciesAreNoSum(t *testing.T) {
	h := history{"", []map[string]any{op("10", nil), op("-10", map[string]any{"clearCcy": "USD", "type": "Refund"})}, nil}
	o, err := readOrder(parsed(t, body("Refunded", h)), "7")
	if r, _ := o.report(back); err != nil || r.State != payment.BankUnknown {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestOperationsAreInOrder whichever way round the bank lists them.
func TestOperationsAreInOrder(t *testing.T) {
	first, second := op("-1", map[string]any{"actionId": "260520-080001-1=", "regTime": "2026-05-20 12:00:01"}), op("-2",
		map[string]any{
			"actionId": "260520-080001-2=", "regTime": "2026-05-20 12:00:01"})
	third := op("-3", map[string]any{"actionId": "260519", "regTime": "2026-05-20 12:00:02"})
	for _, entries := range [][]map[string]any{{op("10", nil), first, second, third}, {third, second, first, op("10",
		nil)}} {
		o, err := readOrder(parsed(t, body("PartPaid", history{"", entries, nil})), "7")
		r, _ := o.report(partly)
		want := []payment.Operation{{ID: "260520-080001-1=", Amount: 100}, {ID: "260520-080001-2=", Amount: 200},
			{ID: "260519", Amount: 300}}
		if err != nil || !slices.Equal(r.Operations, want) {
			t.Errorf("%+v, %v", r.Operations, err)
		}
	}
}

// TestOperationsWithoutATime stay as the bank lists them: there is no better order. Blanks are no part of an id.
func TestOperationsWithoutATime(t *testing.T) {
	late, early := op("-1", map[string]any{"actionId": " b ", "regTime": nil}), op("-2",
		map[string]any{"actionId": "a"})
	o, err := readOrder(parsed(t, body("PartPaid", history{"", []map[string]any{op("10", nil), late, early}, nil})), "7")
	r, _ := o.report(partly)
	if want := []payment.Operation{{ID: "b", Amount: 100}, {ID: "a", Amount: 200}}; err != nil ||
		!slices.Equal(r.Operations, want) {
		t.Errorf("%+v, %v, want %+v", r.Operations, err, want)
	}
}

// TestUnknownWordsAreReported: in the log, once a setting may give them a meaning.
func TestUnknownWordsAreReported(t *testing.T) {
	c := connect(t, nil)
	h, o := c.paid(t)
	o.status = "Fully paid"
	r, err := c.Status(t.Context(), h)
	if err != nil || r.State != payment.BankUnknown || r.Word != "Fully paid" || !strings.Contains(c.log.String(),
		"unknown order status") {
		t.Errorf("%+v, %v, %s", r, err, c.log)
	}
	further := c.terminal(t, map[string]any{"status_words": map[string]string{"Fully paid": "FullyPaid"}})
	if r, err = further.Status(t.Context(), h); err != nil || r.State != payment.BankApproved {
		t.Errorf("%+v, %v", r, err)
	}
	o.status = ""
	if _, err := c.Status(t.Context(), h); payment.KindOf(err) != payment.Unavailable {
		t.Errorf("no word: %v", err)
	}
}

// TestMoneyThatTheWordDenies is taken all the same, and told: a person must look.
func TestMoneyThatTheWordDenies(t *testing.T) {
	whole := []map[string]any{op("10", nil)}
	part := append(slices.Clone(whole), op("-4", map[string]any{"type": "Refund"}))
	all := append(slices.Clone(whole), op("-10", map[string]any{"type": "Refund"}))
	for name, c := range map[string]struct {
		trans  []map[string]any
		denied string // the words
	}{
		"nothing taken":  {nil, ""},
		"taken":          {whole, "Preparing Authorized Cancelled Canceled Refused Declined Rejected Expired"},
		"a part is back": {part, "Preparing Authorized Voided Cancelled Canceled Refused Declined Rejected Expired"},
		"all of it is":   {all, "Preparing Authorized Declined Rejected Expired"},
		"a try declined": {[]map[string]any{op("10", map[string]any{"pmoResultCode": "59"})}, ""},
	} {
		for word, means := range meanings() {
			o, err := readOrder(parsed(t, body(word, history{"", c.trans, nil})), "7")
			r, doubt := o.report(means)
			want := slices.Contains(strings.Fields(c.denied), word)
			if err != nil || r.Denied != want || want && (doubt == "" || r.Amount == (payment.Money{}) ||
				r.Amount.Minor != 1000) {
				t.Errorf("%s, %s: %+v, %q (%v); denied is to be %t", name, word, r, doubt, err, want)
			}
		}
	}
}
