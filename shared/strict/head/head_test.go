package head

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestNothingOfALongHeadIsLost: the server closes right behind its answer, and all of it comes with the end of the
// connection; or it comes byte by byte.
func TestNothingOfALongHeadIsLost(t *testing.T) {
	for lines := range 20 {
		answer := "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-By: "+strings.Repeat("a", 400)+"\r\n", lines) + "\r\n<b/>"
		for name, from := range map[string]io.Reader{"with the end": iotest.DataErrReader(strings.NewReader(answer)),
			"before the end": strings.NewReader(answer), "byte by byte": iotest.OneByteReader(strings.NewReader(answer))} {
			c := &tidying{from: from}
			c.Await()
			if got, err := io.ReadAll(c); err != nil || string(got) != answer {
				t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(answer), err)
			}
		}
	}
}

type tidying struct {
	Reader
	from io.Reader
}

func (c *tidying) Read(p []byte) (int, error) { return c.Reader.Read(c.from, p) }

// TestNothingIsAwaitedBehindAChangeOfProtocols: what is said there is no HTTP.
func TestNothingIsAwaitedBehindAChangeOfProtocols(t *testing.T) {
	const answer = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
	c := &tidying{from: io.MultiReader(strings.NewReader(answer), iotest.ErrReader(io.ErrNoProgress))}
	c.Await()
	p := make([]byte, 4<<10)
	if n, err := c.Read(p); err != nil || string(p[:n]) != answer {
		t.Errorf("%q, %v", p[:n], err)
	}
}
