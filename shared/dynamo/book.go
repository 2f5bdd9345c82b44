package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
)

// bookKey is where the index book lists a day of a shop: the shop, the UTC day and the shard. The order within is that
// of created_at, which the item has anyway: an ordinary item is to stay below a kilobyte, and each byte counts.
func bookKey(shop string, day time.Time, shard int) string {
	return fmt.Sprintf("%s#%s#%d", shop, day.UTC().Format(time.DateOnly), shard)
}

// Book gives the entries of a part of a shop's book, newest created first, at most part.Limit; fewer are the end of
// that day. It reads eight keys of the index, side by side, one Query each as a rule. The index
// may be a moment old, and a payment that changes on a later day leaves its day: what is read by an entry is to be
// looked at again. Items that a version before this one has written are listed from their next save on.
func (s *Store) Book(ctx context.Context, part payment.BookPart) ([]payment.BookEntry, error) {
	if part.Limit < 1 {
		return nil, nil
	}
	var shards [payment.BookShards][]payment.BookEntry
	var errs [payment.BookShards]error
	var reading sync.WaitGroup
	for shard := range shards {
		reading.Go(func() { shards[shard], errs[shard] = s.bookShard(ctx, part, shard) })
	}
	reading.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	all := slices.Concat(shards[:]...)
	slices.SortFunc(all, payment.BookEntry.Compare)
	return all[:min(len(all), part.Limit)], nil
}

// bookShard reads one key of the index up to the limit. What was created in one millisecond comes in no order that
// could be relied on, so it is read to the last of that millisecond, and sorted here.
func (s *Store) bookShard(ctx context.Context, part payment.BookPart, shard int) (found []payment.BookEntry,
	err error) {
	from, to := part.Since.UTC().Format(timeForm), "9"
	if !part.Until.IsZero() {
		to = part.Until.Add(-time.Nanosecond).UTC().Format(timeForm)
	}
	onwards := part.Behind.ID.Attempt > 0
	if onwards {
		to = min(to, part.Behind.CreatedAt.UTC().Format(timeForm))
	}
	if from > to { // DynamoDB refuses that
		return nil, nil
	}
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String("book"),
		KeyConditionExpression: aws.String("book = :day AND created_at BETWEEN :from AND :to"),
		ExpressionAttributeValues: attributes{":day": stringValue(bookKey(part.Shop, part.Day, shard)),
			":from": stringValue(from), ":to": stringValue(to)},
		ScanIndexForward: aws.Bool(false),
		// two more than wanted: the entry that we go on behind, and one that shows the last millisecond to be over
		Limit: aws.Int32(int32(min(part.Limit+2, pageLimit))), //nolint:gosec // at most a page
	})
	for pages.HasMorePages() && !enough(found, part.Limit) {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.failure("Query", err)
		}
		for _, item := range page.Items {
			e := payment.BookEntry{ID: idOf(item)}
			if _, err := read(item, []field{moment("created_at", &e.CreatedAt)}); err != nil {
				return nil, broken(e.ID, err)
			}
			if !onwards || part.Behind.Compare(e) < 0 {
				found = append(found, e)
			}
		}
	}
	return found, nil
}

// enough tells whether the first so many entries are known, in whatever order those of one millisecond came.
func enough(found []payment.BookEntry, limit int) bool {
	return len(found) > limit && found[len(found)-1].CreatedAt.Before(found[limit-1].CreatedAt)
}

// mostKeys is how many items one BatchGetItem reads.
const mostKeys = 100

// Several reads payments consistently, in the order of their ids, which are all different; one call for each hundred.
// What is not there is left out. What cannot be read hides no other: unreadable says why, naming the payment.
func (s *Store) Several(ctx context.Context, ids []payment.ID) (found []payment.Payment, unreadable []error,
	err error) {
	for some := range slices.Chunk(ids, mostKeys) {
		items, err := s.batch(ctx, some)
		if err != nil {
			return nil, nil, err
		}
		for _, id := range some {
			item, there := items[id]
			if !there {
				continue
			}
			if p, err := restore(item); err != nil {
				unreadable = append(unreadable, err)
			} else {
				found = append(found, p)
			}
		}
	}
	return found, unreadable, nil
}

// patience is how often in a row DynamoDB may give nothing of what was asked for, before the caller is told to come
// again.
const patience = 5

// batch reads at most a hundred items. DynamoDB may leave some for another call, when they are large or it is busy.
func (s *Store) batch(ctx context.Context, ids []payment.ID) (map[payment.ID]attributes, error) {
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, id := range ids {
		wanted.Keys = append(wanted.Keys, attributes{"pk": stringValue(id.Order), "sk": numberValue(id.Attempt)})
	}
	items := map[payment.ID]attributes{}
	for idle := 0; len(wanted.Keys) > 0; {
		answer, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: wanted}})
		if err != nil {
			return nil, s.failure("BatchGetItem", err)
		}
		for _, item := range answer.Responses[s.table] {
			items[idOf(item)] = item
		}
		left := answer.UnprocessedKeys[s.table].Keys
		if len(left) < len(wanted.Keys) {
			idle = 0
		} else if idle++; idle == patience {
			return nil, s.failure("BatchGetItem", errors.New("is too busy to read anything"))
		}
		if wanted.Keys = left; idle > 0 && !pause(ctx, 50*time.Millisecond<<idle) {
			return nil, s.failure("BatchGetItem", ctx.Err())
		}
	}
	return items, nil
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
