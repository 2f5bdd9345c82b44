// ListSecrets, which the command uses to find the shops of a stage. Only the one filter by the beginning of names is
// known.

package secret

import (
	"strings"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// maxList is the most secrets in one answer (API Reference, "ListSecrets").
const maxList = 100

// listRequest asks for a page.
type listRequest struct {
	Filters   []filter
	NextToken string
}

// filter admits a secret whose name begins with the value.
type filter struct {
	Key    string
	Values []string
}

// listAnswer is a page; no NextToken on the last.
type listAnswer struct {
	SecretList []listEntry
	NextToken  string `json:",omitempty"`
}

// listEntry names a secret and tells nothing of its value.
type listEntry struct {
	ARN, Name       string
	CreatedDate     float64
	LastChangedDate float64
}

// listSecrets refuses whatever else AWS could filter by, a negated prefix (!) included.
func (s *Store) listSecrets(request listRequest) (wire.Action, error) {
	f := request.Filters
	if len(f) != 1 || f[0].Key != "name" || len(f[0].Values) != 1 || strings.HasPrefix(f[0].Values[0], "!") {
		return wire.Action{}, wire.Validation(
			"The local engine lists secrets by one filter with the Key \"name\" and one prefix, not by %q.", f)
	}
	return wire.Action{Do: func(wire.Effect) (any, error) { return s.list(f[0].Values[0], request.NextToken) }}, nil
}

// list gives secrets in the order of their names; the token of the next page is the last name of this one.
func (s *Store) list(prefix, after string) (listAnswer, error) {
	answer := listAnswer{SecretList: []listEntry{}}
	err := s.file.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket([]byte(Bucket))
		cursor := bucket.Cursor()
		name, _ := cursor.Seek([]byte(max(prefix, after)))
		for ; name != nil && strings.HasPrefix(string(name), prefix); name, _ = cursor.Next() {
			if string(name) == after {
				continue
			}
			if len(answer.SecretList) == maxList {
				answer.NextToken = answer.SecretList[maxList-1].Name
				return nil
			}
			var stored secret
			if _, err := storage.Get(bucket, name, &stored); err != nil {
				return err
			}
			answer.SecretList = append(answer.SecretList,
				listEntry{s.arn(stored.Name), stored.Name, wire.Seconds(stored.Created), wire.Seconds(stored.Changed)})
		}
		return nil
	})
	return answer, err
}
