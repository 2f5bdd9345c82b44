package inbox

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// News says in a sentence what came last, for those who hear a page rather than see it.
func (b Board) News() string {
	if len(b.Messages) == 0 {
		return "Nothing yet."
	}
	m := b.Messages[0]
	return fmt.Sprintf("The latest: %s, order %s.", m.What(), m.Payment.OrderRef)
}

// What is the type in words: "payment paid".
func (m Message) What() string { return strings.NewReplacer(".", " ", "_", " ").Replace(m.Type) }

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
	return a.Answer >= 200 && a.Answer < 300 && !strings.HasPrefix(a.Note, "made to fail")
}

// Said is the answer in words.
func (a Attempt) Said() string { return said(a.Answer) }

// Said is the answer in words.
func (r Refusal) Said() string { return said(r.Answer) }

func said(status int) string {
	if status == 0 {
		return "no answer"
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// Left is how often a fault is still to strike, in words.
func (f Fault) Left() string {
	switch f.Times {
	case 0:
		return "every message"
	case 1:
		return "the next message"
	}
	return fmt.Sprintf("the next %d messages", f.Times)
}
