package field_test

import (
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kassa/shared/checkout/field"
)

// cut parts a number into groups of these lengths; the last one takes what is left.
func cut(number string, lengths ...int) []string {
	var groups []string
	for _, n := range lengths[:len(lengths)-1] {
		groups, number = append(groups, number[:n]), number[n:]
	}
	return append(groups, number)
}

// mixed joins groups with separators of several kinds.
func (d draw) mixed(groups []string) string {
	text := groups[0]
	for _, group := range groups[1:] {
		text += d.pick(" ", "-", ".", "/", "\u00a0", " - ", "_", "\u2013", ": ") + group
	}
	return text
}

// of is a card whose number has so many digits and such a beginning.
func (d draw) of(length int, prefixes ...string) string {
	for {
		number := d.card()
		for _, prefix := range prefixes {
			if len(number) == length && strings.HasPrefix(number, prefix) {
				return number
			}
		}
	}
}

// everyday is a card of 16 digits of those that most people have.
func (d draw) everyday() string { return d.of(16, "4", "51", "55", "2200", "2202", "9112", "62", "67") }

// spelled are ways in which programs and people write cards besides the usual ones.
func (d draw) spelled() map[string]func() string {
	fours := func() []string { return cut(d.everyday(), 4, 4, 4, 4) }
	escaped := func(form string) string {
		var b strings.Builder
		for _, r := range d.everyday() {
			fmt.Fprintf(&b, form, r)
		}
		return b.String()
	}
	return map[string]func() string{
		"UnionPay": func() string {
			parts := cut(d.of(19, "62"), 6, 13)
			for parts[1][:2] == "17" || parts[1][:2] == "18" { // an order's number and a time in milliseconds
				parts = cut(d.of(19, "62"), 6, 13)
			}
			return strings.Join(parts, d.pick(" ", "-", "/", "."))
		},
		"long ends": func() string {
			return strings.Join(d.parts(cut(d.of(18, "58"), 4, 4, 4, 6), cut(d.of(17, "67"), 4, 4, 4, 5)),
				d.pick(" ", "-", ".", "/"))
		},
		"mixed":                     func() string { return d.mixed(fours()) },
		"mixed of American Express": func() string { return d.mixed(cut(d.of(15, "34", "37"), 4, 6, 5)) },
		"JSON": func() string {
			return d.pick(`["`, `{"card": ["`) + strings.Join(fours(), d.pick(`", "`, `","`, "\",\n \"", `" , "`)) +
				d.pick(`"]`, `"]}`)
		},
		"list": func() string {
			return "Card: " + strings.Join(fours(), d.pick(", ", "; ", ",", ";", " ,", " ; ", "\u060c ")) +
				", 12/27, 123"
		},
		"parameters": func() string {
			g := fours()
			return fmt.Sprintf(d.pick("https://shop.az/?a=%s&b=%s&c=%s&d=%s",
				"https://shop.az/t?x=1&card1=%s&card2=%s&card3=%s&card4=%s&y=17#z",
				"https://shop.az/?n[]=%s&n[]=%s&n[]=%s&n[]=%s",
				"https://shop.az/?n%%5B0%%5D=%s&n%%5B1%%5D=%s&n%%5B2%%5D=%s&n%%5B3%%5D=%s",
				"https://shop.az/#/pay?a=%s&b=%s&c=%s&d=%s", "a=%s; b=%s; c=%s; d=%s",
				"https://shop.az/?a=%s&amp;b=%s&amp;c=%s&amp;d=%s"),
				g[0], g[1], g[2], g[3])
		},
		"parameters within": func() string {
			g := fours()
			return "https://shop.az/?to=" + url.QueryEscape(fmt.Sprintf("/pay?a=%s&b=%s&c=%s&d=%s", g[0], g[1], g[2],
				g[3]))
		},
		"escapes": func() string {
			return escaped(d.pick(`\u{%x}`, `\u{0%x}`, `\u{0000%x}`, `\x{%x}`, `\U000000%x`, `\u00%x`, `\x%x`, `\0%o`,
				`%%%x`, "&#%d;"))
		},
		"value":                     func() string { return d.everyday() + d.digits(3) },
		"value in groups":           func() string { return grouped(d.everyday(), d.pick(" ", "-")) + d.digits(3) },
		"value of American Express": func() string { return d.of(15, "34", "37") + d.digits(4) },
		"expiry": func() string {
			return d.everyday() + d.pick("1227", "0130", "2712", "122027",
				"1227"+d.digits(3))
		},
		"expiry in groups": func() string {
			return grouped(d.everyday(), d.pick(" ", "-")) + d.pick("1227",
				"1227"+d.digits(3))
		},
		"expiry before": func() string { return "1227" + d.everyday() },
		"beside": func() string {
			return d.pick("", "12/27 ", "123 ", "CVV 123, ", "1227 ") + grouped(d.everyday(), d.pick("", " ", "-")) +
				d.pick(" ", ", ", "/", "=", "^", ";") +
				d.pick("12/27", "1227", "12/2027 123", "12 27 123", "123", "27121010000", "12.2027")
		},
		"behind": func() string {
			return d.pick("25.11.2026 ", "12/2027 ", "1234 ", "CVV 1234, ", "2026-11-25: ", "№ 4123 - ") +
				strings.Join(cut(d.of(15, "34", "37"), 4, 6, 5), d.pick(" ", "-", "."))
		},
		"behind a date": func() string {
			return d.pick("25.11.2026 ", "12/2027 ", "2026-11-25: ", "2026: ") +
				strings.Join(cut(d.of(19, "62"), 4, 4, 4, 4, 3), d.pick(" ", "-"))
		},
		"letters": func() string {
			before, behind := d.pick("a", "abc", "abcdef", "deadbeef", "fade", "cafebabe"), d.pick("f", "fe",
				"abcdef", "abcdefab", "beef", "cafebabe")
			return d.pick(before+d.everyday(), d.everyday()+behind, before+d.everyday()+behind,
				d.everyday()+"a1b2c3d4", "a1b2c3de"+d.everyday(), "B"+d.everyday()+"^")
		},
	}
}

