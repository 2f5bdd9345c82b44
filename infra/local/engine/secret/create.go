// CreateSecret: the first version of a new name.

package secret

import (
	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/wire"
)

// createRequest has the parameters that Kassa sends; any other is refused when it is read.
type createRequest struct {
	Name               string
	ClientRequestToken string
	content
}

// writeAnswer is the answer to a call that stored a value.
type writeAnswer struct {
	ARN, Name     string
	VersionID     string   `json:"VersionId"`
	VersionStages []string `json:",omitempty"`
}

// createSecret checks everything before the transaction, so that a refusal costs no sync of the file.
func (s *Store) createSecret(request createRequest) (wire.Action, error) {
	action := wire.Action{Key: request.Name, Do: func(wire.Effect) (any, error) {
		answer := writeAnswer{ARN: s.arn(request.Name), Name: request.Name, VersionID: request.ClientRequestToken}
		return answer, s.file.Commit(func(tx *bolt.Tx) error { return s.create(tx, request) })
	}}
	if !validName.MatchString(request.Name) {
		return action, wire.Refuse("InvalidParameterException",
			"Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	if err := request.check(); err != nil {
		return action, err
	}
	return action, checkToken(request.ClientRequestToken)
}

// create stores a new secret. The same request once more is answered as the first one was.
func (s *Store) create(tx *bolt.Tx, request createRequest) error {
	if tx.Bucket([]byte(Bucket)).Get([]byte(request.Name)) != nil {
		return s.repeated(tx, request)
	}
	now := s.now()
	first := version{ID: request.ClientRequestToken, Created: now, Stages: []string{current}, content: request.content}
	return save(tx, secret{Name: request.Name, Created: now, Changed: now, Versions: []version{first}})
}

// repeated tells the same request from another of the same name. The SDK sends one token with all tries of a request,
// so a retry after a lost answer is no conflict.
func (s *Store) repeated(tx *bolt.Tx, request createRequest) error {
	stored, err := s.load(tx, request.Name)
	if err != nil {
		return err
	}
	at := stored.find(func(v version) bool { return v.ID == request.ClientRequestToken })
	if at < 0 || !stored.Versions[at].same(request.content) {
		return wire.Refuse("ResourceExistsException", "The operation failed because the secret %s already exists.",
			request.Name)
	}
	return nil
}
