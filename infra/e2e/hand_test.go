package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/local/stack"
)

// table is the name that template.yaml gives to the table of the stage "local".
const table = "kassa-local-payments"

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "operator"}, nil
}

func vault(s *stack.Stack) *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{Region: stack.Region, BaseEndpoint: aws.String(s.Info.EngineURL),
		Credentials: aws.CredentialsProviderFunc(credentials)})
}

func (w world) item(ctx context.Context, id string) (map[string]types.AttributeValue, error) {
	item, err := w.watch.past.Item(ctx, id)
	if err == nil && item == nil {
		err = errors.New("the table holds no " + id)
	}
	return item, err
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
	if err := w.watch.past.Told(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// move is age for a payment whose shop may never hear of it.
func (w world) move(t testing.TB, id string, d time.Duration) {
	t.Helper()
	if err := w.watch.past.Move(t.Context(), id, d); err != nil {
		t.Fatal(err)
	}
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
