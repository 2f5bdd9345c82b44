package payment

import (
	"regexp"
	"strings"
	"testing"
)

// wholeCard is one of the bank's published test cards.
const wholeCard = "4169741330151778"

func TestCardsAreMasked(t *testing.T) {
	for text, want := range map[string]string{
		"416974******1778":    "416974******1778",
		"4169 74** **** 1778": "416974******1778",
		"4169-74XX-XXXX-1778": "416974******1778",
		"416974xxxxxx1778":    "416974******1778",
		"416974...1778":       "416974******1778",
		"••••••••••••1778":    "******1778",
		"1778":                  "******1778",
		"4169*1778":             "4169******1778",
		"41697413****1778":      "416974******1778",
		"416974**33**1778":      "416974******1778",
		"416974133015***":       "416974******",
		"*69741330151778":       "******1778",
		"4*69741330151778":      "4******1778",
		wholeCard:               "416974******1778",
		"4169 7413 3015 1778":   "416974******1778",
		" 4169-7413-3015-1778 ": "416974******1778",
		"523915174718":          "523915******4718",

		"": "", "****************": "", "4": "", "12345": "", "41697413301": "", "41697413301517781234": "",
		wholeCard + wholeCard: "", "Visa 416974******1778": "", "card": "", "416974%%1778": "", "４１６９７４１３３０１５１７７８": "",
		"416974" + strings.Repeat("*", 60) + "1778": "", "4169741330151778\n": "", "<b>1778</b>": "",
	} {
		if got := NewReceipt("", "", text, "").Card; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBrands(t *testing.T) {
	for _, c := range [][3]string{
		{"VISA", "", "Visa"}, {"MC", "416974******1778", "Mastercard"}, {"master card", "", "Mastercard"},
		{"AMEX", "", "American Express"}, {"Birbank", "416974******1778", "Birbank"},
		{"", "416974******1778", "Visa"}, {"", "523915******3468", "Mastercard"}, {"", "222300******3468", "Mastercard"},
		{"", "222000******3468", ""}, {"", "220138******0047", "Mir"}, {"", "377777******0047", "American Express"},
		{"", "623456******0047", "UnionPay"}, {"", "561234******0047", "Maestro"}, {"", "******1778", ""}, {"", "", ""},
		{wholeCard, "", ""}, {"Visa " + wholeCard, "416974******1778", "Visa"}, {"<b>", "", ""},
		{strings.Repeat("x", 25), "", ""}, {strings.Repeat("x", 24), "", strings.Repeat("x", 24)}, {"MAESTRO", "", "Maestro"},
		{"cup", "", "UnionPay"}, {"Union Pay", "", "UnionPay"}, {"MIR", "", "Mir"}, {"mastercard", "", "Mastercard"},
	} {
		if got := NewReceipt("", "", c[1], c[0]).Brand; got != c[2] {
			t.Errorf("%q with %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestReceiptsAreBounded(t *testing.T) {
	for _, c := range [][4]string{
		{"340623 A", " 614012345678 ", "340623", "614012345678"}, {"Y0x1", "AB12", "Y0x1", "AB12"},
		{wholeCard, wholeCard, "", ""}, {"a\nb", "1 2", "", ""}, {"", "", "", ""}, {"<b>", "é", "", ""},
	} {
		if r := NewReceipt(c[0], c[1], "", ""); r != (Receipt{ApprovalCode: c[2], RRN: c[3]}) {
			t.Errorf("%q, %q: %+v", c[0], c[1], r)
		}
	}
}

func FuzzReceipt(f *testing.F) {
	f.Add("340623 A", "614012345678", wholeCard, "VISA")
	f.Add(wholeCard, wholeCard, "4169*74133015*1778", wholeCard)
	card := regexp.MustCompile(`^([0-9]{0,6}\*{6}[0-9]{0,4})?$`)
	f.Fuzz(func(t *testing.T, approval, rrn, number, brand string) {
		r := NewReceipt(approval, rrn, number, brand)
		digits := regexp.MustCompile(`[0-9]`).MatchString(r.Brand)
		if !card.MatchString(r.Card) || len(r.ApprovalCode) > 8 || len(r.RRN) > 12 || len(r.Brand) > 24 || digits {
			t.Fatalf("%+v", r)
		}
		if again := NewReceipt(r.ApprovalCode, r.RRN, r.Card, r.Brand); again != r {
			t.Fatalf("%+v became %+v", r, again)
		}
	})
}

// TestReceiptIsKeptOnce: what stands stays, what is blank may be filled, and nobody is told of it. A number that an
// adapter let through whole is masked here at the latest.
func TestReceiptIsKeptOnce(t *testing.T) {
	told := approved()
	told.Receipt = Receipt{ApprovalCode: "047347", Card: wholeCard}
	p := apply(t, pendingPayment(t, 1), reported(told), start.Add(paidIn))
	if want := (Receipt{"047347", "", "416974******1778", "Visa"}); p.Receipt != want || p.Status != Paid {
		t.Fatalf("%+v", p.Receipt)
	}
	told.Receipt = Receipt{"999999", "614012345678", "523915******3468", "MC"}
	next := apply(t, p, reported(told), start.Add(2*paidIn))
	if want := (Receipt{"047347", "614012345678", "416974******1778", "Visa"}); next.Receipt != want ||
		next.Sequence != p.Sequence {
		t.Errorf("%+v at sequence %d, before %d", next.Receipt, next.Sequence, p.Sequence)
	}
	if bare := apply(t, next, reported(approved()), start.Add(3*paidIn)); bare.Receipt != next.Receipt {
		t.Errorf("an answer without a receipt left %+v", bare.Receipt)
	}
}

// TestNoReceiptWithoutMoney: only an answer that proves paid money has one, and a message proves none.
func TestNoReceiptWithoutMoney(t *testing.T) {
	for _, state := range []State{BankUnknown, BankUnclear, BankOpen, BankProcessing, BankRefunding, BankDeclined,
		BankCancelled, BankExpired} {
		r := Report{State: state, Receipt: Receipt{ApprovalCode: "047347"}}
		if p := apply(t, pendingPayment(t, 1), reported(r), start.Add(paidIn)); p.Receipt != (Receipt{}) {
			t.Errorf("%s: %+v", state, p.Receipt)
		}
	}
	signed := approved()
	signed.Receipt = Receipt{Card: wholeCard}
	noticed := apply(t, pendingPayment(t, 1), NoticeArrival{Handle: testHandle, Report: signed}, start.Add(paidIn))
	if noticed = apply(t, noticed, NoticeTrust{}, start.Add(paidIn)); noticed.Status != Paid ||
		noticed.Receipt != (Receipt{}) {
		t.Errorf("%s with %+v", noticed.Status, noticed.Receipt)
	}
	foreign := approved()
	foreign.Amount, foreign.Receipt.RRN = Money{testAmount, BYN}, "1"
	if p := apply(t, pendingPayment(t, 1), reported(foreign), start.Add(paidIn)); p.Receipt != (Receipt{}) {
		t.Errorf("another currency: %+v", p.Receipt)
	}
}
