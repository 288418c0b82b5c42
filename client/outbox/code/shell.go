package code

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// mqadmin is a command of a POSIX shell. It can be pasted too: comments have no sign that a
// shell without comments would act on, and no sign that a terminal acts on is in it.
func (s *Send) mqadmin() string {
	d := s.Draft
	var w writer
	w.lines("# Sends one message with mqadmin of RocketMQ 5, from a producer group of its own.")
	if s.Dynamic {
		w.lines("# Dynamic values in double braces are sent as they stand.")
	}
	if len(d.Body) >= packedFrom {
		w.lines("# mqadmin packs a body of this size on its way. Clients unpack it.")
	}
	if s.TLS {
		w.lines("# The certificate of the server is checked as tls.config.file says. See TlsSystemConfig.")
	}
	args := []string{
		"--namesrvAddr=" + quote(strings.Join(s.NameServers, ";")),
		"--topic=" + quote(d.Topic),
	}
	add := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name+"="+quote(value))
		}
	}
	add("tags", d.Tag)
	add("key", strings.Join(d.Keys, " "))
	if d.To != nil {
		add("broker", d.To.Broker)
		add("qid", strconv.Itoa(d.To.Queue))
	}
	add("body", string(d.Body))
	command := s.environment(strings.Join(args, "")) + "mqadmin sendMessage \\\n  " + strings.Join(args, " \\\n  ")
	if s.Account == nil {
		w.lines(command)
		return w.String()
	}
	s.signed(&w, command)
	return w.String()
}

// environment is what stands before the command: Java reads its arguments in the charset
// of the locale.
func (s *Send) environment(args string) string {
	var out, options string
	if strings.ContainsFunc(args, func(r rune) bool { return r > unicode.MaxASCII }) {
		out = "LC_ALL=C.UTF-8 "
	}
	if s.TLS {
		options += " -Dtls.enable=true"
	}
	if s.Account != nil {
		options += " -Drocketmq.home.dir=$home"
	}
	if options != "" {
		out += `JAVA_OPT="$JAVA_OPT` + options + `" `
	}
	return out
}

// signed has the command signed. mqadmin reads the account from a file in RocketMQ's
// folder only: it gets a folder of its own for it, which is gone afterwards. The secret is
// never an argument.
func (s *Send) signed(w *writer, command string) {
	what, name := "password", quote(strings.ReplaceAll(s.Account.Name, "'", "''"))
	values := name + ` "$secret"`
	if s.Account.Token {
		what, values = "token", `"$secret" `+name
	}
	w.lines(
		"(",
		fmt.Sprintf(`: "${%s:?is to be set to the %s}"`, SecretVariable, what),
		fmt.Sprintf(`secret=$(printf %%s "$%s" | sed "s/'/''/g") || exit`, SecretVariable),
		`home=$(mktemp -d) && trap 'rm -rf "$home"' EXIT && mkdir "$home/conf" || exit`,
		`printf "accessKey: '%s'\nsecretKey: '%s'\n" `+values+` >"$home/conf/tools.yml" || exit`,
		command,
		")",
	)
}

// quote quotes a text for a POSIX shell. It must have no NUL, and not end with a line feed
// where it has another control sign. Within single quotes nothing has a meaning; but a
// terminal acts on control signs that are pasted, so printf writes those.
func quote(s string) string {
	control := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }
	if !strings.ContainsFunc(s, control) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\'':
			b.WriteString(`'\''`)
		case control(r):
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, `\0%03o`, c)
			}
		default:
			b.WriteRune(r)
		}
	}
	return `"$(printf %b '` + b.String() + `')"`
}
