// Package canary makes texts that are found again wherever they end up, however they are written there. Each stands in
// one field alone, so finding it says which field leaked.
package canary

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Flock are the canaries of one test. It is safe for concurrent use.
type Flock struct {
	mu     sync.Mutex
	words  map[string]string // made here: the field by the canary
	phones map[string]string // found however their digits are written, as are cards
	cards  map[string]string
	texts  map[string]string // that there were before, such as keys
}

// The forms of those that are made here: too long to come about by chance, even in a gigabyte of noise.
var (
	word  = regexp.MustCompile(`(?i)kqj[0-9]{5}xzv`)
	phone = regexp.MustCompile(`3754477[0-9]{5}`)
)

// Word makes a canary for a field, of letters and digits alone, so that most fields take it and no encoding that keeps
// those changes it.
func (f *Flock) Word(field string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	made := fmt.Sprintf("kqj%05dxzv", len(f.words))
	f.words = with(f.words, made, field)
	return made
}

// Phone makes one for a field that takes phone numbers alone.
func (f *Flock) Phone(field string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	made := fmt.Sprintf("3754477%05d", len(f.phones))
	f.phones = with(f.phones, made, field)
	return "+" + made
}

// Add takes a text that stands in a field already. Of a PEM block each full line counts, since a part would do.
func (f *Flock) Add(field, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	// a number is found however it is written; other texts as they stand, since a key in other letters opens nothing
	if strings.Trim(text, "0123456789") == "" {
		f.cards = with(f.cards, text, field)
		return
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") && len(line) >= 8 {
			f.texts = with(f.texts, line, field)
		}
	}
}

// Size is how many canaries there are.
func (f *Flock) Size() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.words) + len(f.phones) + len(f.cards) + len(f.texts)
}

// In names the fields whose canaries stand in a text, in order.
func (f *Flock) In(text string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := map[string]bool{}
	note := func(field string, known bool) {
		if known {
			found[field] = true
		}
	}
	for _, reading := range readings(text) {
		for _, one := range word.FindAllString(reading, -1) {
			field, made := f.words[strings.ToLower(one)]
			note(field, made)
		}
		digits := digitsOf(reading)
		for _, one := range phone.FindAllString(digits, -1) {
			field, made := f.phones[one]
			note(field, made)
		}
		for one, field := range f.cards {
			note(field, strings.Contains(digits, one))
		}
		for one, field := range f.texts {
			note(field, strings.Contains(reading, one))
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func with(all map[string]string, name, value string) map[string]string {
	if all == nil {
		all = map[string]string{}
	}
	all[name] = value
	return all
}
