package code

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"gantry/client/message"
)

// java is a class of its own, in ASCII: it compiles alike in every locale.
func (s *Send) java() string {
	d, t := s.Draft, s.timing()
	var w writer
	w.lines("// Sends one message. For Java 11 or later, with org.apache.rocketmq:rocketmq-client 5.x.")
	if s.Dynamic {
		w.lines(dynamicRemark)
	}
	if s.TLS {
		w.lines("// Java checks the server's certificate only where -Dtls.config.file=... says how, see TlsSystemConfig.")
	}
	for _, name := range s.javaImports() {
		w.lines("import " + name + ";")
	}
	w.lines("", "public class SendMessage {", "    public static void main(String[] args) throws Exception {")
	s.javaProducer(&w)
	w.lines("        producer.start();", "        try {")
	w.lines("            byte[] body = "+javaBody(d.Body)+";",
		"            Message message = new Message("+javaQuote(d.Topic)+", body);")
	if d.Tag != "" {
		w.lines("            message.setTags(" + javaQuote(d.Tag) + ");")
	}
	if keys := strings.Join(d.Keys, " "); keys != "" {
		w.lines("            message.setKeys(" + javaQuote(keys) + ");")
	}
	for _, p := range d.Properties {
		w.lines("            " + javaProperty(p) + ";")
	}
	if d.Flag != 0 {
		w.lines(fmt.Sprintf("            message.setFlag(%d);", d.Flag))
	}
	if d.ShardingKey != "" {
		w.lines("            MessageAccessor.putProperty(message, MessageConst.PROPERTY_SHARDING_KEY, " + javaQuote(d.ShardingKey) + ");")
	}
	s.javaTiming(&w, t)
	w.lines(s.javaSend()...)
	w.lines("        } finally {", "            producer.shutdown();", "        }", "    }", "}")
	return w.String()
}

// dynamicRemark is a comment of Java and Go.
const dynamicRemark = "// Dynamic values, {{...}}, are sent as they stand."

func (s *Send) javaImports() []string {
	d, t := s.Draft, s.timing()
	var out []string
	add := func(need bool, names ...string) {
		if need {
			out = append(out, names...)
		}
	}
	text := asText(d.Body)
	accessor := d.ShardingKey != "" || len(t.names) > 0
	for _, p := range d.Properties {
		accessor = accessor || blank(p)
	}
	add(text, "java.nio.charset.StandardCharsets")
	add(!text, "java.util.Base64")
	add(s.Account != nil, "org.apache.rocketmq.acl.common.AclClientRPCHook", "org.apache.rocketmq.acl.common.SessionCredentials")
	add(true, "org.apache.rocketmq.client.producer.DefaultMQProducer")
	add(d.To == nil && d.ShardingKey != "", "org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash")
	add(true, "org.apache.rocketmq.common.message.Message")
	add(accessor, "org.apache.rocketmq.common.message.MessageAccessor")
	add(d.ShardingKey != "", "org.apache.rocketmq.common.message.MessageConst")
	add(d.To != nil, "org.apache.rocketmq.common.message.MessageQueue")
	return out
}

// javaProducer makes the producer, with the account and what else it is told before it
// starts. It sends once, as Gantry does, and packs no body by itself.
func (s *Send) javaProducer(w *writer) {
	d, hook := s.Draft, ""
	if a := s.Account; a != nil {
		what, keys := "password", javaQuote(a.Name)+", secret"
		if a.Token {
			what, keys = "token", "secret, "+javaQuote(a.Name)
		}
		w.lines("        String secret = System.getenv("+javaQuote(SecretVariable)+");",
			"        if (secret == null) {",
			"            throw new IllegalStateException("+javaQuote("Set "+SecretVariable+" to the "+what+" of "+a.Name+".")+");",
			"        }")
		hook = ", new AclClientRPCHook(new SessionCredentials(" + keys + "))"
	}
	w.lines("        DefaultMQProducer producer = new DefaultMQProducer("+javaQuote(d.ProducerGroup)+hook+");",
		"        producer.setNamesrvAddr("+javaQuote(strings.Join(s.NameServers, ";"))+");",
		"        producer.setMqClientApiTimeout(10_000);",
		"        producer.setSendMsgTimeout(10_000);",
		"        producer.setRetryTimesWhenSendFailed(0); // never sent twice")
	if s.TLS {
		w.lines("        producer.setUseTLS(true);")
	}
	if n := s.packFrom(); n > 0 {
		w.lines(fmt.Sprintf("        producer.setCompressMsgBodyOverHowmuch(%d);", n))
	}
}

