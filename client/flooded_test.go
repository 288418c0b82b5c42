package client_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
)

// floodedEnv makes the test program play the window's process, without its window, beside
// servers that flood it: its value is a data folder, a name server and a worker.
const floodedEnv = "GANTRY_TEST_FLOODED"

// bombs is how many messages an answer to a pull, or for a key, holds.
const bombs = 64

// mostSaid is how much of an error is told, in bytes.
const mostSaid = 1000

// told is what became of one question: Err is why there is no answer, or what is missing
// from it.
type told struct {
	Question string
	Took     time.Duration
	Err      string
}

// playFlooded asks everything that the window asks, says what became of it, and stays
// until its input ends.
func playFlooded(dir, nameServer, exe string) error {
	client.LimitMemory()
	c, err := client.New(client.Params{Folders: client.FoldersIn(dir), Executable: exe})
	if err != nil {
		return err
	}
	conn, err := c.Open(context.Background(), profile.Profile{ID: "p", Name: "flood", NameServers: []string{nameServer}}, "")
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, q := range questions(c, conn) {
		begin := time.Now()
		missing, err := q.ask(context.Background())
		if err == nil && len(missing) > 0 {
			err = missing[0]
		}
		a := told{Question: q.name, Took: time.Since(begin)}
		if err != nil {
			a.Err = err.Error()
			a.Err = a.Err[:min(len(a.Err), mostSaid)] // it may have names of a megabyte
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, c.Close())
}

type question struct {
	name string
	ask  func(context.Context) (cluster.Missing, error)
}

func questions(c *client.Client, conn *client.Connection) []question {
	return append(listQuestions(conn), []question{
		{"lookup", func(ctx context.Context) (cluster.Missing, error) {
			_, _, err := conn.Lookup(ctx, "T")
			return nil, err
		}},
		{"joining", func(ctx context.Context) (cluster.Missing, error) {
			_, err := conn.Group(ctx, "T", "g0")
			return nil, err
		}},
		{"servers", func(ctx context.Context) (cluster.Missing, error) {
			h, err := conn.Health(ctx)
			for _, b := range h.Brokers {
				err = errors.Join(err, b.Err)
			}
			return nil, err
		}},
		{"settings", func(ctx context.Context) (cluster.Missing, error) {
			_, err := conn.NameServerSettings(ctx, conn.Profile().NameServers[0])
			return nil, err
		}},
		{"fate", func(ctx context.Context) (cluster.Missing, error) {
			st, err := conn.State(ctx, &message.Message{
				Topic: "T", Broker: "b0", Properties: []message.Property{{Name: message.PropertyUniqueID, Value: floodKey}},
			})
			for _, g := range st.Groups {
				err = errors.Join(err, g.Err)
			}
			return st.Missing, errors.Join(err, st.KeptErr, st.GroupsErr, st.TracesErr)
		}},
		{"send", func(ctx context.Context) (cluster.Missing, error) {
			r, err := conn.Send(ctx, draft("T", "x"))
			if r.Fault != nil {
				err = r.Fault
			}
			return nil, err
		}},
		{"found", func(ctx context.Context) (cluster.Missing, error) { return nil, tailFound(ctx, conn) }},
	}...)
}

// floodKey is the id of a message.
const floodKey = "7F0000013C2A18B4AAC2684F9D1C0A3E"

// listQuestions are those whose answers are lists.
func listQuestions(conn *client.Connection) []question {
	return []question{
		{"topics", func(ctx context.Context) (cluster.Missing, error) {
			l, err := conn.TopicList(ctx)
			return l.Missing, err
		}},
		{"groups", func(ctx context.Context) (cluster.Missing, error) { l, err := conn.Groups(ctx); return l.Missing, err }},
		{"sums", func(ctx context.Context) (cluster.Missing, error) {
			all, err := conn.GroupSummaries(ctx, []string{"g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7"})
			if err != nil {
				return nil, err
			}
			return all[0].Missing, all[0].Err
		}},
		{"group", func(ctx context.Context) (cluster.Missing, error) {
			d, err := conn.GroupDetail(ctx, "g0")
			if err != nil {
				return nil, err
			}
			for _, m := range d.Members {
				err = cmp.Or(err, m.Err)
			}
			return d.Missing, cmp.Or(d.QueuesErr, err)
		}},
		{"topic", func(ctx context.Context) (cluster.Missing, error) {
			d, err := conn.TopicDetail(ctx, "T")
			if err != nil {
				return nil, err
			}
			return d.Missing, errors.Join(d.QueuesErr, d.GroupsErr, d.ProducersErr)
		}},
		{"readers", func(ctx context.Context) (cluster.Missing, error) {
			_, m, err := conn.GroupsOfTopic(ctx, "T")
			return m, err
		}},
		{"producers", func(ctx context.Context) (cluster.Missing, error) {
			_, m, err := conn.Producers(ctx, "g0")
			return m, err
		}},
	}
}

// tailFound has messages found that unpack to much, and filters them as a list does.
func tailFound(ctx context.Context, conn *client.Connection) error {
	s, err := conn.Search(cluster.Query{Kind: cluster.ByOffset, Topic: "T", Queue: cluster.Queue{Broker: "b0"}, Count: bombs})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Wait(ctx); err != nil {
		return err
	}
	st := s.Status()
	f, err := filter.Parse("needle", time.Now())
	if err != nil {
		return err
	}
	first, next := s.Range()
	for n := first; n < next; n++ {
		rec, err := s.Record(n)
		if err != nil {
			return err
		}
		m, err := rec.Message()
		if err != nil {
			return err
		}
		if f.Match(m) {
			return errors.New("found what is not there")
		}
	}
	if len(st.Missed) > 0 && st.Err == nil {
		return st.Missed[0].Why
	}
	return st.Err
}
