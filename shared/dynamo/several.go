package dynamo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
)

// Several reads payments consistently, in the order of their ids, which are all different; one call for each hundred,
// some of them side by side. What is not there is left out. What cannot be read hides no other: unreadable says why,
// naming the payment.
func (s *Store) Several(ctx context.Context, ids []payment.ID) (found []payment.Payment, unreadable []error,
	err error) {
	return several(ctx, s, ids, types.KeysAndAttributes{ConsistentRead: aws.Bool(true)},
		func() func(attributes) (payment.Payment, error) { return restore })
}

// Summaries reads of payments what they are added up, found or filtered by, as Several reads the whole. As with the
// index that names them they may be a moment old, for half the price: it is asked of a whole month.
func (s *Store) Summaries(ctx context.Context, ids []payment.ID, part payment.Part) (found []payment.Summary,
	unreadable []error, err error) {
	var names []string
	for _, f := range summaryFields(new(payment.Summary), part) {
		names = append(names, f.name)
	}
	template := types.KeysAndAttributes{}
	if at := slices.Index(names, "status"); at >= 0 { // DynamoDB has the word for itself
		names[at], template.ExpressionAttributeNames = "#status", map[string]string{"#status": "status"}
	}
	template.ProjectionExpression = aws.String(strings.Join(names, ", "))
	return several(ctx, s, ids, template, func() func(attributes) (payment.Summary, error) { return summaryReader(part) })
}

func summaryFields(s *payment.Summary, part payment.Part) []field {
	fields := []field{text("pk", &s.ID.Order), whole("sk", &s.ID.Attempt)}
	if part != payment.Numbers {
		fields = append(fields, text("bank", &s.Bank), text("status", &s.Status), text("currency", &s.Amount.Currency),
			whole("captured", &s.Captured), whole("refunded", &s.Refunded), moment("created_at", &s.CreatedAt),
			flag("overpaid", &s.Overpaid))
	}
	if part != payment.Sums {
		fields = append(fields, text("order_ref", &s.OrderRef), text("bank_order_id", &s.BankOrder), text("rrn", &s.RRN),
			records("refunds", &s.Refunds, refundFields))
	}
	if part == payment.Whole {
		fields = append(fields, whole("amount", &s.Amount.Minor), words("reviews", &s.Reviews), flag("late", &s.Late))
	}
	return fields
}

// summaryReader makes the fields once, for as many items as are read.
func summaryReader(part payment.Part) func(attributes) (payment.Summary, error) {
	var s payment.Summary
	fields := summaryFields(&s, part)
	return func(item attributes) (payment.Summary, error) {
		s = payment.Summary{}
		if err := pick(item, fields); err != nil {
			return s, broken(idOf(item), err)
		}
		if part == payment.Numbers { // of which any text is one
			return s, nil
		}
		return s, s.Check()
	}
}

// Bounds of one reading: how many items one BatchGetItem reads, and how many of those calls are under way at a time.
const (
	mostKeys   = 100
	sideBySide = 4
)

// several reads what the template says of each item, the whole where it says nothing; reader makes what reads one after
// the other.
func several[T any](ctx context.Context, s *Store, ids []payment.ID, template types.KeysAndAttributes,
	reader func() func(attributes) (T, error)) (found []T, unreadable []error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := slices.Collect(slices.Chunk(ids, mostKeys))
	read := make([][]T, len(parts))
	spoilt, errs := make([][]error, len(parts)), make([]error, len(parts))
	var reading sync.WaitGroup
	free := make(chan struct{}, sideBySide)
	for i, part := range parts {
		free <- struct{}{}
		reading.Go(func() {
			defer func() { <-free }()
			var items map[payment.ID]attributes
			if items, errs[i] = s.batch(ctx, part, template); errs[i] != nil {
				cancel() // the others would be read for nothing
				return
			}
			restore := reader()
			for _, id := range part {
				item, there := items[id]
				if !there {
					continue
				}
				if one, err := restore(item); err != nil {
					spoilt[i] = append(spoilt[i], err)
				} else {
					read[i] = append(read[i], one)
				}
			}
		})
	}
	reading.Wait()
	return slices.Concat(read...), slices.Concat(spoilt...), first(errs)
}

// first is the error that came by itself: those of the calls that it ended say only that they were ended.
func first(errs []error) (found error) {
	for _, err := range errs {
		if err != nil && (found == nil || errors.Is(found, context.Canceled)) {
			found = err
		}
	}
	return found
}

// batch reads at most a hundred items. DynamoDB may leave some for another call, when they are large or it is busy.
func (s *Store) batch(ctx context.Context, ids []payment.ID, template types.KeysAndAttributes) (
	map[payment.ID]attributes, error) {
	wanted := template
	for _, id := range ids {
		wanted.Keys = append(wanted.Keys, attributes{"pk": stringValue(id.Order), "sk": numberValue(id.Attempt)})
	}
	items := make(map[payment.ID]attributes, len(ids))
	for len(wanted.Keys) > 0 {
		err := patiently(ctx, func() error {
			answer, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{s.table: wanted}})
			if err != nil {
				return err
			}
			for _, item := range answer.Responses[s.table] {
				items[idOf(item)] = item
			}
			left := answer.UnprocessedKeys[s.table].Keys
			if len(left) == len(wanted.Keys) {
				return errBusy
			}
			wanted.Keys = left
			return nil
		})
		if err != nil {
			return nil, s.failure("BatchGetItem", err)
		}
	}
	return items, nil
}

// errBusy is the answer that has nothing of what was asked for.
var errBusy = errors.New("is too busy to read anything")

// patience is how often in a row DynamoDB may be too busy, before the caller is told to come again.
const patience = 5

// patiently calls again while DynamoDB is too busy, each time after a longer while. The client has tried some times by
// then; but who reads a month must not begin anew because it was one reader too many for a moment.
func patiently(ctx context.Context, call func() error) error {
	for idle := 1; ; idle++ {
		err := call()
		busy := errors.Is(err, errBusy) ||
			retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
		switch {
		case err == nil || !busy || idle == patience:
			return err
		case !pause(ctx, 50*time.Millisecond<<idle):
			return ctx.Err()
		}
	}
}

// pause waits; false when the caller has gone.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
