package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/decode"
	"gantry/client/message"
	"gantry/gui/bodyview"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// The keys of the queries.
const (
	queryBody = "body"
	queryCopy = "copy"
)

// How wide the select is with the name of a charset, and of a format, which is longer.
const (
	charsetWidth float32 = 92
	kindWidth    float32 = 124
)

// prepare makes the body of the message ready, at once if it is small; with fit in
// another reading than the chosen one where that does not fit.
func (i *Inspector) prepare(fit bool) {
	if i.m == nil {
		return
	}
	i.scope.Cancel(queryBody)
	body, reading := i.m.Body, i.reading
	d, load := i.described()
	if len(body) <= heavy && !message.Packed(body) && load == nil {
		i.prepared(prepareBody(context.Background(), body, reading, fit, d))
		return
	}
	i.body = nil
	i.view.SetText("")
	i.about.SetText(lang.L("Decoding…"))
	i.path.SetText("")
	i.giveReason("")
	task.Ask(i.p.Tasks, i.scope, queryBody, func(ctx context.Context) (*prepared, error) {
		if load != nil {
			d = load(ctx)
		}
		return prepareBody(ctx, body, reading, fit, d), nil
	}, func(p *prepared, err error) {
		if err != nil {
			i.p.Fail(err)
			return
		}
		i.prepared(p)
		if load != nil && i.p.Formats.Looked != nil {
			i.p.Formats.Looked()
		}
	})
}

// pickReading reads this body in the chosen way, and others where it fits.
func (i *Inspector) pickReading(reading string) {
	if i.filling || reading == "" || i.m == nil {
		return
	}
	i.reading = reading
	i.reads = i.mode == asHex // who chooses a charset wants to read
	if kindOf(reading) != "" {
		i.wanted, i.reads = asBest, false
	}
	if i.reads {
		i.wanted = asBest
	}
	i.remember()
	i.prepare(false)
}

// pickMode shows this body in the chosen form, and others where it fits.
func (i *Inspector) pickMode(n int) {
	i.wanted, i.mode = mode(n), mode(n)
	i.remember()
	i.showBody()
}

// remember keeps what was chosen for the topic of the message shown.
func (i *Inspector) remember() {
	if i.m != nil && i.p.SaveReading != nil {
		i.readTopic = i.m.Topic
		i.p.SaveReading(i.m.Topic, choice(i.reading, i.wanted))
	}
}

// choice is what was chosen, as it is kept: a reading, a blank and a form; each may be
// missing.
func choice(reading string, m mode) string {
	if m == asBest {
		return reading
	}
	return reading + " " + modeWords()[m]
}

// chosen is the reverse of choice; what nobody could have chosen counts as nothing.
func chosen(s string) (reading string, m mode) {
	reading, form, _ := strings.Cut(s, " ")
	if !slices.Contains(readings(), reading) {
		reading = ""
	}
	words := modeWords()
	return reading, mode(slices.Index(words[:], form)) // asBest for none
}

// ChosenKind is the binary format that was chosen, as SaveReading had it, "" for none.
func ChosenKind(kept string) decode.Kind {
	reading, _ := chosen(kept)
	return kindOf(reading)
}

// modeWords are the forms as they are kept.
func modeWords() [3]string { return [...]string{asJSON: "json", asText: "text", asHex: "hex"} }

// takeReading takes what was chosen for the topic of a message, if another was shown before.
func (i *Inspector) takeReading(topic string) {
	if topic == i.readTopic {
		return
	}
	i.readTopic = topic
	kept, r := "", ""
	if i.p.Reading != nil {
		kept = i.p.Reading(topic)
		r, i.wanted = chosen(kept)
	}
	format := i.format()
	switch {
	case r != "" || kept != "" && format == nil:
		i.reading = r
	case format != nil:
		i.reading = string(format.Format)
	case i.p.Reading != nil && kindOf(i.reading) != "":
		i.reading = "" // a format is that of a topic
	}
}