// inOrder goes through them by name: draws that come in another order make other texts.
func inOrder(sorts map[string]func() string) iter.Seq2[string, func() string] {
	return func(yield func(string, func() string) bool) {
		for _, name := range slices.Sorted(maps.Keys(sorts)) {
			if !yield(name, sorts[name]) {
				return
			}
		}
	}
}

func (d draw) parts(from ...[]string) []string { return from[d.IntN(len(from))] }

// TestCardsAreFoundInFurtherSpellings: all of them.
func TestCardsAreFoundInFurtherSpellings(t *testing.T) {
	d := newDraw()
	found, total := 0, 0
	for name, draw := range inOrder(d.spelled()) {
		for range 400 {
			total++
			if text := draw(); field.HoldsCardNumber(text) {
				found++
			} else {
				t.Errorf("%s: %q passed", name, text)
			}
		}
	}
	t.Logf("%d of %d spellings of cards are found", found, total)
}

// TestHalvesOfCards: parted where a card has gaps, by one kind of separator. Fourteen in a thousand at most pass, whose
// part is what a date, a time or a phone number looks like. Parted elsewhere, at 6 and 10 or at 7 and 9, it is what an
// order's number and a taxpayer's look like, and passes.
func TestHalvesOfCards(t *testing.T) {
	d := newDraw()
	missed, total := 0, 0
	for _, lengths := range [][]int{{8, 8}, {12, 4}, {4, 12}, {4, 8, 4}, {4, 4, 8}, {8, 4, 4}} {
		for range 2000 {
			text := strings.Join(cut(d.everyday(), lengths...), d.pick(" ", "-", "/", ".", " - ", "\u00a0"))
			text = d.pick("", "Card ", "5 ") + text + d.pick("", " 12/27", " 123", "!")
			if total++; !field.HoldsCardNumber(text) {
				missed++
			}
		}
	}
	if missed > total*14/1000 {
		t.Errorf("%d of %d pass", missed, total)
	}
	t.Logf("%d of %d halves of cards are found", total-missed, total)
}

// TestDigitByDigit: a card is found that has a 0; quantities have none, and of a list nobody knows what it lists.
func TestDigitByDigit(t *testing.T) {
	d := newDraw()
	for range 500 {
		number := d.card()
		for _, separator := range []string{" ", "-", ".", "/", "\u00a0", "</i><i>"} {
			text := "Card " + strings.Join(strings.Split(number, ""), separator) + " 123"
			if got := field.HoldsCardNumber(text); got != strings.Contains(number, "0") && separator[0] != '<' {
				t.Errorf("%q: %t", text, got)
			}
		}
	}
}

