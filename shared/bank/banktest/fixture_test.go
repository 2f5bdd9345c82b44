package banktest

import (
	"slices"
	"testing"
)

// TestAnEmptyFixtureIsTold what it lacks, by name, in place of a nil pointer in the middle of a case.
func TestAnEmptyFixtureIsTold(t *testing.T) {
	want := []string{"Bank", "Dead", "Amount", "Now", "Pages", "Log", "Spoil", "Outcomes[Approve]", "Drive", "Fault",
		"Ledger"}
	if got := (Fixture{}).missing(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := (Fixture{Pages: "https://pay.example/"}).missing(); slices.Contains(got, "Pages") {
		t.Errorf("%q", got)
	}
}
