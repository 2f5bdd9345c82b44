//go:build bitrix

package bitrix

import (
	"context"
	"crypto/rand"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/local/stack"
)

func (r rig) items() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: stack.Region, BaseEndpoint: aws.String(r.Info.EngineURL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

// age makes a payment older by d: every time that its item holds moves back, which to the functions is as if d had
// passed. Whatever is new has been brought to Notify before.
func (r rig) age(ctx context.Context, id string, d time.Duration) error {
	client, at := r.items(), strings.LastIndex(id, "-")
	if at < 0 {
		return errors.New("no payment's id: " + id)
	}
	key := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: id[:at]}, "sk": &types.AttributeValueMemberN{Value: id[at+1:]},
	}
	for {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(r.Info.Table), Key: key,
			ConsistentRead: aws.Bool(true)})
		if err != nil {
			return err
		}
		if out.Item == nil {
			return errors.New("the table holds no " + id)
		}
		if wake, _ := out.Item["wake"].(*types.AttributeValueMemberBOOL); wake != nil && wake.Value {
			continue // the stream is on its way to Notify
		}
		before := out.Item["rev"]
		for name, value := range out.Item {
			out.Item[name] = older(name, value, d)
		}
		out.Item["rev"] = &types.AttributeValueMemberS{Value: rand.Text()}
		_, err = client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(r.Info.Table), Item: out.Item, ConditionExpression: aws.String("rev = :before"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":before": before},
		})
		if overtaken := new(types.ConditionalCheckFailedException); !errors.As(err, &overtaken) {
			return err
		}
	}
}

var moment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

// older moves times back: texts in the form of the table, and the numbers of the to-do lists' keys, whose names end in
// _at.
func older(name string, v types.AttributeValue, d time.Duration) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil && strings.HasSuffix(name, "_at") {
			return &types.AttributeValueMemberN{Value: strconv.FormatInt(n-int64(d/time.Second), 10)}
		}
	case *types.AttributeValueMemberS:
		if at, err := time.Parse("2006-01-02T15:04:05.000Z", v.Value); err == nil && moment.MatchString(v.Value) {
			return &types.AttributeValueMemberS{Value: at.Add(-d).Format("2006-01-02T15:04:05.000Z")}
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
