// Reading: GetSecretValue gives the current version alone, DescribeSecret which versions there are and no value.

package secret

import (
	"slices"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/wire"
)

// getRequest asks by name. Older versions cannot be asked for: no function of Kassa does.
type getRequest struct {
	SecretID string `json:"SecretId"`
}

// valueAnswer is the current version; CreatedDate is in seconds since 1970.
type valueAnswer struct {
	ARN, Name     string
	VersionID     string `json:"VersionId"`
	VersionStages []string
	CreatedDate   float64
	content
}

// getSecretValue always finds a current version: nothing here takes that label away without giving it to another.
func (s *Store) getSecretValue(request getRequest) (wire.Action, error) {
	return wire.Action{Key: request.SecretID, Do: func(wire.Effect) (any, error) {
		var answer valueAnswer
		err := s.file.View(func(tx *bolt.Tx) error {
			stored, err := s.load(tx, request.SecretID)
			if err != nil {
				return err
			}
			v := stored.Versions[stored.find(func(v version) bool { return slices.Contains(v.Stages, current) })]
			answer = valueAnswer{s.arn(stored.Name), stored.Name, v.ID, v.Stages, wire.Seconds(v.Created), v.content}
			return nil
		})
		return answer, err
	}}, nil
}

// describeAnswer tells when a secret was changed, and its versions by their labels.
type describeAnswer struct {
	ARN, Name          string
	CreatedDate        float64
	LastChangedDate    float64
	VersionIDsToStages map[string][]string `json:"VersionIdsToStages,omitempty"`
}

// describeSecret reads no value, so a policy may allow it to more callers than GetSecretValue.
func (s *Store) describeSecret(request getRequest) (wire.Action, error) {
	return wire.Action{Key: request.SecretID, Do: func(wire.Effect) (any, error) {
		var answer describeAnswer
		err := s.file.View(func(tx *bolt.Tx) error {
			stored, err := s.load(tx, request.SecretID)
			answer = describeAnswer{s.arn(stored.Name), stored.Name, wire.Seconds(stored.Created), wire.Seconds(stored.Changed),
				stored.stages()}
			return err
		})
		return answer, err
	}}, nil
}
