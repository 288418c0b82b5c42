package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/jsonpath"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox"
	changes "gantry/client/outbox/change"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
)

// deadLetters are messages as they lie in a group's dead-letter topic, of which every tenth is
// no JSON.
func deadLetters(topic string, n int) (all []*message.Message) {
	for i := range n {
		body := fmt.Sprintf("{ \"n\" : %d.10,\"order\":{\"status\":\"WRONG\" , \"id\":\"\\u0041-%d\"} }\n", i, i)
		if i%10 == 9 {
			body = "no JSON"
		}
		all = append(all, &message.Message{
			Topic: message.DeadLetterTopic("group"), Body: []byte(body), StoredAt: time.UnixMilli(1_800_000_000_000 + int64(i)), ReconsumeTimes: 16,
			Properties: []message.Property{
				{Name: message.PropertyRetryTopic, Value: topic},
				{Name: message.PropertyTags, Value: "paid"},
				{Name: message.PropertyKeys, Value: fmt.Sprint("k", i)},
				{Name: "trace", Value: "t"},
				{Name: "region", Value: "华南"},
				{Name: "DLQ_ORIGIN_TOPIC", Value: topic},
			},
		})
	}
	return all
}

// changesForAll: dead letters with one wrong field go to their topic again, that field set in
// each; what is no JSON is left out and listed, and all other bytes are as they were.
func changesForAll(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	there := d.subscribe(follow(on, t, top))
	const n = 100
	copied := d.copyOf(deadLetters(top, n)...)
	if names := copied.Properties; copied.Messages != n || len(names) != 2 || names[0].Name != "region" || copied.Topics[0].Topic != top {
		t.Fatalf("%+v", copied.Kept)
	}
	all := []changes.Change{
		{What: changes.Field, Do: changes.Set, Name: ".order.status", Value: "RIGHT"},
		{What: changes.Field, Do: changes.JSON, Name: ".order.run", Value: `{"at":{{now ms}},"by":"{{seq}}"}`},
		{What: changes.Property, Do: changes.Set, Name: "mended", Value: "{{uuid}}"},
		{What: changes.Keys, Do: changes.Add, Value: "mended"},
	}
	r := d.replay(copied, top, nil, func(p *plan.Plan) {
		p.Seed, p.Replay.Changes, p.Replay.Drop = 7, all, []string{"trace"}
	})
	st := over(t, r, 60*time.Second)
	if st.Phase != outbox.Complete || st.Counts.Stored != n*9/10 || st.Planned != n*9/10 || st.Err != nil {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, n*9/10)
	wait(t, there, n*9/10, 30*time.Second)
	byKey := map[string]*message.Message{}
	for _, m := range messages(t, there) {
		byKey[strings.Fields(m.Property(message.PropertyKeys))[0]] = m
	}
	for row := range uint64(n * 9 / 10) {
		s, err := r.Sent(row)
		if err != nil || s.Draft == nil {
			t.Fatal(row, err)
		}
		m := byKey[strings.Fields(s.Draft.Keys[0])[0]]
		if m == nil {
			t.Fatalf("row %d, %v, is not there", row, s.Draft.Keys)
		}
		i := strings.TrimPrefix(strings.Fields(s.Draft.Keys[0])[0], "k")
		want := fmt.Sprintf("{ \"n\" : %s.10,\"order\":{\"status\":\"RIGHT\" , \"id\":\"\\u0041-%s\",\"run\":{\"at\":%d,\"by\":\"%d\"}} }\n", i, i, s.Leave.At.UnixMilli(), s.Leave.Seq+1)
		if string(m.Body) != want || string(s.Draft.Body) != want {
			t.Fatalf("the broker has\n%s\nwanted\n%s", m.Body, want)
		}
		user := m.UserProperties()
		if m.Tag() != "paid" || m.Property(message.PropertyKeys) != "k"+i+" mended" || m.Property("region") != "华南" || m.Property("trace") != "" || len(m.Property("mended")) != 36 || len(user) != 2 {
			t.Fatalf("%+v", m)
		}
	}
}

