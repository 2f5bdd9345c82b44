package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheEvidenceIsChecked as docs/staff.md says, line by line, of a payment that was paid and given back in part: the
// digest is that of each form, and another for a file that somebody has changed.
func TestTheEvidenceIsChecked(t *testing.T) {
	w := open(t)
	w.build()
	p := w.order(w.board("evidence").APIKey, "evidence-1")
	w.pay(p)
	w.want(0, nil, "payment", "refund", p.ID, "--amount", "50.00", "--reason", "one cup broke", "--as", "aysel", "--yes")
	text := readPage(t, filepath.Join("docs", "staff.md"))
	lines := func(mark string) string {
		_, tail, _ := strings.Cut(text, "<!-- "+mark+" -->\n```sh\n")
		block, _, found := strings.Cut(tail, "```\n<!-- /"+mark+" -->")
		if !found {
			t.Fatalf("docs/staff.md has no block %s", mark)
		}
		return strings.NewReplacer(" ID ", " "+p.ID+" ", "--stage prod", "--stage local").Replace(block)
	}
	w.paste(lines("evidence"))
	digest := regexp.MustCompile(`[0-9a-f]{64}`)
	check := lines("check") + `grep '^{"evidence_of"' sened.html | tr -d '\n' | sha256sum` + "\n"
	sums := digest.FindAllString(w.paste(check), -1)
	if len(sums) != 3 || sums[0] != sums[1] || sums[0] != sums[2] {
		t.Fatalf("%q", sums)
	}
	told := w.want(0, []string{"SHA-256 of the evidence of " + p.ID + ": " + sums[0], "50.00 AZN"}, "payment", "evidence",
		p.ID)
	page := w.paste("cat evidence.html evidence.json sened.html")
	if strings.Count(page, sums[0]) != 3 || !strings.Contains(told.out, sums[0]) {
		t.Error("the documents do not say their digest")
	}
	for _, secret := range []string{"aysel", "one cup broke", "4169741330151124", "callback", "ct_"} {
		if strings.Contains(page, secret) {
			t.Errorf("the evidence tells %q", secret)
		}
	}
	w.paste(`sed 's/"captured":15000/"captured":15001/' evidence.html > changed && mv changed evidence.html`)
	if got := digest.FindString(w.paste(check)); got == "" || got == sums[0] {
		t.Errorf("a file that was changed has the digest %s", got)
	}
	w.want(2, []string{"--html or --json"}, "payment", "evidence", p.ID, "--html", "--json")
	w.want(2, []string{"--language"}, "payment", "evidence", p.ID, "--language", "fr")
	w.want(3, nil, "payment", "evidence", "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1")
}
