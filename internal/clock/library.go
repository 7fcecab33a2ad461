package clock

import "time"

// Library are the clocks that irctl knows, by their names. They are guidance: who
// is bound by one, and when its fact is given, is for counsel to say.
func Library() []Clock {
	const (
		day   = 24 * time.Hour
		aware = "incident-aware"
	)
	hours := func(n int) Period { return Period{n, Hours} }
	days := func(n int) Period { return Period{n, Days} }
	month := Period{1, Months}
	secDays := Period{4, BusinessDays}
	short := []time.Duration{12 * time.Hour, 4 * time.Hour, time.Hour}
	long := []time.Duration{7 * day, 2 * day, day}
	const (
		form8K  = "Form 8-K, Item 1.05 and General Instruction B.1 (17 CFR 249.308)"
		form8KU = "https://www.sec.gov/files/form8-k.pdf"
		gdprU   = "https://eur-lex.europa.eu/eli/reg/2016/679/oj"
		nis2U   = "https://eur-lex.europa.eu/eli/dir/2022/2555/oj"
		doraU   = "https://eur-lex.europa.eu/eli/reg_del/2025/301/oj"
		nydfsU  = "https://www.law.cornell.edu/regulations/new-york/23-NYCRR-500.17"
		hipaaU  = "https://www.ecfr.gov/current/title-45/section-164.404"
		glbaU   = "https://www.govinfo.gov/content/pkg/FR-2023-11-13/html/2023-24412.htm"
		read    = "2026-11-29"
		weekend = "Article 5(4) allows noon of the next working day where the time ends on a weekend day or bank holiday; 5(5) and (6) take that away from banks, trading venues and others. It is not implemented: the earlier time is shown."
	)
	return []Clock{
		{Name: "sec-8k", Title: "Report a material incident on Form 8-K", Who: "Securities and Exchange Commission, and so the public",
			Limits: []Limit{{From: "materiality-determined", Within: secDays}}, Until: "sec-8k-filed", Calendar: SEC, Warn: long[1:],
			Source: form8K, URL: form8KU, Read: read,
			Note: "It begins with the determination that the incident is material, not with the incident; the determination must come without unreasonable delay."},
		{Name: "sec-8k-amendment", Title: "Amend the Form 8-K with what was not known", Who: "Securities and Exchange Commission, and so the public",
			Limits: []Limit{{From: "missing-information-known", Within: secDays}}, Until: "sec-8k-amended", Calendar: SEC, Warn: long[1:],
			Source: form8K + ", Instruction 2 to Item 1.05", URL: form8KU, Read: read},
		{Name: "gdpr-authority", Title: "Notify the supervisory authority of a personal data breach", Who: "supervisory authority",
			Limits: []Limit{{From: "breach-aware", Within: hours(72)}}, Until: "gdpr-authority-notified", Calendar: Weekdays, Warn: short,
			Source: "Regulation (EU) 2016/679, Article 33(1)", URL: gdprU, Read: read,
			Note: "Aware is who is reasonably certain that personal data were compromised. A later notification gives the reasons for the delay."},
		{Name: "nis2-warning", Title: "Send the early warning of a significant incident", Who: "CSIRT or competent authority",
			Limits: []Limit{{From: "significant-incident-aware", Within: hours(24)}}, Until: "nis2-warning-sent", Calendar: Weekdays, Warn: short,
			Source: "Directive (EU) 2022/2555, Article 23(4)(a)", URL: nis2U, Read: read},
		{Name: "nis2-notification", Title: "Send the notification of a significant incident", Who: "CSIRT or competent authority",
			Limits: []Limit{{From: "significant-incident-aware", Within: hours(72)}}, Until: "nis2-notification-sent", Calendar: Weekdays, Warn: short,
			Source: "Directive (EU) 2022/2555, Article 23(4)(b)", URL: nis2U, Read: read,
			Note: "Trust service providers have 24 hours."},
		{Name: "nis2-report", Title: "Send the final report of a significant incident", Who: "CSIRT or competent authority",
			Limits: []Limit{{From: "nis2-notification-sent", Within: month}}, Until: "nis2-report-sent", Calendar: Weekdays, Warn: long,
			Source: "Directive (EU) 2022/2555, Article 23(4)(d)", URL: nis2U, Read: read,
			Note: "If the incident goes on, a progress report is due instead, and the final one a month after it was handled."},
		{Name: "dora-initial", Title: "Send the initial notification of a major incident", Who: "competent authority",
			Limits: []Limit{{From: "dora-classified-major", Within: hours(4)}, {From: aware, Within: hours(24), Lapses: true}}, Until: "dora-initial-sent", Calendar: Weekdays, Warn: short[1:],
			Source: "Delegated Regulation (EU) 2025/301, Article 5(1)(a) and (2)", URL: doraU, Read: read, Note: weekend},
		{Name: "dora-intermediate", Title: "Send the intermediate report of a major incident", Who: "competent authority",
			Limits: []Limit{{From: "dora-initial-sent", Within: hours(72)}}, Until: "dora-intermediate-sent", Calendar: Weekdays, Warn: short,
			Source: "Delegated Regulation (EU) 2025/301, Article 5(1)(b)", URL: doraU, Read: read, Note: weekend},
		{Name: "dora-final", Title: "Send the final report of a major incident", Who: "competent authority",
			Limits: []Limit{{From: "dora-intermediate-sent", Within: month}}, Until: "dora-final-sent", Calendar: Weekdays, Warn: long,
			Source: "Delegated Regulation (EU) 2025/301, Article 5(1)(c)", URL: doraU, Read: read,
			Note: "The last updated intermediate report counts: state the fact anew. " + weekend},
		{Name: "nydfs", Title: "Notify of a cybersecurity incident", Who: "New York Department of Financial Services",
			Limits: []Limit{{From: "nydfs-determined", Within: hours(72)}}, Until: "nydfs-notified", Calendar: USFederal, Warn: short,
			Source: "23 NYCRR 500.17(a)(1)", URL: nydfsU, Read: read},
		{Name: "nydfs-payment", Title: "Notify of an extortion payment", Who: "New York Department of Financial Services",
			Limits: []Limit{{From: "extortion-paid", Within: hours(24)}}, Until: "nydfs-payment-notified", Calendar: USFederal, Warn: short,
			Source: "23 NYCRR 500.17(c)(1)", URL: nydfsU, Read: read},
		{Name: "nydfs-payment-reasons", Title: "Describe why an extortion payment was necessary", Who: "New York Department of Financial Services",
			Limits: []Limit{{From: "extortion-paid", Within: days(30)}}, Until: "nydfs-payment-described", Calendar: USFederal, Warn: long,
			Source: "23 NYCRR 500.17(c)(2)", URL: nydfsU, Read: read},
		{Name: "hipaa", Title: "Notify each individual of a breach of health information", Who: "individuals; for 500 or more also the Secretary of Health and Human Services",
			Limits: []Limit{{From: "health-breach-discovered", Within: days(60)}}, Until: "hipaa-notified", Calendar: USFederal, Warn: long,
			Source: "45 CFR 164.404(b) and 164.408(b)", URL: hipaaU, Read: read,
			Note: "Without unreasonable delay, at the latest then. A delay that law enforcement asks for (164.412) is a hold."},
		{Name: "glba", Title: "Report a notification event of 500 or more consumers", Who: "Federal Trade Commission",
			Limits: []Limit{{From: "notification-event-discovered", Within: days(30)}}, Until: "ftc-notified", Calendar: USFederal, Warn: long,
			Source: "16 CFR 314.4(j), 88 FR 77499", URL: glbaU, Read: read},
		{Name: "fha", Title: "Report a reportable cyber incident", Who: "Department of Housing and Urban Development, of FHA-approved mortgagees",
			Limits: []Limit{{From: "fha-determined", Within: hours(36)}}, Until: "hud-notified", Calendar: USFederal, Warn: short,
			Source: "FHA Mortgagee Letter 2024-23", URL: "https://www.hud.gov/sites/dfiles/OCHCO/documents/2024-23hsgml.pdf", Read: read},
		{Name: "ginnie-mae", Title: "Report a significant cybersecurity incident", Who: "Ginnie Mae, of approved issuers",
			Limits: []Limit{{From: "significant-incident-detected", Within: hours(48)}}, Until: "ginnie-mae-notified", Calendar: USFederal, Warn: short,
			Source: "Ginnie Mae All Participants Memorandum 24-02", URL: "https://www.ginniemae.gov/issuers/program_guidelines/Pages/mbsguideapmslibdisppage.aspx?ParamID=132", Read: read},
	}
}
