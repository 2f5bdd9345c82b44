package journal

import "time"

// Exchange is what every bank keeps of one request. Who adds it has masked what opens
// a customer's page, and what names the customer; card data never comes this way.
type Exchange struct {
	At        time.Time `json:"at"`
	Path      string    `json:"path"`
	Operation string    `json:"operation"`
	// Why says what the bank did not like.
	Why string `json:"why,omitempty"`
	// Fault is the scripted fault that the call met.
	Fault    string `json:"fault,omitempty"`
	Request  string `json:"request"`
	Response string `json:"response"`
}
