package streams

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kassa/infra/local/lambda"
)

// letter is what Lambda sends to an OnFailure destination (Developer Guide, "Retain discarded records"). It says where
// the records stand in the stream, not what they hold.
type letter struct {
	RequestContext  requestContext   `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext,omitempty"` // none where the function was never asked
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	Batch           batchInfo        `json:"DDBStreamBatchInfo"`
}

// requestContext says which function gave the records up, and why.
type requestContext struct {
	RequestID   string `json:"requestId"`
	FunctionARN string `json:"functionArn"`
	Condition   string `json:"condition"` // RetryAttemptsExhausted, RecordAgeExceeded
	Invokes     int    `json:"approximateInvokeCount"`
}

// responseContext is the last answer; 200 also where the function failed, since the invocation itself worked.
type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	// Unhandled, where the function failed rather than named records
	FunctionError string `json:"functionError,omitempty"`
}

// batchInfo is where the records stand in the stream, by which they can be read again while the stream has them.
type batchInfo struct {
	ShardID     string `json:"shardId"`
	Start       string `json:"startSequenceNumber"`
	End         string `json:"endSequenceNumber"`
	FirstArrive string `json:"approximateArrivalOfFirstRecord"`
	LastArrive  string `json:"approximateArrivalOfLastRecord"`
	Size        int    `json:"batchSize"`
	StreamARN   string `json:"streamArn"`
}

// giveUp tells the destination where the records stood, and goes on behind them. A record that the destination was not
// told of is not passed over: an error here is retried.
func (s *shard) giveUp(b batch, condition string) error {
	text, err := json.Marshal(s.letter(b, condition))
	if err != nil {
		return fmt.Errorf("encode what was given up: %w", err)
	}
	s.options.Log.Error("records of the stream are given up", "function", s.Function, "letter", string(text), "cause",
		b.last)
	if s.DeadLetters != "" {
		if err := appendLine(filepath.Join(s.options.Folder, s.DeadLetters+".jsonl"), text); err != nil {
			return fmt.Errorf("keep what was given up: %w", err)
		}
	}
	return s.advance(b.records[len(b.records)-1].sequence)
}

// letter is written for a batch that has at least one record.
func (s *shard) letter(b batch, condition string) letter {
	first, last := b.records[0], b.records[len(b.records)-1]
	l := letter{
		RequestContext: requestContext{
			RequestID: requestID(b.last), FunctionARN: s.functionARN(), Condition: condition, Invokes: b.invokes,
		},
		Version:   "1.0",
		Timestamp: s.options.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		Batch: batchInfo{
			ShardID: s.id, Start: first.sequence, End: last.sequence, Size: len(b.records), StreamARN: s.arn,
			FirstArrive: first.created.UTC().Format(time.RFC3339), LastArrive: last.created.UTC().Format(time.RFC3339),
		},
	}
	if b.invokes > 0 {
		l.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST"}
		if b.last != nil {
			l.ResponseContext.FunctionError = "Unhandled"
		}
	}
	return l
}

// functionARN is the function's name at AWS: it lives where the stream does.
func (s *shard) functionARN() string {
	place := strings.SplitN(s.arn, ":", 6) // arn:aws:dynamodb:<region>:<account>:table/...
	if len(place) < 6 {
		return s.Function
	}
	return "arn:aws:lambda:" + place[3] + ":" + place[4] + ":function:" + s.Function
}

// requestID is the failed invocation's, where it is known, so that it can be found in the function's log.
func requestID(cause error) string {
	if failed := new(lambda.FunctionError); errors.As(cause, &failed) && failed.RequestID != "" {
		return failed.RequestID
	}
	return rand.Text()
}

// appendLine returns when the line is on disk.
func appendLine(path string, line []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the caller's own folder
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Sync(), file.Close())
}
