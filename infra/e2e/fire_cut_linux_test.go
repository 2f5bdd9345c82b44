package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	bolt "go.etcd.io/bbolt"

	"kassa/infra/local/engine/storage"
)

// cuts tries what becomes of the engine's file where a crash takes its end away, too. It works on copies: what is gone
// from a disk that had confirmed it nobody can bring back, and the run goes on with the whole file.
type cuts struct {
	draws           *rand.Rand
	file            string
	opened, refused int
	wrong           []error
}

// often is how many of the engine's deaths leave one file to be cut.
const often = 8

// try looks at the file that a killed engine has left, whole and cut at a byte.
func (c *cuts) try() {
	if c.draws.IntN(often) > 0 && c.opened+c.refused > 0 {
		return
	}
	whole := c.file + ".whole"
	err := copyFile(whole, c.file, -1)
	if err == nil {
		err = c.cut(whole)
	}
	if err != nil {
		c.wrong = append(c.wrong, err)
	}
	_ = os.Remove(whole)
}

// cut truncates a copy anywhere. It must open with all that the whole file holds, or be refused with the reason.
func (c *cuts) cut(whole string) error {
	info, err := os.Stat(whole)
	if err != nil {
		return err
	}
	short := filepath.Join(filepath.Dir(whole), "short.db")
	size := 1 + c.draws.Int64N(info.Size()-1)
	if err := copyFile(short, whole, size); err != nil {
		return err
	}
	defer func() { _ = os.Remove(short) }()
	want, err := contents(whole)
	if err != nil {
		return fmt.Errorf("the file of a killed engine: %w", err)
	}
	got, err := contents(short)
	switch {
	case err == nil && bytes.Equal(got, want):
		c.opened++
	case err == nil:
		return fmt.Errorf("the engine's file, cut to %d of %d bytes, opens with less than it held", size, info.Size())
	case strings.Contains(err.Error(), "was cut off"), strings.Contains(err.Error(), "invalid database"),
		strings.Contains(err.Error(), "file size too small"):
		c.refused++
	default:
		return fmt.Errorf("the engine's file, cut to %d of %d bytes: %w", size, info.Size(), err)
	}
	return nil
}

// contents opens a file as the engine does and gives all that it holds, once bbolt has found its pages sound.
func contents(path string) (all []byte, err error) {
	file, err := storage.Open(path)
	if err != nil {
		return nil, err
	}
	err = file.View(func(tx *bolt.Tx) error {
		var wrong []error
		for err := range tx.Check() {
			wrong = append(wrong, err)
		}
		var walk func(b *bolt.Bucket) error
		walk = func(b *bolt.Bucket) error {
			return b.ForEach(func(key, value []byte) error {
				all = append(append(append(append(all, key...), 0), value...), 0)
				if value == nil {
					return walk(b.Bucket(key))
				}
				return nil
			})
		}
		wrong = append(wrong, tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			all = append(append(all, name...), 0)
			return walk(b)
		}))
		return errors.Join(wrong...)
	})
	return all, errors.Join(err, file.Close())
}

// copyFile copies the first bytes of a file, all of them where size is negative.
func copyFile(to, from string, size int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	var source io.Reader = in
	if size >= 0 {
		source = io.LimitReader(in, size)
	}
	_, err = io.Copy(out, source)
	return errors.Join(err, in.Close(), out.Close())
}
