//go:build template

package proof

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"kassa/infra/template"
)

// addressRules are about what strangers reach.
var addressRules = []rule{
	{"one function URL, with both permissions", func(d deployment) (c complaints) {
		urls := d.OfType("AWS::Lambda::Url")
		c.unless(len(urls) == 1 && urls[0].At("TargetFunctionArn") == d.alias("Callback") && urls[0].At("AuthType") == "NONE",
			"the URLs are %v", urls)
		var url, invoke int
		for _, p := range d.OfType("AWS::Lambda::Permission") {
			if p.At("Principal") != "*" {
				continue
			}
			c.unless(p.At("FunctionName") == d.alias("Callback"), "%s opens %v to everybody", p.ID, p.At("FunctionName"))
			switch {
			case p.At("Action") == "lambda:InvokeFunctionUrl" && p.At("FunctionUrlAuthType") == "NONE":
				url++
			case p.At("Action") == "lambda:InvokeFunction" && p.At("InvokedViaFunctionUrl") == true:
				invoke++
			default:
				c.unless(false, "%s lets everybody %v", p.ID, p.At("Action"))
			}
		}
		c.unless(url == 1 && invoke == 1,
			"%d permissions for the address, %d for the call behind it; without either it answers 403", url, invoke)
		return c
	}},
	{"API Gateway calls from our APIs only", func(d deployment) (c complaints) {
		n := 0
		for _, p := range d.OfType("AWS::Lambda::Permission") {
			if p.At("Principal") == "apigateway.amazonaws.com" {
				n++
				source, _ := p.At("SourceArn").(string)
				c.unless(strings.Contains(source, ":"+accountID+":") && !strings.Contains(source, ":*"), "%s may be called from %q",
					p.ID, source)
			} else {
				c.unless(p.At("Principal") == "*", "%v may call", p.At("Principal"))
			}
		}
		c.unless(n == map[string]int{"plain": 8, "full": 10}[d.name], "%d routes may be called", n)
		return c
	}},
	{"the routes", func(d deployment) (c complaints) {
		want := map[string][]string{
			"Api": {"get /v1/payments to StatusPoll", "get /v1/payments/{id} to StatusPoll", "get /v1/undelivered to StatusPoll",
				"post /v1/payments to Initiate", "post /v1/payments/{id}/cancel to Refund",
				"post /v1/payments/{id}/redeliver to StatusPoll",
				"post /v1/payments/{id}/refunds to Refund"},
			"PublicApi": {"get /v1/instalments to Instalments"},
		}
		if slices.Contains(d.functions(), "BitrixCheckout") {
			want["Api"] = slices.Insert(want["Api"], 3, "post /bitrix/checkout to BitrixCheckout")
		}
		for api, routes := range want {
			c.unless(slices.Equal(d.routes(api), routes), "%s leads %s", api, strings.Join(d.routes(api), ", "))
		}
		return c
	}},
	{"requests come as the functions read them, and at all", func(d deployment) (c complaints) {
		for _, r := range d.OfType("AWS::ApiGatewayV2::Api") {
			for _, server := range template.List(r.At("Body", "servers")) {
				c.unless(template.At(server, "x-amazon-apigateway-endpoint-configuration", "disableExecuteApiEndpoint") != true,
					"%s has no address", r.ID)
			}
			for route, integration := range operations(r) {
				c.unless(template.At(integration, "payloadFormatVersion") == "2.0", "%s of %s comes in the format %v", route, r.ID,
					template.At(integration, "payloadFormatVersion"))
				c.unless(template.At(integration, "timeoutInMillis") == nil, "%s of %s is cut off after %v ms", route, r.ID,
					template.At(integration, "timeoutInMillis"))
			}
		}
		for _, u := range d.OfType("AWS::Lambda::Url") {
			c.unless(u.At("InvokeMode") == nil || u.At("InvokeMode") == "BUFFERED", "%s wants answers as %v", u.ID,
				u.At("InvokeMode"))
		}
		return c
	}},
	{"every API is throttled", func(d deployment) (c complaints) {
		for _, s := range d.OfType("AWS::ApiGatewayV2::Stage") {
			rate, burst := number(s.At("DefaultRouteSettings", "ThrottlingRateLimit")),
				number(s.At("DefaultRouteSettings", "ThrottlingBurstLimit"))
			c.unless(rate >= 1 && rate <= 10000 && burst >= 1 && burst <= 5000, "%s takes %v a second, %v at once", s.ID, rate,
				burst)
		}
		return c
	}},
	{"access logs without secrets", func(d deployment) (c complaints) {
		for _, s := range d.OfType("AWS::ApiGatewayV2::Stage") {
			format, _ := s.At("AccessLogSettings", "Format").(string)
			c.unless(json.Valid([]byte(format)), "%s logs no JSON", s.ID)
			for _, needed := range []string{"$context.requestId", "$context.routeKey", "$context.status"} {
				c.unless(strings.Contains(format, needed), "%s does not log %s", s.ID, needed)
			}
			for _, secret := range []string{"path", "query", "authorizer", "header", "Authorization", "authorization",
				"userAgent", "caller"} {
				c.unless(!strings.Contains(format, secret), "%s logs %s", s.ID, secret)
			}
			to, _ := s.At("AccessLogSettings", "DestinationArn").(string)
			c.unless(strings.Contains(to, ":log-group:/aws/vendedlogs/kassa/"+d.stage()+"/"), "%s logs to %q", s.ID, to)
		}
		return c
	}},
	{"cross-origin rules: exact, complete, and on the shops' API only", func(d deployment) (c complaints) {
		cors := d.Resources["Api"].At("Body", "x-amazon-apigateway-cors")
		want := strings.Split(d.parameters["AllowedOrigins"], ",")
		c.unless(slices.Equal(template.Texts(template.At(cors, "allowOrigins")), want), "origins are %v",
			template.At(cors, "allowOrigins"))
		c.unless(fmt.Sprint(template.At(cors, "allowMethods")) == "[GET POST]", "methods are %v",
			template.At(cors, "allowMethods"))
		for _, header := range []string{"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"} {
			c.unless(slices.Contains(template.Texts(template.At(cors, "allowHeaders")), header), "%s may not be sent", header)
		}
		for _, header := range []string{"ETag", "Retry-After"} {
			c.unless(slices.Contains(template.Texts(template.At(cors, "exposeHeaders")), header), "%s may not be read", header)
		}
		c.unless(template.At(cors, "allowCredentials") == nil, "browsers send cookies")
		c.unless(d.Resources["PublicApi"].At("Body", "x-amazon-apigateway-cors") == nil,
			"PublicApi has rules of its own, which take the place of the function's")
		urls := d.OfType("AWS::Lambda::Url")
		c.unless(len(urls) == 1 && urls[0].At("Cors") == nil, "callbacks have cross-origin rules")
		return c
	}},
	{"the callback's own domain", func(d deployment) (c complaints) {
		domains := d.OfType("AWS::ApiGatewayV2::DomainName")
		if d.name == "plain" {
			c.unless(len(domains) == 0 && len(d.OfType("AWS::ApiGatewayV2::Api")) == 2, "there is one without a name")
			return c
		}
		c.unless(len(domains) == 1 && domains[0].At("DomainName") == "pay.shop.example", "the domains are %v", domains)
		for _, configuration := range template.List(domains[0].At("DomainNameConfigurations")) {
			c.unless(template.At(configuration, "SecurityPolicy") == "TLS_1_2", "it speaks %v",
				template.At(configuration, "SecurityPolicy"))
		}
		c.unless(d.Resources["CallbackApi"].At("DisableExecuteApiEndpoint") == true, "the API has a second address")
		route, integration := d.Resources["CallbackApiRoute"], d.Resources["CallbackApiIntegration"]
		c.unless(route.At("RouteKey") == "$default" && route.At("Target") == "integrations/CallbackApiIntegration",
			"its route is %v to %v", route.At("RouteKey"), route.At("Target"))
		c.unless(integration.At("IntegrationUri") == d.alias("Callback") && integration.At("PayloadFormatVersion") == "2.0",
			"it calls %v", integration.At("IntegrationUri"))
		c.unless(route.At("AuthorizationType") == "NONE", "banks have to show %v", route.At("AuthorizationType"))
		c.unless(d.Resources["CallbackApiStage"].At("AutoDeploy") == true, "the route is declared and never deployed")
		mapping := d.Resources["CallbackDomainMapping"]
		c.unless(mapping.At("ApiId") == "CallbackApi" && mapping.At("Stage") == "CallbackApiStage" &&
			mapping.At("ApiMappingKey") == nil, "the domain leads to %v of %v", mapping.At("Stage"), mapping.At("ApiId"))
		return c
	}},
}

// operations are the routes of an API, written as OpenAPI, with what each forwards to.
func operations(api template.Resource) map[string]any {
	all := map[string]any{}
	paths, _ := api.At("Body", "paths").(map[string]any)
	for path, methods := range paths {
		declared, _ := methods.(map[string]any)
		for method, operation := range declared {
			all[method+" "+path] = template.At(operation, "x-amazon-apigateway-integration")
		}
	}
	return all
}

// routes are those of an API with the functions that they lead to, in their order.
func (d deployment) routes(api string) (all []string) {
	for route, integration := range operations(d.Resources[api]) {
		uri := fmt.Sprint(template.At(integration, "uri"))
		to := slices.IndexFunc(d.functions(), func(id string) bool {
			return strings.HasSuffix(uri, d.alias(id)+"/invocations")
		})
		if to < 0 {
			all = append(all, route+" to "+uri)
			continue
		}
		all = append(all, route+" to "+d.functions()[to])
	}
	slices.Sort(all)
	return all
}
