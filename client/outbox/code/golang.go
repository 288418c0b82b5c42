package code

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"gantry/client/message"
)

// golang is a whole main.go, formatted.
func (s *Send) golang() string {
	d := s.Draft
	var w writer
	w.lines("// Sends one message.")
	if s.Dynamic {
		w.lines(dynamicRemark)
	}
	if s.TLS {
		w.lines("// The library encrypts, but does not check the server's certificate.")
	}
	w.lines("//", "//\tgo mod init send", "//\tgo get "+goModule+"@"+goLibrary, "//\tgo run .",
		"package main", "", "import (")
	w.lines(s.goImports()...)
	w.lines(")", "")
	w.lines(goBody(d.Body)...)
	w.lines("",
		"func main() {",
		"\tif err := send(context.Background()); err != nil {",
		"\t\tlog.Fatal(err)",
		"\t}",
		"}",
		"",
		"func send(ctx context.Context) error {",
		"\trlog.SetLogLevel(\"error\")")
	s.goProducer(&w)
	s.goMessage(&w)
	if d.OneWay {
		w.lines("\treturn p.SendOneWay(ctx, message)", "}")
	} else {
		w.lines("\tresult, err := p.SendSync(ctx, message)", "\tif err != nil {", "\t\treturn err", "\t}",
			"\tfmt.Println(result)", "\treturn nil", "}")
	}
	if s.byKey() {
		w.lines(goSelector)
	}
	return w.String()
}

const goModule = "github.com/apache/rocketmq-client-go/v2"

// byKey tells whether the program needs a selector of its own.
func (s *Send) byKey() bool { return s.Draft.To == nil && s.Draft.ShardingKey != "" }

// goSelector chooses as Java does: the library's own hashes differently.
const goSelector = `
// byKey chooses the queue that Java's SelectMessageQueueByHash chooses.
type byKey string

func (k byKey) Select(_ *primitive.Message, queues []*primitive.MessageQueue, _ string) *primitive.MessageQueue {
	var hash int32
	for _, unit := range utf16.Encode([]rune(string(k))) {
		hash = 31*hash + int32(unit)
	}
	at := int64(hash) % int64(len(queues))
	return queues[max(at, -at)]
}`

func (s *Send) goImports() []string {
	d, t := s.Draft, s.timing()
	var out []string
	add := func(need bool, name string) {
		if need {
			out = append(out, "\t"+strconv.Quote(name))
		}
	}
	add(true, "context")
	add(!asText(d.Body), "encoding/base64")
	add(s.Account != nil, "errors")
	add(!d.OneWay, "fmt")
	add(true, "log")
	add(s.Account != nil, "os")
	add(t.fromNow, "strconv")
	add(true, "time")
	add(s.byKey(), "unicode/utf16")
	out = append(out, "", "\trocketmq \""+goModule+"\"")
	add(true, goModule+"/primitive")
	add(true, goModule+"/producer")
	add(true, goModule+"/rlog")
	return out
}

