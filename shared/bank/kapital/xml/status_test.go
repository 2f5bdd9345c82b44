package xml

import (
	"reflect"
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

func TestStatusWords(t *testing.T) {
	for word, want := range map[string]payment.State{
		"PARTIALLY_REFUNDED": payment.BankUnknown, "3DS2-WAIT": payment.BankUnknown, "X": payment.BankUnknown,
		"17":      payment.BankUnknown,
		"CREATED": payment.BankOpen, "ON-PAYMENT": payment.BankProcessing, "ON-LOCK": payment.BankProcessing,
		"PREAUTH-APPROVED": payment.BankProcessing, "APPROVED": payment.BankApproved, "ON-REFUND": payment.BankRefunding,
		"REFUNDED": payment.BankRefunded, "REVERSED": payment.BankReturned, "DECLINED": payment.BankDeclined,
		"CANCELED": payment.BankCancelled, "CANCELLED": payment.BankCancelled, "EXPIRED": payment.BankExpired,
		"ERROR": payment.BankUnknown, "approved": payment.BankUnknown, "PAID": payment.BankUnknown,
		"PARTIALLY-REFUNDED": payment.BankUnknown,
	} {
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus(word)}}, map[string]any{"totals": "off"})
		report, err := x.Status(t.Context(), ourHandle())
		if err != nil || !reflect.DeepEqual(report, bank.Report{State: want, Word: word}) {
			t.Errorf("%s: %+v, %v", word, report, err)
		}
		if told := strings.Contains(x.log.String(), "unknown order status"); told != (want == payment.BankUnknown &&
			word != "ERROR") {
			t.Errorf("%s: the log says %q", word, x.log.String())
		}
		if len(x.asked) != 1 {
			t.Errorf("%s: with totals off the bank was asked %q", word, x.asked)
		}
	}
}

// A gateway that states why it declined is heard; the same words beside an approval are not.
func TestStatusTellsWhy(t *testing.T) {
	for status, want := range map[string]string{"DECLINED": "051", "APPROVED": ""} {
		answer := says(getOrderStatus, "00", "<Order><OrderID>828</OrderID><OrderStatus>"+status+
			"</OrderStatus><ResponseCode>051</ResponseCode></Order>")
		x := tell(t, map[string][]string{getOrderStatus: {answer}}, map[string]any{"totals": "off"})
		if report, err := x.Status(t.Context(), ourHandle()); err != nil || report.Code != want {
			t.Errorf("%s: %+v, %v, want the code %q", status, report, err, want)
		}
	}
}

