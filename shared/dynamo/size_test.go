package dynamo

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// address has 80 characters.
func address(host, kind string) string {
	text := "https://" + host + "/" + kind + "?order=12345&from="
	return text + strings.Repeat("x", 80-len(text))
}

// ordinary is a payment as it is saved through its life: created, opened, asked about, paid and told of, with addresses
// of 80 characters each.
func ordinary(t *testing.T, handle payment.Handle, metadata map[string]string) (saved []payment.Payment) {
	t.Helper()
	at := time.Date(2026, 11, 29, 10, 0, 0, 123e6, time.UTC)
	p := payment.New(payment.Draft{
		ID: payment.ID{Order: payment.OrderKey("my-shop", "12345"), Attempt: 1}, Shop: "my-shop",
		OrderRef: "12345", Bank: "kapital", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Description: "Order 12345", Metadata: metadata, PageLife: 20 * time.Minute, Notify: true,
		Return: payment.ReturnURLs{Success: address("shop.example", "success"), Cancel: address("shop.example", "cancel"),
			Decline: address("shop.example", "decline")},
		CallbackToken: strings.Repeat("c", 22), ClientToken: strings.Repeat("t", 22)}, at, at.Add(time.Minute))
	report := payment.Report{State: payment.BankApproved, Word: "APPROVED", Amount: p.Amount,
		Receipt: payment.Receipt{ApprovalCode: "915838", RRN: "614012345678", Card: "416974******1124",
			Brand: "Mastercard"}}
	for i, e := range []payment.Event{
		nil,
		payment.OpeningDone{Handle: handle, RedirectURL: address("bank.example", "pay"), ExpiresAt: at.Add(20 * time.Minute)},
		payment.Question{},
		payment.Statement{Handle: handle, Report: report},
		payment.DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Accepted: true, Code: "200"}}},
	} {
		now := at
		if i > 1 { // opened as of when it was begun
			now = at.Add(time.Duration(i) * 15 * time.Second)
		}
		if e != nil {
			var err error
			if p, err = payment.Apply(p, e, now); err != nil {
				t.Fatal(err)
			}
		}
		p = p.Stamped(rand.Text())
		saved = append(saved, p)
	}
	return saved
}

// TestAnOrdinaryPaymentTakesOneUnitToWrite, each time: its item keeps below a kilobyte through its life. The short form
// leaves room for what a shop wants to remember.
func TestAnOrdinaryPaymentTakesOneUnitToWrite(t *testing.T) {
	account := payment.Account{Merchant: "E1000010", Environment: "prod"}
	gateways := map[string]payment.Handle{
		"xml":  {OrderID: "8140214", Private: "9E1A31D00E38D11C9263823F9BC5A9F9", Account: account},
		"txpg": {OrderID: "8140214", Private: "k3v9x2m7q1w5", Account: account},
	}
	for gateway, handle := range gateways {
		for short, metadata := range map[bool]map[string]string{false: nil,
			true: {"cart": "7", "from": "https://shop.example/garden/trees?campaign=autumn"}} {
			for i, p := range ordinary(t, handle, metadata) {
				item, err := encode(p, short)
				if err != nil {
					t.Fatal(err)
				}
				if n := sizeOf(item); n >= 1024 {
					t.Errorf("%s, short %v, save %d, %s: %d bytes", gateway, short, i+1, p.Status, n)
				} else {
					t.Log(gateway, short, i+1, p.Status, n)
				}
			}
		}
	}
}

// sizeOf is what an item counts for: the developer guide's page "Item sizes and formats".
func sizeOf(item attributes) (n int) {
	for name, value := range item {
		n += len(name) + valueSize(value)
	}
	return n
}

func valueSize(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 1
	case *types.AttributeValueMemberL:
		n := 3
		for _, one := range v.Value {
			n += 1 + valueSize(one)
		}
		return n
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + sizeOf(v.Value)
	}
	return 1
}