// goProducer makes and starts the producer.
func (s *Send) goProducer(w *writer) {
	d := s.Draft
	options := []string{
		"producer.WithNsResolver(primitive.NewPassthroughResolver([]string{" + goList(s.NameServers) + "}))",
		"producer.WithGroupName(" + goQuote(d.ProducerGroup) + ")",
		"producer.WithSendMsgTimeout(10*time.Second)",
		"producer.WithRetry(0)",
	}
	if a := s.Account; a != nil {
		what, keys := "password", "AccessKey: "+goQuote(a.Name)+", SecretKey: secret"
		if a.Token {
			what, keys = "token", "AccessKey: secret, SecretKey: "+goQuote(a.Name)
		}
		w.lines("\tsecret := os.Getenv("+goQuote(SecretVariable)+")",
			"\tif secret == \"\" {",
			"\t\treturn errors.New("+goQuote("set "+SecretVariable+" to the "+what+" of "+a.Name)+")",
			"\t}")
		options = append(options, "producer.WithCredentials(primitive.Credentials{"+keys+"})")
	}
	if s.TLS {
		options = append(options, "producer.WithTls(true)")
	}
	if n := s.packFrom(); n > 0 {
		options = append(options, fmt.Sprintf("producer.WithCompressMsgBodyOverHowmuch(%d)", n))
	}
	switch {
	case d.To != nil:
		options = append(options, "producer.WithQueueSelector(producer.NewManualQueueSelector())")
	case s.byKey():
		options = append(options, "producer.WithQueueSelector(byKey("+goQuote(d.ShardingKey)+"))")
	}
	w.lines("\tp, err := rocketmq.NewProducer(")
	for _, o := range options {
		w.lines("\t\t" + o + ",")
	}
	w.lines("\t)", "\tif err != nil {", "\t\treturn err", "\t}",
		"\tif err := p.Start(); err != nil {", "\t\treturn err", "\t}",
		"\tdefer p.Shutdown()")
}

// goMessage makes the message.
func (s *Send) goMessage(w *writer) {
	d, t := s.Draft, s.timing()
	if asText(d.Body) {
		w.lines("\tmessage := primitive.NewMessage(" + goQuote(d.Topic) + ", []byte(body))")
	} else {
		w.lines("\tbytes, err := base64.StdEncoding.DecodeString(body)", "\tif err != nil {", "\t\treturn err", "\t}",
			"\tmessage := primitive.NewMessage("+goQuote(d.Topic)+", bytes)")
	}
	if d.Tag != "" {
		w.lines("\tmessage.WithTag(" + goQuote(d.Tag) + ")")
	}
	if keys := strings.Join(d.Keys, " "); keys != "" {
		w.lines("\tmessage.WithKeys([]string{" + goList(d.Keys) + "})")
	}
	set := func(name, value string) { w.lines("\tmessage.WithProperty(" + goQuote(name) + ", " + value + ")") }
	for _, p := range d.Properties {
		set(p.Name, goQuote(p.Value))
	}
	if d.Flag != 0 {
		w.lines(fmt.Sprintf("\tmessage.Flag = %d", d.Flag))
	}
	if d.ShardingKey != "" {
		set(message.PropertyShardingKey, goQuote(d.ShardingKey))
	}
	if d.Deliver.Later() {
		w.lines("\t// " + t.words(d.Deliver))
	}
	if t.level > 0 {
		w.lines(fmt.Sprintf("\tmessage.WithDelayTimeLevel(%d)", t.level))
	}
	for _, name := range t.names {
		value := strconv.Quote(strconv.FormatInt(t.millis, 10))
		if t.fromNow {
			value = fmt.Sprintf("strconv.FormatInt(time.Now().UnixMilli()+%d, 10)", t.millis)
		}
		set(name, value)
	}
	if d.To != nil {
		w.lines(fmt.Sprintf("\tmessage.Queue = &primitive.MessageQueue{Topic: %s, BrokerName: %s, QueueId: %d}", goQuote(d.Topic), goQuote(d.To.Broker), d.To.Queue))
	}
}

// goBody declares the body, a text or base64.
func goBody(body []byte) []string {
	var lines []string
	if asText(body) {
		for l := range strings.Lines(string(body)) {
			lines = append(lines, l)
		}
	} else {
		text := base64.StdEncoding.EncodeToString(body)
		lines = pieces(text, base64Line(text))
	}
	for i, l := range lines {
		lines[i] = "\t" + goQuote(l) + " +"
	}
	last := len(lines) - 1
	lines[last] = strings.TrimSuffix(lines[last], " +")
	lines[0] = "const body = " + strings.TrimPrefix(lines[0], "\t")
	return lines
}

func goList(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = goQuote(s)
	}
	return strings.Join(quoted, ", ")
}

// goQuote is a string of Go's; what is no sign for eyes is escaped.
func goQuote(s string) string { return strconv.Quote(s) }
