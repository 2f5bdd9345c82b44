package tool

import (
	"regexp"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/shared/payment"
)

// Operator adds the flag --as: who does what the command does.
func Operator(c *cobra.Command, t *Tool, as *string) {
	c.Flags().StringVar(as, "as", t.User,
		"your `name`, for the payment's history: 1 to 32 of A-Z, a-z, 0-9, . _ - (default $USER, needed where that is not "+
			"set)")
	c.Flags().Lookup("as").DefValue = "" // the help says where the name comes from, not whose help it is
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// IsName says whether a history can name a person so.
func IsName(text string) bool { return nameForm.MatchString(text) }

// Actor is who does it, for the history.
func Actor(name string) (string, error) {
	if !IsName(name) {
		return "", console.Fail(console.Usage,
			"who are you? Add --as with your name, 1 to 32 of A-Z, a-z, 0-9, . _ -; it stands in the payment's history")
	}
	return payment.ByOperator(name), nil
}