func (i *Inspector) prepared(p *prepared) {
	i.body, i.mode = p, p.fitting(i.wanted)
	if i.reads && i.mode == asHex {
		i.mode = asText // whatever comes of it
	}
	if p.failed != nil {
		i.mode = asJSON // where the reason is told
	}
	i.reads = false
	i.filling = true
	i.charset.SetSelected(p.reading())
	i.filling = false
	width := charsetWidth
	if kindOf(p.reading()) != "" {
		width = kindWidth
	}
	i.charsetField.SetMinWidth(width)
	i.showSchemaButton()
	i.tools.Refresh()
	i.modes.Set(int(i.mode))
	i.showBody()
}

// showBody shows the prepared body in the chosen way.
func (i *Inspector) showBody() {
	p := i.body
	if p == nil {
		return
	}
	size := widgets.Bytes(int64(len(i.m.Body)))
	if p.packed != "" {
		size = p.packed + " " + size + " · " + widgets.Bytes(int64(len(p.plain)))
	}
	i.view.OnFilter = i.p.AddFilter
	if !i.filters() {
		i.view.OnFilter = nil
	}
	kind, reason := "", ""
	i.bodyRows.paths = i.mode == asJSON && p.json != nil && p.failed == nil
	switch {
	case i.mode == asHex || i.mode == asJSON && p.failed != nil:
		i.view.SetHex(p.plain)
		if kind, reason = lang.L("Hex"), p.hexWords(); i.mode == asJSON {
			kind, reason = lang.L("Not {{.Charset}}", map[string]any{"Charset": p.failed.Kind}), p.notDecoded()
		}
	case i.mode == asJSON && p.json != nil:
		i.view.SetJSON(p.json)
		if kind = "JSON"; p.kind != "" {
			kind = "" // the select has it, beside the size
			if p.message != "" && p.misfit == nil {
				size += " · " + p.message[strings.LastIndexByte(p.message, '.')+1:] // last: there is room for little
			}
		}
	default:
		i.view.SetText(p.text)
		kind, reason = i.textWords()
	}
	if kind != "" {
		size = kind + " · " + size
	}
	i.about.SetText(size)
	i.path.SetText("")
	switch not := i.notDescribed(); {
	case not == "", i.wanted == asHex: // who wants the bytes asks for no reason
	case reason == "", i.mode == asHex:
		reason = not
	}
	i.giveReason(reason)
}

// textWords says what a body is that is shown as text, and why it is not what was asked for.
func (i *Inspector) textWords() (kind, reason string) {
	switch p := i.body; {
	case !p.valid:
		return lang.L("Not {{.Charset}}", map[string]any{"Charset": p.charset}), ""
	case i.mode == asJSON && p.large:
		return "JSON", lang.L("It is nested so deep that it would be too long in lines.")
	case i.mode == asJSON && p.place != nil:
		return lang.L("Not JSON"), p.notJSON()
	case i.mode == asJSON:
		return lang.L("Not JSON"), ""
	}
	return lang.L("Text"), ""
}

// hexWords says what a dump is of, as far as that is known, "" for not at all.
func (p *prepared) hexWords() string {
	switch {
	case p.named.Class != "":
		return p.named.Name + " · " + p.named.Class
	case p.named.Name != "":
		return p.named.Name
	case len(p.may) > 0:
		var names []string
		for _, k := range p.may {
			names = append(names, string(k))
		}
		return lang.L("It may be {{.Formats}}: choose that above to read it.", map[string]any{"Formats": strings.Join(names, ", ")})
	}
	return ""
}

// notJSON says why the text is no JSON: the character that does not fit, or its end.
func (p *prepared) notJSON() string {
	data := map[string]any{"Line": p.place.Line, "Column": p.place.Column, "Sign": p.found}
	if p.found != "" {
		return lang.L("“{{.Sign}}” at line {{.Line}}, column {{.Column}} does not fit.", data)
	}
	return lang.L("It ends too early, at line {{.Line}}, column {{.Column}}.", data)
}

