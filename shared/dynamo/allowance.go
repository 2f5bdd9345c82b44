package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

// Used reads consistently what of a shop's allowance is used. Nothing there is no error: then nothing is used.
func (s *Store) Used(ctx context.Context, id allowance.ID) (allowance.Usage, error) {
	answer, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.table,
		Key:            attributes{"pk": stringValue(id.String()), "sk": numberValue(0)},
		ConsistentRead: aws.Bool(true),
	})
	switch {
	case err != nil:
		return allowance.Usage{}, s.failure("GetItem", err)
	case answer.Item == nil:
		return allowance.Usage{ID: id}, nil
	}
	return restoreUsed(answer.Item)
}

// Use replaces the version that u was read as and gives u with its new Rev. When another version was saved since, it
// gives that one and payment.ErrConflict.
func (s *Store) Use(ctx context.Context, u allowance.Usage) (allowance.Usage, error) {
	if err := u.Check(); err != nil {
		return allowance.Usage{}, brokenUsed(u.ID, err)
	}
	condition, values := "rev = :read", attributes{":read": stringValue(u.Rev)}
	if u.Rev == "" {
		condition, values = "attribute_not_exists(pk)", nil
	}
	u.Rev = rand.Text()
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           &s.table,
		Item:                                encodeUsed(u),
		ConditionExpression:                 &condition,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err == nil {
		return u, nil
	}
	refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	switch {
	case !ok:
		return allowance.Usage{}, s.failure("PutItem", err)
	case refused.Item == nil:
		return allowance.Usage{ID: u.ID}, payment.ErrConflict
	}
	standing, err := restoreUsed(refused.Item)
	switch {
	case err != nil:
		return allowance.Usage{}, err
	case standing.Rev == u.Rev: // our own write had come through, and its answer was lost
		return u, nil
	}
	return standing, payment.ErrConflict
}

func usedFields(u *allowance.Usage) []field {
	return []field{
		text("rev", &u.Rev),
		text("shop", &u.ID.Shop),
		text("currency", &u.ID.Currency),
		whole("day", &u.Day),
		whole("used", &u.Sum),
		records("claims", &u.Claims, claimFields),
	}
}

func claimFields(c *allowance.Claim) []field {
	return []field{
		text("refund", &c.Refund),
		text("owner", &c.Owner),
		whole("amount", &c.Amount),
	}
}

func encodeUsed(u allowance.Usage) attributes {
	item := write(usedFields(&u))
	item["pk"], item["sk"], item["schema"] = stringValue(u.ID.String()), numberValue(0), numberValue(schema)
	extra, _ := u.Extra.(attributes)
	maps.Copy(item, extra)
	return item
}

func restoreUsed(item attributes) (u allowance.Usage, err error) {
	var version int64
	rest, err := read(item, usedFields(&u), "pk", "sk", "schema")
	if err == nil {
		err = pick(item, []field{whole("schema", &version)})
	}
	if err == nil && (version < schema || u.Rev == "") {
		err = errors.New("schema or rev: is missing")
	}
	if err == nil {
		err = u.Check()
	}
	if pk, _ := readText[string](item["pk"]); err == nil && pk != u.ID.String() {
		err = fmt.Errorf("pk: is not that of %s", u.ID)
	}
	if err != nil {
		return allowance.Usage{}, brokenUsed(u.ID, err)
	}
	if version > schema {
		if rest == nil {
			rest = attributes{}
		}
		rest["schema"] = item["schema"]
	}
	if len(rest) > 0 {
		u.Extra = rest
	}
	return u, nil
}

func brokenUsed(id allowance.ID, err error) error {
	return &payment.Error{Kind: payment.Internal, Message: "what " + id.String() +
		" has used cannot be stored or read as it is", Cause: err}
}
