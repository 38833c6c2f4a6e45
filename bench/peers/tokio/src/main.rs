//! An echo server on Tokio's multi-threaded runtime. Usage: tokio_echo [--lines | --sink | --source]
use std::io::Result;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};

async fn echo_bytes(mut stream: TcpStream) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

// Flushes when no more lines have arrived.
async fn echo_lines(stream: TcpStream) -> Result<()> {
    let (input, output) = stream.into_split();
    let mut reader = BufReader::new(input);
    let mut writer = BufWriter::new(output);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await? > 0 {
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        writer.write_all(&line).await?;
        writer.write_all(b"\r\n").await?;
        line.clear();
        if reader.buffer().is_empty() {
            writer.flush().await?;
        }
    }
    Ok(())
}

async fn receive(mut stream: TcpStream) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

async fn send(mut stream: TcpStream) -> Result<()> {
    let bytes = vec![0; 64 * 1024];
    loop {
        stream.write_all(&bytes).await?;
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        match mode.as_str() {
            "--lines" => tokio::spawn(echo_lines(stream)),
            "--sink" => tokio::spawn(receive(stream)),
            "--source" => tokio::spawn(send(stream)),
            _ => tokio::spawn(echo_bytes(stream)),
        };
    }
}
