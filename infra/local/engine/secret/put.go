// PutSecretValue: a further version. AWS has no conditional write here; that one token takes one content is what kassa
// uses in its place to notice that somebody else has written.

package secret

import (
	"slices"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/wire"
)

// maxVersions is how many versions a secret keeps (Quotas, "Versions across all stages"); labelled ones are never
// dropped.
const maxVersions = 100

// putRequest has no labels: the new version is the current one.
type putRequest struct {
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	content
}

// putSecretValue checks first, as createSecret does; whether the secret is there is found in the transaction.
func (s *Store) putSecretValue(request putRequest) (wire.Action, error) {
	action := wire.Action{Key: request.SecretID, Do: func(wire.Effect) (any, error) {
		var answer writeAnswer
		err := s.file.Commit(func(tx *bolt.Tx) error {
			var err error
			answer, err = s.put(tx, request)
			return err
		})
		return answer, err
	}}
	if err := request.check(); err != nil {
		return action, err
	}
	return action, checkToken(request.ClientRequestToken)
}

// put adds a version, which becomes the current one. The same request once more changes nothing; another value under a
// used token is refused.
func (s *Store) put(tx *bolt.Tx, request putRequest) (writeAnswer, error) {
	stored, err := s.load(tx, request.SecretID)
	if err != nil {
		return writeAnswer{}, err
	}
	answer := writeAnswer{ARN: s.arn(stored.Name), Name: stored.Name, VersionID: request.ClientRequestToken}
	at := stored.find(func(v version) bool { return v.ID == request.ClientRequestToken })
	if at >= 0 {
		answer.VersionStages = stored.Versions[at].Stages
		if !stored.Versions[at].same(request.content) {
			return writeAnswer{}, wire.Refuse("ResourceExistsException",
				"You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.",
				request.ClientRequestToken, answer.ARN)
		}
		return answer, nil
	}
	answer.VersionStages = []string{current}
	stored.Changed = s.now()
	stored.add(version{ID: request.ClientRequestToken, Created: stored.Changed, Stages: answer.VersionStages,
		content: request.content})
	return answer, save(tx, stored)
}

// add puts a version in the place of the current one, which becomes the previous one.
func (s *secret) add(v version) {
	for i := range s.Versions {
		if old := &s.Versions[i]; slices.Contains(old.Stages, current) {
			old.Stages = []string{previous}
		} else {
			old.Stages = nil
		}
	}
	s.Versions = append(s.Versions, v)
	if len(s.Versions) > maxVersions {
		s.Versions = s.Versions[1:]
	}
}
