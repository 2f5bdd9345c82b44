package dynamo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/shared/payment"
)

// mostPages bounds what one call of Undelivered reads, in pages of the index: the lists of what waits are all shops'
// together.
const mostPages = 2 * (payment.Shards + 1)

// givenUpFrom is above the keys of all shards that there will ever be: what stands under a shop's own key is found when
// their number has grown.
const givenUpFrom = 1 << 20

// deadKey is where the index outbox lists a shop's payments of which nothing waits and something is dead: a key of
// the shop's own that no worker reads. Two shops that fell on one key would still be told apart by their names in the
// index.
func deadKey(shop string) int64 {
	sum := sha256.Sum256([]byte("given up\x00" + shop))
	return givenUpFrom + int64(binary.BigEndian.Uint64(sum[:8])>>2) // 62 bits
}

// Undelivered gives a shop's payments of which a message waits for another try or is dead, at most limit, from where an
// earlier answer's next says; "" is the beginning. First come those of which nothing waits any more, the latest given
// up first; then, shard by shard, those that wait longest for their next try. Next is "" at the end. There may be fewer
// than limit before it: reading is bounded. The index may be a moment old. Items that a version before this one gave up
// are listed from their next save on. Invalid for a from that no answer gave.
func (s *Store) Undelivered(ctx context.Context, shop, from string, limit int) (ids []payment.ID, next string,
	err error) {
	at, err := readPlace(from)
	if err != nil {
		return nil, "", err
	}
	for range mostPages {
		page, err := s.client.Query(ctx, at.query(s.table, shop))
		if err != nil {
			return nil, "", s.failure("Query", err)
		}
		for _, item := range page.Items {
			var owner string
			if _, err := read(item, []field{text("shop", &owner)}); err != nil || owner != shop {
				continue
			}
			if id := idOf(item); id.Attempt > 0 {
				ids = append(ids, id)
			}
			if len(ids) == limit {
				return ids, at.after(item).String(), nil
			}
		}
		if at = at.after(page.LastEvaluatedKey); at.id == (payment.ID{}) {
			at.list++
		}
		if at.list > payment.Shards {
			return ids, "", nil
		}
	}
	return ids, at.String(), nil
}

// place is where reading goes on: behind an entry, or at the beginning of a list. List 0 is what was given up, 1 to 16
// are the shards.
type place struct {
	list   int
	second int64
	id     payment.ID
}

// readPlace reads a place as String writes it.
func readPlace(from string) (at place, err error) {
	if from == "" {
		return at, nil
	}
	list, entry, within := strings.Cut(from, ":")
	at.list, err = strconv.Atoi(list)
	known := err == nil && at.list >= 0 && at.list <= payment.Shards
	if known && within {
		second, id, _ := strings.Cut(entry, ":")
		at.second, err = strconv.ParseInt(second, 10, 64)
		at.id, known = payment.ParseID(id)
	}
	if !known || err != nil || at.String() != from {
		return place{}, &payment.Error{Kind: payment.Invalid, Code: "invalid_parameters",
			Message: "Some parameters of the query are wrong; errors tells which.",
			Fields: []payment.FieldError{{Pointer: "/cursor", Code: "bad_format",
				Detail: "Must be the next of an earlier answer."}}}
	}
	return at, nil
}

func (at place) String() string {
	if at.id == (payment.ID{}) {
		return strconv.Itoa(at.list)
	}
	return fmt.Sprintf("%d:%d:%s", at.list, at.second, at.id)
}

// after is the place behind an entry of the same list; without one, the list's beginning.
func (at place) after(entry attributes) place {
	next := place{list: at.list}
	if entry != nil {
		next.id = idOf(entry)
		_, _ = read(entry, []field{whole("outbox_at", &next.second)}) // a key of the index always has it
	}
	return next
}

func (at place) query(table, shop string) *dynamodb.QueryInput {
	key := deadKey(shop)
	if at.list > 0 {
		key = int64(at.list - 1)
	}
	query := &dynamodb.QueryInput{
		TableName:                 &table,
		IndexName:                 aws.String("outbox"),
		KeyConditionExpression:    aws.String("outbox_shard = :list"),
		ExpressionAttributeValues: attributes{":list": numberValue(key)},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(pageLimit),
	}
	if at.id != (payment.ID{}) {
		query.ExclusiveStartKey = attributes{"pk": stringValue(at.id.Order), "sk": numberValue(at.id.Attempt),
			"outbox_shard": numberValue(key), "outbox_at": numberValue(at.second)}
	}
	return query
}
