package consolecmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"kassa/infra/console/screen"
	"kassa/infra/kassa/ping"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/vault"
)

// health reads what the screen Health shows, with the command's credentials.
type health struct {
	vault *vault.Vault
	stage stage.Stage
	now   func() time.Time
}

// Banks looks at each bank of a shop, even where an earlier one is bad.
func (h health) Banks(ctx context.Context, shop string, ask bool) (all []ping.Result, err error) {
	s, err := h.vault.Known(ctx, shop)
	if err != nil {
		return nil, err
	}
	look := func(name string, secret []byte) []ping.Check {
		return ping.Unasked(name, secret, h.stage.Name, h.now())
	}
	if ask {
		look = func(name string, secret []byte) []ping.Check {
			return ping.Bank(ctx, name, secret, h.stage.Name, h.now())
		}
	}
	for _, name := range s.Banks {
		secret, found, err := h.vault.Read(ctx, h.vault.BankName(shop, name))
		if err != nil {
			return nil, err
		}
		checks := ping.Missing()
		if found {
			checks = look(name, secret)
		}
		all = append(all, ping.Result{Bank: name, Checks: checks})
	}
	return all, nil
}

// Keys are the shop's API keys.
func (h health) Keys(ctx context.Context, shop string) ([]vault.Key, error) {
	s, err := h.vault.Known(ctx, shop)
	return s.Keys, err
}

// back is how far the metrics are read.
const back = 3 * time.Hour

// Runs asks CloudWatch how often the schedules' functions were started, minute by minute.
func (h health) Runs(ctx context.Context) ([]screen.Run, error) {
	client := h.stage.Metrics()
	if client == nil {
		return nil, nil
	}
	now, question := h.now(), []types.MetricDataQuery(nil)
	for i, function := range scheduled() {
		for _, metric := range []string{"Invocations", "Errors"} {
			question = append(question, types.MetricDataQuery{Id: aws.String(fmt.Sprintf("%s%d", strings.ToLower(metric), i)),
				MetricStat: &types.MetricStat{Stat: aws.String("Sum"), Period: aws.Int32(60),
					Metric: &types.Metric{Namespace: aws.String("AWS/Lambda"), MetricName: &metric, Dimensions: []types.Dimension{
						{Name: aws.String("FunctionName"), Value: aws.String("kassa-" + h.stage.Name + "-" + function)}}}}})
		}
	}
	out, err := client.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{MetricDataQueries: question,
		StartTime: aws.Time(now.Add(-back)), EndTime: &now})
	if err != nil {
		return nil, fmt.Errorf("read the schedules' metrics: %w", err)
	}
	return runs(out.MetricDataResults, now), nil
}

// scheduled are the functions that template.yaml has a schedule start.
func scheduled() []string { return []string{"expiry-sweep", "notify"} }

// runs makes of the metrics, a value for each minute in which there was something, what the screen shows.
func runs(results []types.MetricDataResult, now time.Time) (all []screen.Run) {
	for i, function := range scheduled() {
		run := screen.Run{Function: function}
		for _, r := range results {
			for n, at := range r.Timestamps {
				count := int(r.Values[n])
				lately := now.Sub(at) <= time.Hour
				switch id := aws.ToString(r.Id); {
				case count == 0:
				case id == fmt.Sprintf("invocations%d", i):
					if at.After(run.Last) {
						run.Last = at
					}
					if lately {
						run.Starts += count
					}
				case id == fmt.Sprintf("errors%d", i) && lately:
					run.Failed += count
				}
			}
		}
		all = append(all, run)
	}
	return all
}
