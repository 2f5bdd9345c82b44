package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/awsclient"
	"kassa/shared/dynamo/client"
	"kassa/shared/payment"
)

// Client makes the calls that a store is built on. The SDK's own client is one, and so is what NewClient gives.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (
		*dynamodb.GetItemOutput, error)
	BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (
		*dynamodb.BatchGetItemOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (
		*dynamodb.PutItemOutput, error)
	Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (
		*dynamodb.QueryOutput, error)
}

// NewClient builds the client that New wants, from the environment's credentials. Endpoint is "" on AWS.
func NewClient(region, endpoint string) Client { return client.New(Config(region, endpoint)) }

// Config is what it is built from. One attempt may take a second, which is a hundred times what DynamoDB needs; there
// are at most three.
func Config(region, endpoint string) aws.Config {
	return awsclient.Config(region, endpoint, time.Second)
}

// Store keeps payments in a table that is laid out as the template declares. It holds no state of its own and may serve
// several invocations at once.
type Store struct {
	client Client
	table  string
	short  bool
	shards int // keys of the list due; 0 is payment.Shards
}

// New makes a store on a table. It makes no call.
func New(calls Client, table string) *Store { return &Store{client: calls, table: table} }

// Short is the same store, which writes payments in the short form where wanted. It reads both forms. A version that
// does not know the short form calls such a payment broken: it must be at work nowhere any more.
func (s *Store) Short(wanted bool) *Store {
	other := *s
	other.short = wanted
	return &other
}

// DueShards is the same store, which splits the bank's to-do list into so many keys, a multiple of payment.Shards. What
// was written with fewer stands under keys that are read all the same; what was written with more does not.
func (s *Store) DueShards(n int) *Store {
	other := *s
	other.shards = n
	return &other
}

// Create writes a new payment and gives it with its Rev. When its key is taken it gives the payment that stands there,
// and payment.ErrConflict.
func (s *Store) Create(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	written, err := s.put(ctx, p, "attribute_not_exists(pk)", nil)
	if errors.Is(err, payment.ErrConflict) && written.ID != p.ID {
		return payment.Payment{}, s.failure("PutItem", errors.New("the key is taken, but the answer does not say by what"))
	}
	return written, err
}

// Save replaces the version that p was read as and gives p with its new Rev. When another version was saved since, it
// gives that one and payment.ErrConflict.
func (s *Store) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	return s.put(ctx, p, "rev = :read", attributes{":read": stringValue(p.Rev)})
}

// put writes the whole item under a condition. A condition that fails on the very rev we are writing means that our own
// write had come through and its answer was lost: the SDK then tried again and met itself.
func (s *Store) put(ctx context.Context, p payment.Payment, condition string, values attributes) (payment.Payment,
	error) {
	if err := p.Check(); err != nil {
		return payment.Payment{}, err
	}
	p = p.Stamped(rand.Text())
	item, err := encode(p, s.short)
	if err != nil {
		return payment.Payment{}, broken(p.ID, err)
	}
	if s.shards > 0 {
		index(item, "due", int64(p.ID.ShardOf(s.shards)), p.DueAt)
	}
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           &s.table,
		Item:                                item,
		ConditionExpression:                 &condition,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err == nil {
		return p, nil
	}
	refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	switch {
	case !ok:
		return payment.Payment{}, s.failure("PutItem", err)
	case refused.Item == nil:
		return payment.Payment{}, payment.ErrConflict
	}
	standing, err := restore(refused.Item)
	switch {
	case err != nil:
		return payment.Payment{}, err
	case standing.Rev == p.Rev:
		return p, nil
	}
	return standing, payment.ErrConflict
}

// Load reads one payment consistently. NotFound when there is none.
func (s *Store) Load(ctx context.Context, id payment.ID) (payment.Payment, error) {
	answer, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            attributes{"pk": stringValue(id.Order), "sk": numberValue(id.Attempt)},
		ConsistentRead: aws.Bool(true),
	})
	switch {
	case err != nil:
		return payment.Payment{}, s.failure("GetItem", err)
	case answer.Item == nil:
		return payment.Payment{}, &payment.Error{Kind: payment.NotFound, Message: "There is no such payment."}
	}
	return restore(answer.Item)
}

// Attempts reads all payments of an order consistently, oldest first; none is no error.
func (s *Store) Attempts(ctx context.Context, order string) ([]payment.Payment, error) {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:                 &s.table,
		KeyConditionExpression:    aws.String("pk = :order"),
		ExpressionAttributeValues: attributes{":order": stringValue(order)},
		ConsistentRead:            aws.Bool(true),
	})
	var found []payment.Payment
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.failure("Query", err)
		}
		for _, item := range page.Items {
			p, err := restore(item)
			if err != nil {
				return nil, err
			}
			found = append(found, p)
		}
	}
	return found, nil
}

