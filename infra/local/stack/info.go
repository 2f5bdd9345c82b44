// What others are told of a running stack: the demo shop by its options, scripts and the command kassa by local.json.

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"kassa/infra/local/apidoc"
	"kassa/infra/local/demo"
	"kassa/infra/local/demoshop"
)

// Info is what a script needs to use a running stack. It stands in local.json.
type Info struct {
	ShopURL     string `json:"shop_url"`
	APIURL      string `json:"api_url"`
	CallbackURL string `json:"callback_url"`
	// what speaks DynamoDB and Secrets Manager, for the command kassa
	EngineURL  string                   `json:"engine_url"`
	Table      string                   `json:"table"` // holds the payments
	Shops      []ShopInfo               `json:"shops"`
	Simulators map[string]SimulatorInfo `json:"simulators"`
}

// ShopInfo is one shop that the stack has settings for.
type ShopInfo struct {
	ID            string   `json:"id"`
	APIKey        string   `json:"api_key"`
	WebhookSecret string   `json:"webhook_secret"` // empty where the shop has no webhook
	Banks         []string `json:"banks"`
}

// SimulatorInfo is where a simulated bank listens.
type SimulatorInfo struct {
	URL     string `json:"url"`      // its API, over TLS
	PageURL string `json:"page_url"` // its pages and its control API
}

// startShop opens the demo shop, unless another stands in its place.
func (s *Stack) startShop(context.Context) error {
	if s.config.Shop != nil {
		s.serve(s.Ports.Shop, s.config.Shop, nil)
		return nil
	}
	var shops []demoshop.Shop
	for i, shop := range demo.Shops() {
		shops = append(shops, demoshop.Shop{
			ID: shop.ID, APIKey: s.Info.Shops[i].APIKey, WebhookSecret: s.Info.Shops[i].WebhookSecret, Name: shop.Name,
			Currency: shop.Currency, Bank: shop.Bank, Instalments: shop.Application, Aside: shop.Aside,
			SimulatorURL: s.Info.Simulators[shop.Simulator].PageURL,
		})
	}
	site, err := demoshop.New(demoshop.Options{
		Shops:     shops,
		APIURL:    address(s.Ports.API),
		PublicURL: address(s.Ports.Shop),
		DataFile:  s.data("demoshop.db"),
	})
	if err != nil {
		return fmt.Errorf("start the demo shop: %w", err)
	}
	s.Shop = site
	s.onClose(func(context.Context) error { return site.Close() })
	document := filepath.Join(s.config.Root, "shared", "api", "openapi.yaml")
	s.serve(s.Ports.Shop, apidoc.Beside(site, document, address(s.Ports.API)), nil)
	return nil
}

// InfoFile is the path of local.json.
func (s *Stack) InfoFile() string { return s.data("local.json") }

// writeInfo writes local.json whole or not at all. It holds a key of the API, so it is its owner's only.
func (s *Stack) writeInfo(context.Context) error {
	s.Info.ShopURL = address(s.Ports.Shop)
	s.Info.APIURL = address(s.Ports.API)
	s.Info.CallbackURL = address(s.Ports.Callbacks)
	s.Info.EngineURL = address(s.Ports.Engine)
	s.Info.Table = s.app.Table.Name
	text, err := json.MarshalIndent(s.Info, "", "  ")
	if err == nil {
		err = os.WriteFile(s.InfoFile()+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(s.InfoFile()+".new", s.InfoFile())
	}
	if err != nil {
		return fmt.Errorf("write local.json: %w", err)
	}
	return nil
}
