package streams

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// maxEvent is how many bytes of records one event may have: Lambda's 6 MB less the envelope.
const maxEvent = 6<<20 - 1024

// shard is one mapping at work on one shard.
type shard struct {
	*Poller
	Mapping
	arn string // of the stream
	id  string

	done     string   // sequence number of the last record done with; "" at the start of the shard
	seen     string   // sequence number of the last record read
	iterator *string  // nil when there is none that works
	pending  []record // read, passed by the filter, not yet handed over
}

// key names the place: a table that was made anew has another stream.
func (s *shard) key() string { return s.Function + " " + s.Name + " " + s.arn + " " + s.id }

// begin takes up the place of an earlier run. The first begins with the oldest record, as TRIM_HORIZON has it.
func (s *shard) begin() (err error) {
	s.done, err = s.places.get(s.key())
	return err
}

// run hands batches over until the poller is told to end.
func (s *shard) run() {
	s.seen = s.done
	failures := 0
	for s.polling.Err() == nil {
		batch, err := s.next()
		if err == nil && len(batch) > 0 {
			err = s.handle(batch)
		}
		switch {
		case s.polling.Err() != nil:
		case err != nil:
			s.options.Log.Error("the stream cannot be followed; trying again", "function", s.Function, "error", err)
			s.rewind()
			failures++
			s.wait(s.polling, backoff(failures))
		default:
			failures = 0
		}
	}
}

// rewind goes back to what is known to be done with.
func (s *shard) rewind() { s.iterator, s.pending, s.seen = nil, nil, s.done }

// next waits for the first record of a batch, and then for as many more as the mapping is declared to. It answers none
// when the poller is told to end.
func (s *shard) next() ([]record, error) {
	var window <-chan time.Time
	for {
		again := s.written()
		found, err := s.read()
		if err != nil {
			return nil, err
		}
		if s.full() || len(s.pending) > 0 && s.Window == 0 {
			return s.cut(), nil
		}
		if len(s.pending) > 0 && window == nil {
			window = s.options.After(s.Window)
		}
		if found {
			again = closed()
		}
		select {
		case <-again:
		case <-s.idle():
		case <-window:
			return s.cut(), nil
		case <-s.polling.Done():
			return nil, nil
		}
	}
}

// written is closed when it is worth reading again; nil where nobody tells.
func (s *shard) written() <-chan struct{} {
	if s.options.Written == nil {
		return nil
	}
	return s.options.Written()
}

// idle ends the wait of a reader whom nobody tells.
func (s *shard) idle() <-chan time.Time {
	if s.options.Written != nil {
		return nil
	}
	return s.options.After(pollEvery)
}

// closed is a channel that waits for nobody.
func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// read fetches once, unless there is enough for a batch already, and tells whether anything was there.
func (s *shard) read() (found bool, err error) {
	if s.full() {
		return true, nil
	}
	records, err := s.fetch(s.polling)
	if err != nil {
		return false, err
	}
	for _, in := range records {
		r, err := newRecord(in, s.arn)
		if err != nil {
			return false, err
		}
		fields, err := r.fields()
		if err != nil {
			return false, fmt.Errorf("read the record %s again: %w", r.sequence, err)
		}
		s.seen = r.sequence
		if s.Filter.Passes(fields) {
			s.pending = append(s.pending, r)
		}
	}
	return len(records) > 0, nil
}

// fetch asks for the next page of the shard.
func (s *shard) fetch(ctx context.Context) ([]types.Record, error) {
	if s.iterator == nil {
		in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &s.arn, ShardId: &s.id,
			ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
		if s.done != "" {
			in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &s.done
		}
		out, err := s.options.Client.GetShardIterator(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("find the place in the stream: %w", err)
		}
		s.iterator = out.ShardIterator
	}
	out, err := s.options.Client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterator})
	if err != nil {
		return nil, fmt.Errorf("read the stream: %w", err)
	}
	s.iterator = out.NextShardIterator
	return out.Records, nil
}

// full says whether a batch can be cut without waiting for more.
func (s *shard) full() bool { return len(s.pending) >= s.BatchSize }

// cut takes the next batch off what is pending.
func (s *shard) cut() []record {
	n, size := 0, 0
	for n < min(len(s.pending), s.BatchSize) {
		size += len(s.pending[n].text) + 1
		if n > 0 && size > maxEvent {
			break
		}
		n++
	}
	batch := s.pending[:n:n]
	s.pending = s.pending[n:]
	return batch
}

// wait returns after a while, or as soon as ctx ends.
func (s *shard) wait(ctx context.Context, d time.Duration) {
	select {
	case <-s.options.After(d):
	case <-ctx.Done():
	}
}
