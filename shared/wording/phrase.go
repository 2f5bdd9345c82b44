package wording

import "fmt"

// Phrase is a text that is found before it is known who reads it: a key of the table, and what is filled in. Without a
// key it is as somebody else wrote it, the same in every language.
type Phrase struct {
	Key    string
	Values []any // among them may be phrases
}

// Says makes a phrase of a text of the table.
func Says(key string, values ...any) Phrase { return Phrase{key, values} }

// Verbatim makes one of what somebody else wrote.
func Verbatim(text string) Phrase { return Phrase{"", []any{text}} }

// Tell gives a phrase in words.
func (s Speech) Tell(p Phrase) string {
	values := make([]any, len(p.Values))
	for i, value := range p.Values {
		if inner, is := value.(Phrase); is {
			value = s.Tell(inner)
		}
		values[i] = value
	}
	if p.Key == "" {
		return fmt.Sprint(values...)
	}
	return s.Say(p.Key, values...)
}