// masked: messages of production go to a test cluster with the numbers in them masked, equal
// ones as equal ones, in one run and in the next.
func masked(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	there := d.subscribe(follow(on, t, top))
	source := profile.Profile{
		ID: "live", Name: "orders-prod", NameServers: []string{"127.0.0.1:1"}, Environment: profile.Production,
		Masks: &mask.Rules{Phone: true, Identity: true, Card: true, Paths: []string{".buyer.name"}, Properties: []string{"who"}},
	}
	if err := d.client.Profiles.Save([]profile.Profile{source}); err != nil {
		t.Fatal(err)
	}
	const phone, identity, card = "13800138000", "11010519491231002X", "4111111111111111"
	var all []*message.Message
	for i := range 20 {
		all = append(all, &message.Message{
			Topic: "orders", Body: fmt.Appendf(nil, `{"n":%d.50, "phone":%q,"buyer":{"name":"张三","id":%q},"card":%s}`, i, phone, identity, card),
			Properties: []message.Property{{Name: message.PropertyKeys, Value: "order-" + phone}, {Name: "who", Value: "Bob"}, {Name: "note", Value: "call +86 " + phone}},
		})
	}
	all = append(all, &message.Message{Topic: "orders", Body: []byte{0, 1, 2}})
	var runs []*outbox.Run
	for range 2 {
		r := d.replay(d.copyOf(all...), top, nil, func(p *plan.Plan) { p.Replay.From = "live" })
		if p := r.Plan().Replay; p.Masks == nil || !p.Production || p.Unmasked {
			t.Fatalf("%+v", p)
		}
		st := over(t, r, 60*time.Second)
		if st.Phase != outbox.Complete || st.Counts.Stored != 20 {
			t.Fatalf("%+v", st)
		}
		arrived(t, r, 20)
		runs = append(runs, r)
	}
	wait(t, there, 40, 30*time.Second)
	bodies := map[string]int{}
	for _, m := range messages(t, there) {
		var b struct {
			N     json.Number
			Phone string
			Buyer struct{ Name, ID string }
			Card  json.Number
		}
		text := string(m.Body)
		if err := json.Unmarshal(m.Body, &b); err != nil {
			t.Fatal(err)
		}
		for _, gone := range []string{phone, identity, card, "张三"} {
			if strings.Contains(text, gone) {
				t.Fatalf("%s leaves production in %s", gone, text)
			}
		}
		if !strings.HasPrefix(b.Phone, "138") || len(b.Phone) != 11 || len(b.Buyer.ID) != 18 || len(b.Card) != 16 || len([]rune(b.Buyer.Name)) != 2 {
			t.Fatal(text)
		}
		if m.Property(message.PropertyKeys) != "order-"+b.Phone || m.Property("note") != "call +86 "+b.Phone || m.Property("who") == "Bob" || len(m.Property("who")) != 3 {
			t.Fatalf("%+v in %s", m.Properties, text)
		}
		bodies[text]++
		if want := fmt.Sprintf(`{"n":%s, "phone":%q,"buyer":{"name":%q,"id":%q},"card":%s}`, b.N, b.Phone, b.Buyer.Name, b.Buyer.ID, b.Card); text != want {
			t.Fatalf("\n%s\n%s", text, want)
		}
	}
	if len(bodies) != 20 {
		t.Errorf("two runs have %d bodies, and one has 20", len(bodies))
	}
	if info := runs[0].Info(); info.Planned != 20 {
		t.Errorf("%+v", info)
	}
}

