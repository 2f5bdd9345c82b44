// Records as the stream's API gives them and as Lambda's event has them. The types are AWS's own on both sides, so a
// name that is wrong here cannot agree with itself in a function.

package streams

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// record is one record of the stream, ready to be handed over.
type record struct {
	sequence string
	created  time.Time
	text     json.RawMessage // an element of Records in Lambda's event
}

// newRecord turns the wire's record into Lambda's, which is the same but for where it comes from.
func newRecord(in types.Record, arn string) (record, error) {
	change := in.Dynamodb
	if change == nil || change.SequenceNumber == nil {
		return record{}, errors.New("a record of the stream has no sequence number")
	}
	var images [3]map[string]events.DynamoDBAttributeValue
	for i, item := range []map[string]types.AttributeValue{change.Keys, change.NewImage, change.OldImage} {
		var err error
		if images[i], err = convertItem(item); err != nil {
			return record{}, fmt.Errorf("record %s: %w", *change.SequenceNumber, err)
		}
	}
	created := aws.ToTime(change.ApproximateCreationDateTime)
	text, err := json.Marshal(events.DynamoDBEventRecord{
		AWSRegion: aws.ToString(in.AwsRegion),
		Change: events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: created},
			Keys:                        images[0],
			NewImage:                    images[1],
			OldImage:                    images[2],
			SequenceNumber:              *change.SequenceNumber,
			SizeBytes:                   aws.ToInt64(change.SizeBytes),
			StreamViewType:              string(change.StreamViewType),
		},
		EventID:        aws.ToString(in.EventID),
		EventName:      string(in.EventName),
		EventSource:    aws.ToString(in.EventSource),
		EventVersion:   aws.ToString(in.EventVersion),
		EventSourceArn: arn,
	})
	return record{sequence: *change.SequenceNumber, created: created, text: text}, err
}

// fields is the record as filters see it.
func (r record) fields() (map[string]any, error) {
	var fields map[string]any
	err := json.Unmarshal(r.text, &fields)
	return fields, err
}

// convertItem keeps the difference between no image and an empty one.
func convertItem(item map[string]types.AttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
	if item == nil {
		return nil, nil
	}
	out := make(map[string]events.DynamoDBAttributeValue, len(item))
	for name, in := range item {
		var err error
		if out[name], err = convert(in); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// convert knows the types that the engine stores.
func convert(in types.AttributeValue) (out events.DynamoDBAttributeValue, err error) {
	switch v := in.(type) {
	case *types.AttributeValueMemberS:
		return events.NewStringAttribute(v.Value), nil
	case *types.AttributeValueMemberN:
		return events.NewNumberAttribute(v.Value), nil
	case *types.AttributeValueMemberBOOL:
		return events.NewBooleanAttribute(v.Value), nil
	case *types.AttributeValueMemberM:
		item, err := convertItem(v.Value)
		return events.NewMapAttribute(item), err
	case *types.AttributeValueMemberL:
		list := make([]events.DynamoDBAttributeValue, len(v.Value))
		for i, element := range v.Value {
			if list[i], err = convert(element); err != nil {
				return out, err
			}
		}
		return events.NewListAttribute(list), nil
	default:
		return out, fmt.Errorf("the stream holds a value of the unknown type %T", in)
	}
}
