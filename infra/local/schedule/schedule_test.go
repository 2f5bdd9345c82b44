package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// target reports each event that it gets.
type target struct {
	events chan []byte
	err    error
}

func (t target) Invoke(_ context.Context, event []byte) ([]byte, error) {
	t.events <- event
	return nil, t.err
}

func TestEachJobRunsAtItsOwnRate(t *testing.T) {
	minute, hour := target{events: make(chan []byte, 100)}, target{events: make(chan []byte, 100)}
	ticks := make(chan time.Time)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Run(t.Context(), ticks, []Job{
			{Name: "minute", Every: time.Minute, Target: minute},
			{Name: "hour", Every: time.Hour, Input: `{"at":"<aws.scheduler.scheduled-time>"}`, Target: hour},
		}, slog.New(slog.DiscardHandler))
	}()
	start := time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)
	for second := range 121 {
		ticks <- start.Add(time.Duration(second) * time.Second)
	}
	close(ticks)
	<-ended
	close(minute.events)
	close(hour.events)
	at := map[time.Time]bool{}
	for raw := range minute.events {
		var e events.EventBridgeEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if e.Source != "aws.scheduler" || e.DetailType != "Scheduled Event" {
			t.Errorf("%s", raw)
		}
		at[e.Time] = true
	}
	want := map[time.Time]bool{start: true, start.Add(time.Minute): true, start.Add(2 * time.Minute): true}
	if !reflect.DeepEqual(at, want) {
		t.Errorf("ran for %v, want %v", at, want)
	}
	if len(hour.events) != 1 || string(<-hour.events) != `{"at":"2026-11-21T17:00:00Z"}` {
		t.Error("the hourly job must run once, with its own input and the time that it is for")
	}
}

func TestFailureIsLoggedAndTheNextRunComes(t *testing.T) {
	failing := target{events: make(chan []byte, 2), err: errors.New("no table")}
	ticks := make(chan time.Time, 2)
	ticks <- time.Unix(0, 0)
	ticks <- time.Unix(60, 0)
	close(ticks)
	var log strings.Builder
	Run(t.Context(), ticks, []Job{{Name: "Sweep", Every: time.Minute, Target: failing}},
		slog.New(slog.NewTextHandler(&log, nil)))
	if len(failing.events) != 2 || strings.Count(log.String(), "no table") != 2 ||
		!strings.Contains(log.String(), "schedule=Sweep") {
		t.Errorf("%d runs, log %s", len(failing.events), log.String())
	}
}
