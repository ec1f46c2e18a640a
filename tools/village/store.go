package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
)

const mostVillagers = 500

var (
	errAbsent = errors.New("there is no such villager")
	errFull   = fmt.Errorf("the village is full: it has room for %d", mostVillagers)
)

type villager struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Craft string `json:"craft,omitempty"`
}

// change is one line of the log: who came, or whose number left.
type change struct {
	Came *villager `json:"came,omitempty"`
	Left int       `json:"left,omitempty"`
}

// store holds villagers in memory and every change as a line of a file that is flushed before the caller hears of it.
type store struct {
	lock      sync.Mutex
	file      *os.File
	villagers map[int]villager
	last      int
	fault     error
}

func openStore(dir string) (*store, error) {
	kept := &store{villagers: map[int]villager{}}
	path := filepath.Join(dir, "villagers.jsonl")
	if err := kept.replay(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR cannot be written to: %w", err)
	}
	kept.file = file
	slog.Info("data are read", "file", path, "villagers", len(kept.villagers))
	return kept, nil
}

// replay reads the log; a last line that was cut off while it was written is removed, since nobody was told of it.
func (kept *store) replay(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	whole := int64(0)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return file.Truncate(whole)
		}
		var read change
		if err := json.Unmarshal(line, &read); err != nil {
			return fmt.Errorf("%s is damaged at byte %d: %w", path, whole, err)
		}
		kept.apply(read)
		whole += int64(len(line))
	}
}

func (kept *store) apply(read change) {
	if read.Came != nil {
		kept.villagers[read.Came.ID] = *read.Came
		kept.last = max(kept.last, read.Came.ID)
		return
	}
	delete(kept.villagers, read.Left)
}

func (kept *store) write(made change) error {
	line, err := json.Marshal(made)
	if err != nil {
		return err
	}
	if _, err = kept.file.Write(append(line, '\n')); err == nil {
		err = kept.file.Sync()
	}
	if err != nil {
		kept.fault = fmt.Errorf("data cannot be written: %w", err)
		return kept.fault
	}
	kept.apply(made)
	return nil
}

func (kept *store) add(one villager) (villager, error) {
	kept.lock.Lock()
	defer kept.lock.Unlock()
	if len(kept.villagers) >= mostVillagers {
		return villager{}, errFull
	}
	one.ID = kept.last + 1
	return one, kept.write(change{Came: &one})
}

func (kept *store) remove(id string) (villager, error) {
	kept.lock.Lock()
	defer kept.lock.Unlock()
	number, err := strconv.Atoi(id)
	gone, known := kept.villagers[number]
	if err != nil || !known {
		return villager{}, errAbsent
	}
	return gone, kept.write(change{Left: number})
}

func (kept *store) list() []villager {
	kept.lock.Lock()
	defer kept.lock.Unlock()
	all := make([]villager, 0, len(kept.villagers))
	for _, one := range kept.villagers {
		all = append(all, one)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].ID < all[b].ID })
	return all
}

func (kept *store) broken() error {
	kept.lock.Lock()
	defer kept.lock.Unlock()
	return kept.fault
}

func (kept *store) close() error { return kept.file.Close() }
