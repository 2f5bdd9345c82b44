package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"kassa/infra/figures"
)

const page = "docs/reliability.md"

// failures are how payment systems were seen to fail, in public, again and again. Variants belong to them by number.
func failures() []string {
	return []string{
		"The callback never comes, and the order stays open for ever",
		"The callback comes before the opening is saved, and is lost",
		"Callback, return page and poll work on a payment at once and undo each other",
		"Two tabs, a back button, two sessions: the customer is charged twice",
		"Two staff, a double click: the money goes back twice",
		"An outcome that nobody knows is taken for a failure, and tried again",
		"A payment is shown as under way though nothing was sent",
		"Money comes after the payment has expired or was cancelled, and nobody sees it",
		"A late word takes a paid payment back",
		"The bank adds a status or answers otherwise, and that changes the state",
		"Money as a float; another amount or currency than was ordered is accepted",
		"Undoing and giving back, at the end of the bank's day",
		"A forged, repeated or foreign callback, or a server that nobody has verified, is believed",
		"A certificate, key or secret changes, and calls fail",
		"Secrets in logs, one key of the table for everything, one bad payment that stops all others",
	}
}

// section is what the page holds of the results: how many of the known mistakes were noticed, which of them belong to
// which failure, and a row for each package that is measured. Everything in it is counted here and nothing written by
// hand, so that the page cannot say more than a run has shown.
func (r *results) section(all []variant, reasons map[string]string) string {
	var b strings.Builder
	noticed := 0
	of := map[int]string{}
	for _, v := range all {
		if r.Variants[v.name] != "" {
			noticed++
		}
		if n, err := strconv.Atoi(v.failure); err == nil {
			of[n] += fmt.Sprintf(" `%s`", v.name)
		}
	}
	fmt.Fprintf(&b, "%d of %d known mistakes were noticed.\n\n", noticed, len(all))
	b.WriteString("| | how payment systems fail | known mistakes |\n| --- | --- | --- |\n")
	for i, failure := range failures() {
		fmt.Fprintf(&b, "| %d | %s |%s |\n", i+1, failure, of[i+1])
	}
	b.WriteString("\n| package | mutants | killed | equivalent | survived | not tried by all tests | score |\n" +
		"| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range r.Packages {
		name := "`" + s.Package + "`"
		if len(s.Files) > 0 {
			name += ": " + strings.Join(s.Files, ", ")
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %s |\n", name, s.Mutants, s.Killed, s.Equivalent,
			len(s.Survivors), s.Waiting, s.shown())
	}
	fmt.Fprintf(&b, "\n%d mutants are excused, each with its reason, in infra/bites/equivalent.txt.\n", len(reasons))
	return b.String()
}

// writePage puts the section into the page.
func (r *results) writePage(path string) error {
	all, err := variants()
	if err != nil {
		return err
	}
	reasons, err := equivalents()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path) //nolint:gosec // a page of ours
	if err != nil {
		return err
	}
	changed, err := figures.Fill(string(text), map[string]string{"bites": r.section(all, reasons)})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(changed), 0o600) //nolint:gosec // a page of ours
}
