// Which fields a bank needs from a shop, by how it knows shops. It follows from the roles in the bank's profile alone,
// so a further bank or gateway needs nothing here.

package draft

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"kassa/shared/bank"
)

// way is how a bank can know a shop, by a field of the secret.
type way struct {
	auth string
	by   bank.Role
	with []bank.Role // what belongs to it, and to no other way
}

// ways are told by what stands first: a bank that takes several means the first where nobody has said which.
func ways() []way {
	return []way{
		{"certificate", bank.RoleCertificate, []bank.Role{bank.RoleCertificate, bank.RoleKey}},
		{"login", bank.RoleLogin, []bank.Role{bank.RoleLogin, bank.RolePassword}},
		{"password", bank.RolePassword, []bank.Role{bank.RolePassword}},
		{"none", bank.RoleAccount, nil},
	}
}

// Fields are those of a bank's secret that a shop brings which the bank knows by auth, "" for the bank's usual way: the
// fields of the gateway that takes it, each role once. An error says which ways the bank has.
func Fields(p bank.Profile, auth string) (fields []bank.Field, err error) {
	var known []string
	for _, w := range ways() {
		i := slices.IndexFunc(p.Secret, func(f bank.Field) bool { return f.Role == w.by })
		if i < 0 {
			continue
		}
		if auth != "" && auth != w.auth {
			known = append(known, w.auth)
			continue
		}
		for _, f := range p.Secret {
			again := slices.ContainsFunc(fields, func(g bank.Field) bool { return g.Role == f.Role })
			if gateway(p.Secret, f) == gateway(p.Secret, p.Secret[i]) && w.takes(f.Role) && !again {
				fields = append(fields, f)
			}
		}
		return fields, nil
	}
	return nil, fmt.Errorf("the bank %s knows a shop by %s, not by %q", p.Name, strings.Join(known, " or "), auth)
}

// takes says whether a field is anybody's, or belongs to this way.
func (w way) takes(r bank.Role) bool {
	return slices.Contains(w.with, r) ||
		!slices.ContainsFunc(ways(), func(other way) bool { return slices.Contains(other.with, r) })
}

// gateway is the section of the secret that has an account of its own, "" for the whole: a bank with several gateways
// has one for each further one.
func gateway(secret []bank.Field, f bank.Field) string {
	section := path.Dir(f.Name)
	if section == "." || !slices.ContainsFunc(secret, func(g bank.Field) bool {
		return g.Role == bank.RoleAccount && path.Dir(g.Name) == section
	}) {
		return ""
	}
	return section
}
