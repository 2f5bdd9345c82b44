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
func marks(name string, refunds *[]payment.Refund) field {
	var kept []mark
	f := records(name, &kept, func(m *mark) []field {
		return []field{text("id", &m.ID), text("owner", &m.Owner), text("answer", &m.Answer)}
	})
	return field{name,
		func() types.AttributeValue {
			kept = nil
			for _, r := range *refunds {
				if r.Owner != "" || r.Answer != "" {
					kept = append(kept, mark{r.ID, r.Owner, r.Answer})
				}
			}
			return f.write()
		},
		func(v types.AttributeValue) error {
			if err := f.read(v); err != nil {
				return err
			}
			for _, m := range kept {
				for i, r := range *refunds {
					if r.ID == m.ID {
						(*refunds)[i].Owner, (*refunds)[i].Answer = m.Owner, m.Answer
					}
				}
			}
			return nil
		}}
}

// references keeps what the shop calls its refunds by their ids, at the top of the item for the reason that marks does.
// It must be read after them. One whose refund is gone, as a version that does not know of references leaves it, goes
// with the next save.
func references(name string, refunds *[]payment.Refund) field {
	var kept map[string]string
	f := dictionary(name, &kept)
	return field{name,
		func() types.AttributeValue {
			kept = nil
			for _, r := range *refunds {
				if r.Reference == "" {
					continue
				}
				if kept == nil {
					kept = map[string]string{}
				}
				kept[r.ID] = r.Reference
			}
			return f.write()
		},
		func(v types.AttributeValue) error {
			if err := f.read(v); err != nil {
				return err
			}
			for i, r := range *refunds {
				(*refunds)[i].Reference = kept[r.ID]
			}
			return nil
		}}
}

// account is an S: the merchant id, behind its gateway and a colon where there is one. No merchant id has a colon, so
// a version that knows of no gateways takes the whole for another merchant's, and asks about it nowhere.
func account(name string, at *payment.Account) field {
	whole := ""
	f := text(name, &whole)
	return field{name,
		func() types.AttributeValue {
			if whole = at.Merchant; at.Gateway != "" {
				whole = at.Gateway + ":" + whole
			}
			return f.write()
		},
		func(v types.AttributeValue) error {
			err := f.read(v)
			gateway, merchant, several := strings.Cut(whole, ":")
			if at.Merchant = whole; several {
				at.Gateway, at.Merchant = gateway, merchant
			}
			return err
		}}
}
