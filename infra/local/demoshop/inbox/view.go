package inbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Board is what a page shows of the messages.
type Board struct {
	Source   string    // the page that has this board alone, which a script asks for news
	Messages []Message // newest first
	Refused  []Refusal // newest first
	Faults   []Fault
}

// Board reads what a page shows: the newest messages that fit, and, where all shops are meant, what was refused.
func (b *Inbox) Board(source string, f Filter) (Board, error) {
	list, err := b.Messages(f)
	board := Board{Source: source, Messages: list}
	if f.OrderRef == "" {
		board.Faults = b.Faults()
		for _, r := range b.Refused() {
			board.Refused = append([]Refusal{r}, board.Refused...)
		}
	}
	return board, err
}

// Tone is good, bad, wait or note, as the shop's pages colour things.
func (m Message) Tone() string {
	switch m.Type {
	case "payment.paid", "refund.succeeded":
		return "good"
	case "payment.declined", "payment.review", "payment.overpaid", "refund.failed":
		return "bad"
	case "refund.processing":
		return "wait"
	}
	return "note"
}

// Pretty is the message's body with line breaks, for people. The signature is over the bytes as they came.
func (m Message) Pretty() string {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(m.Body), "", "  "); err != nil {
		return m.Body
	}
	return out.String()
}

// Good says whether this delivery was accepted.
func (a Attempt) Good() bool {
	return a.Answer >= 200 && a.Answer < 300 && !strings.HasPrefix(a.Note, madeToFail)
}

// Said is the answer in the words of HTTP; empty where none was given.
func (a Attempt) Said() string { return said(a.Answer) }

// Said is the answer in the words of HTTP.
func (r Refusal) Said() string { return said(r.Answer) }

func said(status int) string {
	if status == 0 {
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// Words are a note as the shop's table of texts says it: the key, and what is filled in.
type Words struct{ Key, Arg string }

// How is the note in words.
func (a Attempt) How() Words {
	if kind, made := strings.CutPrefix(a.Note, madeToFail); made {
		return Words{"board.madeToFail", kind}
	}
	return Words{Key: map[string]string{noteTaken: "board.taken", noteSeen: "board.seenBefore",
		noteOlder: "board.older"}[a.Note]}
}
