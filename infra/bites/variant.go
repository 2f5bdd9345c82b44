package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// variant is a known mistake, as a file in variants/ tells it: lines of a name and a value, then edits of one file.
//
//	why: what is wrong with it, for people
//	failure: 5                 the row of docs/reliability.md that it belongs to, if any
//	tests: shared/payment      the packages of which one must notice
//	run: Refund                which of their tests, where all would take too long
//	file: shared/payment/refund.go
//	<<<<
//	the text as it is, which must occur exactly once
//	====
//	what stands there instead, or nothing
//	>>>>
type variant struct {
	name, why, failure, run, file string
	tests                         []string
	edits                         []edit
}

// edit is a text of the file and what stands there instead.
type edit struct{ before, after string }

// variants reads all of them, by name.
func variants() (all []variant, err error) {
	files, err := filepath.Glob(filepath.Join(here, "variants", "*.txt"))
	for _, path := range files {
		text, readErr := os.ReadFile(path) //nolint:gosec // a file of ours
		v, parseErr := parseVariant(string(text))
		v.name = strings.TrimSuffix(filepath.Base(path), ".txt")
		if wrong := errors.Join(readErr, parseErr); wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", v.name, wrong))
		}
		all = append(all, v)
	}
	return all, err
}

// parseVariant reads one file of the list.
func parseVariant(text string) (v variant, err error) {
	head, edits, _ := strings.Cut(text, "<<<<\n")
	for line := range strings.Lines(head) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		to, known := map[string]*string{"why": &v.why, "failure": &v.failure, "run": &v.run, "file": &v.file,
			"tests": new(string)}[name]
		if !ok || !known {
			return v, fmt.Errorf("no such line: %s", line)
		}
		*to = value
		if name == "tests" {
			v.tests = strings.Fields(value)
		}
	}
	for one := range strings.SplitSeq(edits, "<<<<\n") {
		both, _, ended := strings.Cut(one, ">>>>\n")
		before, after, parted := strings.Cut(both, "====\n")
		if !ended || !parted || before == "" {
			return v, errors.New("an edit must be <<<<, the text, ====, its replacement, >>>>")
		}
		v.edits = append(v.edits, edit{strings.TrimSuffix(before, "\n"), strings.TrimSuffix(after, "\n")})
	}
	if v.why == "" || v.file == "" || len(v.tests) == 0 {
		return v, errors.New("why, tests and file must be said")
	}
	return v, nil
}

// apply gives the text of the variant's file with the mistake in it. The list must not outlive the code: an edit whose
// text does not occur exactly once is an error.
func (v variant) apply(source string) (string, error) {
	for _, e := range v.edits {
		if n := strings.Count(source, e.before); n != 1 {
			return "", fmt.Errorf("%s has this %d times, and must have it once:\n%s", v.file, n, e.before)
		}
		source = strings.Replace(source, e.before, e.after, 1)
	}
	return source, nil
}

// attempt is what came of a variant.
type attempt struct {
	variant
	by   string // the test that failed, "" when all passed
	took time.Duration
	err  error // it could not be tried, as where it does not compile
}

// try makes the mistake and runs the tests until one fails.
func (v variant) try(ctx context.Context) (a attempt) {
	began := time.Now()
	a.variant = v
	defer func() { a.took = time.Since(began) }()
	source, err := os.ReadFile(v.file)
	if err != nil {
		a.err = err
		return a
	}
	text, err := v.apply(string(source))
	if err != nil {
		a.err = err
		return a
	}
	file, err := filepath.Abs(v.file)
	if err != nil {
		a.err = err
		return a
	}
	for _, pkg := range v.tests {
		work, err := os.MkdirTemp("", "bites")
		if err != nil {
			a.err = err
			return a
		}
		b, err := compile(ctx, work, pkg, map[string]string{file: text})
		if err == nil {
			if o := b.run(ctx, v.run, limits{wall: 5 * time.Minute}); !o.passed {
				a.by = pkg + " " + failedTest(o.said)
			}
		}
		_ = os.RemoveAll(work)
		if a.err = err; err != nil || a.by != "" {
			return a
		}
	}
	return a
}

// failedTest is the first test that an output says has failed.
func failedTest(said string) string {
	for line := range strings.Lines(said) {
		if _, name, ok := strings.Cut(line, "--- FAIL: "); ok {
			name, _, _ = strings.Cut(name, " ")
			name, _, _ = strings.Cut(name, "/")
			return name
		}
		if strings.HasPrefix(line, "panic: ") {
			return strings.TrimSpace(line)
		}
	}
	return "ended badly"
}

// tryAll tries variants, several at once, notes who noticed them, and says which were not noticed.
func tryAll(ctx context.Context, chosen []variant, workers int, r *results) error {
	queue, done := make(chan variant), make(chan attempt)
	for range workers {
		go func() {
			for v := range queue {
				done <- v.try(ctx)
			}
		}()
	}
	go func() {
		defer close(queue)
		for _, v := range chosen {
			queue <- v
		}
	}()
	var wrong []error
	for range chosen {
		a := <-done
		delete(r.Variants, a.name)
		switch took := a.took.Round(100 * time.Millisecond); {
		case ctx.Err() != nil:
			wrong = append(wrong, ctx.Err())
		case a.err != nil:
			wrong = append(wrong, fmt.Errorf("%s cannot be tried: %w", a.name, a.err))
		case a.by == "":
			fmt.Printf("%s: NOT NOTICED (%s)\n", a.name, took)
			wrong = append(wrong, fmt.Errorf("%s was not noticed by %s: %s", a.name, strings.Join(a.tests, ", "), a.why))
		default:
			fmt.Printf("%s: %s (%s)\n", a.name, a.by, took)
			r.Variants[a.name] = a.by
		}
	}
	return errors.Join(wrong...)
}

// ofTheDay are the variants whose turn it is: all of them within so many days, whoever runs them on which machine. A
// run of all of them takes too long to be made before each change.
func ofTheDay(all []variant, days int, now time.Time) (chosen []variant) {
	turn := int(now.Unix()/(24*60*60)) % days
	for i, v := range all {
		if i%days == turn {
			chosen = append(chosen, v)
		}
	}
	return chosen
}
