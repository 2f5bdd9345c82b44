package xml

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// signatureSetting says how this terminal signs its callbacks. The brief names a SECRET_KEY and says that messages are
// signed in some configurations only, and no source says how; so every part of it is a setting.
type signatureSetting struct {
	key       []byte
	fields    []string // parameters of the message, lower-case, in the order of signing
	separator string   // between their values
	parameter string   // where the signature stands, lower-case
	base64    bool     // else hex
}

// verify refuses a message whose signature is missing or wrong: HMAC-SHA256 with secret_key over the values of the
// named parameters: as they came, without the blanks and line ends around them, or with the plus signs back that a form
// has made blanks of; and each of these with bare line feeds, since a browser sends every line end of a form as CR and
// LF. A right one proves that the sender knows the key, not that anybody paid. A nil setting takes everything.
func (s *signatureSetting) verify(parameters exchange.Parameters) error {
	if s == nil {
		return nil
	}
	var values, bare, unspoilt []string
	for _, name := range s.fields {
		value, err := parameters.One(name)
		if err != nil || len(parameters[name]) == 0 {
			return &payment.Error{Kind: payment.Forged, Cause: err,
				Message: "the callback lacks a signed parameter, or has several values of it"}
		}
		values, bare = append(values, value), append(bare, exchange.Bare(value))
		unspoilt = append(unspoilt, strings.ReplaceAll(strings.Trim(value, "\r\n\t"), " ", "+"))
	}
	text, err := parameters.One(s.parameter)
	given, ok := s.decode(text)
	made := func(values []string) bool {
		signed := strings.Join(values, s.separator)
		return hmac.Equal(given, s.sum(signed)) || hmac.Equal(given, s.sum(strings.ReplaceAll(signed, "\r\n", "\n")))
	}
	if err != nil || !ok || !slices.ContainsFunc([][]string{values, bare, unspoilt}, made) {
		return &payment.Error{Kind: payment.Forged, Cause: err, Message: "the callback's signature is missing or wrong"}
	}
	return nil
}

func (s *signatureSetting) sum(text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func (s *signatureSetting) decode(text string) ([]byte, bool) {
	if s.base64 { // a blank is a plus sign that a form has lost; no such sum ends with one
		text = strings.TrimRight(strings.Trim(text, "\r\n\t"), " ")
		return strict.Base64(strings.ReplaceAll(text, " ", "+"))
	}
	given, err := hex.DecodeString(exchange.Bare(text))
	return given, err == nil
}

func isParameter(text string) bool {
	return ascii.Word(text, ascii.Letters, ascii.Letters+ascii.Digits+"_.-", 40)
}

// signature reads callback_signature: "off", or an object with fields, parameter, encoding and separator.
func (f fields) signature() *signatureSetting {
	key := f.Text("secret_key")
	sub, on := f.Switched("callback_signature")
	if !on {
		return nil
	}
	s := &signatureSetting{
		key:       []byte(key),
		fields:    sub.List("fields"),
		separator: sub.Text("separator"),
		parameter: strings.ToLower(sub.Matching("parameter", isParameter,
			"the name of the parameter that holds the signature")),
		base64: sub.OneOf("encoding", "hex", "hex", "base64") == "base64",
	}
	for i, name := range s.fields {
		s.fields[i] = strings.ToLower(name)
		if !isParameter(name) || s.fields[i] == s.parameter {
			sub.Wrong("fields", "must name parameters of the message other than the signature")
		}
	}
	if len(s.fields) == 0 {
		sub.Wrong("fields", "must name the parameters that are signed, such as OrderID and SessionID")
	}
	if key == "" {
		f.Wrong("secret_key", "is missing; callback_signature needs it")
	}
	sub.Rest()
	return s
}
