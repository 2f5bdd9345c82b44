package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
)

// mark is what an older version does not know about a refund, and would refuse inside it.
type mark struct {
	ID, Owner string
	Answer    payment.Answer
}

// marks keeps that beside the refunds, at the top of the item. It must be read after them.
func marks(name string, refunds *[]payment.Refund) field { return field{name, marksAt{refunds}} }

type marksAt struct{ refunds *[]payment.Refund }

func markFields(m *mark) []field {
	return []field{text("id", &m.ID), text("owner", &m.Owner), text("answer", &m.Answer)}
}

func (p marksAt) write() types.AttributeValue {
	var kept []mark
	for _, r := range *p.refunds {
		if r.Owner != "" || r.Answer != "" {
			kept = append(kept, mark{r.ID, r.Owner, r.Answer})
		}
	}
	return recordsAt[mark]{&kept, markFields}.write()
}

func (p marksAt) read(v types.AttributeValue) error {
	var kept []mark
	if err := (recordsAt[mark]{&kept, markFields}).read(v); err != nil {
		return err
	}
	for _, m := range kept {
		for i, r := range *p.refunds {
			if r.ID == m.ID {
				(*p.refunds)[i].Owner, (*p.refunds)[i].Answer = m.Owner, m.Answer
			}
		}
	}
	return nil
}

// references keeps what the shop calls its refunds by their ids, at the top of the item for the reason that marks does.
// It must be read after them. One whose refund is gone, as a version that does not know of references leaves it, goes
// with the next save.
func references(name string, refunds *[]payment.Refund) field {
	return field{name, referencesAt{refunds}}
}

type referencesAt struct{ refunds *[]payment.Refund }

func (p referencesAt) write() types.AttributeValue {
	var kept map[string]string
	for _, r := range *p.refunds {
		if r.Reference == "" {
			continue
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[r.ID] = r.Reference
	}
	return dictionaryAt{&kept}.write()
}

func (p referencesAt) read(v types.AttributeValue) error {
	var kept map[string]string
	if err := (dictionaryAt{&kept}).read(v); err != nil {
		return err
	}
	for i, r := range *p.refunds {
		(*p.refunds)[i].Reference = kept[r.ID]
	}
	return nil
}

// account is an S: the merchant id, behind its gateway and a colon where there is one. No merchant id has a colon, so
// a version that knows of no gateways takes the whole for another merchant's, and asks about it nowhere.
func account(name string, at *payment.Account) field { return field{name, accountAt{at}} }

type accountAt struct{ at *payment.Account }

func (p accountAt) write() types.AttributeValue {
	whole := p.at.Merchant
	if p.at.Gateway != "" {
		whole = p.at.Gateway + ":" + whole
	}
	return textAt[string]{&whole}.write()
}

func (p accountAt) read(v types.AttributeValue) error {
	whole, err := readText[string](v)
	gateway, merchant, several := strings.Cut(whole, ":")
	if p.at.Merchant = whole; several {
		p.at.Gateway, p.at.Merchant = gateway, merchant
	}
	return err
}
