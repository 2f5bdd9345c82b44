//go:build template

package proof

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// spoiled is a small mistake in template.yaml: the first from after the line that opens in (a logical id; "" is the
// top) becomes to. The rule must notice.
type spoiled struct{ in, from, to, rule string }

// everySpoiled is at least one mistake for each rule.
var everySpoiled = []spoiled{
	// Functions.
	{"Globals", "[arm64]", "[x86_64]", "seven functions and one for portals, all on arm64"},
	{"Globals", "provided.al2023", "provided.al2", "seven functions and one for portals, all on arm64"},
	{"Globals", "Handler: bootstrap", "Handler: main", "seven functions and one for portals, all on arm64"},
	{"Globals", "STAGE: !Ref Stage", "STAGE: prod", "environment"},
	{"Globals", "TABLE: !If [Restored, !Ref RestoredTable, !Ref Payments]", "TABLE: !Ref Payments", "environment"},
	{"Refund", "SHOPS_AT_START: !Ref ShopsAtStart",
		"SHOPS_AT_START: !Ref ShopsAtStart, CALLBACK_URL: !GetAtt CallbackUrl.FunctionUrl", "environment"},
	{"Initiate", "!If [OwnCallbackDomain, !Sub \"https://${CallbackDomainName}\", !GetAtt CallbackUrl.FunctionUrl]",
		"!GetAtt CallbackUrl.FunctionUrl", "environment"},
	{"Globals", "Timeout: 29", "Timeout: 31", "time-outs"},
	{"Globals", "Timeout: 29", "", "time-outs"},
	{"Globals", "LogFormat: JSON\n      ApplicationLogLevel: INFO", "LogFormat: Text\n      #",
		"JSON logs in groups of our own"},
	{"Globals", "ApplicationLogLevel: INFO", "ApplicationLogLevel: WARN", "JSON logs in groups of our own"},
	{"Refund", "LoggingConfig: { LogGroup: !Ref RefundLog }", "", "JSON logs in groups of our own"},
	{"BitrixCheckoutLog", "    Condition: BitrixCheckoutOn\n", "", "what is not asked for is not there"},
	{"BitrixCheckout", "PassthroughCondition: true, ", "", "what is not asked for is not there"},
	{"RefundLog", ", RetentionInDays: !Ref LogRetentionDays", "", "every log group ends some day"},
	{"Globals", "Tracing: !If [Traced, Active, PassThrough]", "Tracing: Active", "tracing"},
	{"Globals", "Tracing: !If [Traced, Active, PassThrough]", "Tracing: PassThrough", "tracing"},
	{"NotifyRole", "!If [Traced, { Effect: Allow, Action: [xray:PutTraceSegments, xray:PutTelemetryRecords], Resource: " +
		"\"*\" }, !Ref AWS::NoValue]",
		"{ Effect: Allow, Action: [xray:PutTraceSegments, xray:PutTelemetryRecords], Resource: \"*\" }", "tracing"},
	{"Globals", "AutoPublishAlias: live", "AutoPublishAlias: current", "everything calls the alias"},
	{"CallbackApiIntegration", "!Ref CallbackAliaslive", "!GetAtt Callback.Arn", "everything calls the alias"},
	{"Globals", "      Type: !Ref Rollout\n", "      Type: AllAtOnce\n",
		"a new version comes with a canary and goes with an alarm"},
	{"Refund", "[!Ref FunctionsFailing, !Ref FunctionErrorLines]", "[!Ref FunctionErrorLines]",
		"a new version comes with a canary and goes with an alarm"},
	{"RolloutGuarded", "Default: \"true\"", "Default: \"false\"",
		"a new version comes with a canary and goes with an alarm"},
	{"Globals", "      Role: !GetAtt RolloutRole.Arn\n", "", "a new version comes with a canary and goes with an alarm"},
	{"StatusPoll", "      AutoPublishAliasAllProperties: true\n", "", "every change makes a new version"},
	{"StatusPoll", "      AutoPublishAliasAllProperties: true\n", "      # AutoPublishAliasAllProperties: true\n",
		"every change makes a new version"},
	{"Initiate", "!If [ReserveInitiate, !Ref InitiateConcurrency, !Ref AWS::NoValue]", "100",
		"concurrency is reserved only where it is asked for"},
	{"Instalments", "Properties:",
		"Properties:\n      VpcConfig: !If [InVpc, { SubnetIds: !Split [\",\", !Ref VpcSubnetIds], SecurityGroupIds: " +
			"!Split [\",\", !Ref VpcSecurityGroupIds] }, !Ref AWS::NoValue]", "only what calls banks stands in the network"},

	// Roles.
	{"Refund", "!GetAtt RefundRole.Arn", "!GetAtt InitiateRole.Arn", "a role for each function, for Lambda alone"},
	{"RefundRole", "lambda.amazonaws.com", "ec2.amazonaws.com", "a role for each function, for Lambda alone"},
	{"RefundRole", "ManagedPolicyArns: [", "ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess, ",
		"only our own policies"},
	{"RefundRole", "[dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query]", "dynamodb:*", "no wildcards but the listed"},
	{"RefundRole", "Resource: !If [Restored, !Sub " +
		"\"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}\", !GetAtt Payments.Arn]",
		"Resource: \"*\"", "no wildcards but the listed"},
	{"RefundRole", "Action: secretsmanager:GetSecretValue", "Action: secretsmanager:Get*", "no wildcards but the listed"},
	{"TableKeyAccess", "kms:Decrypt, ", "kms:*, ", "no wildcards but the listed"},
	{"StatusPollRole", "dynamodb:Query]", "dynamodb:Query, dynamodb:Scan]", "nobody scans, nobody deletes"},
	{"ExpirySweepRole", "dynamodb:PutItem", "dynamodb:PutItem, dynamodb:DeleteItem", "nobody scans, nobody deletes"},
	{"NotifyRole", ":secret:kassa/${Stage}/shop/*", ":secret:kassa/${Stage}/*", "secrets by prefix and stage"},
	{"InstalmentsRole", ":secret:kassa/${Stage}/shop/*\"", ":secret:kassa/${Stage}/bank/*\"",
		"secrets by prefix and stage"},
	{"InitiateRole", ":secret:kassa/${Stage}/shop/*", ":secret:kassa/*/shop/*", "secrets by prefix and stage"},
	{"CallbackRole", "secret:kassa/${Stage}/bank/*", "secret:kassa/${Stage}/shop/*", "secrets by prefix and stage"},
	{"InitiateRole", "Action: secretsmanager:GetSecretValue",
		"Action: [secretsmanager:GetSecretValue, secretsmanager:PutSecretValue]", "secrets by prefix and stage"},
	{"RefundRole", "!GetAtt RefundLog.Arn", "!GetAtt InitiateLog.Arn", "each function writes its own log and makes none"},
	{"RefundRole", "Action: [logs:CreateLogStream, logs:PutLogEvents]", "Action: [logs:CreateLogStream]",
		"each function writes its own log and makes none"},
	{"TableKeyAccess", "            Condition: { StringEquals: { kms:ViaService: !Sub " +
		"\"dynamodb.${AWS::Region}.${AWS::URLSuffix}\" } }\n", "", "the table's key, through DynamoDB only"},
	{"NotifyRole", "!If [OwnTableKey, !Ref TableKeyAccess, !Ref AWS::NoValue]", "",
		"the table's key, through DynamoDB only"},
	{"VpcAccess", "Effect: Deny", "Effect: Allow", "network interfaces are Lambda's, not the code's"},
	{"NotifyRole", "ManagedPolicyArns: [", "ManagedPolicyArns: [!If [InVpc, !Ref VpcAccess, !Ref AWS::NoValue], ",
		"network interfaces are Lambda's, not the code's"},
	{"ScheduleRole", "aws:SourceAccount", "aws:SourceOwner",
		"schedules and roll-outs have their roles, CodeDeploy's without a condition that AWS does not document"},
	{"ScheduleRole", "schedule-group/default", "schedule-group/*",
		"schedules and roll-outs have their roles, CodeDeploy's without a condition that AWS does not document"},
	{"RolloutRole", "Action: sts:AssumeRole\n",
		"Action: sts:AssumeRole\n            Condition: { StringEquals: { aws:SourceAccount: !Ref AWS::AccountId } }\n",
		"schedules and roll-outs have their roles, CodeDeploy's without a condition that AWS does not document"},
	{"ScheduleRole", "Resource: [!Sub \"${ExpirySweep.Arn}:live\"",
		"Resource: [!Sub \"${Refund.Arn}:live\", !Sub \"${ExpirySweep.Arn}:live\"",
		"schedules and roll-outs do nothing else"},
	{"RolloutRole", "[lambda:GetAlias, ", "[lambda:UpdateFunctionCode, lambda:GetAlias, ",
		"schedules and roll-outs do nothing else"},
	{"RolloutRole", "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms", "schedules and roll-outs do nothing else"},
	{"ExpirySweepRole", "expiry-sweep:live", "*:live", "the sweep starts itself, and no function starts another"},
	{"ExpirySweepRole", "expiry-sweep:live", "expiry-sweep", "the sweep starts itself, and no function starts another"},
	{"ExpirySweep", "https://lambda.${AWS::Region}", "https://lambda.us-east-1", "environment"},
	{"Globals", "        DUE_SHARDS: !Ref DueShards\n", "", "environment"},
	{"AlarmKey", "  AlarmKey:", strayPolicy, "rights stand in roles, and where the rules above look"},
	{"Payments", "      SSESpecification:",
		"      ResourcePolicy: { PolicyDocument: { Version: \"2012-10-17\", Statement: [{ Effect: Allow, Principal: \"*\"," +
			" Action: dynamodb:GetItem, Resource: \"*\" }] } }\n      SSESpecification:",
		"rights stand in roles, and where the rules above look"},
	{"TableKeyAccess", "      Description: Use", "      Roles: [!Ref InstalmentsRole]\n      Description: Use",
		"rights stand in roles, and where the rules above look"},

	// People.
	{"ReadPolicy", "Action: [dynamodb:BatchGetItem, dynamodb:GetItem, dynamodb:Query]",
		"Action: [dynamodb:BatchGetItem, dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query]",
		"people look without a secret, decide without moving money, and nobody is given more by the stack"},
	{"OperatePolicy", "Action: sqs:PurgeQueue, Resource: [!GetAtt NotifyDeadLetters.Arn, !GetAtt FailedRuns.Arn, " +
		"!GetAtt UnstartedRuns.Arn]",
		"Action: secretsmanager:GetSecretValue, Resource: \"*\"",
		"people look without a secret, decide without moving money, and nobody is given more by the stack"},
	{"RefundPolicy", "secret:kassa/${Stage}/bank/*", "secret:kassa/*/bank/*",
		"people look without a secret, decide without moving money, and nobody is given more by the stack"},
	{"Outputs", "  RefundPolicy:", "  Refunds:",
		"people look without a secret, decide without moving money, and nobody is given more by the stack"},
	{"ReadPolicy", "      Description: Looks", "      Roles: [!Ref NotifyRole]\n      Description: Looks",
		"rights stand in roles, and where the rules above look"},

	// Triggers.
	{"Notify", "MaximumRetryAttempts: 5", "MaximumRetryAttempts: -1", "the stream gives up some day and says what"},
	{"Notify", "            MaximumRetryAttempts: 5\n", "", "the stream gives up some day and says what"},
	{"Notify", "BisectBatchOnFunctionError: true", "BisectBatchOnFunctionError: false",
		"the stream gives up some day and says what"},
	{"Notify", "FunctionResponseTypes: [ReportBatchItemFailures]", "", "the stream gives up some day and says what"},
	{"Notify", "Destination: !GetAtt NotifyDeadLetters.Arn", "Destination: !GetAtt FailedRuns.Arn",
		"the stream gives up some day and says what"},
	{"Notify", "StartingPosition: TRIM_HORIZON", "StartingPosition: LATEST",
		"the stream wakes Notify once, in order, from the start"},
	{"Notify", "{\"wake\":{\"BOOL\":[true]}}", "{\"wake\":{\"BOOL\":[false]}}",
		"the stream wakes Notify once, in order, from the start"},
	{"Notify", "ParallelizationFactor: !Ref NotifyParallel", "ParallelizationFactor: 10",
		"the stream wakes Notify once, in order, from the start"},
	{"ExpirySweep", "rate(1 minute)", "rate(1 hour)", "two schedules, every minute"},
	{"ExpirySweep", "Input: '{\"scheduled_time\":\"<aws.scheduler.scheduled-time>\"}'", "Input: '{}'",
		"two schedules, every minute"},
	{"Notify", "RoleArn: !GetAtt ScheduleRole.Arn", "State: ENABLED", "two schedules, every minute"},
	{"ExpirySweep", "RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2 }", "",
		"a run that cannot start is tried a little and then told"},
	{"Notify", "DeadLetterConfig: { Arn: !GetAtt UnstartedRuns.Arn }", "DeadLetterConfig: { Type: SQS }",
		"a run that cannot start is tried a little and then told"},
	{"ExpirySweep", "MaximumRetryAttempts: 0", "MaximumRetryAttempts: 2", "a run that fails is told and left to the next"},
	{"Notify", "        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt FailedRuns.Arn } }\n", "",
		"a run that fails is told and left to the next"},
	{"NotifyRole", "[!GetAtt NotifyDeadLetters.Arn, !GetAtt FailedRuns.Arn]", "[!GetAtt FailedRuns.Arn]",
		"who tells of a failure may"},
	{"ScheduleRole", ", !Sub \"${Notify.Arn}:live\"", "", "who tells of a failure may"},
	{"FailedRuns", ", SqsManagedSseEnabled: true", ", SqsManagedSseEnabled: false",
		"queues are encrypted and keep their messages"},
	{"UnstartedRuns", "MessageRetentionPeriod: 1209600, ", "", "queues are encrypted and keep their messages"},
	{"RolloutRole", "function:kassa-${Stage}-*", "function:*", "the roll-out may shift exactly our functions"},

	// Table.
	{"Payments", "DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false", "the table is protected"},
	{"Payments", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "the table is protected"},
	{"Payments", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Delete", "the table is protected"},
	{"Payments", "BillingMode:", "TimeToLiveSpecification: { AttributeName: due_at, Enabled: true }\n      BillingMode:",
		"the table is protected"},
	{"Payments", "NEW_AND_OLD_IMAGES", "KEYS_ONLY", "the table is what the code expects"},
	{"Payments", "AttributeName: outbox_at, KeyType: RANGE", "AttributeName: due_at, KeyType: RANGE",
		"the table is what the code expects"},
	{"Payments", "AttributeName: due_at, AttributeType: N", "AttributeName: due_at, AttributeType: S",
		"the table is what the code expects"},
	{"Payments", "NonKeyAttributes: [shop]", "NonKeyAttributes: [metadata]", "the table is what the code expects"},
	{"Notify", "!If [Restored, !Ref RestoredStream, !GetAtt Payments.StreamArn]", "!GetAtt Payments.StreamArn",
		"each function has its table, and after a restore the restored one"},
	{"ExpirySweepRole", "!Sub \"${Payments.Arn}/index/due\"", "!Sub \"${Payments.Arn}/index/*\"",
		"each function has its table, and after a restore the restored one"},
	{"CallbackRole", "!GetAtt Payments.Arn]", "!Sub \"${Payments.Arn}*\"]",
		"each function has its table, and after a restore the restored one"},
	{"Payments", "      SSESpecification:", "      Tags: [{ Key: was, Value: here }]\n      #", "a key of one's own"},

	// Addresses.
	{"Callback", "AuthType: NONE", "AuthType: AWS_IAM", "one function URL, with both permissions"},
	{"CallbackApiPermission", "Principal: apigateway.amazonaws.com", "Principal: \"*\"",
		"one function URL, with both permissions"},
	{"CallbackApiPermission", "      SourceArn:", "      SourceAccount: !Ref AWS::AccountId\n      #",
		"API Gateway calls from our APIs only"},
	{"Refund", "Path: /v1/payments/{id}/cancel", "Path: /v1/payments/{id}/void", "the routes"},
	{"Refund", "Method: POST", "Method: GET", "the routes"},
	{"Refund", "Path: /v1/payments/{id}/refunds",
		"Path: /v1/payments/{id}/refunds\n            PayloadFormatVersion: \"1.0\"",
		"requests come as the functions read them, and at all"},
	{"StatusPoll", "Path: /v1/payments/{id}", "Path: /v1/payments/{id}\n            TimeoutInMillis: 1000",
		"requests come as the functions read them, and at all"},
	{"Api", "StageName: $default", "StageName: $default\n      DisableExecuteApiEndpoint: true",
		"requests come as the functions read them, and at all"},
	{"Callback", "AuthType: NONE", "InvokeMode: RESPONSE_STREAM\n        AuthType: NONE",
		"requests come as the functions read them, and at all"},
	{"PublicApi", "      DefaultRouteSettings:", "      #", "every API is throttled"},
	{"Api", "\"route\":\"$context.routeKey\"", "\"route\":\"$context.path\"", "access logs without secrets"},
	{"CallbackApiStage", "\"ip\"", "\"auth\":\"$context.authorizer.principalId\",\"ip\"", "access logs without secrets"},
	{"Api", "AllowOrigins: !Split [\",\", !Ref AllowedOrigins]", "AllowOrigins: [\"*\"]",
		"cross-origin rules: exact, complete, and on the shops' API only"},
	{"Api", corsInOne, corsApart, "cross-origin rules: exact, complete, and on the shops' API only"},
	{"Api", "Idempotency-Key, ", "", "cross-origin rules: exact, complete, and on the shops' API only"},
	{"PublicApi", "StageName: $default", "StageName: $default\n      CorsConfiguration: true",
		"cross-origin rules: exact, complete, and on the shops' API only"},
	{"CallbackDomain", "SecurityPolicy: TLS_1_2", "SecurityPolicy: TLS_1_0", "the callback's own domain"},
	{"CallbackApi", "DisableExecuteApiEndpoint: true", "DisableExecuteApiEndpoint: false", "the callback's own domain"},
	{"CallbackApiRoute", "AuthorizationType: NONE", "AuthorizationType: AWS_IAM", "the callback's own domain"},
	{"CallbackApiStage", "AutoDeploy: true", "AutoDeploy: false", "the callback's own domain"},
	{"CallbackDomainMapping", "Stage: !Ref CallbackApiStage", "Stage: other", "the callback's own domain"},

	// Alarms.
	{"RefundThrottles", "Value: !Ref Refund", "Value: !Ref Callback", "errors, throttles and slowness of each function"},
	{"InitiateSlow", "Threshold: 24000", "Threshold: 29000", "errors, throttles and slowness of each function"},
	{"ExpirySweep", "Timeout: 60", "Timeout: 90", "errors, throttles and slowness of each function"},
	{"CallbackErrorLines", "ERROR", "FATAL", "lines of level ERROR"},
	{"CallbackErrorLines", "MetricValue: \"1\"", "MetricValue: \"0\"", "lines of level ERROR"},
	{"ReviewNeeded", "Threshold: 0", "Threshold: 100", "every alarm rings when it should"},
	{"Overpaid", "GreaterThanThreshold", "LessThanThreshold", "every alarm rings when it should"},
	{"RefundThrottles", "Statistic: Sum", "Statistic: Minimum", "every alarm rings when it should"},
	{"RefundErrors", "EvaluationPeriods: 1", "EvaluationPeriods: 60", "every alarm rings when it should"},
	{"WebhookDead", "Dimensions: [", "Dimensions: [{ Name: Bank, Value: kapital }, ", "every alarm rings when it should"},
	{"PaidLate", "Namespace: Kassa,", "Namespace: kassa,", "every alarm rings when it should"},
	{"BankErrors", "Statistic: Sum", "Unit: None, Statistic: Sum", "every alarm rings when it should"},
	{"CertificateEnding", "Statistic: Minimum", "Statistic: Maximum", "every alarm rings when it should"},
	{"StreamLagging", "!Ref Notify", "!Ref Callback", "every alarm rings when it should"},
	{"ScheduleStopped", "!Ref ExpirySweep", "!Ref StatusPoll", "every alarm rings when it should"},
	{"ScheduleStopped", "MIN([", "MAX([", "every alarm rings when it should"},
	{"NothingPaid", ">= 10 AND", ">= 100000 AND", "every alarm rings when it should"},
	{"TableThrottled", "EvaluationPeriods: 3", "EvaluationPeriods: 100", "every alarm rings when it should"},
	{"CallbackApiFailures", "    Condition: OwnCallbackDomain\n", "    Condition: OwnCallbackBaseUrl\n",
		"every alarm rings when it should"},
	{"CallbackApiFailures", "!Ref CallbackApi ", "!Ref Api ", "every alarm rings when it should"},
	{"SweepLagging", "  SweepLagging:",
		"  Extra: { Type: AWS::CloudWatch::Alarm, Properties: { Namespace: Kassa, MetricName: x } }\n  SweepLagging:",
		"every alarm rings when it should"},
	{"FailedRunsWaiting", "FailedRuns.QueueName", "UnstartedRuns.QueueName", "queues, stream, schedules and table"},
	{"TableFailing", "SUM(SystemErrors)", "SUM(UserErrors)", "queues, stream, schedules and table"},
	{"PublicApiFailures", "MetricName: 5xx", "MetricName: 5XXError", "the addresses' failures"},
	{"Overpaid", "payments_overpaid", "payments_overpayed", "an alarm on everything that the code measures"},
	{"PaidLate", "Value: !Ref Stage", "Value: prod", "an alarm on everything that the code measures"},
	{"BankErrors", "bank_errors", "bank_failures", "an alarm on everything that the code measures"},
	{"TableFailing", "{ Table: !If [Restored, !Ref RestoredTable, !Ref Payments] }", "{ Table: !Ref Payments }",
		"queues, stream, schedules and table"},
	{"WebhookDead", "AlarmActions: [!Ref Alarms], ", "", "every alarm reaches people, and says when it is over"},
	{"AlarmsMail", "Condition: AlarmsByMail", "Condition: OwnCallbackBaseUrl",
		"every alarm reaches people, and says when it is over"},
	{"SweepLagging", "TreatMissingData: breaching", "TreatMissingData: notBreaching", "missing data"},
	{"ReviewNeeded", "TreatMissingData: notBreaching,", "", "missing data"},
	{"Alarms", "KmsMasterKeyId: !If [FullMonitoring, !Ref AlarmKey, !Ref AWS::NoValue]",
		"KmsMasterKeyId: !Ref AWS::NoValue", "alarms are encrypted on their way, with a key that CloudWatch may use"},
	{"AlarmKey", "kms:Decrypt, ", "", "alarms are encrypted on their way, with a key that CloudWatch may use"},
	{"Dashboard", "    Condition: FullMonitoring\n", "", "the dashboard shows everything"},
	{"FunctionsFailing", "MetricName: Errors", "MetricName: Throttles", "errors, throttles and slowness of each function"},
	{"Overpaid", "    Type: AWS::CloudWatch::Alarm\n", "    Type: AWS::CloudWatch::Alarm\n    Condition: FullMonitoring\n",
		"every alarm rings when it should"},
	{"BankSlow", "    Condition: FullMonitoring\n", "", "every alarm rings when it should"},
	{"BankErrors", "    Type: AWS::CloudWatch::Alarm\n",
		"    Type: AWS::CloudWatch::Alarm\n    Condition: FullMonitoring\n", "an alarm on everything that the code measures"},
	{"Alarms", "!If [FullMonitoring, !Ref AlarmKey, !Ref AWS::NoValue]", "alias/aws/sns",
		"alarms are encrypted on their way, with a key that CloudWatch may use"},
	{"Dashboard", "\"refund_unknown\"", "\"refund_known\"", "the dashboard shows everything"},
	{"Dashboard", "\"widgets\": [", "\"widgets\": [,", "the dashboard shows everything"},

	// The template as a whole.
	{"ApiBurstLimit", "    Description: Requests that the shops' API takes at one moment.\n", "", "parameters"},
	{"Metadata", "LogRetentionDays, ", "", "parameters"},
	{"RolloutRole", "\"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:kassa-${Stage}-*\"",
		"\"${Initiate.Arn}*\"", "no circle"},
	{"Initiate", "!Ref InitiateErrors", "!Ref ApiFailures", "no circle"},
	{"Rules", "!Ref Stage, local", "!Ref Stage, locale", "the stage local is refused"},
	{"Payments", "kassa-${Stage}-payments", "kassa-payments", "two stages live in one account"},
	{"Notify", "            OmitName: true\n", "            Name: kassa-outbox\n", "two stages live in one account"},
	{"AlarmKey", "  AlarmKey:", "  ShopSecret: { Type: AWS::SecretsManager::Secret }\n  AlarmKey:",
		"secrets are not the template's"},
	{"Outputs", "https://${Api}.", "https://${PublicApi}.", "outputs"},
	{"Outputs", "  FailedRunsQueue:", "  FailedRuns:", "outputs"},
	{"Outputs", "  DashboardUrl:", "  Other:", "outputs"},
	{"Outputs", "!If [OwnCallbackDomain, !Sub \"https://${CallbackDomainName}\", !GetAtt CallbackUrl.FunctionUrl]",
		"!GetAtt CallbackUrl.FunctionUrl", "outputs"},
	{"NotifyLog", "    UpdateReplacePolicy: Delete\n", "", "what keeps data says what becomes of it"},
}

// The way that cross-origin rules stand in the template, and the way that anybody would write them, of which SAM keeps
// the origins only.
const (
	corsInOne = `CorsConfiguration: !If
        - BrowsersMayRead
        - AllowOrigins: !Split [",", !Ref AllowedOrigins]
          AllowMethods: [GET, POST]
          AllowHeaders: [Authorization, Content-Type, Idempotency-Key, If-None-Match]
          ExposeHeaders: [ETag, Retry-After]
          MaxAge: 3600
        - !Ref AWS::NoValue`
	corsApart = `CorsConfiguration:
          AllowOrigins: !Split [",", !Ref AllowedOrigins]
          AllowMethods: [GET, POST]
          AllowHeaders: [Authorization, Content-Type, Idempotency-Key, If-None-Match]
          ExposeHeaders: [ETag, Retry-After]
          MaxAge: 3600`
)

// strayPolicy gives Notify the banks' secrets by a policy of its own, beside the role that the other rules look at.
const strayPolicy = `  Stray:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: stray
      Roles: [!Ref NotifyRole]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: secretsmanager:GetSecretValue
            Resource: !Sub
              "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:kassa/${Stage}/bank/*"
  AlarmKey:`

// TestSpoiledTemplates: each mistake is noticed by its rule, and each rule has a mistake that it notices.
func TestSpoiledTemplates(t *testing.T) {
	text := own(t)
	byName := map[string]rule{}
	idle := map[string]bool{}
	for _, r := range rules {
		if _, twice := byName[r.name]; twice {
			t.Errorf("two rules are called %s", r.name)
		}
		byName[r.name], idle[r.name] = r, true
	}
	for _, s := range everySpoiled {
		delete(idle, s.rule)
		t.Run(s.rule+"/"+s.in, func(t *testing.T) {
			r, known := byName[s.rule]
			if !known {
				t.Fatal("there is no such rule")
			}
			if wrong := noticed(t, r, s.apply(t, text)); len(wrong) == 0 {
				t.Errorf("%q in the place of %q went unnoticed", s.to, s.from)
			} else {
				t.Log(wrong[0])
			}
		})
	}
	if left := slices.Sorted(maps.Keys(idle)); len(left) > 0 {
		t.Errorf("no spoiled template shows these rules at work: %s", strings.Join(left, "; "))
	}
	t.Logf("%d spoiled templates, %d rules", len(everySpoiled), len(rules))
}

// noticed deploys a spoiled template in each way until the rule complains. A template that cannot even be deployed is
// noticed by everybody, which shows nothing about the rule, so it is a mistake in the table.
func noticed(t *testing.T, r rule, text string) complaints {
	for _, name := range []string{"plain", "full"} {
		d, err := deploy(text, name)
		if err != nil {
			t.Fatalf("the spoiled template is no template: %v", err)
		}
		if wrong := r.check(d); len(wrong) > 0 {
			return wrong
		}
	}
	return nil
}

func (s spoiled) apply(t *testing.T, text string) string {
	t.Helper()
	at := 0
	for _, indent := range []string{"", "  "} {
		if i := strings.Index(text, "\n"+indent+s.in+":"); i >= 0 {
			at = i + 1
			break
		}
	}
	before, rest := text[:at], text[at:]
	if at == 0 || !strings.Contains(rest, s.from) {
		t.Fatalf("%q stands nowhere after %s", s.from, s.in)
	}
	return before + strings.Replace(rest, s.from, s.to, 1)
}
