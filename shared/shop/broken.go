package shop

import (
	"fmt"
	"slices"
	"strings"

	"kassa/shared/payment"
)

// flawed is the error beside settings of which a part is wrong and the rest can be used.
type flawed struct{ error }

// Unwrap gives what is wrong.
func (f *flawed) Unwrap() error { return f.error }

// breakable are the settings that may be wrong without any other: a call that needs one of them gives its error. A key,
// an origin or a webhook's secret that is wrong among sound ones is left out; recheck_paid counts as true, for one
// question more does no harm.
func breakable() []string {
	return []string{"webhook", "bitrix24", "instalments", "refund_limit_per_day"}
}

// sort says what is to become of settings with these fields wrong: Broken names the parts that cannot be used. It is
// false where nothing can be: a name that nobody knows may be any setting, misspelt.
func (s *Settings) sort(wrong []payment.FieldError) bool {
	for _, f := range wrong {
		name, element, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		switch {
		case (name == "keys" || name == "origins") && element != "":
		case name == "recheck_paid":
			s.RecheckPaid = true
		case strings.HasPrefix(f.Pointer, "/webhook/secrets/") && len(s.Webhook.Secrets) > 0:
		case slices.Contains(breakable(), name):
			s.breakPart(name, f)
		default:
			return false
		}
	}
	return len(s.keys) > 0 && len(s.Origins) > 0
}

func (s *Settings) breakPart(name string, wrong payment.FieldError) {
	if s.Broken == nil {
		s.Broken = map[string]error{}
	}
	s.Broken[name] = &payment.Error{Kind: payment.Misconfigured,
		Message: "The shop's setting " + name + " cannot be read.",
		Cause:   fmt.Errorf("%s %s", wrong.Pointer, wrong.Detail)}
}
