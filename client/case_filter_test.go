package client_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/session"
)

func tags(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	one, two, chinese := on.spec(t, top), on.spec(t, top), on.spec(t, top)
	one.Expression, two.Expression, chinese.Expression = "a", "a || b", "测试 || b"
	subOne, subTwo, subChinese := d.subscribe(one), d.subscribe(two), d.subscribe(chinese)
	for _, tag := range []string{"a", "b", "测试", "", "c"} {
		d.send(top, tag, "tag "+tag)
	}
	wait(t, subOne, 1, 20*time.Second)
	wait(t, subTwo, 2, 20*time.Second)
	wait(t, subChinese, 2, 20*time.Second)
	time.Sleep(time.Second)
	for name, c := range map[string]struct {
		sub  *session.Session
		want []string
	}{
		"one": {subOne, []string{"tag a"}}, "two": {subTwo, []string{"tag a", "tag b"}}, "chinese": {subChinese, []string{"tag b", "tag 测试"}},
	} {
		got := bodies(t, c.sub)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if st := subChinese.Status(); st.Filtered != 3 {
		t.Errorf("filtered %d, want 3", st.Filtered)
	}
}

func sql92(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	s := on.spec(t, top)
	s.SQL92, s.Expression = true, "price > 10 AND TAGS = '测试'"
	sub := d.subscribe(s)
	for i, p := range []string{"5", "15", "25"} {
		_, err := d.conn.Send(t.Context(), &message.Draft{
			ProducerGroup: "test", Topic: top, Tag: "测试", Body: fmt.Append(nil, i), Properties: []message.Property{{Name: "price", Value: p}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wait(t, sub, 2, 20*time.Second)
	bad := on.spec(t, top)
	bad.SQL92, bad.Expression = true, "price >> 10"
	subBad, err := d.client.Sessions.Open(bad)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.conn.Start(t.Context(), subBad, bad); !errors.Is(err, fault.BadExpression) {
		t.Errorf("a syntax error gives %v", err)
	}
	if st := subBad.Status(); st.State != session.Stopped || st.Err == nil {
		t.Errorf("after a refused start: %+v", st)
	}
}
