package tkkpg

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var (
	patternAmount  = regexp.MustCompile(`^[1-9][0-9]{0,11}$`)
	patternNumber  = regexp.MustCompile(`^[0-9]{3}$`)
	patternOrder   = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	patternSession = regexp.MustCompile(`^[0-9A-F]{32}$`)
	patternInteger = regexp.MustCompile(`^-?[0-9]{1,9}$`)
	patternLocale  = regexp.MustCompile(`^(?i:AZ|EN|RU)$`)
)

func matches(p *regexp.Regexp, what string) func(string) error {
	return func(text string) error {
		if !p.MatchString(text) {
			return fmt.Errorf("is %.40q, not %s", text, what)
		}
		return nil
	}
}

func amount(text string) error {
	return matches(patternAmount, "a positive whole number of minor units")(text)
}

func currency(text string) error { return matches(patternNumber, "the number of a currency")(text) }

// Letters is the code of a currency that the gateway has been seen with, by its number; any other stays its number.
func Letters(number string) string {
	switch number {
	case "944":
		return "AZN"
	case "840":
		return "USD"
	case "978":
		return "EUR"
	}
	return number
}

func boolean(text string) error { return oneOf(text, "true", "false") }
func orderType(text string) error {
	return oneOf(text, "Purchase", "PreAuth")
}

func oneOf(text string, allowed ...string) error {
	for _, a := range allowed {
		if text == a {
			return nil
		}
	}
	return fmt.Errorf("is %.40q, not %s", text, strings.Join(allowed, " or "))
}

func anything(string) error { return nil }

func filled(text string) error {
	if text == "" || strings.TrimSpace(text) != text {
		return errors.New("is empty or has spaces around it")
	}
	return nil
}

func absolute(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("is %.80q, not an absolute http or https address", text)
	}
	return nil
}
