package town

import (
	"slices"
	"strings"

	"kassa/infra/explore/world"
)

// Shrink makes a history short that ends wrong: it leaves out what is not needed for ending so, as long as anything can
// be left out. run repeats a history and gives what is wrong after it.
func Shrink(s Script, problems []string, run func(Script) []string) Script {
	kind := world.Anonymous(problems[0])
	wrong := func(s Script) bool {
		return slices.ContainsFunc(run(s), func(p string) bool { return world.Anonymous(p) == kind })
	}
	for {
		before := s.String()
		s = fewerSteps(s, wrong)
		for i := range s {
			s[i] = simpler(s, i, wrong)
		}
		if s.String() == before {
			return s
		}
	}
}

// fewerSteps leaves out steps: half of them at once first, single ones last.
func fewerSteps(s Script, wrong func(Script) bool) Script {
	for size := max(1, len(s)/2); ; size /= 2 {
		for at := 0; at < len(s); {
			if less := slices.Delete(slices.Clone(s), at, min(at+size, len(s))); wrong(less) {
				s = less
			} else {
				at += size
			}
		}
		if size <= 1 {
			return s
		}
	}
}

// simpler makes a step simpler in each way in which the history still ends wrong.
func simpler(s Script, i int, wrong func(Script) bool) Step {
	step := s[i]
	try := func(simpler Step) {
		less := slices.Clone(s)
		if less[i] = simpler; wrong(less) {
			step = simpler
		}
	}
	for j := len(step.Events) - 1; j >= 0 && len(step.Events) > 1; j-- {
		less := step
		less.Events = slices.Delete(slices.Clone(step.Events), j, j+1)
		try(less)
	}
	for j := len(step.Faults) - 1; j >= 0; j-- {
		less := step
		less.Faults = slices.Delete(slices.Clone(step.Faults), j, j+1)
		try(less)
	}
	if less := step; step.Dice != 0 {
		less.Dice = 0
		if try(less); step.Dice%2 == 1 {
			less.Dice = step.Dice - 1
			try(less)
		}
	}
	return step
}

// Text writes a script for a file, a step a line.
func (s Script) Text() string { return strings.ReplaceAll(s.String(), "; ", "\n") + "\n" }
