package credentials

import "github.com/irctl/irctl/internal/systems/directory"

// activeDirectory replaces the password of an account of an Active Directory,
// twice over, so that the old one is refused at once (see directory.SetPassword).
// Kerberos tickets that were given out for the old password last until they
// expire; sessions.revoke with the account krbtgt ends them.
func activeDirectory() ldap { return ldap{directory.Active} }
