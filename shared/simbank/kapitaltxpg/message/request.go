// Package message is the JSON of the gateway as the bank reads and writes it. It reads
// strictly: an unknown name, another letter case or another type is refused, so that a
// careless client is noticed here and not by the bank.
package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FormatError is a request that the gateway cannot read: errorCode InvalidRequest
// where Code is empty.
type FormatError struct{ Code, Why string }

// Error says what is wrong with the request.
func (e FormatError) Error() string { return e.Why }

func malformed(format string, args ...any) error {
	return FormatError{Why: fmt.Sprintf(format, args...)}
}

// Create is what a shop asks for with POST /order.
type Create struct {
	TypeRID     string `json:"typeRid"`
	Amount      Text   `json:"amount"`
	Currency    string `json:"currency"`
	Language    string `json:"language"`
	Title       string `json:"title"`
	Description string `json:"description"`
	RedirectURL string `json:"hppRedirectUrl"`
	Environment string `json:"initiationEnvKind"`
	Reference   string `json:"ridByMerchant"`
	Attributes  []any  `json:"custAttrs"`

	// Minor is the amount in minor units; Taksit the months that the description asks for.
	Minor  int64 `json:"-"`
	Taksit int   `json:"-"`
}

// Text is a JSON string and nothing else.
type Text string

// Tran is what a shop asks for with exec-tran. Minor is zero where it named no amount.
type Tran struct {
	Phase    string `json:"phase"`
	Type     string `json:"type"`
	VoidKind string `json:"voidKind"`
	Amount   *Text  `json:"amount"`
	Minor    int64  `json:"-"`
}

// ReadCreate reads the body of POST /order.
func ReadCreate(body []byte) (Create, error) {
	var c Create
	err := read(body, "order", &c, "typeRid", "amount", "currency", "language", "title", "description",
		"hppRedirectUrl", "initiationEnvKind", "ridByMerchant", "custAttrs")
	if err != nil {
		return c, err
	}
	if c.Minor, err = minor(string(c.Amount)); err != nil {
		return c, err
	}
	switch {
	case c.TypeRID == "" || c.Currency == "":
		return c, malformed("typeRid and currency are required")
	case !slices.Contains([]string{"", "az", "en", "ru"}, c.Language):
		return c, malformed("language %.20q is not az, en or ru", c.Language)
	case !slices.Contains([]string{"", "Browser", "Server"}, c.Environment):
		return c, malformed("initiationEnvKind %.20q is not Browser or Server", c.Environment)
	case utf8.RuneCountInString(c.Description) > 1000:
		return c, malformed("description is longer than 1000 characters")
	}
	if c.RedirectURL != "" {
		if u, err := url.Parse(c.RedirectURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return c, malformed("hppRedirectUrl is not an address")
		}
	}
	if m := taksit.FindStringSubmatch(c.Description); m != nil {
		c.Taksit, err = strconv.Atoi(m[1])
	}
	return c, err
}

// taksit is the whole description: the bank's sample holds nothing else.
var taksit = regexp.MustCompile(`^TAKSIT=([0-9]{1,2})$`)

// ReadTran reads the body of exec-tran.
func ReadTran(body []byte) (Tran, error) {
	var t Tran
	if err := read(body, "tran", &t, "phase", "type", "voidKind", "amount"); err != nil {
		return t, err
	}
	if t.Amount == nil {
		return t, nil
	}
	var err error
	t.Minor, err = minor(string(*t.Amount))
	return t, err
}

// read takes the one object that stands under a name, with no field but those.
func read(body []byte, name string, into any, fields ...string) error {
	if !utf8.Valid(body) {
		return malformed("the body is not UTF-8")
	}
	var outer, inner map[string]json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&outer); err != nil {
		return malformed("the body is no JSON object: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return malformed("something follows the JSON object")
	}
	if len(outer) != 1 || outer[name] == nil {
		return malformed("the body holds something else than %q", name)
	}
	if err := json.Unmarshal(outer[name], &inner); err != nil {
		return malformed("%s is no JSON object", name)
	}
	for field := range inner {
		if !slices.Contains(fields, field) {
			return malformed("field %.40q of %s is not known to this terminal", field, name)
		}
	}
	if err := json.Unmarshal(outer[name], into); err != nil {
		return malformed("%v", err)
	}
	return nil
}

// minor reads a decimal string of major units, as the gateway takes it: "1", "1.0",
// "12.5000". Digits that no minor unit has must be zeros.
func minor(text string) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if !amount.MatchString(text) || strings.Trim(fraction[min(2, len(fraction)):], "0") != "" {
		return 0, malformed("amount %.40q is not a decimal string such as 12.50", text)
	}
	n, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if err != nil || n == 0 {
		return 0, FormatError{Code: "InvalidAmt", Why: fmt.Sprintf("amount %.40q is nothing", text)}
	}
	return n, nil
}

var amount = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,4})?$`)
