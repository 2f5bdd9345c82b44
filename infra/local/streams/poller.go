// Package streams hands the records of the table's stream to functions, as Lambda's event source mappings do: what the
// template declares about filters, batches, failures, retries and age holds here too.
//
// The records of a shard are handed over strictly in their order, one batch at a time. A batch that fails is tried
// again from its first failed record on, where the function names it, and holds up the shard until it succeeds or is
// given up: after the last retry, or when its records are too old. Then the place where it stood in the stream goes to
// a file in place of the queue that the template names. Two things are AWS's and easily surprise. Halving a batch that
// failed as a whole costs no retry. And records that stand behind a failed one share its retries, and are given up with
// it.
//
// How far a mapping has come is on disk after each batch, so a killed process goes on where it was; what was under way
// then is handed over once more.
package streams

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"kassa/infra/template"
)

// Invoker is a function.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Mapping is one declared event of a function.
type Mapping struct {
	template.Stream
	Function string // logical id
	Target   Invoker
}

// Options are what the mappings of one table share.
type Options struct {
	Client *dynamodbstreams.Client
	Table  string // name; its stream must be on
	Folder string // of the file that keeps how far each mapping is, and of what was given up
	Log    *slog.Logger
	Now    func() time.Time                     // nil is time.Now
	After  func(time.Duration) <-chan time.Time // waits for retries and batching windows; nil is time.After
	// Written answers a channel that the next write closes, so that an idle stream costs nothing and a busy one no time.
	// Nil asks four times a second, as Lambda does.
	Written func() <-chan struct{}
	// Done hears up to which sequence number all mappings are done with the stream, once it is on disk that they are. Nil
	// where nobody asks.
	Done func(sequence string) error
}

// pollEvery is how often Lambda asks an idle stream (Developer Guide, "Using AWS Lambda with Amazon DynamoDB").
const pollEvery = 250 * time.Millisecond

// complete sets the clocks of a program that is no test.
func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

// Poller runs mappings. It must be closed.
type Poller struct {
	options Options
	places  *places
	shards  []*shard
	running sync.WaitGroup
	polling context.Context // ends when the poller is told to end
	stop    context.CancelFunc
	working context.Context // ends when batches under way have had their time
	abandon context.CancelFunc

	mu      sync.Mutex
	reached map[*shard]string // the sequence number up to which each mapping is done
}

// Open finds the stream and each mapping's place in it. Nothing is handed over before Start.
func Open(ctx context.Context, o Options, mappings []Mapping) (*Poller, error) {
	p := &Poller{options: o.complete(), reached: map[*shard]string{}}
	source, err := find(ctx, o.Client, o.Table)
	if err != nil {
		return nil, err
	}
	if p.places, err = openPlaces(o.Folder); err != nil {
		return nil, err
	}
	for _, m := range mappings {
		for _, id := range source.shards {
			s := &shard{Poller: p, Mapping: m, arn: source.arn, id: id}
			if err := s.begin(); err != nil {
				return nil, errors.Join(fmt.Errorf("find the place of %s in the stream: %w", m.Function, err), p.places.close())
			}
			p.shards, p.reached[s] = append(p.shards, s), s.done
		}
	}
	p.polling, p.stop = context.WithCancel(context.Background())
	p.working, p.abandon = context.WithCancel(context.Background())
	return p, nil
}

// Start begins to hand records over.
func (p *Poller) Start() {
	for _, s := range p.shards {
		p.running.Go(s.run)
	}
}

// Close ends the mappings. A batch under way may finish until ctx is done; later it counts as never handed over.
func (p *Poller) Close(ctx context.Context) error {
	p.stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.running.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	p.abandon()
	<-ended
	return p.places.close()
}

// pass notes how far a mapping is, and tells how far all of them are: as far as the one that is furthest behind. The
// sequence numbers of the engine are of one length, so that texts compare as the numbers do.
func (p *Poller) pass(s *shard) {
	p.mu.Lock()
	p.reached[s] = s.done
	through := slices.Min(slices.Collect(maps.Values(p.reached)))
	p.mu.Unlock()
	if p.options.Done == nil || through == "" {
		return
	}
	if err := p.options.Done(through); err != nil {
		p.options.Log.Error("what the stream is done with cannot be let go", "sequence", through, "error", err)
	}
}

// source is a stream.
type source struct {
	arn    string
	shards []string
}

// find asks for the table's stream. The engine's has one shard that is never split, so shards with parents, which would
// have to wait for them, are refused.
func find(ctx context.Context, client *dynamodbstreams.Client, table string) (source, error) {
	listed, err := client.ListStreams(ctx, &dynamodbstreams.ListStreamsInput{TableName: &table})
	if err != nil {
		return source{}, fmt.Errorf("find the stream of the table %s: %w", table, err)
	}
	if len(listed.Streams) != 1 {
		return source{}, fmt.Errorf("the table %s has %d streams; the template must give it a StreamSpecification", table,
			len(listed.Streams))
	}
	s := source{arn: aws.ToString(listed.Streams[0].StreamArn)}
	described, err := client.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &s.arn})
	if err != nil {
		return source{}, fmt.Errorf("read the stream of the table %s: %w", table, err)
	}
	for _, shard := range described.StreamDescription.Shards {
		if shard.ParentShardId != nil {
			return source{}, fmt.Errorf("the stream of the table %s was split into shards, which the local host does not follow",
				table)
		}
		s.shards = append(s.shards, aws.ToString(shard.ShardId))
	}
	return s, nil
}
