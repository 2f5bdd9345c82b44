// Package schedule invokes functions at a fixed rate, as EventBridge Scheduler does.
package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"kassa/infra/template"
)

// Invoker is a function.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Job is one schedule.
type Job struct {
	Name   string
	Every  time.Duration
	Input  string // JSON, in which template.ScheduledTime stands for that time; empty for the scheduler's own event
	Target Invoker
}

// Run invokes each job on the first tick, and then whenever a tick lies Every after the time that the job last ran for.
// It ends with ctx or with the channel, after the invocations under way. As in AWS a slow invocation does not hold up
// the next, and nobody waits for an answer: a failure is logged.
func Run(ctx context.Context, ticks <-chan time.Time, jobs []Job, log *slog.Logger) {
	var running sync.WaitGroup
	defer running.Wait()
	next := make([]time.Time, len(jobs))
	for {
		select {
		case <-ctx.Done():
			return
		case now, open := <-ticks:
			if !open {
				return
			}
			for i, job := range jobs {
				if now.Before(next[i]) {
					continue
				}
				next[i] = now.Add(job.Every)
				running.Go(func() { job.run(ctx, now, log) })
			}
		}
	}
}

// run invokes the job once. A failed run is told and not repeated: the next one is a minute away.
func (j Job) run(ctx context.Context, now time.Time, log *slog.Logger) {
	if _, err := j.Target.Invoke(ctx, j.event(now)); err != nil && ctx.Err() == nil {
		log.Error("scheduled invocation failed", "schedule", j.Name, "error", err)
	}
}

// event is what the scheduler sends: the job's own input, or the time that it is for.
func (j Job) event(now time.Time) []byte {
	at := now.UTC().Format(time.RFC3339)
	if j.Input != "" {
		return []byte(strings.ReplaceAll(j.Input, template.ScheduledTime, at))
	}
	event, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          fmt.Sprintf("%s-%d", j.Name, now.UnixNano()),
		"detail-type": "Scheduled Event",
		"source":      "aws.scheduler",
		"account":     "000000000000",
		"time":        at,
		"region":      "local",
		"resources":   []string{"arn:aws:scheduler:local:000000000000:schedule/default/" + j.Name},
		"detail":      "{}", // a text, not an object: so the scheduler has it
	})
	if err != nil { // texts alone cannot fail
		return []byte("{}")
	}
	return event
}
