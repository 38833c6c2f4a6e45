// An echo server on Go's net. Usage: echo [--lines | --sink | --source]
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
)

func echoBytes(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 64*1024)
	for {
		count, err := connection.Read(buffer)
		if count > 0 {
			if _, err := connection.Write(buffer[:count]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// Flushes when no more lines have arrived.
func echoLines(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	writer := bufio.NewWriter(connection)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			return
		}
		writer.Write(bytes.TrimRight(line, "\r\n"))
		writer.WriteString("\r\n")
		if reader.Buffered() == 0 && writer.Flush() != nil {
			return
		}
	}
}

func receive(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 64*1024)
	for {
		if _, err := connection.Read(buffer); err != nil {
			return
		}
	}
}

func send(connection net.Conn) {
	defer connection.Close()
	bytes := make([]byte, 64*1024)
	for {
		if _, err := connection.Write(bytes); err != nil {
			return
		}
	}
}

func main() {
	serve := echoBytes
	if len(os.Args) > 1 {
		serve = map[string]func(net.Conn){"--lines": echoLines, "--sink": receive, "--source": send}[os.Args[1]]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go serve(connection)
	}
}
