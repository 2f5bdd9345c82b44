package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"kassa/infra/bench"
	"kassa/infra/local/lambda"
)

// program is one of those that are compared.
type program struct {
	name        string
	like        string // the function whose environment it has, by its logical id; empty for none
	binary      string
	environment map[string]string
	next        func() ([]byte, error) // makes an event; nil where the program is only started
}

// caller is the name by which AWS would know it, as its role.
func (p program) caller() string { return strings.ReplaceAll(p.name, " ", "-") }

// hosted is a program on the host.
type hosted struct {
	program
	*lambda.Function
	plain *hosted // the same without TLS; nil where that is not measured
	warm  []int   // microseconds of all its later requests
}

// measurement goes through the rounds. Only one process is asked at a time, and what surrounds it waits meanwhile.
type measurement struct {
	world    *world
	programs []*hosted
	rounds   int
	warm     int // requests after the first
	runs     bench.Runs
	facts    map[string]bench.Fact
	progress io.Writer
}

// run measures each program once a round, each round in another order.
func (m *measurement) run(ctx context.Context) error {
	m.runs = bench.Runs{}
	for round := range m.rounds {
		for _, i := range rand.Perm(len(m.programs)) { //nolint:gosec // an order, and no secret
			if err := m.one(ctx, m.programs[i]); err != nil {
				return fmt.Errorf("%s, round %d: %w", m.programs[i].name, round+1, err)
			}
		}
		_, _ = fmt.Fprintf(m.progress, "bench: round %d of %d\n", round+1, m.rounds) // a closed terminal stops nothing
	}
	for _, p := range m.programs {
		fact := m.facts[p.name]
		if slices.Sort(p.warm); len(p.warm) > 0 {
			fact.P99 = p.warm[len(p.warm)*99/100]
		}
		m.facts[p.name] = fact
	}
	return nil
}

// one starts a new process of a program, asks it, and ends it. Its events are made before, for they may take payments
// that somebody else opens and pays first.
func (m *measurement) one(ctx context.Context, p *hosted) error {
	var events [][]byte
	for range m.warm + 1 {
		if p.next == nil {
			break
		}
		event, err := p.next()
		if err != nil {
			return fmt.Errorf("make an event: %w", err)
		}
		events = append(events, event)
	}
	defer p.KillAll()
	before := m.world.use(p.caller())
	s := &stopwatch{program: p}
	if err := s.start(ctx); err != nil {
		return err
	}
	series := m.runs[p.name]
	if series == nil {
		series = bench.Series{}
		m.runs[p.name] = series
	}
	add := func(k bench.Kind, d time.Duration) { series[k] = append(series[k], int(d.Microseconds())) }
	add(bench.StartWall, s.wall)
	add(bench.StartCPU, s.cpu)
	var walls []int
	warm := time.Duration(0)
	cold := m.world.use(p.caller())
	for i, event := range events {
		if err := s.ask(ctx, event); err != nil {
			return err
		}
		if i == 0 {
			add(bench.FirstWall, s.wall)
			add(bench.FirstCPU, s.cpu)
			cold = m.world.use(p.caller())
			continue
		}
		warm += s.cpu
		walls = append(walls, int(s.wall.Microseconds()))
	}
	if n := len(walls); n > 0 {
		p.warm = append(p.warm, walls...)
		slices.Sort(walls)
		add(bench.WarmCPU, warm/time.Duration(n))
		series[bench.WarmWall] = append(series[bench.WarmWall], walls[n/2])
		fact := m.facts[p.name]
		fact.Cold, fact.Warm = between(before, cold, 1), between(cold, m.world.use(p.caller()), n)
		m.facts[p.name] = fact
	}
	peak, err := peakKB(s.pid)
	series[bench.PeakKB] = append(series[bench.PeakKB], peak)
	if p.plain == nil || err != nil {
		return err
	}
	defer p.plain.KillAll()
	plain := &stopwatch{program: p.plain}
	err = plain.start(ctx)
	add(bench.PlainCPU, plain.cpu)
	return err
}

// between is what was asked from one moment to another, for each of n requests: rounded, for a connection may be lost
// and made again.
func between(before, after bench.Use, n int) bench.Use {
	each := func(a, b int) int { return (b - a + n/2) / n }
	return bench.Use{TableCalls: each(before.TableCalls, after.TableCalls), Secrets: each(before.Secrets, after.Secrets),
		TableHandshakes: each(before.TableHandshakes, after.TableHandshakes),
		BankHandshakes:  each(before.BankHandshakes, after.BankHandshakes)}
}

// stopwatch takes the time of a program's one process; what it read last stands in wall and cpu.
type stopwatch struct {
	program   *hosted
	pid       int
	used      time.Duration // until now
	wall, cpu time.Duration
}

// start ends when the process asks for its first event.
func (s *stopwatch) start(ctx context.Context) error {
	return s.during(func() error {
		err := s.program.Warm(ctx)
		if pids := s.program.PIDs(); len(pids) == 1 {
			s.pid = pids[0]
		} else if err == nil {
			err = fmt.Errorf("%d processes, want one", len(pids))
		}
		return err
	})
}

// ask waits, too, until the process asks for the next event: what it does after its answer is of this request.
func (s *stopwatch) ask(ctx context.Context, event []byte) error {
	wall := time.Duration(0)
	err := s.during(func() error {
		began := time.Now()
		answer, err := s.program.Invoke(ctx, event)
		wall = time.Since(began)
		if err == nil && string(answer) != "null" { // a schedule's function has nothing to say
			_, err = answered(answer)
		}
		if err == nil {
			err = s.program.Warm(ctx)
		}
		return err
	})
	s.wall = wall
	return err
}

// during notes what passes and what the process uses while work is done. The clock of the process is read after the
// work alone, so that reading it is in no figure.
func (s *stopwatch) during(work func() error) error {
	began := time.Now()
	if err := work(); err != nil {
		return err
	}
	s.wall = time.Since(began)
	now, err := cpuTime(s.pid)
	s.cpu, s.used = now-s.used, now
	return err
}

// host puts the programs on the host, each once more for the start without TLS, and measures their files.
func (m *measurement) host(all ...program) error {
	if m.facts == nil {
		m.facts = map[string]bench.Fact{}
	}
	for _, p := range all {
		f, err := m.world.add(p)
		if err != nil {
			return err
		}
		one := &hosted{program: p, Function: f}
		m.programs = append(m.programs, one)
		if m.warm == 0 { // all else is known already
			continue
		}
		plain := p
		if plain.environment = maps.Clone(p.environment); plain.environment == nil {
			plain.environment = map[string]string{}
		}
		plain.name, plain.environment["AWS_ENDPOINT_URL"] = p.name+" plain", m.world.plain
		if f, err = m.world.add(plain); err != nil {
			return err
		}
		one.plain = &hosted{program: plain, Function: f}
		if p.name == bench.Node || p.name == bench.Bundled { // they are no binaries
			continue
		}
		var fact bench.Fact
		if err := sizes(&fact, p.binary); err != nil {
			return err
		}
		m.facts[p.name] = fact
	}
	return nil
}
