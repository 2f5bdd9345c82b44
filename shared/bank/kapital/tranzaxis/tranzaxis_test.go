package tranzaxis

import (
	"strings"
	"testing"

	"kassa/shared/bank"
)

// TestWhatACodeMeans: the processing's list of pmoResultCode. Two editions of it differ about 5 to 19.
func TestWhatACodeMeans(t *testing.T) {
	for cause, codes := range map[bank.Cause]string{
		bank.CauseLost: "40 41", bank.CauseExpired: "51", bank.CauseCardNumber: "52", bank.CauseSilent: "54 72",
		bank.CauseUnsupported: "57", bank.CauseRestricted: "58", bank.CauseFunds: "59", bank.CauseUses: "60",
		bank.CauseLimit: "61 63", bank.CausePINTries: "62 83", bank.CauseAmount: "67", bank.CauseIssuer: "71",
		bank.CauseFormat: "74", bank.CauseSecurityCode: "81", bank.CauseSecure: "84", bank.CauseMerchant: "98",
		bank.CauseOther: "5 12 19 42 99 051",
	} {
		for code := range strings.FieldsSeq(codes) {
			if got := CauseOf(code); got != cause {
				t.Errorf("%s means %s, want %s", code, got, cause)
			}
		}
	}
	if got := CauseOf(""); got != "" {
		t.Errorf("no code means %s", got)
	}
}
