package secret

import (
	"strings"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
	"kassa/infra/local/engine/wire"
)

// maxList is the most secrets in one answer (API Reference, "ListSecrets").
const maxList = 100

type listRequest struct {
	Filters    []filter
	MaxResults *int
	NextToken  string
}

// filter admits a secret whose name begins with one of the values; a value behind "!" admits all others.
type filter struct {
	Key    string
	Values []string
}

type listAnswer struct {
	SecretList []listEntry
	NextToken  string `json:",omitempty"`
}

type listEntry struct {
	ARN, Name              string
	Description            string `json:",omitempty"`
	CreatedDate            float64
	LastChangedDate        float64
	SecretVersionsToStages map[string][]string `json:",omitempty"`
}

func (s *Store) listSecrets(request listRequest) (wire.Action, error) {
	limit := maxList
	if request.MaxResults != nil {
		limit = *request.MaxResults
	}
	if limit < 1 || limit > maxList {
		return wire.Action{}, wire.Validation(
			"Value '%d' at 'maxResults' failed to satisfy constraint: Member must be between 1 and %d", limit, maxList)
	}
	for _, f := range request.Filters {
		if f.Key != "name" || len(f.Values) == 0 {
			return wire.Action{}, wire.Validation(
				"The local engine filters secrets by Key \"name\" with at least one value, not by %q.", f.Key)
		}
	}
	return wire.Action{Do: func(wire.Effect) (any, error) { return s.list(request, limit) }}, nil
}

// list gives secrets in the order of their names; the token of the next page is the last name of this one.
func (s *Store) list(request listRequest, limit int) (listAnswer, error) {
	answer := listAnswer{SecretList: []listEntry{}}
	err := s.file.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket([]byte(Bucket))
		cursor := bucket.Cursor()
		for name, _ := cursor.Seek([]byte(request.NextToken)); name != nil; name, _ = cursor.Next() {
			if string(name) == request.NextToken || !admitted(request.Filters, string(name)) {
				continue
			}
			if len(answer.SecretList) == limit {
				answer.NextToken = answer.SecretList[limit-1].Name
				return nil
			}
			var stored secret
			if _, err := storage.Get(bucket, name, &stored); err != nil {
				return err
			}
			answer.SecretList = append(answer.SecretList, s.entry(stored))
		}
		return nil
	})
	return answer, err
}

func (s *Store) entry(stored secret) listEntry {
	return listEntry{s.arn(stored.Name), stored.Name, stored.Description, wire.Seconds(stored.Created),
		wire.Seconds(stored.Changed), stored.stages()}
}

func admitted(filters []filter, name string) bool {
	for _, f := range filters {
		if !f.admits(name) {
			return false
		}
	}
	return true
}

func (f filter) admits(name string) bool {
	for _, value := range f.Values {
		unwanted, negated := strings.CutPrefix(value, "!")
		if strings.HasPrefix(name, unwanted) != negated {
			return true
		}
	}
	return false
}
