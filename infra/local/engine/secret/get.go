package secret

import (
	"slices"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/wire"
)

type getRequest struct {
	SecretID     string `json:"SecretId"`
	VersionID    string `json:"VersionId"`
	VersionStage string
}

type valueAnswer struct {
	ARN, Name     string
	VersionID     string `json:"VersionId"`
	VersionStages []string
	CreatedDate   float64
	content
}

func (s *Store) getSecretValue(request getRequest) (wire.Action, error) {
	return wire.Action{Key: request.SecretID, Do: func(wire.Effect) (any, error) {
		var answer valueAnswer
		err := s.file.View(func(tx *bolt.Tx) error {
			stored, err := s.load(tx, request.SecretID)
			if err != nil {
				return err
			}
			v, err := request.choose(stored)
			answer = valueAnswer{s.arn(stored.Name), stored.Name, v.ID, v.Stages, wire.Seconds(v.Created), v.content}
			return err
		})
		return answer, err
	}}, nil
}

// choose picks the version by id, by label, or AWSCURRENT; id and label together must mean the same one.
func (r getRequest) choose(stored secret) (version, error) {
	if r.VersionID != "" {
		at := stored.find(func(v version) bool { return v.ID == r.VersionID })
		if at < 0 {
			return version{}, wire.Refuse("ResourceNotFoundException",
				"Secrets Manager can't find the specified secret value for VersionId: %s", r.VersionID)
		}
		if r.VersionStage != "" && !slices.Contains(stored.Versions[at].Stages, r.VersionStage) {
			return version{}, wire.Refuse("InvalidRequestException",
				"You provided a VersionStage that is not associated to the provided VersionId.")
		}
		return stored.Versions[at], nil
	}
	stage := r.VersionStage
	if stage == "" {
		stage = current
	}
	at := stored.find(func(v version) bool { return slices.Contains(v.Stages, stage) })
	if at < 0 {
		return version{}, wire.Refuse("ResourceNotFoundException",
			"Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	return stored.Versions[at], nil
}

type describeRequest struct {
	SecretID string `json:"SecretId"`
}

type describeAnswer struct {
	ARN, Name          string
	Description        string `json:",omitempty"`
	CreatedDate        float64
	LastChangedDate    float64
	VersionIDsToStages map[string][]string `json:"VersionIdsToStages,omitempty"`
}

func (s *Store) describeSecret(request describeRequest) (wire.Action, error) {
	return wire.Action{Key: request.SecretID, Do: func(wire.Effect) (any, error) {
		var answer describeAnswer
		err := s.file.View(func(tx *bolt.Tx) error {
			stored, err := s.load(tx, request.SecretID)
			answer = describeAnswer{s.arn(stored.Name), stored.Name, stored.Description, wire.Seconds(stored.Created),
				wire.Seconds(stored.Changed), stored.stages()}
			return err
		})
		return answer, err
	}}, nil
}
