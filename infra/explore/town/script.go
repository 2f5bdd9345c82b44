package town

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"kassa/infra/explore/world"
)

// Script is a history of a town that can be repeated. As text it is "step; step", where a step is what happens at once,
// each event with the number of its order: "create 1", "poll 1|refund 1|sweep". "~77" are the dice that say who goes
// on, an odd number that all may be kept waiting; "@5=lost" is what the step's fifth call meets. Or a step is time that
// passes: in "wait 26h0m0s" nothing runs, and in "live 26h0m0s" the schedules do.
type Script []Step

// Step is one moment of a history.
type Step struct {
	Wait   time.Duration // and nothing else
	Runs   bool          // the schedules, in that time
	Events []Happening
	Dice   uint64 // 0: those who came first go on first
	Faults []Fault
}

// Happening is an event and its order, 0 for the whole town.
type Happening struct {
	Event string
	Order int
}

// Fault is what happens to one call of a step, counted from 1.
type Fault struct {
	At   int
	Kind world.Kind
}

// pause is what lies between two steps: the bank may be asked again.
const pause = 6 * time.Second

// take lets a step happen. What it meets is drawn where that is given, and is noted in the step.
func (t *Town) take(s *Step, draw func(call string) world.Kind) {
	t.tally.Steps++
	if s.Wait > 0 {
		t.trace.add(s.String())
		if until := t.Now().Add(s.Wait); s.Runs {
			t.calls, t.quiet = 0, true
			t.comeToRest(until)
			t.quiet = false
		} else {
			t.advance(s.Wait)
		}
		return
	}
	t.advance(pause)
	began := t.Now()
	t.calls, t.throttle, t.faults, t.draw = 0, 0, s.Faults, draw
	if s.Dice != 0 {
		t.dice = rand.New(rand.NewPCG(s.Dice, 1)) //nolint:gosec // the script is to say what they show
		t.pausing = s.Dice%2 == 1
	}
	var workers []func(context.Context)
	for _, h := range s.Events {
		workers = append(workers, func(ctx context.Context) {
			t.guard(func() { events()[h.Event].do(ctx, t, t.subject(h)) })
		})
	}
	t.run(workers...)
	s.Faults, t.faults, t.draw, t.dice, t.pausing = t.faults, nil, nil, nil, false
	late := t.overdue
	t.overdue = nil
	for _, act := range late {
		t.advance(pause)
		act()
	}
	t.missed(began)
	t.observe()
}

// subject is the order that something happens to, nil where it is about the whole town.
func (t *Town) subject(h Happening) *order {
	if h.Order == 0 {
		return nil
	}
	return t.order(h.Order)
}

// guard makes a panic one of the things that must not be.
func (t *Town) guard(work func()) {
	defer func() {
		if v := recover(); v != nil {
			t.wrong("panic: %v", v)
		}
	}()
	work()
}

// String writes the script.
func (s Script) String() string {
	var steps []string
	for _, step := range s {
		steps = append(steps, step.String())
	}
	return strings.Join(steps, "; ")
}

// String writes the step.
func (s Step) String() string {
	if s.Wait > 0 {
		return map[bool]string{false: "wait ", true: "live "}[s.Runs] + s.Wait.String()
	}
	var parts []string
	for _, h := range s.Events {
		if h.Order > 0 {
			h.Event += " " + strconv.Itoa(h.Order)
		}
		parts = append(parts, h.Event)
	}
	text := strings.Join(parts, "|")
	if s.Dice != 0 {
		text += fmt.Sprintf(" ~%d", s.Dice)
	}
	for _, f := range s.Faults {
		text += fmt.Sprintf(" @%d=%s", f.At, f.Kind)
	}
	return text
}

// Parse reads a script. A line that begins with # is a remark; a line's end parts steps as a semicolon does.
func Parse(text string) (s Script, err error) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for part := range strings.SplitSeq(line, ";") {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			step, err := parseStep(part)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", part, err)
			}
			s = append(s, step)
		}
	}
	return s, nil
}

// parseStep reads one step: what happens, then the dice, then what the calls meet. What it does not know it refuses: a
// script that is read half would show nothing.
func parseStep(text string) (s Step, err error) {
	what, rest, _ := strings.Cut(text, " ~")
	if rest == "" {
		what, rest, _ = strings.Cut(text, " @")
		if rest != "" {
			rest = "0 @" + rest
		}
	}
	for i, word := range strings.Fields(rest) {
		if i == 0 {
			s.Dice, err = strconv.ParseUint(word, 10, 64)
		} else {
			at, kind, _ := strings.Cut(strings.TrimPrefix(word, "@"), "=")
			f := Fault{Kind: world.Kind(kind)}
			f.At, err = strconv.Atoi(at)
			s.Faults = append(s.Faults, f)
		}
		if err != nil {
			return s, err
		}
	}
	if word, wait, _ := strings.Cut(what, " "); word == "wait" || word == "live" {
		s.Runs = word == "live"
		if s.Wait, err = time.ParseDuration(wait); err == nil && s.Wait <= 0 {
			err = errors.New("no time passes")
		}
		return s, err
	}
	known := events()
	for event := range strings.SplitSeq(what, "|") {
		name, number, _ := strings.Cut(strings.TrimSpace(event), " ")
		h := Happening{Event: name}
		e, there := known[name]
		if number != "" {
			h.Order, err = strconv.Atoi(number)
		}
		if err != nil || !there || e.whole != (h.Order == 0) || h.Order < 0 || h.Order > 1000 {
			return s, fmt.Errorf("%q is no event", event)
		}
		s.Events = append(s.Events, h)
	}
	return s, nil
}