// rows are ordinary texts that are lists of numbers.
func (d draw) rows() map[string]func() string {
	list := func(most int, separators []string, member func() string) string {
		members := []string{member()}
		for range d.IntN(most) {
			members = append(members, member())
		}
		return strings.Join(members, d.pick(separators...))
	}
	separators := []string{", ", ",", "; ", ";", " ", "-", " - ", "/", ".", "|", "+", " + ", ":", "_", "\n", "\t",
		`", "`, `","`, "][", "</td><td>"}
	quantity := func() string { return d.form("0") }
	return map[string]func() string{
		"quantities": func() string {
			return d.pick("", "Qty: ", "[", "5 ") + list(40, separators, func() string {
				return fmt.Sprint(1 +
					d.IntN(9))
			}) + d.pick("", "]", " 12.50", ", 150")
		},
		"digits in a list": func() string { return list(40, []string{", ", ",", "; ", ";", `", "`}, quantity) },
		"neighbours": func() string {
			first := 1000 + d.IntN(8900)
			return "Orders " + list(12, []string{", ", "; ", " ", ",", "/"},
				func() string { first++; return fmt.Sprint(first/100*100 + first%100) })
		},
		"models": func() string { // of printers, as on the label of a cartridge
			models := make([]string, 4)
			for i, n := range d.Perm(900)[:4] {
				models[i] = fmt.Sprint(1000 + 10*n)
			}
			slices.Sort(models)
			return d.pick("HP Designjet ", "hp-designjet-") + strings.Join(models, d.pick("/", ", ", "-", " "))
		},
		"many models": func() string { // of phones, as on that of a battery
			models := make([]string, 6+d.IntN(12))
			for i := range models {
				models[i] = fmt.Sprint(1000 + d.IntN(9000))
			}
			return "BL-5B Nokia " + strings.Join(models, d.pick("/", " / ", ", "))
		},
		"neighbours of 8 digits": func() string {
			first := 10_000_000 + d.IntN(89_000_000)
			return list(4, separators[:4], func() string { first += 1 + d.IntN(9); return fmt.Sprint(first) })
		},
		"EANs": func() string { return list(8, separators, d.ean) },
		"prices": func() string {
			return list(20, separators[:6], func() string { return d.form("00.00", "0.00", "000.00") })
		},
		"sizes": func() string {
			return list(12, separators[:8], func() string {
				return d.form("30", "40", "M",
					"XL")
			})
		},
		"tracking": func() string {
			return d.form("RR000000000BY", "LV 000 000 000 AZ", "1Z000AA10000000000", "9400 1000 0000 0000 0000 00",
				"0000000000", "0000 0000 0000",
				"000000000000", "JDº14600000000000000", "80080000000000", "CDEK 0000000000", "PC 0000 0000 0BY",
				"1000000000000000")
		},
		"phones": func() string {
			return list(4, separators[:6], func() string {
				return d.form("º5º 000 00 00", "+375290000000",
					"8 º29 000-00-00")
			})
		},
		"parameters": func() string {
			return fmt.Sprintf("https://shop.az/?order=%s&sum=%s&at=%d", d.digits(6), d.form("000.00"), d.day().Unix())
		},
		"stamps": func() string {
			return list(4, separators, func() string {
				return d.day().Format(d.pick("20060102150405", "20060102 1504", "060102-150405", "02012006 1504",
					"20060102-150405"))
			})
		},
		"order and date": func() string {
			return d.form("00000000", "000000", "0000") + d.pick(" ", "-", "/") + d.day().Format(d.pick("20060102",
				"02012006", "060102", "060102 1504", "20060102 1504", "060102150405"))
		},
		"masked cards": func() string {
			hidden := d.pick(" **** **** ", "****", "********", " \u2022\u2022\u2022\u2022 \u2022\u2022\u2022\u2022 ",
				" \u25cf\u25cf\u25cf\u25cf ", "########")
			return list(3, []string{", ", "; ", " / ", " \u2192 ", "\n"}, func() string {
				return d.everyday()[:4] + hidden + d.digits(4)
			}) + d.pick("", " 12/27", " "+d.digits(8))
		},
		"hexadecimal": func() string {
			return fmt.Sprintf("%016x%016x%08x", d.Uint64(), d.Uint64(), d.Uint32())[:[]int{24, 32, 40}[d.IntN(3)]]
		},
	}
}

// TestRowsOfNumbersAreNoCards: under one in 10,000, of every sort.
func TestRowsOfNumbersAreNoCards(t *testing.T) {
	computes(t)
	const each = 10_000
	d := newDraw()
	refused, total := 0, 0
	for name, draw := range inOrder(d.rows()) {
		found := []string{}
		for range each {
			if text := draw(); field.HoldsCardNumber(text) {
				found = append(found, text)
			}
		}
		refused, total = refused+len(found), total+each
		if len(found) > each/10_000 {
			t.Errorf("%s: %d of %d are refused, such as %q", name, len(found), each, found[:min(3, len(found))])
		}
	}
	t.Logf("%d of %d rows of numbers are refused", refused, total)
}
