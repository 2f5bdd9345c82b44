// Package environment is how a function begins: what its environment says, its log, and the one call ahead of its first
// request. It knows no table, no bank and no shop, so that each kind of function links what it uses.
package environment

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/address"
	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
)

// Need is something beyond the table and the secrets that a function cannot work without.
type Need string

// CallbackURL is needed by the functions that open payments: they tell banks where to come back to.
const CallbackURL Need = "CALLBACK_URL"

// ShopKeys are needed by the functions that let shops in by their keys: those may read a shop's secret.
const ShopKeys Need = "shops' keys"

// Settings are a function's environment, as template.yaml declares it.
type Settings struct {
	Table    string
	Stage    string
	Region   string // AWS_REGION: set by Lambda
	Endpoint string // AWS_ENDPOINT_URL: "" on AWS; SDK clients that are built from options do not read it themselves
	Callback string // CALLBACK_URL in the one form of package address, without a slash at its end
	Short    bool   // SHORT_ITEMS: payments are written in the short form
	Known    string // SHOPS_AT_START: "<shop>/<bank>", several with commas between
	Lambda   string // AWS_ENDPOINT_URL_LAMBDA, or else LAMBDA_URL: where the sweep starts itself

	DueShards int // DUE_SHARDS: into how many keys the bank's to-do list is split
}

// AtStart is a shop that the environment knows, with a bank of it.
type AtStart struct{ Shop, Bank string }

// mostAtStart is how many of them a start gets ready: each is two secrets and a handshake.
const mostAtStart = 4

// mostShards is the most keys of the to-do list: an idle minute reads each once.
const mostShards = 1024

// AtStart are the shops that are to be got ready, with their banks. What cannot be read is none: a start does not fail
// by what the first request can do.
func (s Settings) AtStart() (known []AtStart) {
	for pair := range strings.SplitSeq(s.Known, ",") {
		if shop, bank, ok := strings.Cut(strings.TrimSpace(pair), "/"); ok && len(known) < mostAtStart {
			known = append(known, AtStart{shop, bank})
		}
	}
	return known
}

// Local is the stage of one machine: there alone addresses may be plain http.
const Local = "local"

// MustRead reads a function's environment and opens its log. When the environment is wrong the function says everything
// in one line and ends: it must not take requests that it cannot serve.
func MustRead(needs ...Need) (Settings, *slog.Logger) {
	log := newLog()
	s, err := read(os.Getenv, needs...)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	return s, log
}

// read reads the environment and gives everything that is wrong with it in one error.
func read(getenv func(string) string, needs ...Need) (Settings, error) {
	s := Settings{Table: getenv("TABLE"), Stage: getenv("STAGE"), Region: getenv("AWS_REGION"),
		Endpoint: getenv("AWS_ENDPOINT_URL"), Callback: strings.TrimRight(getenv(string(CallbackURL)), "/"),
		Short: getenv("SHORT_ITEMS") == "on", Known: getenv("SHOPS_AT_START"),
		Lambda: cmp.Or(getenv("AWS_ENDPOINT_URL_LAMBDA"), getenv("LAMBDA_URL")), DueShards: payment.Shards}
	var wrong []error
	if text := getenv("DUE_SHARDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < payment.Shards || n > mostShards || n%payment.Shards != 0 {
			wrong = append(wrong, fmt.Errorf("DUE_SHARDS is %q: it must be a multiple of %d up to %d", text, payment.Shards,
				mostShards))
		}
		s.DueShards = n
	}
	if !ascii.Only(s.Table, ascii.Letters+ascii.Digits+"_.-", 3, 255) {
		wrong = append(wrong, fmt.Errorf("TABLE is %q: it must name the DynamoDB table", s.Table))
	}
	if !ascii.Word(s.Stage, ascii.Lower, ascii.Lower+ascii.Digits+"-", 16) {
		wrong = append(wrong, fmt.Errorf(
			"STAGE is %q: it must be lower-case letters, digits and hyphens, at most 16, a letter first", s.Stage))
	}
	if short := getenv("SHORT_ITEMS"); !slices.Contains([]string{"", "on", "off"}, short) {
		wrong = append(wrong, fmt.Errorf("SHORT_ITEMS is %q: it must be on or off", short))
	}
	if s.Region == "" {
		wrong = append(wrong, errors.New("AWS_REGION is not set"))
	}
	wrong = append(wrong, s.address("AWS_ENDPOINT_URL", s.Endpoint), s.address("LAMBDA_URL", s.Lambda))
	err := s.address(string(CallbackURL), s.Callback)
	if err == nil && s.Callback != "" {
		s.Callback, err = oneForm(s.Callback)
	}
	wrong = append(wrong, err)
	if s.Callback == "" && slices.Contains(needs, CallbackURL) {
		wrong = append(wrong, errors.New("CALLBACK_URL is not set: banks would not know where to come back to"))
	}
	if err := errors.Join(wrong...); err != nil {
		return Settings{}, fmt.Errorf("the environment is wrong: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return s, nil
}

// oneForm is the callbacks' address as banks and browsers all read it: they are given letters of other scripts in
// ASCII, in the host and behind it.
func oneForm(callback string) (string, error) {
	u, err := address.Parse(callback)
	if err != nil {
		return "", fmt.Errorf("%s must %w", CallbackURL, err)
	}
	return u.String(), nil
}

// address refuses what is no plain absolute address; "" is none at all and fine here.
func (s Settings) address(name, value string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%s must be an absolute address without user name, query and fragment", name)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || s.Stage != Local) {
		return fmt.Errorf("%s must begin with https://", name)
	}
	return nil
}
