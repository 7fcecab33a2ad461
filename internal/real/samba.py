# Fills a domain that was just made: people, irctl's own account, and a policy.
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

conf, suffix, controller, irctl_password, failures = sys.argv[1:]
lp = LoadParm()
lp.load(conf)
db = SamDB(lp=lp, session_info=system_session(lp))


def change(dn, flag, name, value):
    m = ldb.Message(ldb.Dn(db, dn))
    m[name] = ldb.MessageElement(value, flag, name)
    db.modify(m)


db.newuser("irctl", irctl_password)
db.add_remove_group_members("Domain Admins", ["irctl"], add_members_operation=True)
# 512 is an account, 2 that it is disabled, 65536 that its password never expires.
for name, control in ("alice", 66048), ("bob", 66048), ("carol", 66050):
    db.newuser(name, "First-password-of-%s-1" % name)
    change("CN=%s,CN=Users,%s" % (name, suffix), ldb.FLAG_MOD_REPLACE, "userAccountControl", str(control))
change(suffix, ldb.FLAG_MOD_REPLACE, "lockoutThreshold", failures)
# Usually a task of the running server writes these.
for service in "HOST", "cifs":
    change("CN=DC1,OU=Domain Controllers," + suffix, ldb.FLAG_MOD_ADD, "servicePrincipalName", "%s/%s" % (service, controller))
