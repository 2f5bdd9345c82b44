package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

// Document is the evidence of one payment.
type Document struct {
	Record Record
	Line   []byte // the record as canonical bytes: JSON without blanks, its fields in their order, on one line
	Digest string // SHA-256 of Line, 64 hex digits
	MadeAt string // RFC 3339, UTC; not in the digest
}

// Of makes the document of a payment through a bank of this profile. The same payment gives the same digest, whoever
// makes it and whenever.
func Of(p payment.Payment, profile bank.Profile, now time.Time) (Document, error) {
	d := Document{Record: of(p, profile), MadeAt: now.UTC().Truncate(time.Second).Format(time.RFC3339)}
	var err error
	if d.Line, err = json.Marshal(d.Record); err != nil {
		return d, fmt.Errorf("write the evidence: %w", err)
	}
	sum := sha256.Sum256(d.Line)
	d.Digest = hex.EncodeToString(sum[:])
	return d, nil
}

// over says in each document how its digest is checked.
const over = `the bytes of the line that begins with {"evidence_of", without its line break`

// JSON writes the document for programs. The canonical line stands alone, so that one can take it out and hash it
// without a reader of JSON.
func (d Document) JSON(w io.Writer) error {
	head, err := json.Marshal(over)
	if err == nil {
		_, err = fmt.Fprintf(w, `{
"made_at": %q,
"digest": {"algorithm": "SHA-256", "over": %s, "value": %q},
"evidence":
%s
}
`, d.MadeAt, head, d.Digest, d.Line)
	}
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	return nil
}
