package payment

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestKindAndCodeOfAnyError(t *testing.T) {
	refused := &Error{Kind: Refused, Code: "bank_refused", BankCode: "076", Message: "No.", Cause: io.ErrUnexpectedEOF}
	for _, c := range []struct {
		err  error
		kind Kind
		code string
	}{
		{refused, Refused, "bank_refused"},
		{fmt.Errorf("while opening: %w", refused), Refused, "bank_refused"},
		{errors.Join(io.EOF, refused), Refused, "bank_refused"},
		{ErrConflict, Standing, "conflict"},
		{io.EOF, Internal, ""},
		{nil, Internal, ""},
		{&Error{}, Internal, ""},
	} {
		if KindOf(c.err) != c.kind || CodeOf(c.err) != c.code {
			t.Errorf("%v: kind %s, code %q; want %s, %q", c.err, KindOf(c.err), CodeOf(c.err), c.kind, c.code)
		}
	}
	if !errors.Is(refused, io.ErrUnexpectedEOF) {
		t.Error("the cause cannot be found")
	}
	if got, want := refused.Error(), "refused: bank_refused: 076: No.: unexpected EOF"; got != want {
		t.Errorf("the log reads %q, want %q", got, want)
	}
	if code := BankCodeOf(fmt.Errorf("asked: %w", &Error{Kind: Refused, BankCode: "076"})); code != "076" ||
		BankCodeOf(nil) != "" {
		t.Errorf("the bank's code is %q", code)
	}
}

func TestEveryKindHasAName(t *testing.T) {
	names := []string{"internal", "invalid", "not_found", "standing", "refused", "uncertain", "unavailable",
		"misconfigured", "unsupported",
		"malformed", "forged"}
	for kind := Internal; kind <= Forged; kind++ {
		if kind.String() != names[kind] {
			t.Errorf("kind %d is %q, want %q", int(kind), kind, names[kind])
		}
	}
	for _, kind := range []Kind{-1, Forged + 1} {
		if kind.String() != "internal" {
			t.Errorf("kind %d is %q", int(kind), kind)
		}
	}
}

// What stands in the way names the payment, and as it was.
func TestAStandingErrorNamesThePayment(t *testing.T) {
	p := paidPayment(t)
	_, err := Apply(p, Cancellation{By: "kassa"}, late)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Payment == nil || e.Payment.ID != p.ID || e.Payment.Status != Paid || e.Code != "order_already_paid" {
		t.Errorf("the error is %+v", e)
	}
	_, err = Apply(p, owned(RefundIntent{Amount: testAmount + 1}, late), late)
	if e, ok = errors.AsType[*Error](err); !ok || e.Payment == nil || e.Payment.Sequence != p.Sequence {
		t.Errorf("the error is %+v", e)
	}
}
