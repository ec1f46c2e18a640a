package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// visit looks at the front as a guest would: the page is served, and the API behind it knows its villagers.
func visit(front string) error {
	client := &http.Client{Timeout: 10 * time.Second}
	read := func(path string) ([]byte, error) {
		response, err := client.Get(strings.TrimSuffix(front, "/") + path)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s answers %d: %.300s", path, response.StatusCode, text)
		}
		return text, err
	}
	if _, err := read("/"); err != nil {
		return err
	}
	text, err := read("/api/villagers")
	if err != nil {
		return err
	}
	var villagers []villager
	if err := json.Unmarshal(text, &villagers); err != nil {
		return fmt.Errorf("/api/villagers is not a list of villagers: %w", err)
	}
	return nil
}
