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
	mu   sync.Mutex
	list []T
}

// Add appends an entry.
func (l *Log[T]) Add(entry T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, entry)
	if len(l.list) > length {
		l.list = append([]T(nil), l.list[len(l.list)-length:]...)
	}
}

// All returns the entries, oldest first.
func (l *Log[T]) All() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]T{}, l.list...)
}

// Clear forgets all entries.
func (l *Log[T]) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}

// Cut keeps the first 4096 bytes of a text.
func Cut(text string) string {
	if len(text) > textMax {
		return text[:textMax] + "…"
	}
	return text
}
