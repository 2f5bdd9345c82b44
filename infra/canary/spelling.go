package canary

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
)

// Spelling is a way to write a card's number.
type Spelling struct{ Name, Text string }

// Spellings writes a card's number as people, programs and those who want to get past a check do. Give it a bank's
// published test card and no other.
func Spellings(pan string) []Spelling {
	// as it is embossed
	groups := []string{pan[:4], pan[4:8], pan[8:12], pan[12:]}
	each := func(form string) string {
		var b strings.Builder
		for _, digit := range pan {
			fmt.Fprintf(&b, form, digit)
		}
		return b.String()
	}
	script := func(zero rune) string {
		return strings.Map(func(digit rune) rune { return zero + digit - '0' }, pan)
	}
	return []Spelling{
		{"plain", pan},
		{"spaced", strings.Join(groups, " ")},
		{"dashed", strings.Join(groups, "-")},
		{"dotted", strings.Join(groups, ".")},
		{"slashed", strings.Join(groups, "/")},
		{"digit by digit", strings.TrimSpace(each("%c "))},
		{"with hard blanks", strings.Join(groups, "\u00a0")},
		{"zero width", strings.Join(groups, "\u200b")},
		{"soft hyphens", strings.Join(groups, "\u00ad")},
		{"Arabic", script('٠')},
		{"Devanagari", script('०')},
		{"full width", script('０')},
		{"bold", script('𝟎')},
		{"URL", each("%%%02x")},
		{"URL twice", url.QueryEscape(each("%%%02x"))},
		{"JSON", each(`\u%04x`)},
		{"XML, decimal", each("&#%d;")},
		{"XML, hexadecimal", each("&#x%x;")},
		{"in tags", "<b>" + strings.Join(groups, "</b><b>") + "</b>"},
		{"in brackets", "[" + strings.Join(groups, "][") + "]"},
		{"base64", base64.StdEncoding.EncodeToString([]byte(pan))},
		{"base64 in base64", base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(pan))))},
		{"hexadecimal", hex.EncodeToString([]byte(pan))},
		{"in words", "card " + pan + " 12/39"},
	}
}
