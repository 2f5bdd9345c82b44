package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/local/stack"
)

// table is the name that template.yaml gives to the table of the stage "local".
const table = "kassa-local-payments"

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "operator"}, nil
}

func items(s *stack.Stack) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{Region: stack.Region, BaseEndpoint: aws.String(s.Info.EngineURL),
		Credentials: aws.CredentialsProviderFunc(credentials)})
}

func vault(s *stack.Stack) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{Region: stack.Region, BaseEndpoint: aws.String(s.Info.EngineURL),
		Credentials: aws.CredentialsProviderFunc(credentials)})
}

// tableKey is the key of a payment's item.
func tableKey(id string) map[string]types.AttributeValue {
	at := strings.LastIndex(id, "-")
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: id[:at]}, "sk": &types.AttributeValueMemberN{Value: id[at+1:]},
	}
}

func (w world) item(ctx context.Context, id string) (map[string]types.AttributeValue, error) {
	out, err := items(w.Stack).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table), Key: tableKey(id),
		ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	if out.Item == nil {
		return nil, errors.New("the table holds no " + id)
	}
	return out.Item, nil
}

// age makes a payment older by d: every time that its item holds moves back. To the functions, whose clock is the real
// one, that is as if d had passed since. It is for payments that nobody is working on, so it lets the shop hear of what
// is new first.
func (w world) age(t testing.TB, id string, d time.Duration) {
	t.Helper()
	w.told(t, id)
	w.move(t, id, d)
}

// told waits until the stream has brought every news of a payment to Notify, if there is such a payment.
func (w world) told(t testing.TB, id string) {
	t.Helper()
	reader := items(w.Stack) // one, or each reading would leave a connection behind
	for waiting := true; waiting; {
		out, err := reader.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: tableKey(id),
			ConsistentRead: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		wake, _ := out.Item["wake"].(*types.AttributeValueMemberBOOL)
		waiting = wake != nil && wake.Value
	}
}

// move is age for a payment whose shop may never hear of it. It makes a version of its own, from the newest, since
// Notify saves at any time.
func (w world) move(t testing.TB, id string, d time.Duration) {
	t.Helper()
	for {
		item, err := w.item(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		before := item["rev"]
		for name, value := range item {
			item[name] = older(seconds(t, name, value, d), d)
		}
		item["rev"] = &types.AttributeValueMemberS{Value: rand.Text()}
		_, err = items(w.Stack).PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table), Item: item, ConditionExpression: aws.String("rev = :before"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":before": before},
		})
		if err == nil {
			return
		}
		if overtaken := new(types.ConditionalCheckFailedException); !errors.As(err, &overtaken) {
			t.Fatal(err)
		}
	}
}

// seconds moves the number of a to-do list's key back by d.
func seconds(t testing.TB, name string, value types.AttributeValue, d time.Duration) types.AttributeValue {
	t.Helper()
	at, ok := value.(*types.AttributeValueMemberN)
	if !ok || !strings.HasSuffix(name, "_at") {
		return value
	}
	n, err := strconv.ParseInt(at.Value, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n-int64(d/time.Second), 10)}
}

var moment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func older(v types.AttributeValue, d time.Duration) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		if !moment.MatchString(v.Value) {
			return v
		}
		at, err := time.Parse("2006-01-02T15:04:05.000Z", v.Value)
		if err != nil {
			return v
		}
		return &types.AttributeValueMemberS{Value: at.Add(-d).Format("2006-01-02T15:04:05.000Z")}
	case *types.AttributeValueMemberL:
		moved := make([]types.AttributeValue, len(v.Value))
		for i := range v.Value {
			moved[i] = older(v.Value[i], d)
		}
		return &types.AttributeValueMemberL{Value: moved}
	case *types.AttributeValueMemberM:
		moved := map[string]types.AttributeValue{}
		for name, value := range v.Value {
			moved[name] = older(value, d)
		}
		return &types.AttributeValueMemberM{Value: moved}
	}
	return v
}

// text is a string attribute of a payment's item, such as its callback_token.
func (w world) text(t testing.TB, id, name string) string {
	t.Helper()
	item, err := w.item(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := item[name].(*types.AttributeValueMemberS)
	if !ok {
		t.Fatalf("%s has no %s", id, name)
	}
	return s.Value
}

// callbackURL is where the bank returns a customer of this payment.
func (w world) callbackURL(t testing.TB, id, action string) string {
	t.Helper()
	token := w.text(t, id, "callback_token")
	w.watch.token(token)
	return w.Info.CallbackURL + "/" + id + "/" + token + "/" + action
}

// rewrite writes a new version of a secret, as an operator would.
func (w world) rewrite(ctx context.Context, name string, change func(fields map[string]any)) error {
	out, err := vault(w.Stack).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return err
	}
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &fields); err != nil {
		return err
	}
	change(fields)
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	_, err = vault(w.Stack).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name,
		SecretString: aws.String(string(text))})
	return err
}

// secondShop is another tenant of the common stack. Kassa is given the digest of its key alone, so that the key itself
// can be looked for everywhere.
const (
	secondShop   = "other-az"
	secondSecret = "canarySecretOfTheOtherShop7f3a9c"
	secondKey    = "sk_" + secondShop + "_k9_" + secondSecret
)

func seedSecondShop(ctx context.Context, s *stack.Stack) error {
	v := vault(s)
	for from, to := range map[string]string{
		"kassa/local/shop/demo-az":         "kassa/local/shop/" + secondShop,
		"kassa/local/bank/demo-az/kapital": "kassa/local/bank/" + secondShop + "/kapital",
	} {
		out, err := v.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(from)})
		if err != nil {
			return err
		}
		fields := map[string]any{}
		if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &fields); err != nil {
			return err
		}
		if fields["keys"] != nil {
			fields["keys"] = []map[string]string{{"id": "k9", "sha256": fmt.Sprintf("%x", digest(secondSecret))}}
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		if _, err := v.CreateSecret(ctx,
			&secretsmanager.CreateSecretInput{Name: &to, SecretString: aws.String(string(text))}); err != nil {
			return err
		}
	}
	return nil
}
