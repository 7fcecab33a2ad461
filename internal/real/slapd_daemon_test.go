//go:build unix

package real

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/realtest"
)

// What a directory holds, and who may do what there.
const (
	Suffix = "dc=example,dc=com"
	People = "ou=people," + Suffix
	Policy = "cn=policy," + Suffix

	// Irctl may look at everybody, replace passwords and lock accounts.
	Irctl         = "cn=irctl,ou=services," + Suffix
	IrctlPassword = "canary-irctl-password"
	// Viewer may look at everybody and change nothing.
	Viewer         = "cn=viewer,ou=services," + Suffix
	ViewerPassword = "canary-viewer-password"

	// Helpdesk may look at everybody and replace passwords, but not lock
	// accounts.
	Helpdesk         = "cn=helpdesk,ou=services," + Suffix
	HelpdeskPassword = "canary-helpdesk-password"

	// Disabled is how the directory says that an account is disabled for good.
	Disabled = "000001010000Z"
	// Failures is how many wrong passwords lock an account for a while.
	Failures = 4

	root         = "cn=root," + Suffix
	rootPassword = "canary-root-password"
)

// Password is what the directory accepts for a person at first.
func Password(uid string) string { return "first password of " + uid }

// Person is the name of the entry of a person.
func Person(uid string) string { return "uid=" + uid + "," + People }

// Slapd is OpenLDAP's server. The people alice and bob can sign in; carol is
// disabled; two twins share the employee number 7.
type Slapd struct{ *realtest.Process }

// StartSlapd starts a directory with the password policy overlay, as
// companies run it. It answers at ldap:// on port 0, where StartTLS works too,
// and at ldaps:// on port 1.
func StartSlapd(t testing.TB) *Slapd { return StartSlapdOn(t, nil) }

// StartSlapdOn is StartSlapd on a machine of a network. It answers at the
// machine's own loopback, too.
func StartSlapdOn(t testing.TB, on *realtest.Machine) *Slapd {
	t.Helper()
	program := realtest.Need(t, "slapd")
	realtest.Need(t, "ldapsearch")
	realtest.Need(t, "ldapwhoami")
	d := slapdDaemon(program)
	d.On = on
	return &Slapd{d.Start(t)}
}

func slapdDaemon(program string) realtest.Daemon {
	return realtest.Daemon{
		Ports:     2,
		Configure: func(at realtest.Place) error { return configureSlapd(program, at) },
		Command: func(at realtest.Place) *exec.Cmd {
			listen := "ldap://" + at.Address(0) + " ldaps://" + at.Address(1)
			if at.Host() != realtest.Loopback {
				listen += " ldap://" + net.JoinHostPort(realtest.Loopback, strconv.Itoa(at.Ports[0]))
			}
			return at.Command(at.File("slapd"), "-f", at.File("slapd.conf"), "-d", "none", "-h", listen)
		},
		Ready: func(at realtest.Place) error {
			// It writes this file when the ports are its own: a directory of
			// another test would answer the same.
			if _, err := os.Stat(at.File("slapd.pid")); err != nil {
				return err
			}
			s := Slapd{&realtest.Process{Place: at}}
			_, err := s.client("ldapwhoami", root, rootPassword)
			return err
		},
	}
}