// Due goes through all in one shard of the bank's to-do list that are due at now, the longest waiting first, reading on
// as far as is asked for. An error is the last that comes. The index may be a moment old.
func (s *Store) Due(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return s.waiting(ctx, "due", shard, now)
}

// Outbox goes through all in one shard of the shops' to-do list that have a delivery to be retried at now, as Due does.
func (s *Store) Outbox(ctx context.Context, shard int, now time.Time) iter.Seq2[payment.ListEntry, error] {
	return s.waiting(ctx, "outbox", shard, now)
}

func (s *Store) waiting(ctx context.Context, list string, shard int, now time.Time) iter.Seq2[payment.ListEntry,
	error] {
	return func(yield func(payment.ListEntry, error) bool) {
		pages := dynamodb.NewQueryPaginator(s.client, s.query(list, shard, now, pageLimit))
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(payment.ListEntry{}, s.failure("Query", err))
				return
			}
			for _, item := range page.Items {
				w := payment.ListEntry{ID: idOf(item)}
				if err := pick(item, []field{text("shop", &w.Shop), text("bank", &w.Bank)}); err != nil {
					w.Shop, w.Bank = "", "" // reading the payment will tell what is wrong with it
				}
				if !yield(w, nil) {
					return
				}
			}
		}
	}
}

// UnderReview gives those in one shard of people's to-do list that came under review until now, as Due does.
func (s *Store) UnderReview(ctx context.Context, shard int, now time.Time, limit int) ([]payment.ID, error) {
	return s.listed(ctx, "review", shard, now, limit)
}

func (s *Store) listed(ctx context.Context, list string, shard int, now time.Time, limit int) ([]payment.ID, error) {
	page, err := s.client.Query(ctx, s.query(list, shard, now, limit))
	if err != nil {
		return nil, s.failure("Query", err)
	}
	ids := make([]payment.ID, len(page.Items))
	for i, key := range page.Items {
		ids[i] = idOf(key)
	}
	return ids, nil
}

// pageLimit is how many keys one page of a list holds at most: well below the megabyte at which DynamoDB cuts.
const pageLimit = 1000

func (s *Store) query(list string, shard int, now time.Time, limit int) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &s.table,
		IndexName:                 &list,
		KeyConditionExpression:    aws.String(list + "_shard = :shard AND " + list + "_at <= :now"),
		ExpressionAttributeValues: attributes{":shard": numberValue(shard), ":now": numberValue(now.Unix())},
		Limit:                     aws.Int32(int32(min(max(limit, 1), pageLimit))),
	}
}

// idOf reads the key of an item. One that is not of our form is given without an attempt: nothing can be loaded by it,
// so the sweep reports it and goes on, where an error would hide all others.
func idOf(key attributes) (id payment.ID) {
	order, isText := key["pk"].(*types.AttributeValueMemberS)
	attempt, isNumber := key["sk"].(*types.AttributeValueMemberN)
	if isText {
		id.Order = order.Value
	}
	if isNumber {
		id.Attempt, _ = strconv.Atoi(attempt.Value) // 0 where it is none
	}
	return id
}

// restore reads an item that was found in the table. Internal when it is not a sound payment, whoever wrote it.
func restore(item attributes) (payment.Payment, error) {
	p, err := decode(item)
	if err != nil {
		return payment.Payment{}, broken(idOf(item), err)
	}
	if err := p.Check(); err != nil {
		return payment.Payment{}, err
	}
	return p, nil
}

func broken(id payment.ID, err error) error {
	return &payment.Error{Kind: payment.Internal, Message: "payment " + id.String() + " cannot be stored or read as it is",
		Cause: err}
}

// retryAfter is when a caller may try again after the table could not be reached. The SDK has already tried for a
// while.
const retryAfter = 2 * time.Second

// failure is what a call that failed means to a use case. Its text for the log names the call, the table and what to
// do.
func (s *Store) failure(call string, err error) error {
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return &payment.Error{Kind: payment.Misconfigured, Message: "The payment store is not set up.",
			Cause: fmt.Errorf("%s: table %s or its index due does not exist in this region; check TABLE and the deployed "+
				"template: %w", call, s.table, err)}
	}
	cause := fmt.Errorf("%s on table %s: %w", call, s.table, err)
	switch awsclient.FaultOf(err) {
	case awsclient.Denied:
		return &payment.Error{Kind: payment.Misconfigured, Cause: cause,
			Message: "The payment store refuses us; check this function's role and credentials."}
	case awsclient.Rejected:
		return &payment.Error{Kind: payment.Internal, Cause: cause,
			Message: "The payment store does not accept what it was sent."}
	default:
		return &payment.Error{Kind: payment.Unavailable, Cause: cause, RetryAfter: retryAfter,
			Message: "The payment store cannot be reached just now; try again shortly."}
	}
}
