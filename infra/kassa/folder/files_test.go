package folder

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestWrongFiles goes through the files that people hand in instead of the right ones. Each is told by file, line and
// field, in words that say what it is and what to do.
func TestWrongFiles(t *testing.T) {
	_, ca, own := sound(t)
	other := issue(t, &ca, wish{name: "E1"})
	weak, err := shortRSA()
	if err != nil {
		t.Fatal(err)
	}
	weakPair := issue(t, &ca, wish{name: "E1", key: weak})
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	expired := issue(t, &ca, wish{name: "E1", from: -48 * time.Hour, to: -24 * time.Hour, key: own.key})
	future := issue(t, &ca, wish{name: "E1", from: 24 * time.Hour, key: own.key})
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, own.key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs12, err := asn1.Marshal(struct {
		Version int
		Safe    struct{ Type asn1.ObjectIdentifier }
	}{3, struct{ Type asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	pkcs7, err := asn1.Marshal(struct{ Type asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}})
	if err != nil {
		t.Fatal(err)
	}
	oldAuthority := issue(t, nil, wish{name: "Old CA", ca: true, from: -48 * time.Hour, to: -time.Hour})
	key, certificate := own.keyPEM(t), own.pem()
	const atCertificate, atKey, atCA = "shop.yaml:13: banks/kapital/certificate_file: own.pem ",
		"shop.yaml:14: banks/kapital/key_file: own-key.pem ", "shop.yaml:15: banks/kapital/ca_file: ca.pem "
	for name, c := range map[string]struct {
		files directory
		want  string
	}{
		"certificate for key": {directory{"own-key.pem": certificate},
			atKey + "holds a certificate where the private key belongs"},
		"key for certificate": {directory{"own.pem": key},
			atCertificate + "holds a private key, which belongs into key_file alone"},
		"key of another": {directory{"own-key.pem": other.keyPEM(t)},
			atKey + "does not belong to the certificate of certificate_file (E1)"},
		"encrypted key": {
			directory{"own-key.pem": strings.ReplaceAll(key, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")},
			atKey + "is encrypted; take the passphrase off with openssl pkey"},
		"old encrypted key": {
			directory{"own-key.pem": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC," +
				"00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"}, atKey + "is encrypted"},
		"key of SSH": {
			directory{"own-key.pem": strings.ReplaceAll(key, "PRIVATE KEY", "OPENSSH PRIVATE KEY")},
			atKey + "is a private key of SSH"},
		"public key of SSH": {directory{"own-key.pem": "ssh-ed25519 AAAA me@here\n"},
			atKey + "is a public key of SSH"},
		"two keys": {directory{"own-key.pem": key + other.keyPEM(t)}, atKey + "holds 2 private keys"},
		"broken key": {directory{"own-key.pem": block("PRIVATE KEY", []byte("nonsense"))},
			atKey + "holds a private key that cannot be read"},
		"PKCS#12 for key": {directory{"own-key.pem": string(pkcs12)},
			atKey + "is a PKCS#12 bundle (.p12, .pfx); take the certificates out with openssl pkcs12 -in FILE -nokeys,"},
		"PKCS#12 for certificate": {directory{"own.pem": string(pkcs12)}, atCertificate + "is a PKCS#12 bundle"},
		"DER certificate": {directory{"own.pem": string(own.cert.Raw)},
			atCertificate + "is a certificate in binary form (DER); make PEM of it with openssl x509 -inform der"},
		"DER key": {directory{"own-key.pem": string(own.keyDER(t))},
			atKey + "is a private key in binary form (DER); make PEM of it with openssl pkey -inform der"},
		"Java keystore": {directory{"own.pem": "\xfe\xed\xfe\xed\x00\x00\x00\x02"},
			atCertificate + "is a Java keystore"},
		"UTF-16": {directory{"own-key.pem": "\xff\xfe-\x00-\x00"}, atKey + "is UTF-16 text"},
		"empty":  {directory{"ca.pem": " \n"}, atCA + "is empty"},
		"words": {directory{"ca.pem": "the bank's certificate\n"},
			atCA + "is no PEM file: a CA bundle begins with -----BEGIN CERTIFICATE-----"},
		"binary": {directory{"ca.pem": "GIF89a\x00\xff"}, atCA + "is a binary file"},
		"cut off": {directory{"own.pem": certificate[:len(certificate)/2]},
			atCertificate + "holds a PEM block that is cut off or altered"},
		"second certificate cut off": {directory{"own.pem": certificate + ca.pem()[:200]},
			atCertificate + "holds a PEM block that is cut off or altered"},
		"request": {directory{"own.pem": block("CERTIFICATE REQUEST", request)},
			atCertificate + "is a request for a certificate; give the certificate that the bank has made of it"},
		"OpenSSL's own form": {directory{"own.pem": block("TRUSTED CERTIFICATE", []byte("x"))},
			atCertificate + "is a certificate in a form of OpenSSL's own"},
		"PKCS#7": {directory{"own.pem": block("PKCS7", []byte("x"))},
			atCertificate + "is a PKCS#7 bundle"},
		"PKCS#7 in binary form": {directory{"own.pem": string(pkcs7)},
			atCertificate + "is a PKCS#7 bundle (.p7b); take the certificates out with openssl pkcs7 -inform der -print_certs"},
		"PKCS#7 as Windows names it": {directory{"own.pem": block("CERTIFICATE", pkcs7)},
			atCertificate + "is a PKCS#7 bundle (.p7b); take the certificates out with openssl pkcs7 -print_certs"},
		"private key in the CA file": {directory{"ca.pem": ca.pem() + key},
			atCA + "holds a private key: a CA bundle has certificates alone"},
		"key of another beside": {directory{"own.pem": other.keyPEM(t) + certificate, "own-key.pem": other.keyPEM(t) +
			certificate}, atKey + "does not belong to the certificate of certificate_file (E1)"},
		"expired": {directory{"own.pem": expired.pem()},
			atCertificate + "holds a certificate that has ended on "},
		"not yet valid": {directory{"own.pem": future.pem()},
			atCertificate + "holds a certificate that is valid from "},
		"CAs of no use": {directory{"ca.pem": block("CERTIFICATE", []byte("x")) + oldAuthority.pem()},
			atCA + "holds a certificate (number 1) that cannot be read"},
		"expired CA": {directory{"ca.pem": oldAuthority.pem()},
			atCA + "holds a certificate of Old CA that has ended on "},
		"RSA of 1024 bits": {directory{"own.pem": weakPair.pem(), "own-key.pem": weakPair.keyPEM(t)},
			atKey + "is too weak: it is an RSA key of 1024 bits, and 2048 are the least"},
		"P-224": {directory{"own-key.pem": issued{key: p224}.keyPEM(t)},
			atKey + "is too weak: it is an ECDSA key of the curve P-224"},
		"expired, below its CA": {directory{"own.pem": ca.pem() + expired.pem()},
			atCertificate + "holds a certificate that has ended on "},
		"key of another, CA first": {directory{"own.pem": ca.pem() + certificate, "own-key.pem": other.keyPEM(t)},
			atKey + "does not belong to the certificate of certificate_file (E1)"},
		"broken certificate": {directory{"own.pem": block("CERTIFICATE", []byte("x"))},
			atCertificate + "holds a certificate (number 1) that cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			d := directory{}
			base, _, _ := sound(t)
			base["own.pem"], base["own-key.pem"], base["ca.pem"] = certificate, key, ca.pem()
			for _, files := range []directory{base, c.files} {
				for name, text := range files {
					d[name] = text
				}
			}
			f := d.read(t)
			if f.Sound() || !strings.Contains(texts(f), c.want) {
				t.Errorf("findings\n%swant\n%s", texts(f), c.want)
			}
			if strings.Contains(texts(f), strings.Split(key, "\n")[1]) {
				t.Error("a finding repeats the private key")
			}
		})
	}
}

// TestFilesToLookAt: what is unusual is told, and does not stand in the way.
func TestFilesToLookAt(t *testing.T) {
	d, ca, own := sound(t)
	between := issue(t, &ca, wish{name: "Issuing CA", ca: true})
	beside := block("CERTIFICATE REQUEST", []byte{48, 0}) + block("PUBLIC KEY", []byte{48, 0})
	for name, c := range map[string]struct {
		files directory
		want  string
	}{
		"ends soon": {directory{"own.pem": issue(t, &ca, wish{name: "E1", to: 20*24*time.Hour + time.Hour,
			key: own.key}).pem()}, "warning: own.pem holds a certificate that ends in 20 days"},
		"of another CA": {directory{"ca.pem": issue(t, nil, wish{name: "Server CA", ca: true}).pem()},
			"warning: own.pem holds a certificate that no CA of ca_file has issued (its issuer is Bank CA)"},
		"issued before its CA's certificate was renewed": {directory{"own.pem": issue(t, &ca, wish{name: "E1", key: own.key,
			from: -48 * time.Hour}).pem()}, ""},
		"of a CA between": {directory{"own.pem": issue(t, &between, wish{name: "E1", key: own.key}).pem()},
			"(its issuer is Issuing CA); that is right where the bank has another CA for its clients; where Issuing CA " +
				"stands below the bank's CA, add its certificate to this file"},
		"with the CA between": {directory{"own.pem": issue(t, &between, wish{name: "E1", key: own.key}).pem() +
			between.pem()}, ""},
		"for servers": {directory{"own.pem": issue(t, &ca, wish{name: "E1", server: true, key: own.key}).pem()},
			"warning: own.pem holds a certificate that is not for clients"},
		"chain of strangers": {directory{"own.pem": own.pem() + issue(t, nil, wish{name: "Another CA", ca: true}).pem()},
			"warning: own.pem holds certificates that do not follow from one another: E1 was not issued by Another CA"},
		"pinned server": {directory{"ca.pem": ca.pem() + issue(t, &ca, wish{name: "server", server: true}).pem()},
			"warning: ca.pem holds the certificate of server, which is no CA"},
		"CA that ends": {directory{"ca.pem": ca.pem() +
			issue(t, nil, wish{name: "Old CA", ca: true, to: 48 * time.Hour}).pem()},
			"warning: ca.pem holds a certificate of Old CA that ends in"},
		"CA that has ended": {directory{"ca.pem": issue(t, nil, wish{name: "Old CA", ca: true, from: -48 * time.Hour,
			to: -time.Hour}).pem() + ca.pem()}, "warning: ca.pem holds a certificate of Old CA that has ended on"},
		"CA to come": {directory{"ca.pem": ca.pem() +
			issue(t, nil, wish{name: "New CA", ca: true, from: 48 * time.Hour}).pem()},
			"warning: ca.pem holds a certificate of New CA that is valid from"},
		"unreadable CA": {directory{"ca.pem": ca.pem() + block("CERTIFICATE", []byte("x"))},
			"warning: ca.pem holds a certificate (number 2) that cannot be read"},
		"byte order mark": {directory{"own.pem": "\ufeff\r\n" + own.pem() + "\ufeff\u00a0"}, ""},
		"old Mac's lines": {directory{"own.pem": strings.ReplaceAll(own.pem(), "\n", "\r")}, ""},
		"indented":        {directory{"own.pem": "  \t" + strings.ReplaceAll(own.pem(), "\n", "\n  \t")}, ""},
		"names in Latin-1": {directory{"own.pem": "Bag Attributes\n    friendlyName: \xd6zt\xfcrk remark\n\x00\n" +
			own.pem() + "remark \xff"}, ""},
		"names first":    {directory{"own.pem": "0\xe9 remark\n" + own.pem()}, ""},
		"key with names": {directory{"own-key.pem": "Key Attributes: <remark \xd6>\n" + own.keyPEM(t) + own.pem()}, ""},
		"leaf last":      {directory{"own.pem": ca.pem() + own.pem()}, ""},
		"leaf twice":     {directory{"own.pem": own.pem() + ca.pem() + own.pem()}, ""},
		"one file for both": {directory{"own.pem": own.keyPEM(t) + own.pem() + ca.pem(), "own-key.pem": ca.pem() +
			own.pem() + own.keyPEM(t)}, ""},
		"with parameters": {directory{"own.pem": block("EC PARAMETERS", []byte{6, 1, 1}) + own.pem() +
			block("DH PARAMETERS", []byte{48, 0})}, ""},
		"beside what it came from": {directory{"own.pem": beside + own.pem(), "own-key.pem": beside + own.keyPEM(t)}, ""},
		"with a revocation list":   {directory{"ca.pem": block("X509 CRL", []byte{48, 0}) + ca.pem() + beside}, ""},
		"put together on Windows": {directory{"own.pem": "\ufeff" + own.pem() + "\r\n\ufeff" + ca.pem(),
			"ca.pem": ca.pem() + "\ufeff" + ca.pem(), "own-key.pem": own.pem() + "\ufeff" + own.keyPEM(t)}, ""},
		"an old name": {directory{"own.pem": strings.ReplaceAll(own.pem(), " CERT", " X509 CERT"),
			"ca.pem": strings.ReplaceAll(ca.pem(), " CERT", " X.509 CERT")}, ""},
		"Windows' line ends": {directory{"own.pem": strings.ReplaceAll(own.pem(), "\n", "\r\n")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			changed := directory{}
			for _, files := range []directory{d, c.files} {
				for name, text := range files {
					changed[name] = text
				}
			}
			f := changed.read(t)
			if !f.Sound() || !strings.Contains(texts(f), c.want) || c.want == "" && len(f.Findings) > 0 {
				t.Errorf("findings\n%swant\n%s", texts(f), c.want)
			}
			for _, field := range []string{"certificate", "key", "ca"} {
				text, _ := f.Banks[0].Secret[field].(string)
				if strings.ContainsAny(text, "\r\t") || strings.Contains(text, "PRIVATE") != (field == "key") ||
					strings.Contains(text, "remark") || strings.Contains(text, "REQUEST") ||
					strings.Contains(text, "CRL") || !strings.HasPrefix(text, "-----BEGIN ") ||
					!strings.HasSuffix(text, "-----\n") {
					t.Errorf("the secret would hold more than blocks: %s is %q", field, text)
				}
			}
			if text, _ := f.Banks[0].Secret["key"].(string); text != own.keyPEM(t) {
				t.Errorf("the key is %d bytes", len(text))
			}
		})
	}
}

// TestPublicKeysOfABank goes through what may stand for the key that callbacks are signed with.
func TestPublicKeysOfABank(t *testing.T) {
	d := karta(t)
	weak, err := shortRSA()
	if err != nil {
		t.Fatal(err)
	}
	short, err := x509.MarshalPKIXPublicKey(weak.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, _, own := sound(t)
	curve, err := x509.MarshalPKIXPublicKey(own.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	const at = "shop.yaml:16: banks/kartapokupok/callback/public_key_files/0: bank-key.pem "
	for name, c := range map[string][2]string{
		"sound":          {d["bank-key.pem"], ""},
		"without armour": {strings.Join(strings.Split(d["bank-key.pem"], "\n")[1:8], "\n"), ""},
		"private key": {own.keyPEM(t),
			at + "holds a private key, which belongs into key_file alone; a public key of the bank begins"},
		"RSA of 1024 bits": {block("PUBLIC KEY", short), at + "is too weak"},
		"binary":           {string(short), at + "is a public key in binary form (DER)"},
		"two":              {d["bank-key.pem"] + d["bank-key.pem"], at + "holds 2 PEM blocks"},
		"nonsense":         {block("PUBLIC KEY", []byte("x")), at + "holds a public key that cannot be read"},
		"another algorithm": {block("PUBLIC KEY", curve),
			"shop.yaml:16: banks/kartapokupok/callback/public_key_files: entry 1 is an ECDSA key, which does not fit the " +
				"algorithm"},
		"base64 of nothing": {base64.StdEncoding.EncodeToString([]byte("nothing")),
			"public_key_files: entry 1 cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			d["bank-key.pem"] = c[0]
			if f := d.read(t); !strings.Contains(texts(f), c[1]) || f.Sound() != (c[1] == "") {
				t.Errorf("findings\n%swant\n%s", texts(f), c[1])
			}
		})
	}
}

// TestOurOwnKeyAsTheBanks: whoever is asked for "the certificate" gives the one at hand, and no callback would verify.
func TestOurOwnKeyAsTheBanks(t *testing.T) {
	d := karta(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	own := issue(t, nil, wish{name: "E1", key: key})
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	d["own.pem"], d["own-key.pem"] = own.pem(), own.keyPEM(t)
	d.edit(t, "[bank-key.pem]", "[bank-key.pem, second.pem]")
	for name, second := range map[string]string{"certificate": own.pem(), "key": block("PUBLIC KEY", public)} {
		d["second.pem"] = second
		if f := d.read(t); f.Sound() || !strings.Contains(texts(f), "shop.yaml:16: banks/kartapokupok/callback/"+
			"public_key_files/1: second.pem holds the shop's own key, and not the bank's") {
			t.Errorf("%s: findings\n%s", name, texts(f))
		}
	}
}

// TestTheSameKeyTwice: a rotation with the old key under a second name would change nothing when the bank switches.
func TestTheSameKeyTwice(t *testing.T) {
	d := karta(t)
	d.edit(t, "[bank-key.pem]", "[bank-key.pem, second.pem]")
	for name, c := range map[string]struct{ second, want string }{
		"the same file": {d["bank-key.pem"],
			"shop.yaml:16: banks/kartapokupok/callback/public_key_files/1: second.pem holds the same key as bank-key.pem; a " +
				"rotation needs"},
		"without armour": {strings.Join(strings.Split(d["bank-key.pem"], "\n")[1:8], "\n"),
			"second.pem holds the same key as bank-key.pem"},
		"unreadable twice": {"AAAA", "public_key_files: entry 2 cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			d["second.pem"] = c.second
			if f := d.read(t); f.Sound() || !strings.Contains(texts(f), c.want) {
				t.Errorf("findings\n%swant\n%s", texts(f), c.want)
			}
		})
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(other.Public())
	if err != nil {
		t.Fatal(err)
	}
	d["second.pem"] = block("PUBLIC KEY", der)
	if f := d.read(t); !f.Sound() {
		t.Errorf("the new key beside the old:\n%s", texts(f))
	}
}

// TestFilesThatAreNotThere holds what is said when a name leads nowhere.
func TestFilesThatAreNotThere(t *testing.T) {
	d, _, _ := sound(t)
	delete(d, "own-key.pem")
	d.edit(t, "ca_file: ca.pem", "ca_file: .")
	d.edit(t, "certificate_file: own.pem", "certificate_file: 5")
	f := d.read(t)
	for _, want := range []string{
		"shop.yaml:14: banks/kapital/key_file: own-key.pem is not there; names are relative to the shop's directory",
		"shop.yaml:15: banks/kapital/ca_file: . is a directory",
		"shop.yaml:13: banks/kapital/certificate_file: must be the name of a file",
	} {
		if !strings.Contains(texts(f), want) {
			t.Errorf("findings\n%swant\n%s", texts(f), want)
		}
	}
	if n := strings.Count(texts(f), "\n"); n != 3 {
		t.Errorf("%d findings, want 3:\n%s", n, texts(f))
	}
}

// TestAKeyThatOthersCanRead is called out where there are such rights.
func TestAKeyThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such rights here")
	}
	d, _, _ := sound(t)
	dir := t.TempDir()
	for name, text := range d {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "own-key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Read(dir, "prod", day())
	if err != nil || !f.Sound() ||
		!strings.Contains(texts(f), "key_file: warning: own-key.pem can be read by others on this machine; chmod 600") {
		t.Errorf("%v\n%s", err, texts(f))
	}
}