// configureSlapd writes a slapd.conf(5) and fills the directory. It runs a copy
// of the program: Ubuntu's AppArmor lets the one in /usr/sbin read the machine's
// own directory alone.
func configureSlapd(program string, at realtest.Place) error {
	if err := copyProgram(program, at.File("slapd")); err != nil {
		return err
	}
	if err := os.Mkdir(at.File("data"), 0o700); err != nil {
		return err
	}
	if err := writeCertificate(at.Host(), at.File("cert.pem"), at.File("key.pem")); err != nil {
		return err
	}
	conf, err := slapdConf(at)
	if err != nil {
		return err
	}
	if err := os.WriteFile(at.File("slapd.conf"), []byte(conf), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(at.File("content.ldif"), []byte(content()), 0o600); err != nil {
		return err
	}
	out, err := exec.Command(at.File("slapd"), "-T", "add", "-f", at.File("slapd.conf"), "-l", at.File("content.ldif")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("fill the directory: %w\n%s", err, out)
	}
	return nil
}

func slapdConf(at realtest.Place) (string, error) {
	schema, ok := firstWith("core.schema", "/etc/ldap/schema", "/etc/openldap/schema", "/opt/homebrew/etc/openldap/schema", "/usr/local/etc/openldap/schema")
	if !ok {
		return "", fmt.Errorf("the schema files that come with slapd are in none of the usual places")
	}
	modules := ""
	if folder, ok := firstWith("ppolicy.la", "/usr/lib/ldap", "/usr/lib64/openldap", "/usr/libexec/openldap", "/opt/homebrew/opt/openldap/libexec/openldap", "/usr/local/opt/openldap/libexec/openldap"); ok {
		modules = "modulepath " + folder + "\nmoduleload ppolicy\n"
		if _, ok := firstWith("back_mdb.la", folder); ok {
			modules += "moduleload back_mdb\n"
		}
	}
	return strings.NewReplacer("SCHEMA", schema, "MODULES", modules, "DIR", at.Dir).Replace(`
include SCHEMA/core.schema
include SCHEMA/cosine.schema
include SCHEMA/inetorgperson.schema
MODULES
pidfile DIR/slapd.pid
TLSCACertificateFile DIR/cert.pem
TLSCertificateFile DIR/cert.pem
TLSCertificateKeyFile DIR/key.pem

database mdb
directory DIR/data
suffix "` + Suffix + `"
rootdn "` + root + `"
rootpw "` + rootPassword + `"

access to attrs=userPassword by dn.exact="` + Irctl + `" =w by dn.exact="` + Helpdesk + `" =w by anonymous auth by * none
access to attrs=pwdAccountLockedTime by dn.exact="` + Irctl + `" manage by dn.children="ou=services,` + Suffix + `" read by * none
access to * by dn.children="ou=services,` + Suffix + `" read by * none

overlay ppolicy
ppolicy_default "cn=policy,` + Suffix + `"
ppolicy_hash_cleartext
`), nil
}

// copyProgram leaves the copying to another process. Were the file open for
// writing here, a process that another test starts meanwhile would inherit it,
// and Linux runs no program that is open for writing (ETXTBSY).
func copyProgram(from, to string) error {
	if out, err := exec.Command("cp", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy %s: %w: %s", from, err, out)
	}
	return nil
}

// firstWith returns the first folder that holds a file.
func firstWith(file string, folders ...string) (string, bool) {
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(f, file)); err == nil {
			return f, true
		}
	}
	return "", false
}

// content is everything in the directory, as LDIF.
func content() string {
	var b strings.Builder
	entry := func(dn string, lines ...string) { fmt.Fprintf(&b, "dn: %s\n%s\n\n", dn, strings.Join(lines, "\n")) }
	entry(Suffix, "objectClass: dcObject", "objectClass: organization", "dc: example", "o: Example")
	entry(People, "objectClass: organizationalUnit", "ou: people")
	entry("ou=services,"+Suffix, "objectClass: organizationalUnit", "ou: services")
	entry("cn=policy,"+Suffix, "objectClass: applicationProcess", "objectClass: pwdPolicy", "cn: policy",
		"pwdAttribute: userPassword", "pwdLockout: TRUE", fmt.Sprint("pwdMaxFailure: ", Failures), "pwdLockoutDuration: 3600",
		"pwdMinLength: 8", "pwdCheckQuality: 2", "pwdInHistory: 5")
	service := func(dn, password string) {
		entry(dn, "objectClass: applicationProcess", "objectClass: simpleSecurityObject", "userPassword: "+password)
	}
	service(Irctl, IrctlPassword)
	service(Viewer, ViewerPassword)
	service(Helpdesk, HelpdeskPassword)
	person := func(uid string, more ...string) {
		entry(Person(uid), append([]string{"objectClass: inetOrgPerson", "uid: " + uid, "cn: " + uid, "sn: Example", "userPassword: " + Password(uid)}, more...)...)
	}
	person("alice")
	person("bob")
	person("carol", "pwdAccountLockedTime: "+Disabled)
	person("twin", "employeeNumber: 7")
	person("twin2", "employeeNumber: 7")
	return b.String()
}
