// Package secret is the Secrets Manager half of the engine: secrets with versions and staging labels, for the calls
// that Kassa makes. The file holds one bucket "secrets", a whole secret as JSON under its name. Values are not
// encrypted; the file is readable by its owner only.
package secret

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"time"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// Bucket is the root bucket that the file must have.
const Bucket = "secrets"

// The staging labels that Secrets Manager itself moves; the engine knows no others.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// Store answers for all secrets of one file.
type Store struct {
	file   *storage.File
	now    func() time.Time
	region string
}

// NewStore is a store on a file that has the bucket Bucket. The region only appears in names.
func NewStore(file *storage.File, now func() time.Time, region string) *Store {
	return &Store{file: file, now: now, region: region}
}

// Operations are the operations the store speaks, by their X-Amz-Target.
func (s *Store) Operations() map[string]wire.Operation {
	const service = "secretsmanager."
	return map[string]wire.Operation{
		service + "CreateSecret":   wire.Read(s.createSecret),
		service + "PutSecretValue": wire.Read(s.putSecretValue),
		service + "GetSecretValue": wire.Read(s.getSecretValue),
		service + "DescribeSecret": wire.Read(s.describeSecret),
		service + "ListSecrets":    wire.Read(s.listSecrets),
	}
}

// secret is a secret as it is stored.
type secret struct {
	Name     string
	Created  time.Time
	Changed  time.Time
	Versions []version // oldest first
}

// version is one value of a secret with the labels that point at it.
type version struct {
	ID      string
	Created time.Time
	Stages  []string
	content
}

// content is a value: a text or bytes, never both. On the wire bytes are base64.
type content struct {
	SecretString *string `json:",omitempty"`
	SecretBinary []byte  `json:",omitempty"`
}

// empty says that neither kind of value is there, which AWS refuses; an empty text is another mistake.
func (c content) empty() bool { return c.SecretString == nil && c.SecretBinary == nil }

// same compares byte by byte: JSON that says the same in another order is another value.
func (c content) same(other content) bool {
	if c.SecretString != nil && other.SecretString != nil {
		return *c.SecretString == *other.SecretString
	}
	return c.SecretString == other.SecretString && string(c.SecretBinary) == string(other.SecretBinary)
}

// find returns the position of the version for which the test holds, or -1.
func (s secret) find(test func(version) bool) int {
	for i, v := range s.Versions {
		if test(v) {
			return i
		}
	}
	return -1
}

// stages are the labelled versions. Others exist, but AWS does not tell them unless it is asked to.
func (s secret) stages() map[string][]string {
	stages := map[string][]string{}
	for _, v := range s.Versions {
		if len(v.Stages) > 0 {
			stages[v.ID] = v.Stages
		}
	}
	return stages
}

// arn ends in six characters after the name as AWS's do; there they are random, here they follow from the name.
func (s *Store) arn(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "arn:aws:secretsmanager:" + s.region + ":" + wire.Account + ":secret:" + name + "-" +
		base32.StdEncoding.EncodeToString(sum[:])[:6]
}

// load reads the secret that a SecretId names. At AWS it may be an ARN too; Kassa knows names only.
func (s *Store) load(tx *bolt.Tx, name string) (secret, error) {
	var found secret
	ok, err := storage.Get(tx.Bucket([]byte(Bucket)), []byte(name), &found)
	if err == nil && !ok {
		err = wire.Refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	return found, err
}

// save writes a secret whole.
func save(tx *bolt.Tx, s secret) error {
	return storage.Put(tx.Bucket([]byte(Bucket)), []byte(s.Name), s)
}

var (
	validName  = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	validToken = regexp.MustCompile(`^[\x21-\x7e]{32,64}$`)
)

// maxValue is the most bytes of a value (Quotas, "Secret value size").
const maxValue = 65536

// check refuses a value that AWS would refuse, with its words.
func (c content) check() error {
	text := ""
	if c.SecretString != nil {
		text = *c.SecretString
	}
	switch {
	case c.empty():
		return wire.Refuse("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	case c.SecretString != nil && c.SecretBinary != nil:
		return wire.Refuse("InvalidParameterException",
			"You can't specify both a binary secret value and a string secret value in the same secret.")
	case len(text) > maxValue || len(c.SecretBinary) > maxValue:
		return wire.Validation("Value at 'secretString' or 'secretBinary' failed to satisfy constraint: Member must have "+
			"length less than or equal to %d", maxValue)
	case text == "" && len(c.SecretBinary) == 0:
		return wire.Validation("Value at 'secretString' or 'secretBinary' failed to satisfy constraint: Member must have " +
			"length greater than or equal to 1")
	}
	return nil
}

// checkToken demands the token that makes a repeated request known as one.
func checkToken(token string) error {
	if !validToken.MatchString(token) {
		return wire.Refuse("InvalidParameterException",
			"ClientRequestToken must be 32 to 64 characters long; SDKs fill it in.")
	}
	return nil
}
