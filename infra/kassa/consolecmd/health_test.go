package consolecmd

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"kassa/infra/console/screen"
)

// TestWhatTheMetricsSayOfTheSchedules: the last minute with a start, whatever their order, and the sums of an hour; a
// function without any has not run.
func TestWhatTheMetricsSayOfTheSchedules(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
	series := func(id string, minutes []int, counts ...float64) types.MetricDataResult {
		r := types.MetricDataResult{Id: aws.String(id), Values: counts}
		for _, ago := range minutes {
			r.Timestamps = append(r.Timestamps, now.Truncate(time.Minute).Add(-time.Duration(ago)*time.Minute))
		}
		return r
	}
	got := runs([]types.MetricDataResult{series("errors0", []int{3, 70}, 1, 5),
		series("invocations0", []int{2, 1, 90, 0}, 1, 2, 7, 0), series("invocations1", nil), series("errors1", nil)}, now)
	want := []screen.Run{{Function: "expiry-sweep", Last: now.Add(-90 * time.Second), Starts: 3, Failed: 1},
		{Function: "notify"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
