package scale

// Price is a public price of AWS in US dollars, in us-east-1. Other regions of Europe are some 10 to 25 percent dearer.
type Price struct {
	What   string
	Per    string
	Dollar float64
	Source string // and when it was read there
}

// The prices in use, all without free tiers. Their order is that of the table.
var (
	httpAPI = Price{"API Gateway, HTTP API", "million requests", 1.00,
		"AWS whitepaper on private APIs, table 4; read 2026-11-21"}
	lambdaRequest = Price{"Lambda, requests", "million", 0.20, "aws.amazon.com/lambda/pricing; read 2026-09-20"}
	lambdaTime    = Price{"Lambda, arm64", "GB-second", 0.0000133334,
		"price comparison of May 2026 citing the same page; read 2026-11-21"}
	writeUnit = Price{"DynamoDB, on-demand writes", "million units of 1 KB", 0.625,
		"aws.amazon.com/dynamodb/pricing/on-demand, as cited in public; read 2026-11-21"}
	readUnit = Price{"DynamoDB, on-demand reads", "million units of 4 KB", 0.125, "the same"}
	storage  = Price{"DynamoDB, storage", "GB-month", 0.25, "the same"}
	recovery = Price{"DynamoDB, point-in-time recovery", "GB-month", 0.20, "the same"}
	logs     = Price{"CloudWatch Logs, ingestion", "GB", 0.50,
		"comparison of June 2026 citing aws.amazon.com/cloudwatch/pricing; read 2026-11-21"}
	customMetric = Price{"CloudWatch, custom metric", "month, by the hour in which it is sent", 0.30,
		"comparison of February 2026; read 2026-11-21"}
	alarm     = Price{"CloudWatch, alarm", "metric and month", 0.10, "the same"}
	dashboard = Price{"CloudWatch, dashboard", "month", 3.00, "the same"}
	secret    = Price{"Secrets Manager, secret", "month", 0.40,
		"aws.amazon.com/secrets-manager/pricing; read 2026-09-20"}
	secretCall = Price{"Secrets Manager, calls", "10,000", 0.05, "the same"}
	key        = Price{"KMS, key of one's own", "month", 1.00, "price guide of 2026; read 2026-11-21"}
	scheduler  = Price{"EventBridge Scheduler", "million, after 14 million free each month", 1.00,
		"comparison of March 2026; read 2026-11-21"}
	trace    = Price{"X-Ray, traces recorded", "million", 5.00, "aws.amazon.com/xray/pricing; read 2026-11-21"}
	transfer = Price{"Data out to the internet", "GB", 0.09,
		"comparison of 2026 citing the API Gateway page; read 2026-11-21"}
)

// Prices are all of them.
func Prices() []Price {
	return []Price{httpAPI, lambdaRequest, lambdaTime, writeUnit, readUnit, storage, recovery, logs, customMetric, alarm,
		dashboard, secret,
		secretCall, key, scheduler, trace, transfer}
}

// What nobody can measure on one machine is assumed; the page says so, and shows what another assumption would change.
const (
	memoryGB = 0.25 // of a function, as the template sets it
	// of one processor, which a function of 1,769 MB has whole (Lambda Developer Guide, "Configure memory")
	coreShare   = 256 / 1769.
	dynamoMS    = 5.   // of one call
	bankMS      = 300. // of one exchange with a bank
	webhookMS   = 200. // of one message to a shop
	platformLog = 700  // bytes that Lambda itself logs of each run
	accessLog   = 400  // bytes that API Gateway logs of each request
	gigabyte    = 1 << 30
	million     = 1e6
	monthRuns   = 60 * 730 // of one schedule, once a minute
)
