package console

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// TestCodes holds which error ends the command with which code, and what is said.
func TestCodes(t *testing.T) {
	for want, all := range map[int][]error{
		Done: {nil},
		Failed: {errors.New("x"), &payment.Error{Kind: payment.Refused}, &payment.Error{Kind: payment.Standing},
			&payment.Error{Kind: payment.Misconfigured}},
		Usage:    {Fail(Usage, "x"), fmt.Errorf("more: %w", Fail(Usage, "x"))},
		NotFound: {&payment.Error{Kind: payment.NotFound}},
		TryAgain: {&payment.Error{Kind: payment.Unavailable}, &payment.Error{Kind: payment.Uncertain},
			&payment.Error{Kind: payment.Standing, RetryAfter: time.Second}},
		Attention: {Fail(Attention, "x")},
	} {
		for _, err := range all {
			if got := CodeOf(err); got != want {
				t.Errorf("%v ends with %d, want %d", err, got, want)
			}
		}
	}
	cause := errors.New("secret kassa/prod/shop/a: denied")
	for _, c := range []struct {
		err  error
		want string
	}{
		{&payment.Error{Kind: payment.Misconfigured, Message: "a setting is wrong", Cause: cause},
			"a setting is wrong: secret kassa/prod/shop/a: denied"},
		{&payment.Error{Kind: payment.Refused, Code: "refund_refused", BankCode: "205", Message: "the bank refused",
			Cause: cause}, "the bank refused (refund_refused) [the bank's code: 205]"},
		{&payment.Error{Kind: payment.Invalid, Message: "wrong",
			Fields: []payment.FieldError{{Pointer: "/amount", Detail: "too much"}}}, "wrong /amount too much"},
		{&payment.Error{Kind: payment.Unavailable, Message: "It is away; try again shortly.", Cause: errors.New("no answer")},
			"It is away; try again shortly: no answer"},
		{&payment.Error{Kind: payment.Standing, Code: "payment_in_progress", Message: "Just being opened."},
			"Just being opened (payment_in_progress)"},
		{&payment.Error{Kind: payment.NotFound}, "not_found"},
		{errors.New("a\x1b[2Jb"), "a?[2Jb"},
	} {
		if got := Say(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestWhatOthersWroteIsPlain: neither a bank's word nor a shop's can move the cursor or break a table.
func TestWhatOthersWroteIsPlain(t *testing.T) {
	var out bytes.Buffer
	Table(&out, []string{"A", "B"}, [][]string{{"x\ty", "1"}, {"line\nbreak\x1b[31m\u202e", "22"}, {"Оплачен", "3"}})
	want := "A                 B\nx?y               1\nline?break?[31m?  22\nОплачен           3\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestConfirm(t *testing.T) {
	c := &Console{Err: io.Discard}
	if err := c.Confirm(true, "Sure?"); err != nil {
		t.Error(err)
	}
	if err := c.Confirm(false, "Sure?"); CodeOf(err) != Usage || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("nobody there: %v", err)
	}
	for answer, want := range map[string]int{"y": Done, "YES": Done, "": Failed, "n": Failed, "yess": Failed} {
		c.Person = answering(answer)
		if err := c.Confirm(false, "Sure?"); CodeOf(err) != want {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

// TestAskUntil asks again with the reason, and where nobody can be asked it fails at once.
func TestAskUntil(t *testing.T) {
	var said strings.Builder
	c, tries := &Console{Err: &said, Person: answering("x")}, 0
	take := func(string) error {
		if tries++; tries < 3 {
			return errors.New("that is wrong")
		}
		return nil
	}
	if err := c.AskUntil("What", take); err != nil || tries != 3 ||
		said.String() != "What: that is wrong\nWhat: that is wrong\nWhat: " {
		t.Errorf("%v after %d tries: %q", err, tries, said.String())
	}
	c.Person, tries = nil, 0
	if err := c.AskUntil("What", take); err == nil || tries != 1 {
		t.Errorf("nobody there: %v after %d tries", err, tries)
	}
}

// TestCtrlCEndsAQuestion: whoever stops a command is not waited for, and what was asked is not done.
func TestCtrlCEndsAQuestion(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(w.Close(), r.Close()) })
	stopped := make(chan struct{})
	close(stopped)
	var said strings.Builder
	c := &Console{Err: &said, Person: &keyboard{r, bufio.NewReader(r), stopped}}
	if err := c.Confirm(false, "Sure?"); CodeOf(err) != Failed || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("ctrl-C at a question: %v", err)
	}
	if said.String() != "Sure? y/N: \n" {
		t.Errorf("what follows stands in the question's line: %q", said.String())
	}
}

// answering always answers the same.
type answering string

func (a answering) Line() (string, error)   { return string(a), nil }
func (a answering) Hidden() (string, error) { return string(a), nil }

// failing is a closed standard output.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

// TestALostResultIsAFailure: a script must not take silence for a result.
func TestALostResultIsAFailure(t *testing.T) {
	for _, json := range []bool{true, false} {
		c := &Console{Out: failing{}, JSON: json}
		if err := c.Show(1, func(w io.Writer) { _, _ = fmt.Fprintln(w, "x") }); CodeOf(err) != Failed {
			t.Errorf("json %v: %v", json, err)
		}
	}
}
