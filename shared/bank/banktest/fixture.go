// Package banktest is the suite that every bank folder passes, driven through its simulator. It holds a folder to what
// package bank promises: the kinds of errors, what is proof, and that nothing moves twice.
//
// A bank folder calls it from a test:
//
//	banktest.Run(t, func(t *testing.T) banktest.Fixture { ... })
package banktest

import (
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Fixture is a bank folder connected to its simulator, made anew for each case. What may be nil says so. Tests of a
// folder that call Run are the proof of it: shared/boot/smallsim_test.go has the shortest.
type Fixture struct {
	Bank    bank.Bank // the folder under test
	Dead    bank.Bank // the same settings, and nobody listening at the bank's address
	Amount  payment.Money
	Now     time.Time     // the simulator's clock, on the bank day of every payment
	Pages   string        // what every address of the bank's page starts with
	Secrets []string      // planted in the settings: none may be seen in an error or in the log
	Log     func() string // what the folder has logged so far

	Complete func(o *bank.Order)    // adds what the bank's orders need besides an amount and addresses; nil = nothing
	Spoil    func(o *bank.Order)    // makes it an order that the bank must never be sent
	Outcomes map[Step]payment.State // what becomes of an order after each of the steps that this bank knows

	Drive  func(h bank.Handle, s Step) error      // lets something happen at the bank
	Fault  func(op bank.Operation, f Fault) error // what the next call of the folder meets that does the operation
	Ledger func() Ledger                          // what the bank did, over all its orders

	// Notice is what the bank's server last sent about the order; nil when this bank's messages prove nothing.
	Notice func(h bank.Handle) (bank.Message, error)
}

// missing names what no case can do without.
func (f Fixture) missing() (names []string) {
	for _, part := range []struct {
		name  string
		there bool
	}{
		{"Bank", f.Bank != nil}, {"Dead", f.Dead != nil}, {"Amount", f.Amount.Minor > 0 && f.Amount.Currency != ""},
		{"Now", !f.Now.IsZero()}, {"Pages", f.Pages != ""}, {"Log", f.Log != nil}, {"Spoil", f.Spoil != nil},
		{"Outcomes[Approve]", f.Outcomes[Approve] != ""}, {"Drive", f.Drive != nil}, {"Fault", f.Fault != nil},
		{"Ledger", f.Ledger != nil},
	} {
		if !part.there {
			names = append(names, part.name)
		}
	}
	return names
}

// Step is something that happens at the bank.
type Step string

// The steps.
const (
	Approve Step = "approve" // the customer pays
	Decline Step = "decline" // the issuer says no
	Cancel  Step = "cancel"  // the customer leaves
	Work    Step = "work"    // the authorisation runs and is undecided
	Expire  Step = "expire"  // the page's time is over
)

// Fault is what happens to the next call.
type Fault string

// The faults.
const (
	AnswerLost Fault = "answer lost" // carried out, and the connection ends without an answer
	AnswerJunk Fault = "answer junk" // carried out, and something else than an answer comes back
	NotDone    Fault = "not done"    // the connection ends before anything was done
)

// Ledger is what the bank took and gave back, in minor units.
type Ledger struct {
	Orders            int
	Charged, Returned int64
}
