package streams

import (
	"context"
	"slices"
	"testing"
)

// held is a function that begins when it is let.
type held struct{ begin chan struct{} }

func (h held) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	select {
	case <-h.begin:
		return []byte("{}"), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestDoneIsWhatAllAreDoneWith: what one mapping is done with is not let go of while another has yet to see it.
func TestDoneIsWhatAllAreDoneWith(t *testing.T) {
	w, slow, done := newWorld(t), held{make(chan struct{})}, make(chan string, 10)
	w.options.Done = func(sequence string) error {
		done <- sequence
		return nil
	}
	fast, late := set(nil), set(nil)
	fast.Target, late.Target, late.Function = w, slow, "Late"
	p, err := Open(t.Context(), w.options, []Mapping{fast, late})
	if err != nil {
		t.Fatal(err)
	}
	p.Start()
	w.put(t, "a")
	w.expect(t, "a")
	w.put(t, "b")
	w.expect(t, "b")
	if len(done) > 0 {
		t.Errorf("done with %s, which one mapping has not seen", <-done)
	}
	close(slow.begin)
	var heard []string
	for len(heard) == 0 || heard[len(heard)-1] != sequence(2) {
		heard = append(heard, <-done)
	}
	if !slices.IsSorted(heard) {
		t.Errorf("done with %v", heard)
	}
	closePoller(t, p)
}
