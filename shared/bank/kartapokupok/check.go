package kartapokupok

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/strict"
	"kassa/shared/strict/ascii"
)

// The bounds of an application. None is documented; they keep out what no bank could mean.
const (
	mostItems   = 500
	longestName = 250 // characters of an item's name
	longestSKU  = 100 // characters
	longestWho  = 100 // characters of a first or last name
	longestMail = 254 // characters; RFC 5321
)

func isPhone(text string) bool {
	text = strings.TrimPrefix(text, "+")
	return len(text) >= 7 && ascii.Word(text, ascii.Digits, ascii.Digits+" ()-", 25)
}

// isMail says whether a text has the form of an e-mail address; its domain may have letters of any script, and its last
// label has two characters at least.
func isMail(text string) bool {
	name, domain, _ := strings.Cut(text, "@")
	dot := max(0, strings.LastIndexByte(domain, '.'))
	host, last := domain[:dot], strings.TrimPrefix(domain[dot:], ".")
	begin, _ := utf8.DecodeRuneInString(host)
	end, _ := utf8.DecodeLastRuneInString(host)
	return name != "" && !strings.ContainsAny(name, "\t\n\f\r <>()\",:;\\") && inLabel(begin) && inLabel(end) &&
		all(host, func(r rune) bool { return inLabel(r) || r == '.' || r == '-' }) &&
		utf8.RuneCountInString(last) >= 2 && all(last, func(r rune) bool { return inLabel(r) || r == '-' })
}

func inLabel(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func all(text string, is func(r rune) bool) bool { return strings.TrimLeftFunc(text, is) == "" }

// check gives every field that an application cannot do without, or that the bank would refuse, besides currency and
// term. It quotes nothing: what is wrong may be a customer's name.
func (k *KartaPokupok) check(o bank.Order) []payment.FieldError {
	var c checks
	c.items(o)
	c.customer(o.Customer)
	return c
}

// checks gathers what is wrong.
type checks []payment.FieldError

func (c *checks) must(ok bool, pointer, code, detail string) {
	if !ok {
		*c = append(*c, payment.FieldError{Pointer: pointer, Code: code, Detail: detail})
	}
}

// items must add up to the amount: the bank shows them to the customer beside the total.
func (c *checks) items(o bank.Order) {
	c.must(len(o.Items) > 0, "/items", "required", "Must list what is bought.")
	c.must(len(o.Items) <= mostItems, "/items", "too_many", fmt.Sprintf("Must have at most %d entries.", mostItems))
	if len(o.Items) == 0 || len(o.Items) > mostItems {
		return
	}
	before := len(*c)
	left := o.Amount.Minor
	for i, item := range o.Items {
		at := fmt.Sprintf("/items/%d", i)
		c.text(item.Name, at+"/name", longestName)
		c.text(item.SKU, at+"/sku", longestSKU)
		c.must(item.Quantity > 0, at+"/quantity", "out_of_range", "Must be at least 1.")
		c.must(item.UnitAmount >= 0, at+"/unit_amount", "out_of_range",
			"Must be an amount in minor units, 0 for what is free.")
		if item.Quantity > 0 && item.UnitAmount > 0 {
			left = subtract(left, item.Quantity, item.UnitAmount)
		}
	}
	if len(*c) == before {
		c.must(left == 0, "/amount", "amount_mismatch",
			"Must be the sum of all items, each its unit_amount times its quantity.")
	}
}

// subtract takes quantity times price from left; -1, which never becomes 0 again, when there is less left than that. A
// division keeps the product from overflowing.
func subtract(left, quantity, price int64) int64 {
	if quantity > left/price {
		return -1
	}
	return left - quantity*price
}

func (c *checks) customer(who bank.Customer) {
	c.name(who.FirstName, "/customer/first_name")
	c.name(who.LastName, "/customer/last_name")
	digits := 0
	for _, r := range who.Phone {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	c.required(who.Phone, "/customer/phone", isPhone(who.Phone) && digits >= 9 && digits <= 15,
		"Must be a phone number of 9 to 15 digits, such as +375291234567.")
	c.required(who.Email, "/customer/email", utf8.RuneCountInString(who.Email) <= longestMail &&
		utf8.ValidString(who.Email) && isMail(who.Email) && strict.Plain(who.Email),
		fmt.Sprintf("Must be an e-mail address of at most %d characters.", longestMail))
}

func (c *checks) name(text, pointer string) {
	c.required(text, pointer, utf8.RuneCountInString(text) <= longestWho && strict.Plain(text) &&
		strings.ContainsFunc(text, unicode.IsLetter),
		fmt.Sprintf("Must be a name of at most %d printable characters.", longestWho))
}

func (c *checks) text(text, pointer string, longest int) {
	c.required(strings.TrimSpace(text), pointer, utf8.RuneCountInString(text) <= longest && strict.Plain(text),
		fmt.Sprintf("Must be at most %d printable characters.", longest))
}

func (c *checks) required(text, pointer string, right bool, detail string) {
	if text == "" {
		c.must(false, pointer, "required", "Is missing; the bank needs it for an instalment application.")
		return
	}
	c.must(right, pointer, "bad_format", detail)
}
