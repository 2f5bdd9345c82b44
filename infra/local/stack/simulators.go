package stack

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"

	"kassa/infra/local/demo"
)

// startSimulators opens the simulated banks.
func (s *Stack) startSimulators(context.Context) error {
	s.Info.Simulators, s.secrets = map[string]SimulatorInfo{}, map[string]map[string]any{}
	for _, entry := range demo.Simulators() {
		opened, err := s.startSimulator(entry)
		if err != nil {
			return err
		}
		door := s.Ports.Simulators[entry.Name]
		s.Info.Simulators[entry.Name] = SimulatorInfo{URL: "https://" + hostPort(door.API), PageURL: address(door.Pages)}
		maps.Copy(opened.Secret, s.config.BankSettings[entry.Name])
		s.secrets[entry.Name] = opened.Secret
	}
	return nil
}

// startSimulator opens a simulated bank: its TLS door, and its pages on a listener of their own.
func (s *Stack) startSimulator(entry demo.Entry) (demo.Simulator, error) {
	door := s.Ports.Simulators[entry.Name]
	opened, err := entry.Open(&s.Banks, demo.Place{Folder: s.data(entry.Name), API: hostPort(door.API),
		Pages: hostPort(door.Pages)})
	if err != nil {
		return opened, fmt.Errorf("start the simulated bank %s: %w", entry.Name, err)
	}
	s.onClose(func(context.Context) error { return opened.Close() })
	if s.config.Between != nil {
		opened.API = s.config.Between(entry.Name, opened.API)
	}
	s.serve(door.API, opened.API, s.told(entry.Name, opened.TLS))
	s.serve(door.Pages, opened.Pages, nil)
	return opened, nil
}

// told adds whoever wants to hear of handshakes to a simulator's TLS.
func (s *Stack) told(simulator string, config *tls.Config) *tls.Config {
	if s.config.Handshaken == nil || config.VerifyConnection != nil {
		return config
	}
	config = config.Clone()
	config.VerifyConnection = func(tls.ConnectionState) error {
		s.config.Handshaken(simulator)
		return nil
	}
	return config
}
