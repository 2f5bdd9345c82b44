// Package ping finds out whether a shop and its banks understand each other: it reads the banks' secrets as the
// functions do, shakes hands, tries keys and certificates, and asks harmless questions about an order that cannot
// exist. No order is made and no money moves.
package ping

import (
	"context"
	"log/slog"
	"time"

	"kassa/infra/kassa/certificate"
	"kassa/infra/kassa/console"
	"kassa/shared/bank"
	"kassa/shared/boot"
)

// Result is one bank's.
type Result struct {
	Bank   string  `json:"bank"`
	Checks []Check `json:"checks"`
}

// Check is one thing that was looked at. Said is for people and may come from the bank, so it went through
// console.Plain: a bank's text must not steer a terminal.
type Check struct {
	Check string    `json:"check"`
	Grade Grade     `json:"grade"`
	Said  string    `json:"said"`
	Until time.Time `json:"-"` // of a certificate: its end
	Left  int       `json:"-"` // and the days until then, below nothing once it has ended
}

// Grade is how a check came out; the words are part of the JSON, which scripts read.
type Grade string

// The grades: what is soon needs a person in the next weeks, what is bad stands in the way.
const (
	Good Grade = "good"
	Soon Grade = "soon"
	Bad  Grade = "bad"
)

// patience bounds everything that one bank is asked.
const patience = 45 * time.Second

// Bank looks at one bank, by its secret. What follows from a failed check is left out.
func Bank(ctx context.Context, name string, secret []byte, stage string, now time.Time) []Check {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	profile, checks := read(name, secret, stage)
	if profile == nil {
		return checks
	}
	return append(checks, of(ctx, *profile, now)...)
}

// Unasked is the part of Bank for which no bank is called: settings, and the shop's own certificate.
func Unasked(name string, secret []byte, stage string, now time.Time) []Check {
	profile, checks := read(name, secret, stage)
	if profile == nil {
		return checks
	}
	return append(checks, own(profile.Line, now)...)
}

// read reads a bank's settings. Those that cannot be read have no profile, so nothing more can be looked at; the log is
// dropped, because the same errors stand in the checks.
func read(name string, secret []byte, stage string) (*bank.Profile, []Check) {
	built, err := boot.NewBank(name, secret, stage, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, []Check{{Check: "settings", Grade: Bad, Said: console.Say(err)}}
	}
	profile := built.Profile()
	return &profile, []Check{{Check: "settings", Grade: Good, Said: "the functions can read them"}}
}

// Missing is a bank of the shop whose secret is not there.
func Missing() []Check {
	return []Check{{Check: "settings", Grade: Bad,
		Said: "its secret is not there: put the shop's directory again, or take the bank out of it"}}
}

// of looks at what a bank's profile has. A bank that signs nothing has no keys, and one that is asked nothing has no
// probe: neither is a fault.
func of(ctx context.Context, p bank.Profile, now time.Time) []Check {
	checks := append(connection(ctx, p.Line, now), own(p.Line, now)...)
	if len(p.Line.Keys) > 0 {
		checks = append(checks, Check{Check: "bank's keys", Grade: Good, Said: keysText(p.Line.Keys)})
	}
	if p.Probe == nil {
		return append(checks, Check{Check: "questions", Grade: Good, Said: "none are asked of this bank"})
	}
	for _, one := range p.Probe(ctx) {
		checks = append(checks, answered(one))
	}
	return checks
}

// graded is a certificate's days left in words.
func graded(left int) Grade {
	switch {
	case left < 0:
		return Bad
	case left < certificate.SoonDays:
		return Soon
	}
	return Good
}