// notDecoded says why the body is not in the format that was chosen for it.
func (p *prepared) notDecoded() string { return p.whyNot(p.failed) }

// whyNot says why the body is not what it was read as, and at which byte; bytes are counted
// from 0, as the dump does.
func (p *prepared) whyNot(e *decode.Error) string {
	at := e.At
	data := map[string]any{
		"At": fmt.Sprintf("%d (%#x)", at, at), "Count": widgets.Count(uint64(len(p.plain) - at)), "Field": e.Field, "Type": e.Want,
	}
	if at < len(p.plain) {
		data["Byte"] = fmt.Sprintf("%02x", p.plain[at])
	}
	switch e.Why {
	case decode.EndsEarly:
		return lang.L("It ends too early, at byte {{.At}}.", data)
	case decode.Rest:
		return lang.L("It ends at byte {{.At}}, where {{.Count}} more follow.", data)
	case decode.NotText:
		return lang.L("The text at byte {{.At}} is not UTF-8.", data)
	case decode.TooDeep:
		return lang.L("It is nested too deep, at byte {{.At}}.", data)
	case decode.TooLong:
		return lang.L("It is too long to be shown as JSON.")
	case decode.WrongType:
		return lang.L("The field {{.Field}} at byte {{.At}} is no {{.Type}}.", data)
	case decode.Lacks:
		return lang.L("The field {{.Field}} is not there, up to byte {{.At}}.", data)
	case decode.TooSlow:
		return lang.L("Reading it took too long, up to byte {{.At}}.", data)
	}
	return lang.L("“{{.Byte}}” at byte {{.At}} does not fit.", data)
}

// giveReason puts a line above the body; "" takes it away.
func (i *Inspector) giveReason(words string) {
	i.reason.SetText(words)
	draw.Show(i.reason, words != "")
	i.bodyRows.Layout(i.bodyBox.Objects, i.bodyBox.Size())
}

// CycleView goes on from JSON to text to the dump.
func (i *Inspector) CycleView() {
	if i.body != nil {
		i.modes.Select((int(i.mode) + 1) % 3)
	}
}

// CopyBody puts the body on the clipboard: the text to the byte (not as it is
// formatted), what was decoded, or the dump where the body is shown as one or is no text.
func (i *Inspector) CopyBody() {
	if i.body == nil {
		return
	}
	switch p := i.body; {
	case p.kind != "" && i.mode == asJSON:
		i.copied(p.json.String())
		return
	case p.valid && i.mode != asHex:
		i.copied(p.text)
		return
	}
	plain := i.body.plain
	task.Ask(i.p.Tasks, i.scope, queryCopy, func(context.Context) (string, error) { return bodyview.HexDump(plain), nil }, func(s string, err error) {
		if err == nil {
			i.copied(s)
		}
	})
}

// CopyReference puts a reference to the message on the clipboard, see cluster.Reference.
func (i *Inspector) CopyReference() {
	if i.m == nil || i.p.Profile == nil {
		return
	}
	p := i.p.Profile()
	i.copied(cluster.Reference{
		Connection: p.Name, Environment: string(p.Environment), Topic: i.m.Topic, Queue: cluster.Queue{Broker: i.m.Broker, ID: i.m.QueueID}, Offset: i.m.QueueOffset, ID: i.m.ID(),
	}.String())
}

// CopyRow puts the message as one line on the clipboard, see msglist.Text.
func (i *Inspector) CopyRow() {
	if i.m != nil {
		i.copied(msglist.Text(i.m))
	}
}

func (i *Inspector) copied(s string) {
	fyne.CurrentApp().Clipboard().SetContent(s)
	i.p.Say(lang.L("Copied."))
}
