// Package vault keeps shops' secrets in Secrets Manager for the people who set shops up:
//
//	kassa/<stage>/shop/<shop>         see Shop
//	kassa/<stage>/bank/<shop>/<bank>  what that bank's folder reads
//
// One write is one version, and what is there already is not written again.
package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"kassa/shared/awsclient"
	"kassa/shared/payment"
	"kassa/shared/strict"
)

// Secrets is what is needed of Secrets Manager.
type Secrets interface {
	GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, options ...func(*secretsmanager.Options)) (
		*secretsmanager.GetSecretValueOutput, error)
	CreateSecret(ctx context.Context, in *secretsmanager.CreateSecretInput, options ...func(*secretsmanager.Options)) (
		*secretsmanager.CreateSecretOutput, error)
	PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, options ...func(*secretsmanager.Options)) (
		*secretsmanager.PutSecretValueOutput, error)
	ListSecrets(ctx context.Context, in *secretsmanager.ListSecretsInput, options ...func(*secretsmanager.Options)) (
		*secretsmanager.ListSecretsOutput, error)
}

// Vault is the secrets of one stage.
type Vault struct {
	client Secrets
	stage  string
}

// New makes the vault of a stage. It makes no call.
func New(client Secrets, stage string) *Vault { return &Vault{client, stage} }

// ShopName is the name of a shop's secret.
func (v *Vault) ShopName(shop string) string { return v.prefix("shop/") + shop }

// BankName is the name of the secret of a shop's bank.
func (v *Vault) BankName(shop, bank string) string { return v.prefix("bank/"+shop+"/") + bank }

// prefix is where a kind of secret stands. The policies of template.yaml are written for the same names.
func (v *Vault) prefix(of string) string { return "kassa/" + v.stage + "/" + of }

// Read gives the current version of a secret; false when there is none.
func (v *Vault) Read(ctx context.Context, name string) (content []byte, found bool, err error) {
	content, version, err := v.read(ctx, name)
	return content, version != "", err
}

// read gives the current version of a secret and what it is called; "" when there is none.
func (v *Vault) read(ctx context.Context, name string) (content []byte, version string, err error) {
	out, err := v.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", failure("read", name, err)
	}
	if out.SecretString != nil {
		return strict.Bare([]byte(*out.SecretString)), aws.ToString(out.VersionId), nil
	}
	return strict.Bare(out.SecretBinary), aws.ToString(out.VersionId), nil
}

// Write stores content as JSON, creating the secret where there is none. What says the same already is not written:
// false.
func (v *Vault) Write(ctx context.Context, name string, content any) (written bool, err error) {
	text, err := json.Marshal(content)
	if err != nil {
		return false, fmt.Errorf("write the secret %s: %w", name, err)
	}
	before, found, err := v.Read(ctx, name)
	if err != nil {
		return false, err
	}
	switch {
	case !found:
		_, err = v.client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name,
			SecretString: aws.String(string(text))})
	case same(before, text):
		return false, nil
	default:
		_, err = v.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name,
			SecretString: aws.String(string(text))})
	}
	if err != nil {
		return false, failure("write", name, err)
	}
	return true, nil
}

// same says whether two JSON texts mean the same.
func same(a, b []byte) bool {
	var x, y any
	return numbered(a, &x) == nil && numbered(b, &y) == nil && reflect.DeepEqual(x, y)
}

// numbered reads JSON without turning its numbers into floats.
func numbered(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// Shops are the ids of all shops, sorted. A shop that was written a moment ago may still be missing on AWS.
func (v *Vault) Shops(ctx context.Context) ([]string, error) { return v.below(ctx, v.prefix("shop/")) }

// Banks are the banks that a shop has secrets of, sorted, whether or not it still takes payments through them.
func (v *Vault) Banks(ctx context.Context, shop string) ([]string, error) {
	return v.below(ctx, v.prefix("bank/"+shop+"/"))
}

// below lists what stands directly below a prefix. AWS's own filter takes no notice of letter case, so it is looked at
// again.
func (v *Vault) below(ctx context.Context, prefix string) ([]string, error) {
	pages := secretsmanager.NewListSecretsPaginator(v.client, &secretsmanager.ListSecretsInput{
		Filters: []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{prefix}}},
	})
	var found []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failure("list", prefix+"*", err)
		}
		for _, s := range page.SecretList {
			rest, ok := strings.CutPrefix(aws.ToString(s.Name), prefix)
			if ok && rest != "" && !strings.Contains(rest, "/") {
				found = append(found, rest)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}

// failure is an error of Secrets Manager in words for whoever typed the command.
func failure(what, name string, err error) error {
	cause := fmt.Errorf("%s %s: %w", what, name, err)
	if _, leaving := errors.AsType[*types.InvalidRequestException](err); leaving {
		return &payment.Error{Kind: payment.Misconfigured, Cause: cause,
			Message: "the secret is marked for deletion; take it back with aws secretsmanager restore-secret --secret-id " +
				name}
	}
	switch awsclient.FaultOf(err) {
	case awsclient.Transient:
		return &payment.Error{Kind: payment.Unavailable, Message: "Secrets Manager cannot be reached just now", Cause: cause}
	case awsclient.Denied:
		return &payment.Error{Kind: payment.Misconfigured, Cause: cause,
			Message: "AWS does not let these credentials " + what + " secrets of this stage"}
	case awsclient.Rejected:
	}
	return &payment.Error{Kind: payment.Misconfigured, Message: "Secrets Manager refuses", Cause: cause}
}
