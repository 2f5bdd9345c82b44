// Archives whose bytes follow from their content: no time of the build, no user and no order by chance, so that
// whoever builds the same sources can compare the checksums.

package main

import (
	"archive/zip"
	"bytes"
	"os"
	"time"
)

// bootstrap is what Lambda starts in an archive.
const bootstrap = "bootstrap"

// born is the time of every file in an archive: the oldest that the format knows.
var born = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive packs a binary as the bootstrap of a function.
func archive(binary string) ([]byte, error) {
	content, err := os.ReadFile(binary) //nolint:gosec // the caller names what it has built
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: bootstrap, Method: zip.Deflate, Modified: born}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(content); err != nil {
		return nil, err
	}
	err = w.Close() // writes the list of files, so only then is out whole
	return out.Bytes(), err
}