func TestStatusAnswersThatSayNothing(t *testing.T) {
	for name, answer := range map[string]string{
		"empty status": says(getOrderStatus, "00", "<Order><OrderID>828</OrderID><OrderStatus></OrderStatus></Order>"),
		"null status": says(getOrderStatus, "00",
			"<Order><OrderID>828</OrderID><OrderStatus>null</OrderStatus></Order>"),
		"no order": says(getOrderStatus, "00", ""),
		"another order": says(getOrderStatus, "00",
			"<Order><OrderID>829</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"no order number": says(getOrderStatus, "00", "<Order><OrderStatus>APPROVED</OrderStatus></Order>"),
		"empty number": says(getOrderStatus, "00",
			"<Order><OrderID></OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"null number": says(getOrderStatus, "00",
			"<Order><OrderID>null</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"number elsewhere": says(getOrderStatus, "00",
			"<OrderID>828</OrderID><Order><OrderStatus>APPROVED</OrderStatus></Order>"),
		"deeper": says(getOrderStatus, "00",
			"<Order><OrderID>828</OrderID><row><OrderStatus>APPROVED</OrderStatus></row></Order>"),
		"two statuses": says(getOrderStatus, "00",
			"<Order><OrderID>828</OrderID><OrderStatus>DECLINED</OrderStatus><OrderStatus>APPROVED</OrderStatus></Order>"),
		"split status": says(getOrderStatus, "00",
			"<Order><OrderID>828</OrderID><OrderStatus>APP<!-- -->ROVED</OrderStatus></Order>"),
		"two roots": saysStatus("APPROVED") + "<x/>",
		"another response": says(createOrder, "00",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"bare order": "<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>",
		"code 30": says(getOrderStatus, "30",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"code 96": says(getOrderStatus, "96",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"code 0": says(getOrderStatus, "0",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"code 000": says(getOrderStatus, "000",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"unknown code": says(getOrderStatus, "95",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"a code of words": says(getOrderStatus, "OK",
			"<Order><OrderID>828</OrderID><OrderStatus>APPROVED</OrderStatus></Order>"),
		"UTF-7":     strings.Replace(saysStatus("APPROVED"), "UTF-8", "UTF-7", 1),
		"truncated": saysStatus("APPROVED")[:120],
		"empty":     "",
	} {
		// so that nothing else can be missed
		x := tell(t, map[string][]string{getOrderStatus: {answer}}, map[string]any{"totals": "off"})
		if report, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Unavailable ||
			!reflect.DeepEqual(report, bank.Report{}) {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
	x := tell(t, map[string][]string{getOrderStatus: {says(getOrderStatus, "10", "")}}, nil)
	if _, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("code 10: %v", err)
	}
}

func TestStatusReadsPastAByteOrderMark(t *testing.T) {
	x := tell(t, map[string][]string{getOrderStatus: {"\xef\xbb\xbf" + saysStatus("CREATED")}}, nil)
	if report, err := x.Status(t.Context(), ourHandle()); err != nil || report.State != payment.BankOpen {
		t.Errorf("%+v, %v", report, err)
	}
}

func listed(rows ...string) string {
	return "<OrderOperations><row><id>1</id><OperType>Purchase</OperType><Amount>15000</Amount></row>" +
		strings.Join(rows, "") + "</OrderOperations>"
}

func operation(id, kind, amount string) string {
	return "<row><id>" + id + "</id><OperType>" + kind + "</OperType><OperName>" + kind +
		"</OperName><OrderId>828</OrderId><Amount>" + amount + "</Amount><Currency>944</Currency></row>"
}

func TestTotals(t *testing.T) {
	const none = -1
	refunded := []payment.Operation{{ID: "2", Amount: 5000}}
	for name, c := range map[string]struct {
		word, row  string
		state      payment.State
		refunded   int64
		operations []payment.Operation
	}{
		"nothing went back": {"APPROVED", saysRow("APPROVED", "0", listed()), payment.BankApproved, 0,
			[]payment.Operation{}},
		"no list": {"APPROVED", saysRow("APPROVED", "5000", ""), payment.BankApproved, 5000, nil},
		"empty list": {"APPROVED", saysRow("APPROVED", "0", "<OrderOperations/>"), payment.BankApproved, 0,
			[]payment.Operation{}},
		"a part": {"APPROVED", saysRow("APPROVED", "5000", listed(operation("2", "refund", "5000"))),
			payment.BankApproved, 5000, refunded},
		"total null": {"APPROVED", saysRow("APPROVED", "null", listed(operation("2", "Refund", "5000"))),
			payment.BankApproved, none, refunded},
		"total zero in decimals": {"APPROVED", saysRow("APPROVED", "0.00", "<RefundCurrency>0</RefundCurrency>"),
			payment.BankApproved, 0, nil},
		"total zero on screen": {"APPROVED", saysRow("APPROVED", "0,00", "<RefundCurrency>000</RefundCurrency>"),
			payment.BankApproved, 0, nil},
		"total zero, and a dot": {"APPROVED", saysRow("APPROVED", "0.", ""), payment.BankApproved, 0, nil},
		"operations of no said currency": {"APPROVED", saysRow("APPROVED", "5000",
			listed(strings.Replace(operation("2", "refund", "5000"), "<Currency>944</Currency>", "", 1))),
			payment.BankApproved, 5000, refunded},
		"operations of dollars": {"APPROVED", saysRow("APPROVED", "5000",
			listed(strings.Replace(operation("2", "refund", "5000"), "944", "840", 1))), payment.BankApproved, 5000, nil},
		"total in its currency": {"APPROVED", saysRow("APPROVED", "5000", "<RefundCurrency>944</RefundCurrency>"),
			payment.BankApproved, 5000, nil},
		"total zero, no currency": {"APPROVED", saysRow("APPROVED", "0", "<RefundCurrency>-1</RefundCurrency>"),
			payment.BankApproved, 0, nil},
		"total zero, of dollars": {"APPROVED", saysRow("APPROVED", "0", "<RefundCurrency>840</RefundCurrency>"),
			payment.BankApproved, 0, nil},
		"currency zero": {"APPROVED", saysRow("APPROVED", "5000", "<RefundCurrency>0.0</RefundCurrency>"),
			payment.BankApproved, 5000, nil},
		"no total, no currency": {"APPROVED", saysRow("APPROVED", "null", "<RefundCurrency>-1</RefundCurrency>"),
			payment.BankApproved, none, nil},
		"currency in letters": {"APPROVED",
			strings.ReplaceAll(saysRow("APPROVED", "5000", "<RefundCurrency>AZN</RefundCurrency>"+
				listed(operation("2", "refund", "5000"))), ">944<", ">azn<"), payment.BankApproved, 5000, refunded},
		"currency in both forms": {"APPROVED", saysRow("APPROVED", "5000", "<RefundCurrency>AZN</RefundCurrency>"),
			payment.BankApproved, 5000, nil},
		"total empty":             {"APPROVED", saysRow("APPROVED", "", ""), payment.BankApproved, none, nil},
		"status of the row null":  {"APPROVED", saysRow("null", "0", ""), payment.BankApproved, 0, nil},
		"status of the row empty": {"APPROVED", saysRow("", "0", ""), payment.BankApproved, 0, nil},
		"a list that hides": {"APPROVED", saysRow("APPROVED", "7000", listed(operation("2", "Refund", "5000"))),
			payment.BankApproved, 7000, nil},
		"an unknown operation": {"APPROVED",
			saysRow("APPROVED", "5000", listed(operation("2", "Refund", "5000"), operation("3", "Chargeback", "1"))),
			payment.BankApproved, 5000, nil},
		"an operation of another": {"APPROVED",
			saysRow("APPROVED", "5000", listed(strings.Replace(operation("2", "Refund", "5000"), "828", "829", 1))),
			payment.BankApproved, 5000, nil},
		"an operation of nothing": {"APPROVED", saysRow("APPROVED", "0", listed(operation("2", "Refund", "0"))),
			payment.BankApproved, 0, nil},
		"a negative operation": {"APPROVED", saysRow("APPROVED", "0", listed(operation("2", "Refund", "-5000"))),
			payment.BankApproved, 0, nil},
		"type and name contradict": {"APPROVED",
			saysRow("APPROVED", "5000",
				listed(strings.Replace(operation("2", "Refund", "5000"), "<OperName>Refund", "<OperName>Purchase", 1))),
			payment.BankApproved, 5000, nil},
		"a number for a type": {"APPROVED",
			saysRow("APPROVED", "5000",
				listed(strings.Replace(operation("2", "Refund", "5000"), "<OperType>Refund", "<OperType>3", 1))),
			payment.BankApproved, 5000, refunded},
		"questions in the list": {"APPROVED",
			saysRow("APPROVED", "5000", listed(operation("8", "CreateOrder", "15000"), operation("9", "GetOrderStatus", ""),
				operation("2", "Refund", "5000"), operation("10", "GetOrderInformation", "15000"))),
			payment.BankApproved, 5000, refunded},
		"running": {"ON-REFUND", saysRow("ON-REFUND", "0", listed()), payment.BankRefunding, 0,
			[]payment.Operation{}},
		"all refunded":           {"REFUNDED", saysRow("REFUNDED", "15000", ""), payment.BankRefunded, 15000, nil},
		"a part called refunded": {"REFUNDED", saysRow("REFUNDED", "5000", ""), payment.BankRefunded, 5000, nil},
		"refunded, total nil": {"REFUNDED", strings.Replace(saysRow("REFUNDED", "0", ""),
			"<RefundAmount>0</RefundAmount>",
			`<RefundAmount xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`, 1), payment.BankRefunded,
			none, nil},
		"in windows-1251": {"APPROVED", "<?xml version=\"1.0\" encoding=\"windows-1251\"?>" +
			strings.Replace(saysRow("APPROVED", "5000", ""), "<row>", "<row><Holder>\xcf\xf0</Holder>", 1), payment.BankApproved,
			5000, nil},
		"a list that is nil": {"REFUNDED",
			saysRow("REFUNDED", "0", `<OrderOperations xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`),
			payment.BankRefunded, none, nil},
		"refunded, total zero":  {"REFUNDED", saysRow("REFUNDED", "0", ""), payment.BankRefunded, none, nil},
		"refunded, total null":  {"REFUNDED", saysRow("REFUNDED", "null", ""), payment.BankRefunded, none, nil},
		"refunded, total empty": {"REFUNDED", saysRow("REFUNDED", "", ""), payment.BankRefunded, none, nil},
		"refunded, only listed": {"REFUNDED", saysRow("REFUNDED", "0", listed(operation("2", "Refund", "5000"))),
			payment.BankRefunded, none, refunded},
		"refunded, named by a card": {"REFUNDED", saysRow("REFUNDED", "5000",
			listed(operation("4169741330151778", "Refund", "5000"))), payment.BankRefunded, 5000,
			[]payment.Operation{{Amount: 5000}}},
		"refunded, not listed": {"REFUNDED", saysRow("REFUNDED", "null", listed()), payment.BankRefunded, none, nil},
		"refunded meanwhile":   {"APPROVED", saysRow("REFUNDED", "0", ""), payment.BankRefunded, none, nil},
		"reversed": {"REVERSED", saysRow("REVERSED", "0", listed(operation("2", "Reverse", "15000"))),
			payment.BankReturned, 15000, []payment.Operation{{ID: "2", Amount: 15000}}},
		"reversed, total null":         {"REVERSED", saysRow("REVERSED", "null", ""), payment.BankReturned, 15000, nil},
		"moved between the two":        {"APPROVED", saysRow("REFUNDED", "15000", ""), payment.BankRefunded, 15000, nil},
		"the same in mixed case":       {"APPROVED", saysRow("Approved", "5000", ""), payment.BankApproved, 5000, nil},
		"settled between the two":      {"ON-REFUND", saysRow("APPROVED", "5000", ""), payment.BankApproved, 5000, nil},
		"reversed, and the row behind": {"REVERSED", saysRow("APPROVED", "0", listed()), payment.BankReturned, 15000, nil},
		"refunded, and the row behind": {"REFUNDED", saysRow("APPROVED", "0", listed()), payment.BankRefunded, none, nil},
		"refunded, the row behind says nothing": {"REFUNDED", saysRow("APPROVED", "null", ""), payment.BankRefunded, none,
			nil},
		"running, and the row behind": {"ON-REFUND", saysRow("APPROVED", "0", ""), payment.BankRefunding, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			x := tell(t, map[string][]string{getOrderStatus: {saysStatus(c.word)}, getOrderInformation: {c.row}}, nil)
			report, err := x.Status(t.Context(), ourHandle())
			if err != nil || report.State != c.state {
				t.Fatalf("%+v, %v", report, err)
			}
			if report.Amount != (payment.Money{Minor: 15000, Currency: payment.AZN}) {
				t.Errorf("amount %s", report.Amount)
			}
			if got := report.Refunded; got.Said != (c.refunded != none) || got.Said && got.Minor != c.refunded {
				t.Errorf("refunded %v, want %d", got, c.refunded)
			}
			if !reflect.DeepEqual(report.Operations, c.operations) {
				t.Errorf("operations %#v, want %#v", report.Operations, c.operations)
			}
		})
	}
}

// A word that nobody knows, in the second answer, decides nothing, and is told as one.
func TestAnUnknownWordBesideTheTotals(t *testing.T) {
	x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")},
		getOrderInformation: {saysRow("PARTIALLY_REFUNDED-2", "5000", "")}}, nil)
	report, err := x.Status(t.Context(), ourHandle())
	if want := (bank.Report{State: payment.BankUnknown, Word: "PARTIALLY_REFUNDED-2"}); err != nil ||
		!reflect.DeepEqual(report, want) {
		t.Errorf("%+v, %v, want %+v", report, err, want)
	}
	if !strings.Contains(x.log.String(), "unknown order status") {
		t.Error(x.log.String())
	}
}

func TestOtherAmountsAreReportedAsTheyStand(t *testing.T) {
	for from, want := range map[string]payment.Money{
		"<Amount>14999</Amount><Currency>944": {Minor: 14999, Currency: payment.AZN},
		"<Amount>15000</Amount><Currency>392": {Minor: 15000, Currency: "392"},
		"<Amount>15000</Amount><Currency>840": {Minor: 15000, Currency: payment.USD},
	} {
		row := strings.Replace(saysRow("APPROVED", "0", ""), "<Amount>15000</Amount><Currency>944", from, 1)
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")}, getOrderInformation: {row}}, nil)
		if report, err := x.Status(t.Context(), ourHandle()); err != nil || report.Amount != want {
			t.Errorf("%+v, %v, want %s", report, err, want)
		}
	}
}

// A list of operations that is not used is told to whoever sets the bank up, and no other is.
func TestAListThatIsNotUsedIsTold(t *testing.T) {
	for total, told := range map[string]bool{"5000": false, "7000": true} {
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")},
			getOrderInformation: {saysRow("APPROVED", total, listed(operation("2", "Refund", "5000")))}}, nil)
		_, err := x.Status(t.Context(), ourHandle())
		if err != nil || strings.Contains(x.log.String(), "list of operations is not understood") != told {
			t.Errorf("%s: %v, the log says %s", total, err, x.log.String())
		}
	}
}

// Paid is never told without how much, nor on the word of another order's row.
func TestNoTotalsNoReport(t *testing.T) {
	row := saysRow("APPROVED", "0", "")
	for name, answer := range map[string]string{
		"no answer":              "",
		"two rows":               strings.Replace(row, "</row>", "</row><row><id>829</id></row>", 1),
		"no row":                 "<Order></Order>",
		"another id":             strings.Replace(row, "<id>828", "<id>829", 1),
		"no id":                  strings.Replace(row, "<id>828</id>", "", 1),
		"id null":                strings.Replace(row, "<id>828", "<id>null", 1),
		"another merchant":       strings.Replace(row, "E1000010", "E1000011", 1),
		"another session":        strings.Replace(row, scriptSession, strings.Repeat("F", 32), 1),
		"no amount":              strings.Replace(row, "<Amount>15000</Amount>", "", 1),
		"amount null":            strings.Replace(row, "15000", "null", 1),
		"amount zero":            strings.Replace(row, "15000", "0", 1),
		"amount with a dot":      strings.Replace(row, "15000", "150.00", 1),
		"amount with a plus":     strings.Replace(row, "15000", "+15000", 1),
		"amount too large":       strings.Replace(row, "15000", "9999999999999999999", 1),
		"no currency":            strings.Replace(row, "944", "", 1),
		"total not a number":     saysRow("APPROVED", "5 000", ""),
		"total over the amount":  saysRow("APPROVED", "15001", ""),
		"total in decimals":      saysRow("APPROVED", "50.00", ""),
		"total of a dot":         saysRow("APPROVED", ".", ""),
		"refunded in dollars":    saysRow("APPROVED", "5000", "<RefundCurrency>840</RefundCurrency>"),
		"a qapik in dollars":     saysRow("APPROVED", "1", "<RefundCurrency>840</RefundCurrency>"),
		"refunded in nothing":    saysRow("APPROVED", "5000", "<RefundCurrency>-1</RefundCurrency>"),
		"some of it in dollars":  saysRow("REFUNDED", "null", "<RefundCurrency>840</RefundCurrency>"),
		"a sentence":             saysRow("all is well", "0", ""),
		"unpaid after all":       saysRow("DECLINED", "0", ""),
		"refused":                says(getOrderInformation, "30", ""),
		"down":                   says(getOrderInformation, "96", ""),
		"a root nobody knows":    "<Orders>" + row + "</Orders>",
		"answer to another form": saysStatus("APPROVED"),
	} {
		x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")}, getOrderInformation: {answer}}, nil)
		if report, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Unavailable ||
			!reflect.DeepEqual(report, bank.Report{}) {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
	x := tell(t, map[string][]string{getOrderStatus: {saysStatus("APPROVED")},
		getOrderInformation: {says(getOrderInformation, "54", "")}}, nil)
	if _, err := x.Status(t.Context(), ourHandle()); payment.KindOf(err) != payment.Misconfigured ||
		!strings.Contains(err.Error(), "totals") {
		t.Errorf("a terminal without GetOrderInformation: %v", err)
	}
}

func FuzzAnswer(f *testing.F) {
	for _, name := range []string{"answer_create", "answer_create_30", "answer_status", "answer_status_30",
		"answer_information_bare",
		"answer_information_classic", "answer_reverse", "answer_reverse_empty", "answer_refund"} {
		f.Add([]byte(golden(&testing.T{}, name+".xml")))
	}
	f.Add([]byte(saysRow("REVERSED", "null", listed(operation("2", "Reverse", "15000")))))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, operation := range []string{createOrder, getOrderStatus, getOrderInformation, reverse, refund} {
			a, err := readAnswer(body, operation)
			if err != nil {
				continue
			}
			if r, err := a.orderStatus("828"); err == nil && !exchange.IsWord(r.Word) {
				t.Fatalf("word %q", r.Word)
			}
			i, err := a.information(ourHandle())
			if err == nil && (i.amount.Minor <= 0 || i.refunded.Said &&
				(i.refunded.Minor < 0 || i.refunded.Minor > i.amount.Minor)) {
				t.Fatalf("information %+v", i)
			}
		}
	})
}
