// Package past makes the payments of a running stack older, for tests: to the functions, whose clock is the real one,
// that is as if the time had passed.
package past

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/stack"
)

// Table is the table of a stack, read and written as an operator would.
type Table struct {
	Client *dynamodb.Client
	name   string
}

// Of returns the table of a stack.
func Of(i stack.Info) Table {
	return Table{name: i.Table, Client: dynamodb.New(dynamodb.Options{
		Region: stack.Region, BaseEndpoint: aws.String(i.EngineURL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "operator"}, nil
		}),
	})}
}

// Item is a payment's item as it stands; nil where the table holds none.
func (t Table) Item(ctx context.Context, id string) (map[string]types.AttributeValue, error) {
	at := strings.LastIndex(id, "-")
	if at < 0 {
		return nil, errors.New("no payment's id: " + id)
	}
	out, err := t.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: id[:at]}, "sk": &types.AttributeValueMemberN{Value: id[at+1:]},
		}})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// Told waits until the stream has brought every news of a payment to Notify, if there is such a payment.
func (t Table) Told(ctx context.Context, id string) error {
	for {
		item, err := t.Item(ctx, id)
		if err != nil {
			return err
		}
		if wake, _ := item["wake"].(*types.AttributeValueMemberBOOL); wake == nil || !wake.Value {
			return nil
		}
		select { // the machine has better things to do than to answer this
		case <-time.After(3 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// Move makes a payment older by d: every time that its item holds moves back. It makes a version of its own, from the
// newest, since Notify saves at any time.
func (t Table) Move(ctx context.Context, id string, d time.Duration) error {
	for {
		item, err := t.Item(ctx, id)
		if err != nil {
			return err
		}
		if item == nil {
			return errors.New("the table holds no " + id)
		}
		before := item["rev"]
		for name, value := range item {
			item[name] = older(name, value, d)
		}
		item["rev"] = &types.AttributeValueMemberS{Value: rand.Text()}
		_, err = t.Client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &t.name, Item: item, ConditionExpression: aws.String("rev = :before"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":before": before},
		})
		if overtaken := new(types.ConditionalCheckFailedException); !errors.As(err, &overtaken) {
			return err
		}
	}
}

// layout is how the table writes a moment.
const layout = "2006-01-02T15:04:05.000Z"

// older moves times back: texts in the form of the table, and the numbers of the to-do lists' keys, whose names end in
// _at.
func older(name string, v types.AttributeValue, d time.Duration) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil && strings.HasSuffix(name, "_at") {
			return &types.AttributeValueMemberN{Value: strconv.FormatInt(n-int64(d/time.Second), 10)}
		}
	case *types.AttributeValueMemberS:
		if at, err := time.Parse(layout, v.Value); err == nil && at.Format(layout) == v.Value {
			return &types.AttributeValueMemberS{Value: at.Add(-d).Format(layout)}
		}
	case *types.AttributeValueMemberL:
		for i := range v.Value {
			v.Value[i] = older("", v.Value[i], d)
		}
	case *types.AttributeValueMemberM:
		for inner := range v.Value {
			v.Value[inner] = older("", v.Value[inner], d)
		}
	}
	return v
}
