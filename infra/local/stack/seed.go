package stack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// The shops that every stack has.
const (
	shopAZ = "demo-az" // sells in AZN, by card through Kapital Bank
	shopBY = "demo-by" // sells in BYN, by instalments through Karta Pokupok
)

// seed writes the secrets of the demo shops. What stands there already is kept, but for what this machine decides: addresses,
// which move with the port, and certificates, which are renewed.
func (s *Stack) seed(ctx context.Context) error {
	karta, err := s.kartaSecret()
	if err != nil {
		return err
	}
	return errors.Join(
		s.seedShop(ctx, shopAZ, "kapital", s.kapitalSecret(), map[string]any{"currency": "AZN"}),
		s.seedShop(ctx, shopBY, "kartapokupok", karta, map[string]any{
			"currency":    "BYN",
			"instalments": map[string]any{"terms": []int{3, 6, 12}, "min_amount": 3000, "max_amount": 1000000},
		}),
	)
}

// seedShop writes a shop with its one bank.
func (s *Stack) seedShop(ctx context.Context, id, bank string, bankSecret, settings map[string]any) error {
	v := s.vault()
	key, err := v.apiKey(ctx, id)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(key.secret))
	maps.Copy(settings, map[string]any{
		"origins":           []string{address(s.Ports.Shop)},
		"keys":              []map[string]string{{"id": key.id, "sha256": hex.EncodeToString(digest[:])}},
		"banks":             []string{bank},
		"insecure_loopback": true,
	})
	if err := v.put(ctx, "kassa/local/shop/"+id, settings); err != nil {
		return err
	}
	if err := v.put(ctx, "kassa/local/bank/"+id+"/"+bank, bankSecret); err != nil {
		return err
	}
	s.Info.Shops = append(s.Info.Shops, ShopInfo{ID: id, APIKey: key.text(id), Banks: []string{bank}})
	return nil
}

// vault reads and writes secrets by their names.
type vault struct{ client *secretsmanager.Client }

func (s *Stack) vault() vault {
	return vault{secretsmanager.New(secretsmanager.Options{
		Region: Region, BaseEndpoint: aws.String(address(s.Ports.Engine)), Credentials: aws.CredentialsProviderFunc(credentials),
	})}
}

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
		_, err = v.client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String(string(text))})
	case !reflect.DeepEqual(before, after):
		_, err = v.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String(string(text))})
	}
	if err != nil {
		return fmt.Errorf("write the secret %s: %w", name, err)
	}
	return nil
}

// apiKey is a key of the API in its parts.
type apiKey struct{ id, secret string }

func (k apiKey) text(shop string) string { return "sk_" + shop + "_" + k.id + "_" + k.secret }

// apiKey returns a demo shop's own key. Kassa keeps only its digest; the shop keeps the key, as a shop would, in a secret of
// its own, so that it is the same after a restart.
func (v vault) apiKey(ctx context.Context, shop string) (apiKey, error) {
	name := "demoshop/" + shop
	own, found, err := v.get(ctx, name)
	if err != nil {
		return apiKey{}, err
	}
	id, _ := own["key_id"].(string)
	secret, _ := own["key_secret"].(string)
	if found && id != "" && secret != "" {
		return apiKey{id, secret}, nil
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails: it ends the program instead
	key := apiKey{id: "k1", secret: hex.EncodeToString(random[:])}
	return key, v.put(ctx, name, map[string]any{"key_id": key.id, "key_secret": key.secret})
}
