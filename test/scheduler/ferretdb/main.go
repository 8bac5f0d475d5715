// Command ferretdb speaks MongoDB's protocol over SQLite files: the MongoDB of the scheduler's tests, where none is installed.
//
//	cd test/scheduler/ferretdb && go build -o ~/go/bin/ferretdb .
//
// FerretDB's own command, built by `go install`, panics for want of a version file that its releases are made with; this one
// embeds the same server and reads two of its variables.
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: os.Getenv("FERRETDB_LISTEN_ADDR")},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: os.Getenv("FERRETDB_SQLITE_URL"),
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	// Whoever started it holds its standard input: gone, or killed, it ends, too.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := server.Run(ctx); err != nil {
		log.Fatal(err)
	}
}
