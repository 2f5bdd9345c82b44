package dynamo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

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
	shards := make([]bookShard, payment.BookShards)
	for i := range shards {
		shards[i] = s.bookShard(part, i)
	}
	// what was created before the last wanted need not be read, and until there are enough that is nothing
	for last := (time.Time{}); ; {
		var reading sync.WaitGroup
		errs := make([]error, len(shards))
		for i := range shards {
			if shards[i].short(last) {
				reading.Go(func() { errs[i] = shards[i].page(ctx, s) })
			}
		}
		reading.Wait()
		if err := first(errs); err != nil {
			return nil, err
		}
		var all []payment.BookEntry
		for _, shard := range shards {
			all = append(all, shard.found...)
		}
		slices.SortFunc(all, payment.BookEntry.Compare)
		if all = all[:min(len(all), part.Limit)]; len(all) == part.Limit {
			last = all[part.Limit-1].CreatedAt
		}
		if !slices.ContainsFunc(shards, func(shard bookShard) bool { return shard.short(last) }) {
			return all, nil
		}
	}
}

// bookShard is what was read of one key of the index.
type bookShard struct {
	pages  *dynamodb.QueryPaginator
	behind payment.BookEntry
	found  []payment.BookEntry
	last   time.Time // of what was read; zero before the first page
}

// bookShard reads nothing yet, and never will where the part is empty: DynamoDB refuses a time that ends before it
// begins.
func (s *Store) bookShard(part payment.BookPart, shard int) bookShard {
	from, to := part.Since.UTC().Format(timeForm), "9"
	if !part.Until.IsZero() {
		to = part.Until.Add(-time.Nanosecond).UTC().Format(timeForm)
	}
	if part.Behind.ID.Attempt > 0 {
		to = min(to, part.Behind.CreatedAt.UTC().Format(timeForm))
	}
	if from > to {
		return bookShard{}
	}
	return bookShard{behind: part.Behind, pages: dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String("book"),
		KeyConditionExpression: aws.String("book = :day AND created_at BETWEEN :from AND :to"),
		ExpressionAttributeValues: attributes{":day": stringValue(bookKey(part.Shop, part.Day, shard)),
			":from": stringValue(from), ":to": stringValue(to)},
		ScanIndexForward: aws.Bool(false),
		// two more than wanted: the entry that we go on behind, and one that shows the last millisecond to be over
		Limit: aws.Int32(int32(min(part.Limit+2, pageLimit))), //nolint:gosec // at most a page
	})}
}

// short tells whether there may be more that was created at this time or later. What was created in one millisecond
// comes in no order that could be relied on, so it is read to the last of that millisecond.
func (b *bookShard) short(last time.Time) bool {
	return b.pages != nil && b.pages.HasMorePages() && (b.last.IsZero() || last.IsZero() || !b.last.Before(last))
}

// page reads one more. A page may be empty, and more behind it.
func (b *bookShard) page(ctx context.Context, s *Store) error {
	var page *dynamodb.QueryOutput
	err := patiently(ctx, func() (err error) {
		page, err = b.pages.NextPage(ctx)
		return err
	})
	if err != nil {
		return s.failure("Query", err)
	}
	for _, item := range page.Items {
		e := payment.BookEntry{ID: idOf(item)}
		if err := pick(item, []field{moment("created_at", &e.CreatedAt)}); err != nil {
			return broken(e.ID, err)
		}
		if b.last = e.CreatedAt; b.behind.ID.Attempt == 0 || b.behind.Compare(e) < 0 {
			b.found = append(b.found, e)
		}
	}
	return nil
}
