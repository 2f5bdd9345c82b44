package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"kassa/infra/bench"
	"kassa/infra/local/stack"
	"kassa/infra/template"
)

//go:embed memory.go.txt
var memory []byte

// allocations counts what each program allocates for a request when it is warm. Its build is the release's but for one
// file more, which tells the runtime's own count when it is asked by a signal; no times are taken of it.
func (m *measurement) allocations(ctx context.Context, root, folder string) error {
	packages := map[string]string{bench.Floor: "infra/bench/floor", bench.SDK: "infra/bench/sdk",
		bench.Clients: "infra/bench/clients"}
	for _, name := range functions() {
		packages[name] = "functions/" + template.Folder(name)
	}
	if err := buildCounting(ctx, root, folder, packages); err != nil {
		return err
	}
	for _, p := range m.programs {
		at, counted := packages[p.name]
		if !counted || p.next == nil {
			continue
		}
		counting := p.program
		counting.name, counting.binary = p.name+" counting", filepath.Join(folder, filepath.Base(at))
		f, err := m.world.add(counting)
		if err != nil {
			return err
		}
		fact := m.facts[p.name]
		if err := m.count(ctx, &hosted{program: counting, Function: f}, &fact); err != nil {
			return fmt.Errorf("count the allocations of %s: %w", p.name, err)
		}
		m.facts[p.name] = fact
	}
	return nil
}

// buildCounting lays the file over each package without writing into the repository.
func buildCounting(ctx context.Context, root, folder string, packages map[string]string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	source, replaced, paths := filepath.Join(folder, "memory.go"), map[string]string{}, []string{}
	absolute, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	for _, path := range packages {
		replaced[filepath.Join(absolute, path, "memory_overlay.go")] = source
		paths = append(paths, "./"+path)
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err == nil {
		err = os.WriteFile(source, memory, 0o600)
	}
	overlay := filepath.Join(folder, "overlay.json")
	if err == nil {
		err = os.WriteFile(overlay, text, 0o600)
	}
	if err != nil {
		return err
	}
	return stack.Compile(ctx, root, folder, paths, io.Discard, "-overlay", overlay)
}

// count lets a process answer some requests, and then as many as are counted.
func (m *measurement) count(ctx context.Context, p *hosted, fact *bench.Fact) error {
	const before, counted = 10, 50 // enough that a connection made anew does not show
	defer p.KillAll()
	var events [][]byte
	for range before + counted {
		event, err := p.next()
		if err != nil {
			return err
		}
		events = append(events, event)
	}
	s := &stopwatch{program: p}
	if err := s.start(ctx); err != nil {
		return err
	}
	var at [2][2]int // number and bytes, before and after
	for i, event := range events {
		if i == before {
			if err := told(p, s.pid, &at[0]); err != nil {
				return err
			}
		}
		if err := s.ask(ctx, event); err != nil {
			return err
		}
	}
	err := told(p, s.pid, &at[1])
	fact.Allocations, fact.AllocatedB = (at[1][0]-at[0][0])/counted, (at[1][1]-at[0][1])/counted
	return err
}

// told asks a process for its count and waits until that stands in its log.
func told(p *hosted, pid int, numbers *[2]int) error {
	log, err := os.Stat(p.LogFile())
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGUSR1)
	}
	for end := time.Now().Add(10 * time.Second); err == nil && time.Now().Before(end); <-time.After(time.Millisecond) {
		var text []byte
		if text, err = os.ReadFile(p.LogFile()); err != nil {
			break
		}
		_, after, found := bytes.Cut(text[log.Size():], []byte("\nmemory "))
		if line, _, whole := bytes.Cut(after, []byte("\n")); found && whole {
			_, err = fmt.Sscan(string(line), &numbers[0], &numbers[1])
			return err
		}
	}
	if err == nil {
		err = fmt.Errorf("process %d told nothing within ten seconds", pid)
	}
	return err
}
