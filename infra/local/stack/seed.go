// The secrets of the demo shops, as kassa shop put would write them for a real shop, but for who makes them: on one
// machine the stack has the simulated banks' certificates at hand and nobody should have to type anything.

package stack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"kassa/infra/local/demo"
	"kassa/infra/local/demoshop"
)

// seed writes the secrets of the demo shops. What stands there already is kept, but for what this machine decides:
// addresses, which move with the port, and certificates, which are renewed.
func (s *Stack) seed(ctx context.Context) error {
	for _, shop := range demo.Shops() {
		if err := s.seedShop(ctx, shop); err != nil {
			return err
		}
	}
	return nil
}

// seedShop writes a shop with its one bank.
func (s *Stack) seedShop(ctx context.Context, shop demo.Shop) error {
	id, bank, settings := shop.ID, shop.Bank, shop.Settings
	v := s.vault()
	own, err := v.own(ctx, id)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(own.keySecret))
	maps.Copy(settings, map[string]any{
		"origins":           []string{address(s.Ports.Shop)},
		"keys":              []map[string]string{{"id": own.keyID, "sha256": hex.EncodeToString(digest[:])}},
		"banks":             []string{bank},
		"insecure_loopback": true,
		"webhook": map[string]any{"url": address(s.Ports.Shop) + demoshop.WebhookPath(id),
			"secrets": []string{own.webhook}},
	})
	if err := v.put(ctx, "kassa/local/shop/"+id, settings); err != nil {
		return err
	}
	if err := v.put(ctx, "kassa/local/bank/"+id+"/"+bank, s.secrets[shop.Simulator]); err != nil {
		return err
	}
	s.Info.Shops = append(s.Info.Shops, ShopInfo{ID: id, APIKey: own.apiKey(id), WebhookSecret: own.webhook,
		Banks: []string{bank}})
	return nil
}

// vault reads and writes secrets by their names.
type vault struct{ client *secretsmanager.Client }

// vault reaches the engine as an operator would reach Secrets Manager.
func (s *Stack) vault() vault {
	return vault{secretsmanager.New(secretsmanager.Options{
		Region: Region, BaseEndpoint: aws.String(address(s.Ports.Engine)),
		Credentials: aws.CredentialsProviderFunc(credentials),
	})}
}

// get gives a secret's fields; a missing one is no error.
func (v vault) get(ctx context.Context, name string) (fields map[string]any, found bool, err error) {
	out, err := v.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the secret %s: %w", name, err)
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &fields); err != nil {
		return nil, false, fmt.Errorf("the secret %s is not a JSON object: %w", name, err)
	}
	return fields, true, nil
}

// put lays fields over a secret, or creates it. An unchanged secret is not written.
func (v vault) put(ctx context.Context, name string, fields map[string]any) error {
	before, found, err := v.get(ctx, name)
	if err != nil {
		return err
	}
	after := maps.Clone(before)
	if after == nil {
		after = map[string]any{}
	}
	plain, err := json.Marshal(fields)
	if err == nil {
		err = json.Unmarshal(plain, &after)
	}
	text, encodeErr := json.Marshal(after)
	if err = errors.Join(err, encodeErr); err != nil {
		return fmt.Errorf("encode the secret %s: %w", name, err)
	}
	switch {
	case !found:
		_, err = v.client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name,
			SecretString: aws.String(string(text))})
	case !reflect.DeepEqual(before, after):
		_, err = v.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name,
			SecretString: aws.String(string(text))})
	}
	if err != nil {
		return fmt.Errorf("write the secret %s: %w", name, err)
	}
	return nil
}

// ownKeys are what a demo shop itself keeps: its key of the API in its parts, and its webhook secret.
type ownKeys struct{ keyID, keySecret, webhook string }

func (k ownKeys) apiKey(shop string) string { return "sk_" + shop + "_" + k.keyID + "_" + k.keySecret }

// own returns a demo shop's own keys. Of the API's Kassa keeps only the digest; the shop keeps them, as a shop would,
// in a secret of its own, so that they are the same after a restart.
func (v vault) own(ctx context.Context, shop string) (ownKeys, error) {
	name := "demoshop/" + shop
	kept, _, err := v.get(ctx, name)
	if err != nil {
		return ownKeys{}, err
	}
	text := func(field string) string {
		value, _ := kept[field].(string)
		return value
	}
	keys := ownKeys{keyID: text("key_id"), keySecret: text("key_secret"), webhook: text("webhook_secret")}
	if keys.keyID == "" || keys.keySecret == "" {
		keys.keyID, keys.keySecret = "k1", hex.EncodeToString(random())
	}
	if keys.webhook == "" {
		keys.webhook = "whsec_" + base64.StdEncoding.EncodeToString(random())
	}
	return keys, v.put(ctx, name, map[string]any{"key_id": keys.keyID, "key_secret": keys.keySecret,
		"webhook_secret": keys.webhook})
}

// random is 256 bits.
func random() []byte {
	var bytes [32]byte
	_, _ = rand.Read(bytes[:]) // never fails: it ends the program instead
	return bytes[:]
}
