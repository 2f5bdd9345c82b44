package payment

import (
	"slices"
	"strings"
	"testing"
)

// TestWhyTheBankRefused: its code is kept where it can be one, with a hint of the closed list; a browser may have
// written it.
func TestWhyTheBankRefused(t *testing.T) {
	const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-"
	for c := range 256 {
		code := string([]byte{byte(c)})
		want := Decline{}
		if strings.IndexByte(signs, byte(c)) >= 0 {
			want = Decline{code, HintOther}
		}
		for _, around := range []string{"", "05"} {
			if want.Code != "" {
				want.Code = around + code
			}
			if got := declineOf(Report{State: BankDeclined, Code: around + code}); got != want {
				t.Errorf("%q: %+v, want %+v", around+code, got, want)
			}
		}
	}
	longest := strings.Repeat("9", 64)
	for code, want := range map[string]Decline{"": {}, longest: {longest, HintOther}, longest + "9": {}} {
		if got := declineOf(Report{State: BankDeclined, Code: code}); got != want {
			t.Errorf("%q: %+v", code, got)
		}
	}
	for _, hint := range append(Hints(), "another", "") {
		want := hint
		if !slices.Contains(Hints(), hint) {
			want = HintOther
		}
		if got := declineOf(Report{State: BankDeclined, Code: "051", Hint: hint}); got != (Decline{"051", want}) {
			t.Errorf("hint %q: %+v", hint, got)
		}
		if got := declineOf(Report{State: BankCancelled, Code: "051", Hint: hint}); got != (Decline{}) {
			t.Errorf("cancelled: %+v", got)
		}
	}
	if len(Hints()) != 7 || slices.Contains(Hints(), "") {
		t.Errorf("the hints are %q", Hints())
	}
}
