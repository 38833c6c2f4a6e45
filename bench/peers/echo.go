// Echo on Go's net. Usage: echo [--lines]
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

// Flushes when nothing more has come.
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

func main() {
	serve := echoBytes
	if len(os.Args) > 1 && os.Args[1] == "--lines" {
		serve = echoLines
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
