package boot

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"kassa/shared/strict/ascii"
)

// Need is something beyond the table and the secrets that a function cannot work without.
type Need string

// CallbackURL is needed by the functions that open payments: they tell banks where to come back to.
const CallbackURL Need = "CALLBACK_URL"

// settings is a function's environment, as template.yaml declares it.
type settings struct {
	table    string
	stage    string
	region   string // AWS_REGION: set by Lambda
	endpoint string // AWS_ENDPOINT_URL: "" on AWS; SDK clients that are built from options do not read it themselves
	callback string // CALLBACK_URL, without a slash at its end
}

// local is the stage of one machine: there alone addresses may be plain http.
const local = "local"

// readSettings reads the environment and gives everything that is wrong with it in one error.
func readSettings(getenv func(string) string, needs ...Need) (settings, error) {
	s := settings{table: getenv("TABLE"), stage: getenv("STAGE"), region: getenv("AWS_REGION"),
		endpoint: getenv("AWS_ENDPOINT_URL"), callback: strings.TrimRight(getenv(string(CallbackURL)), "/")}
	var wrong []error
	if !ascii.Only(s.table, ascii.Letters+ascii.Digits+"_.-", 3, 255) {
		wrong = append(wrong, fmt.Errorf("TABLE is %q: it must name the DynamoDB table", s.table))
	}
	if !ascii.Word(s.stage, ascii.Lower, ascii.Lower+ascii.Digits+"-", 16) {
		wrong = append(wrong, fmt.Errorf(
			"STAGE is %q: it must be lower-case letters, digits and hyphens, at most 16, a letter first", s.stage))
	}
	if s.region == "" {
		wrong = append(wrong, errors.New("AWS_REGION is not set"))
	}
	wrong = append(wrong, s.address("AWS_ENDPOINT_URL", s.endpoint))
	wrong = append(wrong, s.address(string(CallbackURL), s.callback))
	if s.callback == "" && slices.Contains(needs, CallbackURL) {
		wrong = append(wrong, errors.New("CALLBACK_URL is not set: banks would not know where to come back to"))
	}
	if err := errors.Join(wrong...); err != nil {
		return settings{}, fmt.Errorf("the environment is wrong: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return s, nil
}

// address refuses what is no plain absolute address; "" is none at all and fine here.
func (s settings) address(name, value string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%s must be an absolute address without user name, query and fragment", name)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || s.stage != local) {
		return fmt.Errorf("%s must begin with https://", name)
	}
	return nil
}