// TestMasksAreGuarded: what leaves production does so by the masks that hold when it leaves, or
// as it is if that was typed.
func TestMasksAreGuarded(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	top := on.topic(t, 1)
	d := on.desk(t)
	source := profile.Profile{ID: "live", Name: "live", NameServers: []string{"127.0.0.1:1"}, Environment: profile.Production}
	save := func(rules *mask.Rules) {
		t.Helper()
		source.Masks = rules
		if err := d.client.Profiles.Save([]profile.Profile{source}); err != nil {
			t.Fatal(err)
		}
	}
	save(nil)
	m := &message.Message{Topic: "orders", Body: []byte("13800138000")}
	copied := d.copyOf(m)
	prepared := func(change ...func(*plan.Plan)) *plan.Plan {
		t.Helper()
		p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-replay", Topic: top}, AtOnce: 1}
		copied.Replay(p, nil)
		p.Replay.From = "live" // and nobody says that it is production
		for _, f := range change {
			f(p)
		}
		if err := d.conn.Prepare(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	yes := client.Confirmed{Topic: top, Count: 1}
	bare := yes
	bare.Unmasked = true
	refused := func(name string, p *plan.Plan, yes client.Confirmed) {
		t.Helper()
		if _, err := d.conn.Begin(p, yes, copied.Fill); !errors.Is(err, fault.NotConfirmed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := prepared()
	if r := p.Replay.Masks; r == nil || !r.Equal(mask.All()) || !p.Replay.Production {
		t.Fatalf("%+v", p.Replay)
	}
	p.Replay.Masks = nil
	refused("without masks", p, yes)
	refused("without masks, and nothing says that it goes so", p, bare)
	p.Replay.Masks = &mask.Rules{Phone: true}
	refused("by other masks", p, yes)
	p = prepared()
	p.Replay.Key = make([]byte, mask.KeySize)
	refused("with a key that anybody knows", p, yes)
	open := func(p *plan.Plan) { p.Replay.Unmasked = true }
	if p = prepared(open); p.Replay.Masks != nil {
		t.Errorf("%+v", p.Replay.Masks)
	}
	refused("unmasked, and it was not typed", p, yes)
	p = prepared()
	save(&mask.Rules{Card: true})
	refused("by masks that do not hold any more", p, yes)
	save(&mask.Rules{})
	p = prepared()
	refused("a profile that masks nothing", p, yes)
	// A profile that is gone masks as if nothing was said.
	if err := d.client.Profiles.Save(nil); err != nil {
		t.Fatal(err)
	}
	if p = prepared(func(p *plan.Plan) { p.Replay.Production = true }); p.Replay.Masks == nil || !p.Replay.Masks.Equal(mask.All()) {
		t.Errorf("%+v", p.Replay)
	}
	save(nil)
	p = prepared(open)
	r, err := d.conn.Begin(p, bare, copied.Fill)
	if err != nil {
		t.Fatal(err)
	}
	over(t, r, 20*time.Second)
	if s, err := r.Sent(0); err != nil || string(s.Draft.Body) != "13800138000" {
		t.Errorf("%+v, %v", s, err)
	}
	if n := held(t, on.node(t), top); n != 1 {
		t.Errorf("the broker holds %d", n)
	}
	// To production nothing is masked.
	at := on.at(t)
	at.ID, at.Name, at.Environment = "live2", "live2", profile.Production
	live := deskAt(t, at, "")
	if err := live.client.Profiles.Save([]profile.Profile{source}); err != nil {
		t.Fatal(err)
	}
	other := &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-replay", Topic: top}, AtOnce: 1}
	copied = live.copyOf(m)
	copied.Replay(other, nil)
	other.Replay.From = "live"
	if err := live.conn.Prepare(t.Context(), other); err != nil || other.Replay.Masks != nil {
		t.Fatalf("%+v, %v", other.Replay, err)
	}
	run, err := live.conn.Begin(other, client.Confirmed{Topic: top, Count: 1, Name: "live2"}, copied.Fill)
	if err != nil {
		t.Fatal(err)
	}
	over(t, run, 20*time.Second)
	if err := live.conn.SendAgain(run, []uint64{0}, client.Confirmed{Topic: top, Count: 1, Name: "live2"}); err != nil {
		t.Error(err)
	}
	over(t, run, 20*time.Second)
	// The same connection, said to be one of a test: what was sent in production does not go
	// again as it is.
	dir := live.dir
	if err := live.client.Close(); err != nil {
		t.Fatal(err)
	}
	at.Environment = profile.Test
	again, _ := newClient(t, dir, workerProgram(t))
	conn, err := again.Open(t.Context(), at, "")
	if err != nil {
		t.Fatal(err)
	}
	if run, err = again.Outbox.Open(run.ID()); err != nil {
		t.Fatal(err)
	}
	if err := conn.SendAgain(run, []uint64{0}, client.Confirmed{Topic: top, Count: 1}); !errors.Is(err, fault.NotConfirmed) {
		t.Errorf("what was sent in production goes again unmasked: %v", err)
	}
}

// TestChangedRunGoesOn: a run with changes and masks that was stopped is read from the disk by
// another start of the program, goes on where it was, and what it has sent is what the broker
// holds, to the byte.
func TestChangedRunGoesOn(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	top := on.topic(t, 4)
	d := on.desk(t)
	there := d.subscribe(follow(on, t, top))
	source := profile.Profile{ID: "live", Name: "live", NameServers: []string{"127.0.0.1:1"}, Environment: profile.Production}
	if err := d.client.Profiles.Save([]profile.Profile{source}); err != nil {
		t.Fatal(err)
	}
	const n = 3000
	var all []*message.Message
	for i := range n {
		body := fmt.Sprintf(`{"phone":"138%08d","n":%d}`, i, i)
		if i%5 == 4 {
			body = "text"
		}
		all = append(all, &message.Message{Topic: "orders", Body: []byte(body), StoredAt: time.UnixMilli(1_800_000_000_000)})
	}
	r := d.replay(d.copyOf(all...), top, nil, func(p *plan.Plan) {
		p.Replay.From, p.Seed, p.AtOnce, p.PerSecond = "live", 9, 8, 1000
		p.Replay.Changes = []changes.Change{{What: changes.Field, Do: changes.JSON, Name: ".seq", Value: "[{{seq}},{{rand 1 1000000}},{{now ms}}]"}}
	})
	left(t, r, 500)
	r.Stop(t.Context())
	if st := over(t, r, 20*time.Second); st.Phase != outbox.Stopped {
		t.Fatalf("%+v", st)
	}
	first, id := r.Counts().Stored, r.ID()
	received := func() (bodies []string) {
		for _, m := range messages(t, there) {
			bodies = append(bodies, string(m.Body))
		}
		return bodies
	}
	wait(t, there, int(first), 20*time.Second)
	if err := d.client.Close(); err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, d.dir, workerProgram(t))
	conn, err := c.Open(t.Context(), d.profile, "")
	if err != nil {
		t.Fatal(err)
	}
	again := &desk{t: t, dir: d.dir, client: c, conn: conn, profile: d.profile}
	into := follow(on, t, top)
	into.From = profile.FromEarliest
	there = again.subscribe(into)
	if r, err = c.Outbox.Open(id); err != nil {
		t.Fatal(err)
	}
	const planned = n * 4 / 5
	if err := conn.Continue(r, client.Confirmed{Topic: top, Count: planned - r.Made(), Name: d.profile.Name}); err != nil {
		t.Fatal(err)
	}
	st := over(t, r, 60*time.Second)
	if st.Phase != outbox.Complete || st.Counts.Stored != planned || first >= planned {
		t.Fatalf("%d at first, %+v", first, st)
	}
	wait(t, there, planned, 30*time.Second)
	bodies := received()
	slices.Sort(bodies)
	for row := range uint64(planned) {
		s, err := r.Sent(row)
		if err != nil || s.Draft == nil {
			t.Fatal(row, err)
		}
		body := string(s.Draft.Body)
		if _, ok := slices.BinarySearch(bodies, body); !ok {
			t.Fatalf("row %d, made again as %s, is not what was sent", row, body)
		}
		p, err := jsonpath.Parse(".seq[0]")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonpath.Read(s.Draft.Body)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := p.Find(doc); err != nil || len(found) != 1 || body[found[0].From:found[0].To] != fmt.Sprint(s.Leave.Seq+1) {
			t.Fatalf("row %d has seq %d in %s", row, s.Leave.Seq, body)
		}
	}
	if bodies = slices.Compact(bodies); len(bodies) != planned {
		t.Errorf("%d different messages of %d", len(bodies), planned)
	}
}
