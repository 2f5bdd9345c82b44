// Package head reads the heads of HTTP's answers that servers write and net/http does not take, and others do.
package head

import (
	"bytes"
	"io"
	"net/http/httputil"
	"slices"
	"strings"
	"sync/atomic"

	"kassa/shared/strict/ascii"
)

// Longest bounds a head in bytes, interim answers included.
const Longest = 32 << 10

// Reader hands on the head of an answer in a form that net/http reads. Servers say some things twice, above all that an
// answer comes in chunks, as a program of Spring does that passes an answer on with its header, and send lines under
// names that are none. cURL and browsers read past that; net/http gives up the answer, whatever the bank has done.
type Reader struct {
	awaited atomic.Bool
	ready   []byte // tidied, and not handed on yet
	err     error  // what reading ended with behind that
}

// Await says that a request goes out: what is read next is the head of its answer.
func (h *Reader) Await() { h.awaited.Store(true) }

// Read reads from a connection.
func (h *Reader) Read(from io.Reader, p []byte) (n int, err error) {
	if len(h.ready) == 0 {
		if n, err = from.Read(p); n == 0 || !h.awaited.CompareAndSwap(true, false) {
			return n, err
		}
		raw := bytes.Clone(p[:n])
		for err == nil && headOf(raw) == nil && len(raw) <= Longest {
			n, err = from.Read(p)
			raw = append(raw, p[:n]...)
		}
		head := headOf(raw)
		h.ready, h.err = append(tidied(head), raw[len(head):]...), err
	}
	n = copy(p, h.ready)
	if h.ready = h.ready[n:]; len(h.ready) > 0 {
		return n, nil
	}
	err, h.err = h.err, nil
	return n, err
}

// headOf is the beginning of an answer up to the empty line, with what a server says before it, such as 100 Continue;
// nil when there is none yet.
func headOf(raw []byte) []byte {
	begin, end := 0, 0
	for line := range bytes.Lines(raw) {
		end += len(line)
		if line[0] != '\n' && string(line) != "\r\n" {
			continue
		}
		if rest := raw[begin:]; !bytes.HasPrefix(rest, []byte("HTTP/1.1 1")) ||
			bytes.HasPrefix(rest, []byte("HTTP/1.1 101")) { // nothing of HTTP comes behind a change of protocols
			return raw[:end]
		}
		begin = end
	}
	return nil
}

// tidied leaves out the lines of a head that say nothing, or what another one has said.
func tidied(head []byte) (tidy []byte) {
	first, chunked := true, false
	for _, line := range unfolded(head) {
		keep := true
		name, value, field := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		switch {
		case first, !field: // the line of the status, whatever it says, and the empty one
			first = name == "" && !field
			chunked = chunked && !first
		case strings.EqualFold(name, "Transfer-Encoding"):
			coding := once(value)
			keep = coding != "" && (coding != "chunked" || !chunked)
			line = name + ": " + coding + "\r\n"
			chunked = chunked || coding == "chunked"
		case strings.EqualFold(name, "Content-Length"):
			line = name + ": " + once(value) + "\r\n"
		default:
			keep = ascii.Only(name, ascii.Letters+ascii.Digits+"!#$%&'*+-.^_`|~ ", 1, Longest) &&
				!strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == '\x7f' })
		}
		if keep {
			tidy = append(tidy, line...)
		}
	}
	return tidy
}

// unfolded gives the lines of a head, with what goes on in the next line in one (RFC 9112, section 5.2).
func unfolded(head []byte) (lines []string) {
	for line := range bytes.Lines(head) {
		last := len(lines) - 1
		if last < 1 || line[0] != ' ' && line[0] != '\t' {
			lines = append(lines, string(line))
			continue
		}
		lines[last] = strings.TrimRight(lines[last], "\r\n") + string(line)
	}
	return lines
}

// once is a list in small letters that names nothing twice in a row, and no coding that is none.
func once(list string) string {
	all := strings.Split(strings.ToLower(list), ",")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	all = slices.DeleteFunc(all, func(one string) bool { return one == "" || one == "identity" })
	return strings.Join(slices.Compact(all), ", ")
}

// Unchunked joins the chunks of an answer of HTTP/1.0, which has none, and for which some servers make some all the
// same: cURL and PHP read them, and net/http does not look. What is not in chunks to its end is given as it came.
func Unchunked(answer []byte) []byte {
	whole, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(answer)))
	if err != nil {
		return answer
	}
	return whole
}
