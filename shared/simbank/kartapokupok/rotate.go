package kartapokupok

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"kassa/shared/simbank/control"
	"kassa/shared/simbank/kartapokupok/authority"
)

// rotation is the body of POST /_sim/rotate.
type rotation struct {
	Client  bool   `json:"client"`
	Signing string `json:"signing"`
	Server  string `json:"server"`
	KeepOld bool   `json:"keep_old"`
}

func (s *Sim) controlRotate(_ *http.Request, ask *rotation) (any, error) {
	pki := s.opts.PKI
	if err := control.OneOf("signing", ask.Signing, append(authority.Families(), "")...); err != nil {
		return nil, fmt.Errorf("%w: %w", control.ErrBadInput, err)
	}
	if ask.Server != "" {
		if err := pki.SetServer(ask.Server); err != nil {
			return nil, fmt.Errorf("%w: %w", control.ErrBadInput, err)
		}
	}
	if ask.Client {
		if err := pki.RotateClient(ask.KeepOld); err != nil {
			return nil, err
		}
	}
	if ask.Signing != "" {
		if err := pki.RotateSigning(ask.Signing, ask.KeepOld); err != nil {
			return nil, err
		}
	}
	return s.keys()
}

// keys is what the bank gives a partner to enter as settings.
func (s *Sim) keys() (any, error) {
	public := map[string][]string{}
	for _, family := range authority.Families() {
		published, err := s.opts.PKI.PublicKeys(family)
		if err != nil {
			return nil, err
		}
		for _, key := range published {
			public[family] = append(public[family], string(key))
		}
	}
	certificate, key := s.opts.PKI.Client()
	return map[string]any{
		"ca": string(s.opts.PKI.CA()), "certificate": string(certificate), "key": string(key), "public_keys": public,
	}, nil
}

// Mark remembers how the bank's books and letters stand and gives a function that puts them back so. The history goes
// on.
func (s *Sim) Mark() (back func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	book, names, last := s.Book.Mark(), maps.Clone(s.names), slices.Clone(s.last)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		book()
		s.names, s.last = maps.Clone(names), slices.Clone(last)
	}
}

// Reset puts faults, switches and history back to the start; with orders the
// ledger is emptied too. Certificates and keys stay.
func (s *Sim) Reset(orders bool) error {
	s.sent.Clear()
	if orders {
		s.mu.Lock()
		s.names, s.last = map[string]string{}, nil
		s.mu.Unlock()
	}
	return s.base.Reset(orders)
}
