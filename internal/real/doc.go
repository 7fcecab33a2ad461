// Package real proves that irctl does to real systems what it says. It holds
// nothing but tests: NAME_daemon_test.go starts a system by means of
// internal/realtest and says what can be seen of it, NAME_test.go acts on it.
//
// Every test runs the real command line with an environment file that leads to
// a daemon, in processes that are this test binary in the guise of irctl
// ([TestMain]) and that die at a chosen moment of an action if the test wants
// it. What became of the system is looked up with the system's own clients.
//
// Files, in reading order: process_test.go (where it dies),
// office_test.go (an environment, and irctl processes that act on it),
// trial_test.go (what every type of target has to show), then one group for
// each system: directory_test.go, rotate_test.go, account_test.go,
// refusal_test.go (OpenLDAP), dns_test.go (BIND), isolate_test.go (nftables),
// remote_test.go (over ssh), fleet_test.go (many machines at once), fleet_bench_test.go (beside clush and Ansible) and playbook_test.go
// (playbooks of CACAO).
//
// Of websites: website_test.go (what visitors must see), nginx_test.go,
// apache_test.go, haproxy_test.go, caddy_test.go.
//
// Of mail: postfix_test.go, dovecot_test.go.
//
// Of accounts: credential_test.go (what every rotation has to show),
// domain_test.go (Active Directory), postgres_test.go, redis_test.go,
// sshkeys_test.go, htpasswd_test.go, linuxuser_test.go. Of ways in: waysin_test.go
// (every way into every kind, tried), waysinaccounts_test.go,
// waysinmachines_test.go, waysinsites_test.go (the ways), ways_test.go (what is
// said of them beforehand).
//
// Of a terminal: terminal_test.go (a person reads the screen and types),
// exercise_test.go (three of them play an exercise).
//
// Of browsers: warroom_test.go (irctl serve, read in Chromium).
//
// Of files: editor_test.go (a language server), graph_test.go (Graphviz).
//
// Of all at once: company_test.go (a company), contained_test.go (how it is
// contained and comes back), quick_test.go (what that runs, how long it takes).
//
// Of cases and those who are told: requesttracker_test.go,
// rsyslog_test.go, alertmanager_test.go, restic_test.go, smtp_test.go.
package real
