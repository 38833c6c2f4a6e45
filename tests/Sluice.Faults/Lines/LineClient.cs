using System.Diagnostics;
using System.Net.Security;
using Sluice.Faults.Kit;

namespace Sluice.Faults.Lines;

/// <summary>A well-behaved client of the line server, which checks what it gets.</summary>
internal sealed class LineClient : IAsyncDisposable
{
    /// <summary>A reply that takes longer never comes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StreamSocket _socket;
    private readonly Connection _connection;
    private int _requests;

    private LineClient(StreamSocket socket) => (_socket, _connection) = (socket, socket.OpenConnection());

    public StreamSocket Socket => _socket;

    public Connection Connection => _connection;

    /// <summary>Connects, with TLS or without.</summary>
    public static async Task<LineClient> ConnectAsync(SelectorManager selector, int port, bool tls) => new(tls
        ? await selector.Tcp().ConnectTlsAsync("127.0.0.1", port, new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate(), configure: Configure)
        : await selector.Tcp().ConnectAsync("127.0.0.1", port, Configure));

    /// <summary>Sends a line, and waits for the reply.</summary>
    /// <exception cref="WrongBytesException">It is another.</exception>
    public async Task AskAsync()
    {
        string request = $"request {_requests++}";
        await _connection.Output.WriteLineAsync(request);
        string? reply = await _connection.Input.ReadLineAsync();
        if (reply != request)
        {
            throw new WrongBytesException($"'{request}' was answered by '{reply ?? "the end of the stream"}'.");
        }
    }

    /// <summary>Sends bytes, and checks those that come back.</summary>
    /// <exception cref="WrongBytesException">They are others.</exception>
    public async Task ExchangeAsync(int count)
    {
        await _connection.Output.WriteLineAsync($">{count}");
        Task writing = _connection.Output.WriteAsync(Pattern.At(0, count)).AsTask();
        byte[] bytes = new byte[count];
        await _connection.Input.ReadExactlyAsync(bytes);
        await writing;
        Pattern.Check(bytes, 0);
    }

    /// <summary>
    /// Sends a line each period until the token is canceled, whether or not the server is fast enough: a latency counts from when the line was due.
    /// </summary>
    public async Task AskEachAsync(TimeSpan period, Latencies latencies, CancellationToken end)
    {
        long due = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            await AskAsync();
            latencies.Add(due);
            due += (long)(period.TotalSeconds * Stopwatch.Frequency);
            TimeSpan early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

                // A timer of the client that is late is no fault of the server.
                due = Math.Max(due, Stopwatch.GetTimestamp());
            }
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static void Configure(StreamSocketOptions options) => options.SocketTimeout = Patience;
}
