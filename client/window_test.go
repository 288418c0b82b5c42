package client_test

import (
	"context"
	"fmt"
	"time"

	"gantry/client"
	"gantry/client/profile"
)

// windowEnv makes the test program play a window that is killed.
const windowEnv = "GANTRY_TEST_WINDOW"

// playWindow is what the killed process does: it subscribes and waits.
func playWindow(dir, nameServer, exe, topic, group string) error {
	c, err := client.New(client.Params{Folders: client.FoldersIn(dir), Executable: exe})
	if err != nil {
		return err
	}
	p := profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}
	conn, err := c.Open(context.Background(), p, "")
	if err != nil {
		return err
	}
	s := profile.Subscription{ID: "s", Profile: "p", Topic: topic, Group: group, OwnGroup: true}
	sub, err := c.Sessions.Open(s)
	if err != nil {
		return err
	}
	if err := conn.Start(context.Background(), sub, s); err != nil {
		return err
	}
	fmt.Println("started")
	select {}
}

// runWindowEnv makes the test program play a window that is killed while a run is at work.
const runWindowEnv = "GANTRY_TEST_RUN_WINDOW"

// playRun is what the killed process does.
func playRun(dir, nameServer, exe, topic string) error {
	c, err := client.New(client.Params{Folders: client.FoldersIn(dir), Executable: exe})
	if err != nil {
		return err
	}
	conn, err := c.Open(context.Background(), profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}, "")
	if err != nil {
		return err
	}
	p := planned(topic, 100_000)
	if err := conn.Prepare(context.Background(), p); err != nil {
		return err
	}
	r, err := conn.Begin(p, client.Confirmed{Topic: topic, Count: p.Count}, nil)
	if err != nil {
		return err
	}
	for r.Counts().Stored < 300 {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("started")
	select {}
}
