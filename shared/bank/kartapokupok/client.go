package kartapokupok

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// post sends one message to a path below the base.
func (k *KartaPokupok) post(ctx context.Context, path string, message any, care exchange.Care) (exchange.Answer,
	error) {
	return k.PostJSON(ctx, exchange.Request{Address: k.settings.Address.JoinPath(path), Care: care}, message)
}

// answer reads what came back. private are the texts of the request that must not come back in an error.
func (k *KartaPokupok) answer(got exchange.Answer, care exchange.Care, private ...string) (*strict.Value, error) {
	if !got.OK() {
		return nil, refusal(got, care, private)
	}
	message, err := strict.ParseJSON(got.Body, messageForm)
	if err != nil {
		return nil, unreadable(care, err, nil)
	}
	return message, nil
}

// unreadable is an answer that is no refusal and yet not what was asked for. Where the bank says why in a code, that is
// kept: some banks answer 200 to everything. message may be nil; private are the texts that must not come back.
func unreadable(care exchange.Care, err error, message *strict.Value, private ...string) error {
	e := exchange.Unreadable(care, err)
	e.BankCode, _ = complaint(message, private)
	return e
}

func misplaced(err error, message string) error {
	return &payment.Error{Kind: payment.Misconfigured, Message: message, Cause: err}
}

// refusal reads an HTTP status that is no success. A server that will not let a request in has not carried it out; 408,
// 425, 429 and every 5xx leave that open; any other 4xx is the bank's definite no.
func refusal(got exchange.Answer, care exchange.Care, private []string) error {
	message, _ := strict.ParseJSON(got.Body, messageForm) // what is none complains of nothing
	code, words := complaint(message, private)
	cause := got.Problem()
	if words != "" && len(private) > 0 { // without the customer's own words at hand nobody can cut them out of the bank's
		cause = fmt.Errorf("HTTP status %d, and the bank says %q", got.Status, words)
	}
	switch status := got.Status; {
	case got.TurnedAway() && care == exchange.Money: // a proxy can say so after the bank has given money back
		return &payment.Error{Kind: payment.Uncertain, BankCode: code,
			Message: "the bank's server turned the request away; whether the bank had it is not known", Cause: cause}
	case got.NoCertificate():
		return misplaced(cause, "the bank's server misses our certificate or refuses it; see certificate and key in the "+
			"bank secret")
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return misplaced(cause, "the bank does not know this partner, or not by this certificate; see partner_id and "+
			"certificate in the bank secret")
	case got.TurnedAway():
		return misplaced(cause, "the bank's server does not take requests at this address; see base_url in the bank secret")
	case status < 400, status >= 500, care == exchange.Question,
		status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return &payment.Error{Kind: care.Lost(), BankCode: code, Message: "the bank's server is out of order or busy",
			Cause: cause}
	}
	return &payment.Error{Kind: payment.Refused, BankCode: code, Message: "the bank refused the request", Cause: cause}
}

func isCode(text string) bool {
	word := strings.TrimLeft(text, ascii.Digits)
	number := len(text) - len(word)
	named := ascii.Word(word, ascii.Letters, ascii.Letters+ascii.Digits+"_.-", 40)
	return number <= 6 && (named || word == "" && number > 0)
}

// personal are the patterns of what may be somebody's own in a text of the bank's. They are compiled when the first
// such text comes: an ordinary payment has none.
var personal = sync.OnceValue(func() (forms struct{ mail, word, digits *regexp.Regexp }) {
	forms.mail = regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+`)
	forms.word = regexp.MustCompile("[\\p{L}\\p{M}'`\u2018\u2019]+")
	forms.digits = regexp.MustCompile(`[0-9]+`)
	return forms
})

// complaint takes the bank's code and its words out of a message. Words are for the log alone, and for that without
// digits, addresses and what stands in private; a body that is not the expected JSON is not repeated at all.
func complaint(message *strict.Value, private []string) (code, words string) {
	var said []string
	for _, at := range []string{"/code", "/error_code", "/error/code", "/error", "/message", "/error/message",
		"/error_description", "/detail", "/title"} {
		text, ok := message.At(at).Plain()
		if !ok {
			continue
		}
		clean := redacted(text, private)
		if code == "" && (strings.HasSuffix(at, "code") || at == "/error") && isCode(text) &&
			clean == maskDigits(text) {
			code = text
		}
		said = append(said, clean)
	}
	return code, strings.Join(said, "; ")
}

func maskDigits(text string) string { return personal().digits.ReplaceAllString(text, "#") }

// redacted shortens a text of the bank to what may stand in a log.
func redacted(text string, private []string) string {
	names := parts(private)
	text = personal().word.ReplaceAllStringFunc(text, func(word string) string {
		if plain := letters(word); slices.ContainsFunc(names, func(name string) bool { return isName(plain, name) }) {
			return "[customer]"
		}
		return word
	})
	text = maskDigits(personal().mail.ReplaceAllString(text, "[e-mail]"))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "..."
	}
	return text
}

// parts are the words of names, each by its letters. Of an e-mail address only what stands before the @ is anybody's
// own.
func parts(private []string) (names []string) {
	for _, text := range private {
		text, _, _ = strings.Cut(text, "@")
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsMark(r)
		}) {
			if name := letters(word); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// letters is a word without its marks and apostrophes, in one letter case, as people write who have not all letters at
// hand: Gülşən is GULSEN, and İ, I, ı and i are one letter.
func letters(word string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case !unicode.IsLetter(r) || r == '\u02bc':
			return -1
		case r == 'ı':
			return 'i'
		case r == 'ə':
			return 'e'
		}
		return r
	}, norm.NFKD.String(strings.ToLower(word)))
}

// isName says whether a word of the bank's is a name. Names are inflected and joined to others, so a word that holds
// the stem of one is one; what is too short for a stem is a name by itself alone.
func isName(word, name string) bool {
	stem := []rune(name)
	if len(stem) < 3 {
		return word == name
	}
	return strings.Contains(word, string(stem[:max(3, len(stem)-2)]))
}

// errNothing is an answer of the bank that is no refusal and yet holds nothing of what was asked for.
var errNothing = errors.New("the answer lacks what was asked for")
