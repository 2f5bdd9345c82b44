package search

import (
	"fmt"
	"strconv"
	"strings"

	"kassa/infra/explore/world"
)

// Script is a history that can be repeated. As text it is "bank: step; step", where a step is an event, two at once
// ("poll|refund:0110", the digits saying who of those that are not done goes on), or either with a fault at its n-th
// call ("refund@5=lost").
type Script struct {
	Bank  string
	Steps []Step
}

// Step is one event, or two at once.
type Step struct {
	One, Other string
	Path       []int
	Fault      world.Fault
}

// with is the script and one more step; the script stays as it is.
func (s Script) with(step Step) Script {
	return Script{s.Bank, append(s.Steps[:len(s.Steps):len(s.Steps)], step)}
}

// weight is how many events a step is.
func (s Step) weight() int {
	if s.Other != "" {
		return 2
	}
	return 1
}

// take takes the step in a world. It says whether it is another order of two at once again; lore and from are those of
// world.Order.
func (s Step) take(w *world.World, lore *world.Lore, from *world.Stand) (moves []world.Move, again bool) {
	one, _ := world.EventOf(s.One)
	if s.Other == "" {
		for _, call := range w.Do(one, s.Fault) {
			moves = append(moves, world.Move{Call: call})
		}
		return moves, false
	}
	other, _ := world.EventOf(s.Other)
	return w.Pair(one, other, world.Order{Path: s.Path, Fault: s.Fault, Lore: lore, From: from})
}

// String writes the script.
func (s Script) String() string {
	var steps []string
	for _, step := range s.Steps {
		steps = append(steps, step.String())
	}
	return s.Bank + ": " + strings.Join(steps, "; ")
}

// String writes the step.
func (s Step) String() string {
	text := s.One
	if s.Other != "" {
		text += "|" + s.Other + ":"
		for _, at := range s.Path {
			text += strconv.Itoa(at)
		}
	}
	if s.Fault.Kind != world.None {
		text += fmt.Sprintf("@%d=%s", s.Fault.At, s.Fault.Kind)
	}
	return text
}

// Parse reads a script.
func Parse(text string) (Script, error) {
	bank, rest, found := strings.Cut(text, ":")
	if !found {
		return Script{}, fmt.Errorf("%q is no script; it begins with a bank, such as \"%s: create; pay\"", text,
			world.Banks()[0])
	}
	s := Script{Bank: strings.TrimSpace(bank)}
	for part := range strings.SplitSeq(rest, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		step, err := parseStep(part)
		if err != nil {
			return Script{}, err
		}
		s.Steps = append(s.Steps, step)
	}
	return s, nil
}

// parseStep reads one step: events, then their order, then a fault.
func parseStep(text string) (s Step, err error) {
	events, fault, faulty := strings.Cut(text, "@")
	if faulty {
		at, kind, _ := strings.Cut(fault, "=")
		if s.Fault.At, err = strconv.Atoi(at); err != nil || kind == "" {
			return s, fmt.Errorf("%q has no fault such as refund@5=lost", text)
		}
		s.Fault.Kind = world.Kind(kind)
	}
	events, path, _ := strings.Cut(events, ":")
	for _, digit := range path {
		s.Path = append(s.Path, int(digit-'0'))
	}
	s.One, s.Other, _ = strings.Cut(events, "|")
	for _, name := range []string{s.One, s.Other} {
		if _, known := world.EventOf(name); !known && name != "" || s.One == "" {
			return s, fmt.Errorf("%q is no event", name)
		}
	}
	return s, nil
}

// Replay repeats a history, and gives what is wrong after it. say hears of each step how the world stands then.
func Replay(s Script, say func(step, calls, stands string)) ([]string, error) {
	w, err := world.New(s.Bank)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for _, step := range s.Steps {
		var calls []string
		moves, _ := step.take(w, nil, nil)
		for _, m := range moves {
			calls = append(calls, m.Call)
		}
		say(step.String(), strings.Join(calls, ", "), w.String())
	}
	problems := w.Settle()
	say("at rest", "", w.String())
	return problems, nil
}
