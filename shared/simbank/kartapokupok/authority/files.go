package authority

import (
	"fmt"
	"os"
	"path/filepath"
)

// folder is a directory of private keys; the empty one keeps nothing.
type folder string

func (f folder) make() error {
	if f == "" {
		return nil
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return fmt.Errorf("make the folder of the bank's keys: %w", err)
	}
	return nil
}

func (f folder) read(name string) ([]byte, error) {
	if f == "" {
		return nil, os.ErrNotExist
	}
	return os.ReadFile(filepath.Join(string(f), name)) //nolint:gosec // the caller names its own directory
}

// write stores a whole file or none, so that a kill leaves no half of a key.
func (f folder) write(name string, text []byte) error {
	if f == "" {
		return nil
	}
	file := filepath.Join(string(f), name)
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
