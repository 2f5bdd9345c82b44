// Package journal is a simulated bank's history: the last of what it saw and sent.
package journal

import "sync"

const (
	length  = 500  // entries kept
	textMax = 4096 // bytes kept of a text
)

// Log keeps the last 500 entries. The zero value is empty and ready; it is safe
// for concurrent use. Who adds an entry has masked it.
type Log[T any] struct {
	// Off says that nobody will ask: then nothing need be masked and added.
	Off bool

	mu   sync.Mutex
	list []T // once it is full, a ring
	next int // where the next entry takes the oldest's place
}

// Add appends an entry.
func (l *Log[T]) Add(entry T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) < length {
		l.list = append(l.list, entry)
		return
	}
	l.list[l.next] = entry
	l.next = (l.next + 1) % length
}

// All returns the entries, oldest first.
func (l *Log[T]) All() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(append([]T{}, l.list[l.next:]...), l.list[:l.next]...)
}

// Clear forgets all entries.
func (l *Log[T]) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list, l.next = nil, 0
}

// Cut keeps the first 4096 bytes of a text.
func Cut(text string) string {
	if len(text) > textMax {
		return text[:textMax] + "…"
	}
	return text
}
