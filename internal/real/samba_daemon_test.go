//go:build unix

package real

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/realtest"
)

// What a domain holds.
const (
	Realm        = "AD.EXAMPLE.COM"
	DomainSuffix = "DC=ad,DC=example,DC=com"
	// DomainController is the name of the server, for the people and for
	// Kerberos.
	DomainController = "dc1.ad.example.com"

	// DomainIrctl is in the group Domain Admins.
	DomainIrctl         = "irctl@ad.example.com"
	DomainIrctlPassword = "canary-Irctl-password-1"
	// DomainFailures is how many wrong passwords lock an account for a while.
	DomainFailures = 4
)

// DomainPassword is what the domain accepts for a person at first.
func DomainPassword(account string) string { return "First-password-of-" + account + "-1" }

// DomainPerson is the name of the entry of a person.
func DomainPerson(account string) string { return "CN=" + account + ",CN=Users," + DomainSuffix }

// Samba is a domain controller of Active Directory. The people alice and bob
// can sign in; carol is disabled. Their passwords never expire, which is not
// how accounts are by default.
type Samba struct {
	*realtest.Process
	tickets int
}

// StartSamba starts a domain controller in a network of its own, because its
// ports are fixed. It needs root.
func StartSamba(t testing.TB) *Samba {
	t.Helper()
	program := realtest.Need(t, "samba")
	for _, p := range []string{"samba-tool", "smbclient", "kinit", "kvno", "ldapsearch", "ldapmodify"} {
		realtest.Need(t, p)
	}
	n := realtest.StartNetwork(t, "dc1")
	return &Samba{Process: sambaDaemon(program, n.Machine("dc1")).Start(t)}
}

func sambaDaemon(program string, on *realtest.Machine) realtest.Daemon {
	return realtest.Daemon{
		On:        on,
		Configure: configureSamba,
		Command: func(at realtest.Place) *exec.Cmd {
			// Its parts find one another by a folder that cannot be configured,
			// so it gets one of its own (ip-netns(8) has made a namespace of
			// mounts already).
			return withAll(at.Command("sh", "-c", `mount -t tmpfs none /run/samba && exec "$@"`, "sh",
				program, "-F", "--no-process-group", "-s", at.File("smb.conf")))
		},
		Ready: func(at realtest.Place) error {
			s := Samba{Process: &realtest.Process{Place: at}}
			if _, err := s.ldap("ldapsearch", DomainIrctl, DomainIrctlPassword, "-s", "base", "-b", "", "dnsHostName"); err != nil {
				return err
			}
			if _, err := s.kinit("irctl", DomainIrctlPassword, "ready"); err != nil {
				return err
			}
			if out, err := s.smb("irctl", DomainIrctlPassword, "ls").CombinedOutput(); err != nil {
				return fmt.Errorf("smbclient: %w: %s", err, out)
			}
			return nil
		},
	}
}

//go:embed samba.py
var populate string

// configureSamba makes the domain, then replaces the configuration that the
// machine's own one was mixed into.
func configureSamba(at realtest.Place) error {
	if err := os.MkdirAll("/run/samba", 0o755); err != nil {
		return err
	}
	// People at the file share are users of this machine, who have to get there.
	if err := os.Chmod(at.Dir, 0o711); err != nil {
		return err
	}
	if err := os.Mkdir(at.File("share"), 0o700); err != nil {
		return err
	}
	if err := os.Chmod(at.File("share"), 0o777); err != nil {
		return err
	}
	for _, dir := range []string{"run", "ncalrpc", "ntp"} {
		if err := os.Mkdir(at.File(dir), 0o755); err != nil {
			return err
		}
	}
	if err := writeCertificate(at.Host(), at.File("cert.pem"), at.File("key.pem")); err != nil {
		return err
	}
	provision := exec.Command("samba-tool", "domain", "provision", "--targetdir="+at.Dir, "--realm="+Realm, "--domain=AD", "--server-role=dc",
		"--dns-backend=NONE", "--adminpass=canary-Admin-password-1", "--host-name=dc1", "--host-ip="+at.Host())
	if out, err := provision.CombinedOutput(); err != nil {
		return fmt.Errorf("make the domain: %w\n%s", err, out)
	}
	for name, text := range map[string]string{
		"smb.conf":    strings.NewReplacer("DIR", at.Dir, "REALM", Realm).Replace(smbConf),
		"krb5.conf":   strings.NewReplacer("HOST", at.Host(), "REALM", Realm).Replace(krb5Conf),
		"populate.py": populate,
	} {
		if err := at.Write(name, text); err != nil {
			return err
		}
	}
	python, err := interpreter("samba-tool")
	if err != nil {
		return err
	}
	people := exec.Command(python, at.File("populate.py"), at.File("smb.conf"), DomainSuffix, DomainController, DomainIrctlPassword, fmt.Sprint(DomainFailures))
	if out, err := people.CombinedOutput(); err != nil {
		return fmt.Errorf("fill the domain: %w\n%s", err, out)
	}
	return nil
}

// interpreter is what runs a script that is among programs, and so has the
// script's libraries.
func interpreter(script string) (string, error) {
	path, err := realtest.Find(script)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	program, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return "", fmt.Errorf("%s names no interpreter", path)
	}
	return strings.TrimSpace(program), nil
}

const smbConf = `[global]
server role = active directory domain controller
server services = s3fs, rpc, ldap, cldap, kdc, winbindd
workgroup = AD
realm = REALM
netbios name = DC1
interfaces = lo eth0
bind interfaces only = yes
private dir = DIR/private
lock directory = DIR
state directory = DIR/state
cache directory = DIR/cache
binddns dir = DIR/bind-dns
pid directory = DIR/run
ncalrpc dir = DIR/ncalrpc
ntp signd socket directory = DIR/ntp
log file = DIR/samba.log
tls certfile = DIR/cert.pem
tls keyfile = DIR/key.pem
tls cafile = DIR/cert.pem
load printers = no
printcap name = /dev/null
prefork children = 1

[share]
path = DIR/share
read only = no
`

const krb5Conf = `[libdefaults]
default_realm = REALM
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
REALM = {
 kdc = HOST
}
`
