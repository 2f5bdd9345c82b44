package message

import "testing"

func TestMoneyIsWrittenWithoutNeedlessZeros(t *testing.T) {
	for minor, want := range map[Money]string{0: "0", 5: "0.05", 50: "0.5", 100: "1", 1000: "10", 1250: "12.5",
		-200: "-2", -1: "-0.01"} {
		if got, err := minor.MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("%d is %s (%v)", minor, got, err)
		}
	}
}

// FuzzRead proves that what was read is within what the gateway takes.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"order":{"typeRid":"Order_SMS","amount":"12.50","currency":"AZN","description":"TAKSIT=6"}}`))
	f.Add([]byte(`{"tran":{"phase":"Single","type":"Refund","amount":"2.00"}}`))
	f.Add([]byte(`{"tran":{"phase":null,"amount":null}} `))
	f.Fuzz(func(t *testing.T, body []byte) {
		if c, err := ReadCreate(body); err == nil && (c.Minor <= 0 || c.TypeRID == "" || c.Currency == "" || c.Taksit > 99) {
			t.Errorf("an order: %+v", c)
		}
		if q, err := ReadTran(body); err == nil && (q.Amount != nil) != (q.Minor > 0) {
			t.Errorf("an operation: %+v", q)
		}
	})
}
