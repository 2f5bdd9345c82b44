package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"kassa/shared/payment"
)

// Replace writes next in the place of old, which is a shop as it was read, or the zero Shop where there was none. What
// says the same already is not written: false. When somebody else has changed the shop since, nothing is written, and
// the error is Standing, changed_meanwhile: a key that was shown once must not be lost to a version that does not know
// it.
func (v *Vault) Replace(ctx context.Context, id string, old, next Shop) (written bool, err error) {
	name := v.ShopName(id)
	text, err := json.Marshal(next)
	switch {
	case err != nil:
		return false, fmt.Errorf("write the secret %s: %w", name, err)
	case old.version == "":
		_, err = v.client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name,
			SecretString: aws.String(string(text))})
	case same(old.content, text):
		return false, nil
	default:
		err = v.succeed(ctx, name, old.version, text)
	}
	if _, taken := errors.AsType[*types.ResourceExistsException](err); taken {
		return false, &payment.Error{Kind: payment.Standing, Code: "changed_meanwhile", RetryAfter: time.Second, Cause: err,
			Message: "somebody else has changed the shop at this moment"}
	}
	if err != nil {
		return false, failure("write", name, err)
	}
	return true, nil
}

// succeed makes the one version that may follow another. Secrets Manager has no conditional write, but it calls a
// version by the token of its request and refuses another content under a token that is taken: two who write after the
// same version use the same token.
func (v *Vault) succeed(ctx context.Context, name, version string, text []byte) error {
	digest := sha256.Sum256([]byte("after " + version))
	put := &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String(string(text)),
		ClientRequestToken: aws.String(hex.EncodeToString(digest[:]))}
	made, err := v.client.PutSecretValue(ctx, put)
	// by another content; the same is ignored, wherever the label is by now
	_, taken := errors.AsType[*types.ResourceExistsException](err)
	if taken || err == nil && !slices.Contains(made.VersionStages, "AWSCURRENT") {
		if _, current, readErr := v.read(ctx, name); readErr == nil && current == version {
			put.ClientRequestToken = nil // somebody has gone back to that version by hand, away from the one that followed it
			_, err = v.client.PutSecretValue(ctx, put)
		}
	}
	return err
}
