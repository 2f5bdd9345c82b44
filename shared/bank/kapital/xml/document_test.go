package xml

import (
	"encoding/xml"
	"strings"
	"testing"
)

// library is how encoding/xml writes the same documents.
type library struct {
	XMLName        xml.Name     `xml:"TKKPG"`
	Operation      string       `xml:"Request>Operation"`
	Language       string       `xml:"Request>Language"`
	Order          libraryOrder `xml:"Request>Order"`
	Description    string       `xml:"Request>Description,omitempty"`
	SessionID      string       `xml:"Request>SessionID,omitempty"`
	ShowParams     string       `xml:"Request>ShowParams,omitempty"`
	ShowOperations string       `xml:"Request>ShowOperations,omitempty"`
	Refund         *struct {
		Amount   int64
		Currency string
		WithFee  bool
	} `xml:"Request>Refund"`
	TranID *string `xml:"Request>TranId"`
	Source string  `xml:"Request>Source,omitempty"`
}

type libraryOrder struct {
	OrderType   string           `xml:",omitempty"`
	Merchant    string           `xml:","`
	OrderID     string           `xml:",omitempty"`
	Amount      int64            `xml:",omitempty"`
	Currency    string           `xml:",omitempty"`
	Description string           `xml:",omitempty"`
	ApproveURL  string           `xml:",omitempty"`
	CancelURL   string           `xml:",omitempty"`
	DeclineURL  string           `xml:",omitempty"`
	AddParams   *addParams       `xml:",omitempty"`
	Position    *libraryPosition `xml:"Positions>Position"`
}

type libraryPosition struct {
	PaymentSubjectType int64
	Quantity           int64
	Price              int64  `xml:",omitempty"`
	Tax                int64  `xml:",omitempty"`
	Text               string `xml:",omitempty"`
	PaymentType        int64
	PaymentMethodType  int64
}

// FuzzDocumentsAreTheLibrarys, whatever stands in them and whatever is left out.
func FuzzDocumentsAreTheLibrarys(f *testing.F) {
	for _, text := range []string{"", "x", "Order №12345", "<b>&amp;</b>", "]]>", `"'`, "a\r\n\tb", "İı ə ў", "\u2028😀"} {
		for parts := range uint8(8) {
			f.Add(text, int64(parts), parts)
		}
	}
	f.Fuzz(func(t *testing.T, text string, n int64, parts uint8) {
		if n < 0 {
			return // amounts are above zero
		}
		ours := request{Operation: text, Language: text, Description: text, SessionID: text, ShowParams: text,
			ShowOperations: text, Source: text, Order: orderPart{OrderType: text, Merchant: text, OrderID: text, Amount: n,
				Currency: text, Description: text, ApproveURL: text, CancelURL: text, DeclineURL: text}}
		theirs := library{Operation: text, Language: text, Description: text, SessionID: text, ShowParams: text,
			ShowOperations: text, Source: text, Order: libraryOrder{OrderType: text, Merchant: text, OrderID: text,
				Amount: n, Currency: text, Description: text, ApproveURL: text, CancelURL: text, DeclineURL: text}}
		if parts&1 != 0 {
			ours.Refund, ours.TranID = &refundPart{n, text}, &text
			theirs.TranID = &text
			theirs.Refund = &struct {
				Amount   int64
				Currency string
				WithFee  bool
			}{n, text, false}
		}
		if parts&2 != 0 {
			ours.Order.AddParams, theirs.Order.AddParams = &addParams{n}, &addParams{n}
		}
		if parts&4 != 0 {
			ours.Order.Position = &fiscalPart{n, n, n, n, text, n, n}
			theirs.Order.Position = &libraryPosition{n, n, n, n, text, n, n}
		}
		want, err := xml.MarshalIndent(theirs, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.encode()
		if err != nil {
			if !strings.Contains(string(want), "\ufffd") {
				t.Fatalf("%q is refused: %v", text, err)
			}
			return
		}
		if prolog := `<?xml version="1.0" encoding="UTF-8"?>` + "\n"; string(got) != prolog+string(want)+"\n" {
			t.Fatalf("%s, want\n%s", got, want)
		}
	})
}
