package lab

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Who and what the company is. Everybody here is invented.
const (
	Company       = "Harbor Mortgage"
	domain        = "example.com" // the company's own mail
	baseDN        = "dc=example,dc=com"
	policyDN      = "cn=policy," + baseDN // the password policy of all
	adminDN       = "cn=admin," + baseDN
	adminGroup    = "admins"
	intruder      = "198.51.100.23"
	customersLine = "+1 555 0100"
)

//go:embed evidence
var evidenceFiles embed.FS

// InitialPassword is what an account's password is after a reset. It is public
// on purpose: the lab's story is that these passwords are known to an intruder.
func InitialPassword(uid string) string { return "harbor-" + uid + "-2026" }

// firstDay is the company as a reset leaves it: nothing suspended, nobody
// locked, and an intruder logged in with an administrator's account.
func firstDay(now time.Time) companyData {
	person := func(uid, name, title string) *account {
		return &account{UID: uid, Name: name, Title: title, Unit: "people", Mail: uid + "@" + domain,
			Password: hashPassword(InitialPassword(uid)), Changed: now.UTC()}
	}
	borrower := func(uid, name string) *account {
		a := person(uid, name, "Borrower")
		a.Unit, a.Mail = "borrowers", uid+"@example.net"
		return a
	}
	logged := func(uid, from string) session {
		return session{ID: cookieDigest(newToken()), Account: uid, From: from, Since: now.UTC()}
	}
	return companyData{
		Accounts: []*account{
			person("alice", "Alice Archer", "Systems administrator"),
			person("bob", "Bob Barnes", "Database administrator"),
			person("carol", "Carol Cruz", "Network administrator"),
			person("dave", "Dave Dunn", "Payments clerk"),
			person("erin", "Erin Ellis", "Customer care"),
			borrower("morgan", "Morgan Miles"),
			borrower("jordan", "Jordan Jones"),
		},
		Sessions: []session{
			logged("alice", "192.0.2.11"), logged("alice", intruder),
			logged("bob", "192.0.2.12"), logged("carol", "192.0.2.13"), logged("carol", intruder),
		},
		Seen: map[string]string{},
	}
}

// privileged reports whether an account is one of the administrators.
func privileged(uid string) bool { return uid == "alice" || uid == "bob" || uid == "carol" }

// writeEvidence puts the logs that tell the intrusion's story where evidence
// is collected from.
func writeEvidence(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write the lab's evidence: %w", err)
	}
	files, err := fs.ReadDir(evidenceFiles, "evidence")
	if err != nil {
		return fmt.Errorf("write the lab's evidence: %w", err)
	}
	for _, f := range files {
		b, err := evidenceFiles.ReadFile("evidence/" + f.Name())
		if err != nil {
			return fmt.Errorf("write the lab's evidence: %w", err)
		}
		if err := replaceFile(filepath.Join(folder, f.Name()), b); err != nil {
			return err
		}
	}
	return nil
}
