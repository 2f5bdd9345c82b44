package secret

import (
	"slices"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/wire"
)

// maxVersions is how many versions a secret keeps (Quotas, "Versions across all stages"); labelled ones are never
// dropped.
const maxVersions = 100

type putRequest struct {
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	VersionStages      []string
	content
}

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
	if request.empty() {
		return action, wire.Refuse("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	}
	if err := request.check(); err != nil {
		return action, err
	}
	if request.VersionStages != nil && (len(request.VersionStages) == 0 || len(request.VersionStages) > 20 ||
		slices.Contains(request.VersionStages, "")) {
		return action, wire.Validation(
			"Value at 'versionStages' failed to satisfy constraint: it holds 1 to 20 labels of at least one character")
	}
	return action, checkToken(request.ClientRequestToken)
}

// put adds a version and moves the labels to it. The same request once more changes nothing; another value under a used
// token is refused.
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
	answer.VersionStages = stored.labels(request.VersionStages)
	stored.Changed = s.now()
	stored.add(version{ID: request.ClientRequestToken, Created: stored.Changed, Stages: answer.VersionStages,
		content: request.content})
	return answer, save(tx, stored)
}

// labels are the labels of a new version: those asked for, else AWSCURRENT, which the first version of a secret always
// gets.
func (s *secret) labels(asked []string) []string {
	labels := slices.Compact(slices.Sorted(slices.Values(asked)))
	if len(labels) == 0 || (len(s.Versions) == 0 && !slices.Contains(labels, current)) {
		labels = append(labels, current)
	}
	return labels
}

// add moves the labels of a version to it from wherever they are. The version that loses AWSCURRENT becomes
// AWSPREVIOUS.
func (s *secret) add(v version) {
	was := s.find(func(old version) bool { return slices.Contains(old.Stages, current) })
	moved := v.Stages
	replaced := was >= 0 && slices.Contains(moved, current)
	if replaced {
		moved = append(slices.Clone(moved), previous)
	}
	for i := range s.Versions {
		s.Versions[i].Stages = slices.DeleteFunc(s.Versions[i].Stages, func(stage string) bool {
			return slices.Contains(moved, stage)
		})
	}
	if replaced && !slices.Contains(v.Stages, previous) {
		s.Versions[was].Stages = append(s.Versions[was].Stages, previous)
	}
	s.Versions = append(s.Versions, v)
	if len(s.Versions) > maxVersions {
		oldest := s.find(func(v version) bool { return len(v.Stages) == 0 })
		if oldest >= 0 {
			s.Versions = slices.Delete(s.Versions, oldest, oldest+1)
		}
	}
}
