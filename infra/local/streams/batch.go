// What becomes of a batch: done, tried again from the first failed record on, cut in halves, or given up. Every step
// keeps the order of the records, and how far the shard is done with is on disk before the next batch is handed over.

package streams

import (
	"encoding/json"
	"fmt"
	"time"

	"kassa/infra/template"
)

// batch is what one invocation gets, and what it has cost so far.
type batch struct {
	records []record
	retries int   // failures that were retried, shared by all records
	invokes int   // invocations, those of the batch that it was cut from included
	last    error // what the last invocation failed with; nil where it named the failed records
}

// handle hands a batch over until each of its records succeeded or is given up. It returns early, with the rest not
// done with, when the poller is told to end.
func (s *shard) handle(records []record) error {
	work := []batch{{records: records}}
	for len(work) > 0 && s.working.Err() == nil {
		rest, err := s.attempt(work[0])
		if err != nil {
			return err
		}
		work = append(rest, work[1:]...)
		if len(work) > 0 && s.polling.Err() != nil {
			return nil
		}
	}
	if len(work) > 0 || len(s.pending) > 0 {
		return nil
	}
	return s.advance(s.seen) // past what the filter kept back, too
}

// attempt hands a batch over once and answers what is left to do, in order.
func (s *shard) attempt(b batch) ([]batch, error) {
	b, err := s.dropAged(b)
	if err != nil || len(b.records) == 0 {
		return nil, err
	}
	event, err := json.Marshal(struct{ Records []json.RawMessage }{texts(b.records)})
	if err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	b.invokes++
	answer, err := s.Target.Invoke(s.working, event)
	if s.working.Err() != nil {
		return []batch{b}, nil // nobody knows whether it was seen, so it counts as not handed over
	}
	failed := 0
	if b.last = err; err == nil {
		failed = s.firstFailed(b.records, answer)
	}
	if failed > 0 {
		if err := s.advance(b.records[failed-1].sequence); err != nil {
			return nil, err
		}
		b.records = b.records[failed:]
	}
	return s.again(b)
}

// firstFailed is the index of the first record that the function did not manage, or the length of the batch.
func (s *shard) firstFailed(records []record, answer []byte) int {
	if !s.PartialFailures {
		return len(records)
	}
	return firstFailed(records, answer)
}

// again decides about records that failed.
func (s *shard) again(b batch) ([]batch, error) {
	if n := len(b.records); n == 0 {
		return nil, nil
	} else if b.last != nil && s.Bisect && n > 1 {
		first, second := b, b
		first.records, second.records = b.records[:n/2], b.records[n/2:]
		return []batch{first, second}, nil
	}
	if s.Retries >= 0 && b.retries >= s.Retries {
		return nil, s.giveUp(b, "RetryAttemptsExhausted")
	}
	b.retries++
	s.wait(s.polling, backoff(b.retries))
	return []batch{b}, nil
}

// dropAged gives up the records at the head of a batch that are too old to be handed over.
func (s *shard) dropAged(b batch) (batch, error) {
	if s.MaxAge == template.Forever {
		return b, nil
	}
	n, now := 0, s.options.Now()
	for n < len(b.records) && now.Sub(b.records[n].created) > s.MaxAge {
		n++
	}
	if n == 0 {
		return b, nil
	}
	aged := b
	aged.records, b.records = b.records[:n], b.records[n:]
	return b, s.giveUp(aged, "RecordAgeExceeded")
}

// advance keeps how far the shard is done with.
func (s *shard) advance(sequence string) error {
	if sequence == s.done {
		return nil
	}
	s.done = sequence
	if err := s.places.put(s.key(), sequence); err != nil {
		return err
	}
	s.pass(s)
	return nil
}

// backoff is how long to wait before a retry, counted from 1. Lambda does not tell its own; it grows likewise.
func backoff(retry int) time.Duration {
	const first, most = 200 * time.Millisecond, time.Minute
	return min(first<<min(retry-1, 20), most)
}

// texts are the records as they stand in the event.
func texts(records []record) []json.RawMessage {
	out := make([]json.RawMessage, len(records))
	for i, r := range records {
		out[i] = r.text
	}
	return out
}