// packFrom is from how many bytes on the client is to pack a body, so that this one goes as
// the draft says; 0 where it does so anyway.
func (s *Send) packFrom() int {
	switch long := len(s.Draft.Body) >= packedFrom; {
	case s.Draft.Packed && !long:
		return 1
	case !s.Draft.Packed && long:
		return math.MaxInt32
	}
	return 0
}

// javaProperty sets a property. Java refuses one of blanks by its usual way.
func javaProperty(p message.Property) string {
	if blank(p) {
		return "MessageAccessor.putProperty(message, " + javaQuote(p.Name) + ", " + javaQuote(p.Value) + ")"
	}
	return "message.putUserProperty(" + javaQuote(p.Name) + ", " + javaQuote(p.Value) + ")"
}

// blank tells whether Java's String.trim leaves nothing of a name or a value.
func blank(p message.Property) bool {
	none := func(s string) bool { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) == "" }
	return none(p.Name) || none(p.Value)
}

func (s *Send) javaTiming(w *writer, t timing) {
	if !s.Draft.Deliver.Later() {
		return
	}
	w.lines("            // " + t.words(s.Draft.Deliver))
	if t.level > 0 {
		w.lines(fmt.Sprintf("            message.setDelayTimeLevel(%d);", t.level))
		return
	}
	value := fmt.Sprintf("%dL", t.millis)
	if t.fromNow {
		value = "System.currentTimeMillis() + " + value
	}
	for _, name := range t.names {
		w.lines("            MessageAccessor.putProperty(message, " + javaQuote(name) + ", String.valueOf(" + value + "));")
	}
}

func (s *Send) javaSend() []string {
	d, args := s.Draft, "message"
	switch {
	case d.To != nil:
		args += fmt.Sprintf(", new MessageQueue(%s, %s, %d)", javaQuote(d.Topic), javaQuote(d.To.Broker), d.To.Queue)
	case d.ShardingKey != "":
		args += ", new SelectMessageQueueByHash(), " + javaQuote(d.ShardingKey)
	}
	if d.OneWay {
		return []string{"            producer.sendOneway(" + args + ");"}
	}
	return []string{"            System.out.println(producer.send(" + args + "));"}
}

// javaBody is an expression of the bytes.
func javaBody(body []byte) string {
	const indent = "\n                "
	if asText(body) {
		var lines []string
		for l := range strings.Lines(string(body)) {
			lines = append(lines, javaQuote(l))
		}
		if len(lines) == 1 {
			return lines[0] + ".getBytes(StandardCharsets.UTF_8)"
		}
		return "(" + strings.Join(lines, indent+"+ ") + ").getBytes(StandardCharsets.UTF_8)"
	}
	// Joined when it runs: a constant of a class has 64 KB at most.
	text := base64.StdEncoding.EncodeToString(body)
	lines := pieces(text, base64Line(text))
	for i, l := range lines {
		lines[i] = javaQuote(l)
	}
	return `Base64.getDecoder().decode(String.join("",` + indent + strings.Join(lines, ","+indent) + "))"
}

// javaQuote is a string of Java's in ASCII. Unicode escapes are read before anything else:
// one for a line end or a quote would end the string, so control signs are octal; and a
// backslash of the text is doubled, behind which no "u" begins an escape.
func javaQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\%03o`, r)
		case r < 0x7f:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
